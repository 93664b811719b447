"""Whose work is shown: people act by an address, and accounts files have their names."""

import json
import re
from typing import Any

import pytest

from signal_engine.core.delivery.team import Team, folded
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from tests.core.delivery.scene import ANN
from tests.http.asking import ask
from tests.http.market import Market, market


@pytest.fixture(scope="module")
def lively() -> Market:
    return market(90)


async def desk(lively: Market, *, known: bool) -> tuple[Any, str, list[dict[str, Any]]]:
    """The API for ann@example.com, who (where `known`) calls the first account; her name, and what is hers."""
    store_snapshot = await _polled(lively)
    entries: Any = store_snapshot.lists["all"].entries
    name = next(one["sdr"] for one in entries if one["sdr"])
    team = Team({folded(name): ANN._replace(name=name, capacity=None)}) if known else None
    app = lively.app(store_snapshot=store_snapshot, team=team, actor=ANN.email)
    return app, name, [one for one in entries if name in (one["owner"], one["sdr"], one["claimed_by"])]


async def _polled(lively: Market) -> StoreSnapshot:
    store_snapshot = lively.store_snapshot()
    await store_snapshot.poll()
    return store_snapshot


@pytest.mark.parametrize("page", ["/", "/alerts"])
async def test_me_is_offered_once_and_is_whom_the_routes_file_says(lively: Market, page: str) -> None:
    app, name, mine = await desk(lively, known=True)
    assert mine
    shown = (await ask(app, f"{page}?person={ANN.email}")).body.decode()
    assert f'<option value="{ANN.email}" selected>me ({ANN.email})</option>' in shown
    assert f'<option value="{name}"' not in shown, "the same person twice"
    assert f'data-me="{ANN.email}"' in shown, "she is somebody here"
    assert json.loads(re.search(r'data-names="([^"]*)"', shown)[1].replace("&#34;", '"')) == sorted(  # type: ignore[index]
        {ANN.email, name.casefold()}
    )


async def test_her_name_is_her_too(lively: Market) -> None:
    app, name, _ = await desk(lively, known=True)
    shown = (await ask(app, f"/?person={name.replace(' ', '+')}")).body.decode()
    assert f'<option value="{ANN.email}" selected>' in shown


@pytest.mark.parametrize(("known", "asked"), [(True, "address"), (True, "name"), (False, "name")])
async def test_lists_alerts_and_changes_are_of_her_accounts(lively: Market, known: bool, asked: str) -> None:
    app, name, mine = await desk(lively, known=known)
    person = ANN.email.upper() if asked == "address" else name.replace(" ", "+")
    assert (await ask(app, f"/v1/lists/all?person={person}")).json["entries"] == mine
    table = (await ask(app, f"/v1/lists/all.csv?person={person}")).body.decode("utf-8-sig")
    assert len(table.splitlines()) == len(mine) + 1
    alerts = (await ask(app, f"/v1/alerts?limit=1000&person={person}")).json["alerts"]
    assert alerts
    assert all(name in (one["owner"], one["sdr"], one["claimed_by"]) for one in alerts)
    theirs = {one["account_id"] for one in mine}
    moves = (await ask(app, f"/v1/lists/all/moves?person={person}")).json
    assert {one["account_id"] for way in ("entered", "up", "down") for one in moves[way]} <= theirs


async def test_blanks_count_no_more_than_case_does(lively: Market) -> None:
    app, name, mine = await desk(lively, known=False)
    for person in (name.replace(" ", "++"), f"+{name.upper().replace(' ', '+')}+"):
        assert (await ask(app, f"/v1/lists/all?person={person}")).json["entries"] == mine
    team = Team({folded(name): ANN._replace(name=name.replace(" ", "  "), capacity=None)})
    app = lively.app(store_snapshot=await _polled(lively), team=team)
    assert (await ask(app, f"/v1/lists/all?person={ANN.email}")).json["entries"] == mine


async def test_without_people_in_the_routes_file_an_address_is_an_address(lively: Market) -> None:
    app, name, _ = await desk(lively, known=False)
    assert (await ask(app, f"/v1/lists/all?person={ANN.email}")).json["entries"] == []
    shown = (await ask(app, "/")).body.decode()
    assert f'<option value="{name}">' in shown
    assert 'data-me=""' in shown
