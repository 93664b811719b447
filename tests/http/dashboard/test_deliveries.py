"""`/v1/deliveries`, and the page Deliveries."""

import html
import re
from typing import Any

import pytest

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.ledger import rows_of
from signal_engine.core.delivery.plan import plan
from signal_engine.engine.notify.overview import NEWEST_KEPT
from signal_engine.engine.ports.delivery.ledger import NewRow
from signal_engine.engine.ports.store import StoreTrouble
from tests.core.delivery.scene import ALERT, routing, to
from tests.http.asking import Answer, ask
from tests.http.delivered import GONE, fill
from tests.http.market import Market, market

pytestmark = pytest.mark.xdist_group("http")

HOSTILE = "550 <buyer@example.com> <b>is</b> unknown here"
SHOWN = "550 <(an address)> <b>is</b> unknown here"


@pytest.fixture
def quiet() -> Market:
    return market()


async def app_of(one: Market) -> Any:
    store_snapshot = one.store_snapshot()
    assert await store_snapshot.poll()
    return one.app(store_snapshot=store_snapshot)


async def delivered(one: Market) -> Any:
    await fill(one.ledger, one.now, HOSTILE)
    return await app_of(one)


def text_of(answer: Answer) -> str:
    return html.unescape(re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.body.decode())))


async def test_each_destination_says_how_many_in_which_state_and_what_was_wrong_last(quiet: Market) -> None:
    found = (await ask(await delivered(quiet), "/v1/deliveries")).json
    assert found["began"] is True
    direct, ops, west = found["destinations"]
    assert [one["destination"] for one in (direct, ops, west)] == ["direct", "ops", "west"]
    assert direct["by_status"] == {"grouped": 1, "pending": 1, "sent": 1, "suppressed": 2}
    assert (direct["maybe_twice"], direct["last_success_at"], direct["last_error"]) == (
        1, "2026-03-02T09:27:00Z", None,
    )  # fmt: skip
    assert ops["by_status"] == {"failed": 1, "for_digest": 1}
    assert ops["last_error"] == SHOWN
    assert [one["last_error"] for one in ops["last_by_type"].values()] == [SHOWN]
    assert west["disabled"] == GONE


async def test_what_did_not_become_a_message_of_its_own_is_counted_by_the_reason(quiet: Market) -> None:
    found = (await ask(await delivered(quiet), "/v1/deliveries")).json
    assert [(one["destination"], one["status"], one["why"], one["many"]) for one in found["withheld"]] == [
        ("direct", "grouped", "another message of the account tells of it", 1),
        ("direct", "pending", "held until the person's working hours", 1),
        ("direct", "suppressed", "the account is in the control group", 1),
        ("direct", "suppressed", "the person muted the account", 1),
        ("ops", "for_digest", "kept for the digest of its route", 1),
    ]


async def test_a_message_that_tells_of_others_says_of_how_many_and_they_say_by_which(quiet: Market) -> None:
    app = await delivered(quiet)
    found = {one["delivery_id"]: one for one in (await ask(app, "/v1/deliveries")).json["deliveries"]}
    (told,) = [one for one in found.values() if one["status"] == "grouped"]
    assert (told["into"], told["tells_of"], found["d-sent"]["tells_of"]) == ("d-sent", 0, 1)
    page = text_of(await ask(app, "/deliveries"))
    assert "tells of 1 more: deliveries list --into d-sent" in page
    assert "(in d-sent )" in page


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("?to=ops", ["d-refused", "d-digest"]),
        ("?status=suppressed", ["d-muted"]),  # of the control group only administrators see accounts
        ("?to=direct&status=sent", ["d-sent"]),
        ("?to=nowhere", []),
    ],
)
async def test_the_latest_deliveries_are_those_asked_for(quiet: Market, query: str, ids: list[str]) -> None:
    found = (await ask(await delivered(quiet), f"/v1/deliveries{query}")).json["deliveries"]
    assert [one["delivery_id"] for one in found] == ids


async def test_without_filters_the_latest_are_those_of_all_the_newest_first(quiet: Market) -> None:
    app = await delivered(quiet)
    every = [one["delivery_id"] for one in (await ask(app, "/v1/deliveries")).json["deliveries"]]
    assert len(every) == 7, "but for the one of the control group"
    assert every[:4] == ["d-rests", "d-refused", "d-more", "d-sent"]
    assert [one["delivery_id"] for one in (await ask(app, "/v1/deliveries?limit=3")).json["deliveries"]] == every[:3]


@pytest.mark.parametrize("query", [f"limit={NEWEST_KEPT + 1}", "status=lost", "to=", "person=Ann+Roe"])
async def test_what_cannot_be_asked_is_refused(quiet: Market, query: str) -> None:
    assert (await ask(await app_of(quiet), f"/v1/deliveries?{query}")).status == 422


