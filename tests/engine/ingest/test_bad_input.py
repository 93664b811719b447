"""Bad input through the engine: every record counts once, every refusal is a letter with the bytes that came."""

import dataclasses
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.engine.dead_letters.reader import RecordPosition, read_dead_letter
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.transaction import MAX_EXACT
from tests.bad_input import SECRET, Bad, corpus
from tests.build import DAY, T0, after
from tests.engine.stand import TOPICS, Rec, Stand, event_bytes, fetch
from tests.wire.events.test_decode_anything import anything, header

OUTCOMES = ("applied", "duplicate", "ignored", "expired", "rejected")
KIND_OF = {topic: kind for kind, topic in TOPICS.signals.items()}


class Kafka:
    """Six topics of two partitions, read in batches as a worker would; copies for other partitions are appended."""

    def __init__(self, stand: Stand) -> None:
        self.stand = stand
        self.logs: dict[tuple[str, int], list[Rec]] = {(t, n): [] for t in KIND_OF for n in (0, 1)}
        self._taken = 0

    def append(self, topic: str, partition: int, rec: Rec) -> RecordPosition:
        log = self.logs[topic, partition]
        log.append(dataclasses.replace(rec, offset=len(log)))
        return RecordPosition(topic, partition, log[-1].offset)

    async def read_to_the_end(self, at_once: int = 100) -> None:
        """Until no partition has anything that was not applied."""
        partitions = {number: await self.stand.partition(number) for number in (0, 1)}
        while behind := [(t, n) for (t, n), log in self.logs.items() if (partitions[n].at(t) or 0) < len(log)]:
            for topic, number in behind:
                start = partitions[number].at(topic) or 0
                some = self.logs[topic, number][start : start + at_once]
                fetched = fetch(*some, topic=topic, partition=number)
                assert await process_batch(self.stand.context, partitions[number], fetched) == [], (
                    "it stands where it stood"
                )
                assert partitions[number].at(topic) == some[-1].offset + 1
                self._append_copies()

    def _append_copies(self) -> None:
        new, self._taken = self.stand.producer.sent[self._taken :], len(self.stand.producer.sent)
        for one in new:
            if one.topic in KIND_OF:
                self.append(one.topic, one.partition or 0, Rec(0, self.stand.now, one.value, one.key, one.headers))

    def counts(self) -> dict[str, int]:
        partitions = [self.stand.data(number).counts for number in (0, 1)]
        return {outcome: sum(data.get(outcome, 0) for data in partitions) for outcome in OUTCOMES}


def as_sent(rec: Rec, dead_letter: ToSend) -> bool:
    read = read_dead_letter(Rec(0, T0, dead_letter.value, dead_letter.key, dead_letter.headers), 0)
    return read is not None and (read.value, read.key, read.headers) == (rec.value, rec.key, tuple(rec.headers))


def dead_letters_by_place(stand: Stand) -> dict[RecordPosition, ToSend]:
    sent = stand.producer.to(TOPICS.dead_letters)
    found = {}
    for dead_letter in sent:
        read = read_dead_letter(Rec(0, T0, dead_letter.value, dead_letter.key, dead_letter.headers), 0)
        assert read is not None
        found[read.place] = dead_letter
    assert len(found) == len(sent), "a letter of the same record twice, although nothing went wrong"
    return found


@pytest.mark.parametrize("seed", range(3))
async def test_the_corpus_among_good_events_is_counted_to_the_last_record(seed: int) -> None:
    stand = Stand(now=T0 + DAY)
    kafka = Kafka(stand)
    expected: dict[RecordPosition, Bad] = {}
    bads = corpus(seed, 1_500, T0 + DAY)
    for number, bad in enumerate(bads):
        rec = Rec(0, T0 + DAY, bad.value, bad.key, bad.headers)
        expected[kafka.append(TOPICS.signals[bad.kind], number % 2, rec)] = bad
        kafka.append(TOPICS.signals["intent"], 0, Rec(0, T0 + DAY, event_bytes(event_id=f"good-{number}")))
    await kafka.read_to_the_end()
    counts = kafka.counts()
    assert sum(counts.values()) == 2 * len(bads)
    assert counts["rejected"] == sum(bad.reason is not None for bad in bads)
    assert counts["applied"] > len(bads)
    dead_letters = dead_letters_by_place(stand)
    assert dead_letters.keys() == {place for place, bad in expected.items() if bad.reason is not None}
    for place, dead_letter in dead_letters.items():
        topic, number, offset = place
        assert as_sent(kafka.logs[topic, number][offset], dead_letter)
        assert dead_letter.partition == number
        ours = dict(dead_letter.headers[-6:])
        assert ours["dlq.reason"] == (expected[place].reason or "").encode()
        assert SECRET.encode() not in b"".join(value or b"" for value in ours.values())
    assert "event_failed" not in stand.event_log.words
    assert SECRET not in str(stand.event_log.lines)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(list(KIND_OF)),
            st.integers(0, 1),
            anything,
            st.none() | st.binary(max_size=4),
            st.lists(header, max_size=4),
            st.sampled_from([T0, after(90), 0, -1, MAX_EXACT - 1]),
            st.integers(0, 1),
        ),
        max_size=12,
    )
)
async def test_whatever_comes_is_counted_and_every_step_can_be_stored(records: Sequence[tuple]) -> None:
    stand = Stand(now=after(91))
    kafka = Kafka(stand)
    for topic, number, value, key, headers, timestamp, timestamp_type in records:
        kafka.append(topic, number, Rec(0, timestamp, value, key, headers, timestamp_type))
    places = {place: len(log) for place, log in kafka.logs.items()}
    await kafka.read_to_the_end(5)
    counts = kafka.counts()
    assert sum(counts.values()) == len(records)
    dead_letters = dead_letters_by_place(stand)
    assert len(dead_letters) == counts["rejected"]
    for (topic, number, offset), dead_letter in dead_letters.items():
        assert as_sent(kafka.logs[topic, number][offset], dead_letter)
    assert sum(places.values()) == len(records)
    assert "event_failed" not in stand.event_log.words
