"""Letters sent again after a mend: each once, as received, and never passed over as a copy."""

from collections.abc import Sequence

import pytest

from signal_engine.adapters.memory.redriven import MemoryRedriven
from signal_engine.engine.dead_letters.reader import DeadLetter, read_dead_letter
from signal_engine.engine.dead_letters.redrive import (
    RedriveOutcome,
    SignalTopics,
    as_received,
    outcome_of,
    redrive,
)
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.events.cloudevents import HEADER_PREFIX
from tests.build import T0, after
from tests.engine.stand import INTENT, TOPICS, Rec, Stand, event_bytes, fetch

TOPICS_READ = SignalTopics({topic: kind for kind, topic in TOPICS.signals.items()}, 2)


@pytest.fixture
def stand() -> Stand:
    return Stand(now=after(1))


async def arrives(stand: Stand, *records: Rec, partition: int = 0) -> None:
    owned = await stand.partition(partition)
    start = owned.at(INTENT) or 0
    moved = [Rec(start + n, r.timestamp, r.value, r.key, r.headers) for n, r in enumerate(records)]
    assert await process_batch(stand.context, owned, fetch(*moved, partition=partition, start=start)) == []


def dead_letters(stand: Stand) -> list[DeadLetter]:
    read = [
        read_dead_letter(Rec(n, stand.now, one.value, one.key, one.headers), one.partition or 0)
        for n, one in enumerate(stand.producer.to(TOPICS.dead_letters))
    ]
    return [one for one in read if one is not None]


async def sent(stand: Stand, memory: MemoryRedriven, some: Sequence[DeadLetter]) -> list[ToSend]:
    before = len(stand.producer.sent)
    await redrive(some, {one.name: one.offset for one in some}, stand.producer, memory)
    return stand.producer.sent[before:]


def outcome(
    letter: DeadLetter, replayed: Sequence[str] = (), now: int = after(1), *, again: bool = False
) -> RedriveOutcome:
    return outcome_of(letter, TOPICS_READ, replayed, now, again=again).outcome


async def test_it_goes_where_it_was_with_key_value_and_headers_as_received(stand: Stand) -> None:
    headers = [("backfill", None), (f"{HEADER_PREFIX}id", b"1"), ("trace", b"\xff"), ("trace", None)]
    await arrives(stand, Rec(0, T0, b"{", b"\x00key", headers))
    (again,) = await sent(stand, MemoryRedriven(stand.server), dead_letters(stand))
    assert again == ToSend(INTENT, 0, b"\x00key", b"{", headers)


async def test_one_that_was_ahead_of_its_time_is_accepted_later_and_applied(stand: Stand) -> None:
    await arrives(stand, Rec(0, T0, event_bytes(at=after(1))))
    (letter,) = dead_letters(stand)
    assert (letter.reason, outcome(letter, now=T0)) == ("future", RedriveOutcome.REFUSED_AGAIN)
    assert outcome(letter, now=after(1)) == RedriveOutcome.ACCEPTED
    (again,) = await sent(stand, MemoryRedriven(stand.server), [letter])
    await arrives(stand, Rec(1, after(1), again.value, again.key, again.headers))
    assert stand.data().counts["applied"] == 1


async def test_why_it_would_be_refused_again_is_what_the_worker_would_say(stand: Stand) -> None:
    bad = [b"{", None, event_bytes(account="localhost"), event_bytes(score="high"), event_bytes(kind="hiring")]
    await arrives(stand, *(Rec(n, after(1), value) for n, value in enumerate(bad)))
    for letter in dead_letters(stand):
        judged = outcome_of(letter, TOPICS_READ, (), after(2), again=False)
        assert judged.outcome == RedriveOutcome.REFUSED_AGAIN
        assert judged.refusal == (letter.reason, letter.detail)


async def test_what_was_sent_is_remembered_and_sent_again_only_when_told(stand: Stand) -> None:
    await arrives(stand, Rec(0, T0, event_bytes(at=after(1))))
    (letter,) = dead_letters(stand)
    memory = MemoryRedriven(stand.server)
    await sent(stand, memory, [letter])
    remembered = list(await memory.among(letter.partition, [letter.name]))
    assert outcome(letter, remembered) == RedriveOutcome.REPLAYED
    assert outcome(letter, remembered, again=True) == RedriveOutcome.ACCEPTED


