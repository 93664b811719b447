"""Lists are those of a market without the control group; administrators have beside them whom it holds back."""

import json
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup, Holdback
from signal_engine.engine.ports.controls import CONTROL_GROUP, held_list
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.wire.storage.in_force import decode_group
from tests.build import DAY, HAND_RAISES, fit, kind, policy
from tests.engine.publishing.market import NOON, Market
from tests.engine.stand import TOPICS

FIRST = datetime.fromtimestamp(NOON / 1_000, UTC).date()
HALF = Holdback(0.5, FIRST)
GROUP = ControlGroup((HALF,), ZoneInfo("UTC"))
NAMES = [f"company-{number}.com" for number in range(24)]
HELD = [name for name in NAMES if HALF.has_drawn(name)]
FREE = [name for name in NAMES if name not in HELD]
SIZE = 8


def rules() -> Any:
    engagement = kind("engagement", half_life=8, cap=60, facet_cap=60, rules=HAND_RAISES)
    return policy(kind(half_life=8), engagement, size=SIZE, pin_days=5)


async def of(names: Sequence[str], group: ControlGroup = NO_CONTROL_GROUP, raises: Sequence[str] = ()) -> Market:
    """A market of these accounts, strongest first, of which some raise a hand."""
    market = await Market(rules()).begin(*(fit(account=name) for name in names))
    market.stand.context.control_group = group
    for name in names:
        await market.signal(name, 90 - NAMES.index(name))
    for name in raises:
        await market.signal(name, 20, kind_="engagement", activity="demo_request")
    await market.poll(NOON)
    return market


def held(market: Market, name: str = "all") -> list[dict[str, Any]]:
    found = market.stand.server.lists.get(("", held_list(name)))
    return json.loads(found[1]) if found and found[1] else []


def places(market: Market) -> list[tuple[int, str, float, int | None]]:
    return [(e["rank"], e["account_id"], e["score"], e["previous_rank"]) for e in market.served()["entries"]]


async def test_everybody_sees_what_they_would_see_if_the_others_did_not_exist() -> None:
    market, without = await of(NAMES, GROUP), await of(FREE)
    assert len(HELD) >= SIZE // 2, "else this says little"
    for days in range(3):
        at = NOON + days * DAY + 1
        await market.poll(at)
        await without.poll(at)
        assert places(market) == places(without)
        assert len(market.listed()) == SIZE, "others fill the end of the list"


async def test_no_topic_has_them() -> None:
    market = await of(NAMES, GROUP)
    sent = await market.sent()
    assert {topic for topic, *_ in sent} == {TOPICS.lists, TOPICS.accounts}
    told = json.dumps(sent)
    assert not [name for name in HELD if f'"{name}"' in told or f"/{name}" in told]


async def test_administrators_have_each_where_it_would_stand() -> None:
    market = await of(NAMES, GROUP)
    listed = market.listed()
    for entry in held(market):
        account, rank = entry["account_id"], entry["rank"]
        assert account in HELD
        assert entry["control_group"] == {"since": FIRST.isoformat(), "until": None}
        stronger = [one for one in listed if NAMES.index(one) < NAMES.index(account)]
        assert rank == len(stronger) + 1
    whole = sorted([*listed, *(one["account_id"] for one in held(market))], key=NAMES.index)
    assert whole[:SIZE] == NAMES[:SIZE], "of the whole list nobody is missing"


async def test_who_raises_a_hand_is_listed_until_somebody_need_not_call_any_more() -> None:
    raising = HELD[-1]
    market = await of(NAMES, GROUP, raises=[raising])
    assert market.served()["entries"][0]["account_id"] == raising
    assert raising not in {entry["account_id"] for entry in held(market)}
    await market.poll(NOON + 6 * DAY)
    assert raising not in market.listed()


async def test_on_the_first_day_nobody_else_seems_to_move() -> None:
    """Yesterday's ranks are told as they would have been without whom the draw now holds back."""
    market = await of(NAMES[:SIZE])
    later = HALF._replace(since=datetime.fromtimestamp((NOON + DAY) / 1_000, UTC).date())
    for at in (NOON + 1, NOON + DAY // 2, NOON + DAY // 2 + 1):  # midnight is seen without a group
        await market.poll(at)
    drawn = [name for name in NAMES[:SIZE] if later.has_drawn(name)]
    assert 0 < len(drawn) < SIZE, "else this says nothing"
    market.stand.context.control_group = ControlGroup((later,))
    await market.poll(NOON + DAY)
    assert market.listed() == [name for name in NAMES[:SIZE] if name not in drawn]
    assert [(e["rank"], e["previous_rank"]) for e in market.served()["entries"]] == [
        (rank, rank) for rank in range(1, SIZE - len(drawn) + 1)
    ]


async def test_when_the_draw_is_over_they_are_back_and_nothing_is_beside_the_list() -> None:
    market = await of(NAMES, ControlGroup((HALF._replace(until=FIRST),)))
    assert held(market)
    await market.poll(NOON + DAY)
    assert market.listed() == NAMES[:SIZE]
    assert held(market) == []


async def test_nothing_that_only_decays_is_served_again_and_another_publisher_serves_it() -> None:
    market = await of(NAMES, GROUP)
    versions = market.stand.context.bare.controls.versions
    (before,) = await versions([held_list("all")])
    await market.poll(NOON + 2_000)
    assert await versions([held_list("all")]) == [before]
    market.stand.context.control_group = NO_CONTROL_GROUP
    await market.poll(NOON + 4_000, publisher=Publisher(market.stand.context, 2))
    assert held(market) == []
    assert market.listed() == NAMES[:SIZE]


@pytest.mark.parametrize("group", [GROUP, NO_CONTROL_GROUP], ids=["drawn", "none"])
async def test_readers_go_by_the_publishers_group(group: ControlGroup) -> None:
    market = await of(NAMES[:2], group)
    assert decode_group(await market.stand.context.controls.read(CONTROL_GROUP)) == group
