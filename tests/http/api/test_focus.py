"""`/v1/lists/{name}/focus`, and the line on the page of a person's own list."""

import html
import re
from collections import Counter
from typing import Any

import pytest

from signal_engine.core.delivery.team import Team, folded
from tests.core.delivery.scene import ANN
from tests.http.asking import ask
from tests.http.market import Market, market

pytestmark = pytest.mark.xdist_group("http")


@pytest.fixture(scope="module")
def lively() -> Market:
    return market(90)


async def with_capacity(lively: Market, capacity: int | None) -> tuple[Any, str, list[dict[str, Any]]]:
    """The API, whoever calls most accounts, with this capacity, and the entries of those accounts."""
    store_snapshot = lively.store_snapshot()
    await store_snapshot.poll()
    entries: Any = store_snapshot.lists["all"].entries
    ((name, _),) = Counter(one["sdr"] for one in entries if one["sdr"]).most_common(1)
    member = ANN._replace(name=name, capacity=capacity, backup=None)
    app = lively.app(store_snapshot=store_snapshot, team=Team({folded(name): member}))
    return app, name, [one for one in entries if one["sdr"] == name and one["claimed_by"] is None]


async def test_what_the_week_has_room_for_stands_above_the_line(lively: Market) -> None:
    app, name, mine = await with_capacity(lively, 1)
    assert len(mine) > 2, "else there is no line"
    found = (await ask(app, f"/v1/lists/all/focus?person={name.upper().replace(' ', '%20')}")).json
    pinned = [one["account_id"] for one in mine if one["pinned"]]
    rest = [one["account_id"] for one in mine if not one["pinned"]]
    assert (found["person"], found["capacity"], found["claims"]) == (name, 1, 0)
    assert found["above"] == [*pinned, *rest[:1]]
    assert found["below"] == rest[1:]
    assert found["list"] == "all"
    assert found["version"] > 0


async def test_the_page_draws_the_line_and_loses_nobody(lively: Market) -> None:
    app, name, mine = await with_capacity(lively, 1)
    path = f"?person={name.replace(' ', '+')}"
    found = (await ask(app, f"/v1/lists/all/focus{path}")).json
    page = html.unescape((await ask(app, f"/{path}")).body.decode())
    assert f"Capacity 1 account a week, 0 claimed: {len(found['below'])} " in page
    upper, line, lower = page.partition("Below the line")
    assert line
    shown = [re.findall(r'data-row="([^"]+)"', part) for part in (upper, lower)]
    assert shown[0] == found["above"]
    assert shown[1][: len(found["below"])] == found["below"]
    assert {*shown[0], *shown[1]} >= {one["account_id"] for one in mine}


async def test_without_a_capacity_there_is_no_line(lively: Market) -> None:
    app, name, mine = await with_capacity(lively, None)
    path = f"?person={name.replace(' ', '+')}"
    found = (await ask(app, f"/v1/lists/all/focus{path}")).json
    assert (found["above"], found["below"], found["capacity"]) == ([one["account_id"] for one in mine], [], None)
    assert b"Below the line" not in (await ask(app, f"/{path}")).body


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/lists/all/focus", 422),
        ("/v1/lists/all/focus?person=Nobody+Known", 404),
        ("/v1/lists/nope/focus?person=Nobody+Known", 404),
    ],
)
async def test_nobody_is_guessed(lively: Market, path: str, status: int) -> None:
    app, _, _ = await with_capacity(lively, 1)
    assert (await ask(app, path)).status == status
