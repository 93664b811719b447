"""A feed played: what goes out, with which times, how fast, and where each line went."""

import json

import pytest

from signal_engine.adapters.kafka.feeder import FedPartition, FedRecord, Feeder
from signal_engine.core.rules.instants import DAY
from signal_engine.entrypoints.demo import playing
from signal_engine.entrypoints.demo.feed import Feed, Played
from signal_engine.entrypoints.demo.playing import FAST_SECONDS, OWN_SECONDS, SLOWDOWN, Player, due_by
from signal_engine.wire.instants import format_instant, parse_instant

THEN = parse_instant("2026-01-05T00:00:00Z")
NOW = THEN + 200 * DAY


class Topics(Feeder):
    """Keeps records, one partition a topic."""

    def __init__(self) -> None:
        self.records: list[FedRecord] = []

    async def send(self, records: list[FedRecord]) -> list[FedPartition]:
        first = len(self.records)
        self.records += records
        return [FedPartition(record.topic, 0, first + index) for index, record in enumerate(records)]


def played(line: int, at: int, kind: str = "intent") -> Played:
    value = json.dumps({"occurred_at": format_instant(at - DAY)}).encode()
    return Played(line, at, kind, b"acme.co.uk", value)


def player(feed: Feed) -> tuple[Player, Topics]:
    topics = Topics()
    return Player(topics, feed, lambda: NOW), topics


def occurred(record: FedRecord) -> int:
    return parse_instant(json.loads(record.value)["occurred_at"])


async def test_history_arrives_when_it_arrived_then_and_is_marked_as_backfill() -> None:
    feed = Feed([played(1, THEN - 40 * DAY), played(2, THEN - 5 * DAY, "hiring")], [], THEN, as_it_comes=True)
    plays, topics = player(feed)
    await plays.load()
    assert [record.timestamp for record in topics.records] == [NOW - 40 * DAY, NOW - 5 * DAY]
    assert [occurred(record) for record in topics.records] == [NOW - 41 * DAY, NOW - 6 * DAY]
    assert [record.topic for record in topics.records] == ["signals.intent", "signals.hiring"]
    assert all(record.backfill for record in topics.records)
    assert plays.sent == 2


async def test_ones_own_live_events_arrive_now_and_happened_when_they_happened() -> None:
    plays, topics = player(Feed([], [played(1, THEN - 2 * DAY)], THEN, as_it_comes=False))
    await plays.play()
    assert [(r.timestamp, occurred(r), r.backfill) for r in topics.records] == [(NOW, NOW - 3 * DAY, False)]


async def test_journeys_to_come_arrive_when_they_are_played_late_ones_as_late_as_ever() -> None:
    plays, topics = player(Feed([], [played(1, THEN + 9 * DAY)], THEN, as_it_comes=True))
    await plays.play()
    assert [(r.timestamp, occurred(r), r.backfill) for r in topics.records] == [(NOW, NOW - DAY, False)]


async def test_history_is_never_ahead_of_the_clock_nor_before_1970() -> None:
    """A refused line may bear any year; the broker takes no negative time."""
    plays, topics = player(Feed([played(1, THEN + 9 * DAY), played(2, -900 * 365 * DAY)], [], THEN, as_it_comes=False))
    await plays.load()
    assert [record.timestamp for record in topics.records] == [NOW, 0]


async def test_a_dead_letter_can_be_led_back_to_its_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(playing, "_BATCH_RECORDS", 2)
    feed = Feed(
        [played(5, THEN), played(3, THEN, "hiring"), played(4, THEN)], [played(9, THEN)], THEN, as_it_comes=True
    )
    plays, _ = player(feed)
    await plays.load()
    await plays.play()
    assert plays.lines == {
        FedPartition("signals.intent", 0, 0): 5, FedPartition("signals.hiring", 0, 1): 3,
        FedPartition("signals.intent", 0, 2): 4, FedPartition("signals.intent", 0, 3): 9,
    }  # fmt: skip


async def test_after_stop_nothing_more_goes_out() -> None:
    plays, topics = player(Feed([], [played(n, THEN + n) for n in range(100)], THEN, as_it_comes=False))
    plays.stop()
    await plays.play()
    assert topics.records == []


def test_ones_own_events_go_out_evenly_however_they_lie_in_time() -> None:
    due = due_by(Feed([], [played(n, THEN + n) for n in range(440)], THEN, as_it_comes=False))
    assert [due(s) for s in (0, OWN_SECONDS / 2, OWN_SECONDS, 10 * OWN_SECONDS)] == [0, 220, 440, 440]


def test_a_few_of_ones_own_events_go_out_at_once_rather_than_slowly() -> None:
    due = due_by(Feed([], [played(n, THEN + n) for n in range(5)], THEN, as_it_comes=False))
    assert [due(s) for s in (0.1, 0.5)] == [1, 5]


def test_journeys_begin_at_a_day_a_second_and_then_slow_down() -> None:
    live = [played(n, THEN + n * DAY // 10) for n in range(1, 601)]  # ten a day for sixty days
    due = due_by(Feed([], live, THEN, as_it_comes=True))
    assert due(1) == 10
    assert due(FAST_SECONDS) == 250
    assert due(FAST_SECONDS + SLOWDOWN) == 260
    assert due(1e6) == 600
