"""When lists are published, what is in them, and what readers and brokers get (contract.md, section 2)."""

from typing import Any

import pytest

from signal_engine.core.flow import ScoringContext
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.ports.controls import FIT_VERSION, SCORING_SEQUENCE
from signal_engine.engine.ports.store import Damaged
from signal_engine.engine.ports.transaction import TopicRead
from signal_engine.engine.publishing import publisher
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import DAY, T0, fit, kind, policy
from tests.engine.publishing.market import NOON, RULES, SAAS, A, B, Market, X
from tests.engine.stand import TOPICS
from tests.transactions.places import MemoryPlace


async def test_a_list_holds_those_who_fit_by_priority_with_everything_that_explains_them(market: Market) -> None:
    listed = market.served("saas")
    assert (listed["list"], listed["generated_at"], listed["stale"]) == ("saas", "2026-01-01T12:00:00Z", False)
    assert (listed["config_version"], listed["complete_until"]) == ("1-test", "2026-01-01T12:00:00Z")
    assert [(e["rank"], e["account_id"], e["score"]) for e in listed["entries"]] == [(1, A, 90.0), (2, X, 60.0)]


async def test_what_is_published_is_sent_and_served_alike(market: Market) -> None:
    await market.signal(B, 70)
    await market.poll(NOON + 2_000)
    sent = await market.sent()
    assert [value for topic, key, value in sent if (topic, key) == (TOPICS.lists, "all")] == [market.served()]
    entries = {key: value for topic, key, value in sent if topic == TOPICS.accounts}
    assert entries.keys() == {"all/b.com", "all/xeno.com", "saas/b.com", "saas/xeno.com"}, "whose rank changed, too"
    assert entries["all/b.com"]["rank"] == 2


async def test_nothing_is_published_while_nothing_happens(market: Market) -> None:
    for seconds in (2, 30, 59):
        assert await market.poll(NOON + seconds * 1000) == set()
    assert await market.sent() == []


async def test_after_a_minute_all_is_published_in_any_case(market: Market) -> None:
    assert await market.poll(NOON + 60_000) == {"all", "saas"}
    assert len(await market.sent()) == 2 + 4
    assert await market.poll(NOON + 119_000) == set()
    assert await market.poll(NOON + 120_000) == {"all", "saas"}


async def test_a_list_that_told_of_what_came_after_its_own_time_is_told_again(market: Market) -> None:
    await market.signal(B, 70, at=NOON + 2_500)  # it arrives while the look of two seconds past is under way
    assert await market.poll(NOON + 2_000) == {"all", "saas"}
    assert await market.poll(NOON + 4_000) == {"all", "saas"}
    assert market.served()["generated_at"] == "2026-01-01T12:00:04Z"
    assert await market.poll(NOON + 6_000) == set()


async def test_a_clock_that_is_put_back_does_not_put_the_minute_off(market: Market) -> None:
    await market.poll(NOON + 3_600_000)
    assert await market.poll(NOON + 1_800_000) == {"all", "saas"}
    assert market.served()["generated_at"] == "2026-01-01T12:30:00Z"


async def test_after_a_clock_was_put_back_lists_are_not_published_at_every_look(market: Market) -> None:
    await market.signal(B, 70, at=NOON + 3_600_000)
    await market.poll(NOON + 3_600_000)
    assert await market.poll(NOON + 1_800_000) == {"all", "saas"}
    assert await market.poll(NOON + 1_801_000) == set(), "although scores are of an instant that is still to come"


