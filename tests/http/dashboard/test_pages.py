"""What a page costs: nothing is parsed for it, and one that would be the same again is not rendered again."""

import re
from typing import Any

import pytest

from signal_engine.adapters.http.dashboard.pages.rendering import Renderer
from signal_engine.adapters.http.edge.page_cache import PageCache
from signal_engine.engine.ports.controls import SCORING
from signal_engine.wire.config import yaml_files
from signal_engine.wire.storage.in_force import ScoringInForce
from tests.http.asking import ask
from tests.http.market import Market

ACCOUNT = "hollobrand.nl"


@pytest.fixture
def rendered(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The templates that are rendered, without the line about a fault, which is of this very moment."""
    names: list[str] = []
    render = Renderer._render

    def counted(self: Renderer, template: str, **values: Any) -> bytes:
        if template != "part_fault.html":
            names.append(template)
        return render(self, template, **values)

    monkeypatch.setattr(Renderer, "_render", counted)
    return names


async def opened() -> tuple[Market, Any, Any]:
    one = Market()
    await one.open()
    await one.history(20)
    await one.publish()
    store_snapshot = one.store_snapshot()
    assert await store_snapshot.poll()
    return one, store_snapshot, one.app(store_snapshot=store_snapshot)


async def test_no_file_is_parsed_in_a_request_and_another_one_is_known_after_the_next_look(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    one, store_snapshot, app = await opened()
    parse, parsed = yaml_files.read, []
    monkeypatch.setattr(yaml_files, "read", lambda *given: parsed.append(given[0]) or parse(*given))
    for target in (f"/v1/accounts/{ACCOUNT}", f"/accounts/{ACCOUNT}", "/", "/v1/lists/all", "/alerts"):
        assert (await ask(app, target)).status == 200
    assert parsed == []
    before = await one.controls.read(SCORING)
    other = ScoringInForce.decode(before or b"")
    text = re.sub(r"(?m)^version: \d+", "version: 99", other.text)
    after = other._replace(sequence=2, name="other.yaml", text=text, config_version="other")
    assert await one.controls.replace(SCORING, before, after.encode())
    for _ in range(2):
        await store_snapshot.poll()
    assert parsed == ["other.yaml"]
    assert (await ask(app, f"/v1/accounts/{ACCOUNT}")).json["config_version"].startswith("99-")
    assert parsed == ["other.yaml"]


async def test_a_scoring_file_that_cannot_be_read_is_said_once_and_the_lists_are_served() -> None:
    one, store_snapshot, app = await opened()
    before = await one.controls.read(SCORING)
    broken = ScoringInForce.decode(before or b"")._replace(text="version: 1\nwhatever: [")
    assert await one.controls.replace(SCORING, before, broken.encode())
    for _ in range(3):
        assert await store_snapshot.poll()
    assert one.event_log.words.count("scoring_unreadable") == 1
    assert (await ask(app, f"/v1/accounts/{ACCOUNT}")).status == 503
    assert (await ask(app, "/v1/lists/all")).status == 200


async def test_an_account_page_is_rendered_again_when_something_of_it_has_changed_or_time_has_passed(
    rendered: list[str],
) -> None:
    one, store_snapshot, app = await opened()
    first = (await ask(app, f"/accounts/{ACCOUNT}")).body
    assert (await ask(app, f"/accounts/{ACCOUNT}")).body == first
    assert (await ask(app, f"/accounts/https%3A%2F%2Fwww.{ACCOUNT}%2Fjobs")).body == first
    assert rendered == ["account.html"]
    await one.signal(ACCOUNT, "hiring", title="VP Sales, Whips", seniority="vp", department="sales")
    assert b"Whips" in (await ask(app, f"/accounts/{ACCOUNT}")).body, "a signal shows at once"
    await one.refit(ACCOUNT, name="Clearer Hythe")
    assert b"Clearer Hythe" in (await ask(app, f"/accounts/{ACCOUNT}")).body
    one.now += 60_000
    await store_snapshot.poll()
    assert b"1 minute ago" in (await ask(app, f"/accounts/{ACCOUNT}")).body
    assert rendered == ["account.html"] * 4
    await one.signal(ACCOUNT, "engagement", activity="demo_request", persona="CFO")
    await one.publish()
    await store_snapshot.poll()
    await ask(app, f"/accounts/{ACCOUNT}")
    places = [list_.ranks.get(ACCOUNT) for list_ in store_snapshot.lists.values()]
    assert any(places)


async def test_a_list_page_is_rendered_once_a_version_and_filter_and_its_health_is_of_now(rendered: list[str]) -> None:
    one, store_snapshot, app = await opened()
    for target in ("/", "/?tier=A", "/part/list", "/part/list?tier=A"):
        first = await ask(app, target)
        assert (await ask(app, target)).body == first.body
    assert rendered == ["list.html", "list.html", "part_list.html", "part_list.html"]
    before = (await ask(app, "/")).body
    await one.stop_for(200_000)
    await store_snapshot.poll()
    stopped = (await ask(app, "/")).body
    assert b"has stopped publishing" in stopped
    assert b"has stopped publishing" not in before
    assert rendered[4:] == ["list.html"], "since it has become stale"
    await one.signal(ACCOUNT)
    await one.publish()
    await store_snapshot.poll()
    await ask(app, "/")
    assert rendered[5:] == ["list.html"]


async def test_the_alerts_are_rendered_again_when_there_is_a_new_one(rendered: list[str]) -> None:
    one, store_snapshot, app = await opened()
    for target in ("/alerts", "/part/alerts"):
        assert (await ask(app, target)).body == (await ask(app, target)).body
    assert rendered == ["alerts.html", "part_alerts.html"]
    await one.signal(ACCOUNT)
    for _ in range(4):  # alerts are looked for at every fourth
        await store_snapshot.poll()
    assert b"Hand raise" in (await ask(app, "/part/alerts")).body
    one.now += 20_000
    for target in ("/alerts", "/part/alerts"):
        assert (await ask(app, target)).status == 503, "what is kept is not shown as the truth either"


def test_pages_are_kept_within_so_many_bytes_and_those_asked_for_last_stay() -> None:
    kept = PageCache(max_bytes=100)
    kept.keep("a", (b"x" * 40,))
    kept.keep("b", (b"x" * 20, b"y" * 20))
    assert kept.get("a") == (b"x" * 40,)
    kept.keep("c", (b"z" * 40,))
    assert (kept.get("b"), kept.get("a"), kept.get("c")) == (None, (b"x" * 40,), (b"z" * 40,))
    kept.keep("c", (b"z",))
    kept.keep("d", (b"w" * 50,))
    assert kept.get("a") is not None, "what was replaced takes no room"
    kept.keep("large", (b"x" * 101,))
    assert kept.get("large") is None
