"""`/v1/lists/{name}/moves`: what has changed since yesterday began, in the reader's zone."""

from typing import Any
from uuid import uuid4

import pytest

from signal_engine.engine.door.wanted import WantedAction
from tests.build import DAY, HOUR
from tests.http.asking import ask
from tests.http.market import Market

MIDNIGHT = "2026-03-02T00:00:00Z"
"""The earliest instant of which the ranks are known: an engine that starts takes them for the arrows."""
WAYS = ("entered", "left", "up", "down")


async def opened(days: int) -> Market:
    one = Market()
    await one.open()
    await one.history(days)
    await one.publish()
    return one


async def moves(one: Market, query: str = "") -> dict[str, Any]:
    store_snapshot = one.store_snapshot()
    assert await store_snapshot.poll()
    answer = await ask(one.app(store_snapshot=store_snapshot), f"/v1/lists/all/moves{query}")
    assert answer.status == 200
    return dict(answer.json)


def accounts(document: dict[str, Any], way: str) -> list[str]:
    return [move["account_id"] for move in document[way]]


async def test_who_enters_leaves_and_moves_is_said_with_why() -> None:
    one = await opened(40)
    before = (await one.lookout_of_now()).entries
    unchanged = await moves(one)
    assert (unchanged["zone"], unchanged["day"], unchanged["since"]) == ("UTC", "2026-03-01T00:00:00Z", MIDNIGHT)
    assert len(before) > 3
    last, gone = before[-1], before[-2]
    on_it = {entry["account_id"] for entry in before}
    fits = one.inputs.fits.values()
    fresh = next(f.account for f in fits if f.primary.decision == "chase" and f.relation == "prospect"
                 and not f.suppressed and f.account not in on_it)  # fmt: skip
    one.now += 4_000
    await one.signal(last["account_id"], activity="demo_request", persona="CFO")
    await one.signal(fresh, activity="contact_sales", persona="CFO")
    until = one.now + 3 * DAY
    await one.door().act(
        WantedAction(gone["account_id"], "snooze", "sam@example.com", "api", str(uuid4()), until=until)
    )
    await one.publish()
    document = await moves(one)
    assert accounts(document, "entered") == [fresh]
    assert accounts(document, "left") == [gone["account_id"]]
    assert last["account_id"] in accounts(document, "up")
    assert accounts(document, "down")
    (left,) = document["left"]
    assert (left["rank"], left["previous_rank"], left["name"]) == (None, gone["rank"], gone["name"])
    assert left["why"] == "A person snoozed it until later."
    for way in ("up", "down"):
        assert all((move["rank"] < move["previous_rank"]) is (way == "up") for move in document[way])
    mine = await moves(one, f"?person={gone['sdr'].replace(' ', '+')}")
    assert accounts(mine, "left") == [gone["account_id"]]
    assert all(gone["sdr"] in (move["owner"], move["sdr"], move["claimed_by"]) for way in WAYS for move in mine[way])
    nobody = await moves(one, "?person=nobody")
    assert [accounts(nobody, way) for way in WAYS] == [[], [], [], []]


async def test_until_ranks_are_kept_nothing_is_known() -> None:
    one = Market()
    await one.open()
    document = await moves(one)
    assert (document["since"], [document[way] for way in WAYS]) == (None, [[], [], [], []])


async def test_yesterday_begins_where_the_reader_is() -> None:
    one = await opened(5)
    for _ in range(4 * 48):
        one.now += HOUR // 2
        await one.publish()
    for zone, day, since in (
        ("UTC", "2026-03-05T00:00:00Z", "2026-03-05T00:00:00Z"),
        ("Asia/Kolkata", "2026-03-04T18:30:00Z", "2026-03-04T18:30:00Z"),
        ("Asia/Kathmandu", "2026-03-04T18:15:00Z", "2026-03-04T18:00:00Z"),
        ("Pacific/Kiritimati", "2026-03-04T10:00:00Z", "2026-03-04T10:00:00Z"),
        ("America/Los_Angeles", "2026-03-05T08:00:00Z", "2026-03-05T08:00:00Z"),
    ):
        document = await moves(one, f"?zone={zone}")
        assert (document["zone"], document["day"], document["since"]) == (zone, day, since)


@pytest.mark.parametrize("zone", ["Nowhere/City", "Europe", "../etc/passwd", "", "x" * 500])
async def test_what_is_no_zone_is_refused_and_not_quoted(zone: str, app: Any) -> None:
    answer = await ask(app, f"/v1/lists/all/moves?zone={zone}")
    assert answer.status == 422
    assert b"must be the IANA name of a time zone" in answer.body
    assert not zone or zone.encode() not in answer.body.replace(b"Europe/Berlin", b"")


async def test_there_are_no_moves_of_a_list_that_there_is_not(app: Any) -> None:
    assert (await ask(app, "/v1/lists/nowhere/moves")).status == 404
    assert (await ask(app, "/v1/lists/all/moves?limit=3")).status == 422