async def test_a_score_that_moved_by_a_tenth_is_published(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    # 90 points lose 0.1 in 8 days * log2(90 / 89.9) = 1107.9 s: with the minute's publication off, before the next
    monkeypatch.setattr(publisher, "_PUBLISH_AT_LATEST_MS", 10**9)
    assert await market.poll(NOON + 1_050_000) == set()
    assert await market.poll(NOON + 1_110_000) == {"all", "saas"}


async def test_order_changes_by_waiting_are_published() -> None:
    market = await Market().begin(fit(account=A), fit(account=B))
    await market.signal(A, 60)
    await market.signal(B, 61, kind_="hiring")
    await market.poll(NOON)
    assert market.listed() == [B, A]
    assert await market.poll(NOON + 4 * 3_600_000) == {"all", "saas"}
    assert market.listed() == [A, B], "hiring decays four times as fast"


@pytest.mark.parametrize(
    ("lists", "stays", "leaves"),
    [
        ({"min_level": "cold", "min_score": 20}, 12.6, 12.7),  # 60 points are 20 after 8 * log2(3) = 12.68 days
        ({}, 8.7, 8.8),  # and 28, where warm ends, after 8 * log2(60 / 28) = 8.80 days
    ],
)
async def test_one_that_falls_out_leaves_by_waiting_alone(lists: dict[str, Any], stays: float, leaves: float) -> None:
    market = await Market(policy(kind(half_life=8), **lists)).begin(fit(account=A), fit(account=X))
    await market.signal(A, 90)
    await market.signal(X, 60)
    await market.poll(NOON + round(stays * DAY))
    assert market.listed() == [A, X]
    await market.sent()
    await market.poll(NOON + round(leaves * DAY))
    assert market.listed() == [A]
    sent = await market.sent()
    assert [(key, value) for topic, key, value in sent if value is None] == [
        ("all/xeno.com", None),
        ("saas/xeno.com", None),
    ]
    assert X not in market.stand.data(1).ranks.get("all", {}), "the next look passes it over"


async def test_a_signal_that_moves_no_score_is_published_too(market: Market) -> None:
    await market.signal(A, 0.01, at=NOON + 1_000)
    assert await market.poll(NOON + 2_000) == {"all", "saas"}
    assert market.served()["entries"][0]["last_signal_at"] == "2026-01-01T12:00:01Z"
    sent = {key: value for topic, key, value in await market.sent() if topic == TOPICS.accounts}
    assert sent.keys() == {"all/a.com", "saas/a.com"}
    assert len(sent["all/a.com"]["parts"][0]["evidence"]) == 2


async def test_a_list_says_when_the_topics_are_behind_and_when_they_have_caught_up(market: Market) -> None:
    assert await market.poll(NOON + 59_999, read_until=NOON - 1) == set()
    assert await market.poll(NOON + 59_999, read_until=NOON - 2) == {"all", "saas"}
    assert market.served()["stale"] is True
    assert await market.poll(NOON + 59_999) == {"all", "saas"}
    assert market.served()["stale"] is False


async def test_a_list_that_other_rules_leave_as_it_is_is_published_all_the_same(market: Market) -> None:
    for number in (0, 1):
        await market.move(number, reads=[TopicRead(SCORING_SEQUENCE, 1, 2)])
    market.stand.context.rules = Rules(ScoringContext(RULES), "2-test", 2)
    before = market.served()
    assert await market.poll(NOON + 2_000) == {"all", "saas"}
    assert market.served()["config_version"] == "2-test"
    assert market.served()["entries"] == before["entries"]
    assert await market.poll(NOON + 4_000) == set()


@pytest.mark.parametrize("read", [TopicRead(FIT_VERSION, 1, 2), TopicRead(SCORING_SEQUENCE, 1, 2)])
async def test_lists_wait_until_all_partitions_have_the_same_in_force(market: Market, read: TopicRead) -> None:
    await market.move(0, reads=[read])
    await market.signal(B, 70)
    assert await market.poll(NOON + 2_000) == set(), "one partition is ahead of what we know"
    market.stand.context.fit = FitInForce(2 if read.topic == FIT_VERSION else 1, T0, 4, (SAAS,), ())
    sequence = 2 if read.topic == SCORING_SEQUENCE else 1
    market.stand.context.rules = Rules(ScoringContext(RULES), "1-test", sequence)
    assert await market.poll(NOON + 4_000) == set(), "the other one is behind"
    assert [facts for _, what, facts in market.stand.event_log.lines if what == "lists_waiting"] == [
        {"partitions": "0"},
        {"partitions": "1"},
    ]
    await market.move(1, reads=[read])
    assert await market.poll(NOON + 6_000) == {"all", "saas"}
    assert market.stand.event_log.words.count("lists_resumed") == 1


async def test_a_partition_that_goes_ahead_during_a_look_stops_it(market: Market) -> None:
    await market.signal(B, 70)
    of = market.publisher._held.of

    async def moves(name: str, at: int, **more: Any) -> Any:
        found = await of(name, at, **more)
        if name == "all":
            await market.move(1, reads=[TopicRead(FIT_VERSION, 1, 2)])
        return found

    market.publisher._held.of = moves  # type: ignore[method-assign]
    assert await market.poll(NOON + 2_000) == set()


async def test_versions_only_rise_whatever_the_clock_does(market: Market) -> None:
    version = market.served()["version"]
    assert version == NOON
    await market.signal(B, 70)
    await market.poll(NOON - DAY + 1)
    assert market.served()["version"] == version + 1


async def test_a_publisher_that_starts_knows_who_was_on_the_lists(market: Market) -> None:
    await market.poll(NOON + 1, publisher=Publisher(market.stand.context, 2))
    await market.sent()
    newcomer = Publisher(market.stand.context, 2)
    await market.poll(NOON + round(12.7 * DAY), publisher=newcomer)
    sent = await market.sent()
    assert {key for _, key, value in sent if value is None} == {"all/xeno.com", "saas/xeno.com"}


async def test_of_two_publishers_one_is_refused_and_goes_on_from_what_the_other_did(market: Market) -> None:
    other = Publisher(market.stand.context, 2)
    assert await market.poll(NOON + 1_000, publisher=other) == {"all", "saas"}, "it has told nothing itself yet"
    await market.signal(B, 70)
    await market.sent()
    assert await market.poll(NOON + 2_000) == set(), "refused"
    assert "publication_refused" in market.stand.event_log.words
    assert await market.sent() == []
    version = market.served()["version"]
    assert await market.poll(NOON + 3_000) == {"all", "saas"}
    assert market.served()["version"] > version


async def test_what_was_written_and_not_served_is_served_by_the_next_publisher(market: Market) -> None:
    class Killed(BaseException):
        pass

    async def dies(*_: Any) -> bool:
        raise Killed

    serve = market.stand.controls.serve
    market.stand.controls.serve = dies  # type: ignore[method-assign]
    await market.signal(B, 70)
    with pytest.raises(Killed):
        await market.poll(NOON + 2_000)
    market.stand.controls.serve = serve  # type: ignore[method-assign]
    assert market.listed() == [A, X]
    await Publisher(market.stand.context, 2)._recall()
    assert market.listed() == [A, B, X]


async def test_a_profile_that_is_retired_takes_its_list_with_it(market: Market) -> None:
    market.stand.context.fit = FitInForce(1, T0, 4, (), ())
    await market.poll(NOON + 2_000)
    assert market.served("saas") == {}
    gone = [(topic, key) for topic, key, value in await market.sent() if value is None]
    assert gone == [(TOPICS.lists, "saas"), (TOPICS.accounts, "saas/a.com"), (TOPICS.accounts, "saas/xeno.com")]
    market.stand.context.fit = FitInForce(1, T0, 4, (SAAS,), ())
    await market.poll(NOON + 4_000)
    assert market.listed("saas") == [A, X]


async def test_before_a_fit_table_there_is_one_list_and_it_is_empty() -> None:
    market = Market()
    for number in (0, 1):
        await market.move(number, reads=[TopicRead(SCORING_SEQUENCE, 0, 1)])
    await market.signal(A, 90)
    await market.poll(NOON)
    assert market.served()["entries"] == []
    assert market.served("saas") == {}


async def test_nobody_is_listed_for_nothing() -> None:
    market = await Market(policy(kind(half_life=8), min_level="cold")).begin(fit(account=A), fit(account=B))
    await market.signal(B, 10)
    await market.move(0, ranks={"all": {A: 0.0}, "saas": {A: 0.0}})
    await market.poll(NOON)
    assert market.listed() == [B]


@pytest.mark.parametrize("part", ["states", "fits", "ranks:all", "ranks:saas", "due"])
async def test_of_a_damaged_partition_no_list_is_published(market: Market, part: str) -> None:
    """Its owner looks once a second: the accounts that are lost would have left the lists before."""
    before, place = market.served(), MemoryPlace()
    place.server = market.stand.server
    await market.signal(B, 70)
    await market.move(0, due={A: None})
    await place.lose(0, part)
    with pytest.raises(Damaged, match=part):
        await market.poll(NOON + 2_000)
    assert market.served() == before
    assert await market.sent() == []