async def test_nothing_is_remembered_that_was_not_delivered(stand: Stand) -> None:
    await arrives(stand, Rec(0, T0, event_bytes(at=after(1))))
    memory = MemoryRedriven(stand.server)
    stand.producer.trouble = [RuntimeError("Kafka is away for good")]
    with pytest.raises(RuntimeError):
        await sent(stand, memory, dead_letters(stand))
    assert not await memory.among(0, [dead_letters(stand)[0].name])


class Dies(MemoryRedriven):
    async def note(self, partition, dead_letters):
        raise KeyboardInterrupt


async def test_dying_between_sending_and_remembering_makes_a_copy_that_counts_as_duplicate(stand: Stand) -> None:
    await arrives(stand, Rec(0, T0, event_bytes(at=after(1))))
    some = dead_letters(stand)
    with pytest.raises(KeyboardInterrupt):
        await sent(stand, Dies(stand.server), some)
    first = stand.producer.sent[-1]
    (second,) = await sent(stand, MemoryRedriven(stand.server), some)
    await arrives(stand, *(Rec(0, after(1), one.value, one.key, one.headers) for one in (first, second)))
    counts = stand.data().counts
    assert (counts["rejected"], counts["applied"], counts["duplicate"]) == (1, 1, 1)


async def test_a_copy_that_had_been_sent_on_is_not_passed_over_as_dealt_with(stand: Stand) -> None:
    """Its origin is at or below the highest that the partition has dealt with: with these headers it would be lost."""
    origin = {"topic": INTENT, "partition": 0, "offset": 4, "timestamp": T0}
    headers = [("trace", b"1"), *((f"origin.{name}", str(value).encode()) for name, value in origin.items())]
    copy = Rec(0, after(1), event_bytes(at=after(1), account="xeno.com"), b"xeno.com", headers)
    await arrives(stand, copy, partition=1)
    assert stand.data(1).origins == {TopicPartition(INTENT, 0): 4}
    (letter,) = dead_letters(stand)
    assert letter.reason == "future", "it is judged at its first arrival"
    await arrives(stand, copy, partition=1)
    assert "applied" not in stand.data(1).counts, "as it is, it is passed over"
    (again,) = await sent(stand, MemoryRedriven(stand.server), [letter])
    assert (again.partition, again.headers) == (1, [("trace", b"1")])
    await arrives(stand, Rec(0, after(1), again.value, again.key, again.headers), partition=1)
    assert stand.data(1).counts["applied"] == 1


async def test_one_that_was_astray_too_often_is_sent_on_once_more(stand: Stand) -> None:
    origin = {"topic": INTENT, "partition": 1, "offset": 4, "timestamp": T0}
    headers = [(f"origin.{name}", str(value).encode()) for name, value in origin.items()]
    via = {"topic": INTENT, "partition": 1, "offset": 9, "times": 3}
    headers += [(f"via.{name}", str(value).encode()) for name, value in via.items()]
    await arrives(stand, Rec(0, after(1), event_bytes(account="xeno.com"), b"xeno.com", headers))
    (letter,) = dead_letters(stand)
    assert (letter.reason, outcome(letter)) == ("account", RedriveOutcome.ACCEPTED)
    (again,) = await sent(stand, MemoryRedriven(stand.server), [letter])
    await arrives(stand, Rec(0, after(1), again.value, again.key, again.headers))
    on = stand.producer.sent[-1]
    assert (on.partition, dict(on.headers)["origin.offset"]) == (1, b"1")


async def test_what_cannot_be_sent_says_so(stand: Stand) -> None:
    stand.context.largest_dead_letter = 1
    await arrives(stand, Rec(0, T0, event_bytes(at=after(1))))
    (letter,) = dead_letters(stand)
    assert outcome(letter) == RedriveOutcome.TRUNCATED
    elsewhere = letter._replace(place=letter.place._replace(topic="elsewhere"))
    assert outcome(elsewhere) == RedriveOutcome.NO_TOPIC
    assert outcome(letter._replace(place=letter.place._replace(partition=2))) == RedriveOutcome.NO_TOPIC


def test_only_the_headers_of_an_origin_come_off() -> None:
    letter = read_dead_letter(Rec(0, T0, b"v", None, [("dlq.reason", b"schema"), ("dlq.topic", b"t"), ("dlq.partition", b"0"), ("dlq.offset", b"0")]), 0)  # fmt: skip  # noqa: E501
    assert letter is not None
    kept = (("origin", b"1"), ("origin.", b"2"), ("Origin.topic", b"3"), ("dlq.reason", b"of an older letter"))
    assert tuple(as_received(letter._replace(headers=(*kept, ("origin.topic", b"x")))).headers) == kept