async def test_the_ledger_is_read_again_after_some_seconds(quiet: Market) -> None:
    store_snapshot = quiet.store_snapshot()
    await store_snapshot.poll()
    app = quiet.app(store_snapshot=store_snapshot)
    assert (await ask(app, "/v1/deliveries")).json["began"] is False
    await fill(quiet.ledger, quiet.now)
    assert (await ask(app, "/v1/deliveries")).json["began"] is False, "else every reader costs a reading"
    quiet.now += 60_000
    await store_snapshot.poll()
    later = (await ask(app, "/v1/deliveries")).json
    assert (later["began"], later["at"]) == (True, "2026-03-02T09:31:00Z")


async def test_a_store_that_fails_is_a_503(quiet: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    app = await app_of(quiet)

    async def fails() -> list[int]:
        raise StoreTrouble("down")

    monkeypatch.setattr(quiet.ledger, "partitions", fails)
    assert (await ask(app, "/v1/deliveries")).status == 503
    assert b"Redis is unreachable" in (await ask(app, "/deliveries", accept="text/html")).body


async def test_deliveries_are_behind_the_same_tokens(quiet: Market) -> None:
    store_snapshot = quiet.store_snapshot()
    await store_snapshot.poll()
    app = quiet.app(tokens=f"read:{'0' * 64}", store_snapshot=store_snapshot)
    for path in ("/v1/deliveries", "/deliveries"):
        assert (await ask(app, path)).status == 401


async def test_the_page_says_the_same_and_how_a_destination_is_enabled(quiet: Market) -> None:
    answer = await ask(await delivered(quiet), "/deliveries")
    told = text_of(answer)
    assert f"west is disabled. {GONE}" in told
    assert "signal-engine deliveries retry --to west" in told
    assert "the person muted the account" in told
    assert SHOWN in told
    assert b"<b>is</b>" not in answer.body
    assert b"buyer@example.com" not in answer.body
    assert "direct, for Ann Roe" in told
    links = re.findall(rb'href="(/deliveries\?[^"#]+)#latest"', answer.body)
    assert b"/deliveries?to=ops&amp;status=failed" in links


async def test_the_page_counts_by_type_of_alert_with_what_was_wrong_last(quiet: Market) -> None:
    body = (await ask(await delivered(quiet), "/deliveries")).body.decode()
    table = body[body.index("<h2>By type of alert</h2>") : body.index("<h2>Held, grouped or suppressed</h2>")]
    rows = [re.findall(r"<td[^>]*>(.*?)</td>", row) for row in table.split("<tr>")[2:]]
    shown = [[html.unescape(re.sub(r"<[^>]+>", "", cell)) for cell in row] for row in rows]
    assert [row[:3] for row in shown] == [
        ["direct", "Entered hot", "1 grouped, 1 pending, 1 sent, 2 suppressed"],
        ["ops", "Entered hot", "1 failed, 1 for digest"],
        ["west", "Entered hot", "1 pending"],
    ]
    assert [row[3] == "never" for row in shown] == [False, True, True]
    assert [row[4].rpartition(": ")[2] for row in shown] == ["none", SHOWN, GONE.rpartition(": ")[2]]


async def test_a_count_leads_to_its_deliveries(quiet: Market) -> None:
    app = await delivered(quiet)
    answer = await ask(app, "/deliveries?to=ops&status=failed")
    assert re.findall(rb'data-delivery="([^"]+)"', answer.body) == [b"d-refused"]
    assert "Latest: failed to ops" in text_of(answer)
    assert (await ask(app, "/deliveries?status=lost")).status == 422


async def test_before_anything_is_delivered_the_page_says_what_delivers(quiet: Market) -> None:
    told = text_of(await ask(await app_of(quiet), "/deliveries"))
    assert "Nothing is delivered yet" in told
    assert "signal-engine notify" in told


async def test_what_reached_nobody_is_counted_with_what_mends_it(quiet: Market) -> None:
    app = await delivered(quiet)
    assert (await ask(app, "/v1/deliveries")).json["unreached"] == []
    nobodys = ALERT._replace(alert_id="a-9", sdr=None, owner=None)
    planned = rows_of(nobodys, plan(nobodys, routing(to("direct")), ActionsSeen(), quiet.now), quiet.now, quiet.now)
    assert await quiet.ledger.plan(0, 1, 2, [NewRow(one, b"{}") for one in planned])
    app = await app_of(quiet)
    (one,) = (await ask(app, "/v1/deliveries")).json["unreached"]
    assert (one["why"], one["alerts"], one["accounts"]) == ("unassigned", 1, 1)
    shown = text_of(await ask(app, "/deliveries"))
    assert "1 alert of 1 account reached nobody for whom they were meant." in shown
    assert "signal-engine routes assign ACCOUNTS --by EMAIL" in shown
