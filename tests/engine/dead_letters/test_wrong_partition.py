"""Producers with another partitioner: their records are sent on with their origin, and counted where they end."""

import pytest

from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.storage import state
from tests.build import ACME, T0, after
from tests.engine.partition.test_process_batch import TWO_KINDS, applied
from tests.engine.stand import HIRING, INTENT, TOPICS, Rec, Stand, event_bytes, fetch


@pytest.fixture
def stand() -> Stand:
    return Stand(policy=TWO_KINDS)


async def test_they_are_sent_to_their_partition_with_their_origin_and_count_nowhere_here(stand: Stand) -> None:
    stand.now = after(5)
    value = event_bytes(account="xeno.com")
    await applied(stand, fetch(Rec(4, T0, value, b"any", [("trace", b"1")]), start=4))
    (on,) = stand.producer.sent
    assert (on.topic, on.partition, on.key, on.value) == (INTENT, 1, b"xeno.com", value)
    assert list(on.headers) == [
        ("trace", b"1"),
        ("origin.topic", INTENT.encode()),
        ("origin.partition", b"0"),
        ("origin.offset", b"4"),
        ("origin.timestamp", str(T0).encode()),
        ("via.topic", INTENT.encode()),
        ("via.partition", b"0"),
        ("via.offset", b"4"),
        ("via.times", b"1"),
    ]
    assert stand.data().counts == {}
    assert stand.data().topics[INTENT] == 5
    assert stand.data().states == {}


def copy(offset: int, origin: int, value: bytes, timestamp: int = T0, arrived: int = after(2)) -> Rec:
    headers = {"topic": INTENT, "partition": 0, "offset": origin, "timestamp": timestamp}
    return Rec(offset, arrived, value, headers=[(f"origin.{k}", str(v).encode()) for k, v in headers.items()])


async def other(stand: Stand, *records: Rec) -> None:
    partition = await stand.partition(1)
    start = (await stand.memory.positions(1)).topics.get(INTENT, 0)
    assert await process_batch(stand.context, partition, fetch(*records, partition=1, start=start)) == []


async def test_a_copy_made_twice_counts_once_however_the_copies_interleave(stand: Stand) -> None:
    first, second = (event_bytes(account="xeno.com", event_id=name) for name in ("first", "second"))
    await other(stand, copy(0, 4, first), copy(1, 9, second), copy(2, 4, first))
    await other(stand, copy(3, 9, second))
    assert stand.data(1).counts == {"applied": 2, "copies_passed_over": 2}
    assert stand.data(1).origins == {TopicPartition(INTENT, 0): 9}


async def test_a_copy_that_is_refused_counts_once_too(stand: Stand) -> None:
    await other(stand, copy(0, 4, b"{"), copy(1, 4, b"{"))
    assert stand.data(1).counts["rejected"] == 1
    assert len(stand.producer.to(TOPICS.dead_letters)) == 1


async def test_it_is_decided_at_its_first_arrival(stand: Stand) -> None:
    await other(stand, copy(0, 4, event_bytes(account="xeno.com"), timestamp=after(1), arrived=after(80)))
    assert state.decode(stand.data(1).states["xeno.com"]).now == after(1)


async def test_one_that_is_astray_again_is_sent_on_again_but_not_for_ever(stand: Stand) -> None:
    """Whom an account belongs to can change while copies are on their way."""
    record = copy(0, 4, event_bytes(account=ACME))
    for times in (2, 3):
        await other(stand, record)
        (on,) = stand.producer.sent
        result = dict(on.headers)
        assert (on.partition, result["origin.offset"], result["origin.timestamp"]) == (0, b"4", str(T0).encode())
        assert (result["via.partition"], result["via.offset"], result["via.times"]) == (
            b"1", str(record.offset).encode(), str(times).encode(),
        )  # fmt: skip
        assert len(result) == len(on.headers), "each is there once"
        stand.producer.sent.clear()
        headers = [*on.headers[:-4], *via(partition=0, offset=7 + times, times=times)]
        record = Rec(record.offset + 1, after(2), on.value, headers=headers)
    await other(stand, record)
    (letter,) = stand.producer.sent
    assert dict(letter.headers)["dlq.reason"] == b"account"


def via(**changed: object) -> list[tuple[str, bytes]]:
    return [(f"via.{name}", str(value).encode()) for name, value in {"topic": INTENT, **changed}.items()]


async def test_a_copy_is_known_by_where_it_was_copied_from_not_by_its_origin(stand: Stand) -> None:
    """Two ways of one origin can overtake each other: what came over the longer one is no older copy."""
    first, second = (event_bytes(account="xeno.com", event_id=name) for name in ("first", "second"))
    straight, around = copy(0, 9, second), copy(1, 4, first)
    around.headers = [*around.headers, *via(partition=0, offset=30, times=2)]
    await other(stand, straight, around)
    assert stand.data(1).counts == {"applied": 2}
    assert stand.data(1).origins == {TopicPartition(INTENT, 0): 30}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"origin.offset": b"500"}, "that partition has not so many"),
        ({"origin.partition": b"7"}, "there is no such partition"),
        ({"origin.partition": b"1"}, "a copy comes from another partition"),
        ({"origin.topic": HIRING.encode()}, "a copy stays in its topic"),
        ({"origin.topic": b"of.others"}, "there is no such topic"),
        ({"origin.timestamp": b"9999999999999"}, "it arrives in the year 2286"),
        ({"origin.offset": b"-1"}, "no offset"),
        ({"origin.offset": b"x"}, "no number"),
        ({"origin.offset": None}, "nothing"),
        ({"origin.topic": b"\xff"}, "no text"),
        ({"origin.offset": str(2**53).encode()}, "more than an offset can be"),
        ({"via.offset": b"3"}, "half a place"),
        (
            {"via.topic": INTENT.encode(), "via.partition": b"0", "via.offset": b"500", "via.times": b"2"},
            "as above",
        ),
    ],
    ids=lambda it: it if isinstance(it, str) else "",
)
async def test_what_cannot_be_a_copy_of_ours_counts_as_what_it_is(
    stand: Stand, changes: dict[str, bytes | None], why: str
) -> None:
    stand.reading.end = 100
    forged = copy(0, 4, event_bytes(account="xeno.com", event_id="forged", at=after(1)))
    forged.headers = list({**dict(forged.headers), **changes}.items())
    await other(stand, forged)
    account = state.decode(stand.data(1).states["xeno.com"])
    assert account.now == after(2), "it is decided when it came itself"
    assert stand.data(1).origins == {}
    assert stand.data(1).counts == {"applied": 1, "origins_disbelieved": 1}
    (level, _, said) = next(line for line in stand.event_log.lines if line[1] == "origins_disbelieved")
    assert (level, said) == ("warning", {"topic": INTENT, "partition": 1, "from_offset": 0, "records": 1})
    true = [copy(n, n, event_bytes(account="xeno.com", event_id=f"true-{n}")) for n in range(1, 51)]
    await other(stand, *true)
    assert stand.data(1).counts["applied"] == 51, "none of ours vanishes by it"


async def test_what_is_passed_over_is_counted_and_said(stand: Stand) -> None:
    await other(stand, copy(0, 4, event_bytes(account="xeno.com")), copy(1, 4, b"{"), copy(2, 3, b"{"))
    assert stand.data(1).counts == {"applied": 1, "copies_passed_over": 2}
    assert ("info", "copies_skipped", {"topic": INTENT, "partition": 1, "from_offset": 0, "records": 2}) in (
        stand.event_log.lines
    )


async def test_it_is_never_decided_after_its_own_arrival(stand: Stand) -> None:
    """The clocks of two brokers can differ by a little: the copy is still ours."""
    skewed = copy(0, 4, event_bytes(account="xeno.com"), timestamp=after(2, seconds=30), arrived=after(2))
    await other(stand, skewed, copy(1, 4, event_bytes(account="xeno.com")))
    assert state.decode(stand.data(1).states["xeno.com"]).now == after(2)
    assert stand.data(1).counts == {"applied": 1, "copies_passed_over": 1}


async def test_a_strangers_headers_do_not_travel_on(stand: Stand) -> None:
    forged = copy(4, 500, event_bytes(account="xeno.com"))
    forged.headers = [("origin.topic", b"of.others"), ("trace", b"1")]
    await applied(stand, fetch(forged, start=4))
    (on,) = stand.producer.sent
    assert [name for name, _ in on.headers].count("origin.topic") == 1
    assert dict(on.headers)["origin.offset"] == b"4"


async def test_kafka_is_asked_for_ends_only_when_a_copy_names_more_than_is_known(stand: Stand) -> None:
    stand.reading.end = 10
    await stand.partition(1)
    partition = await stand.partition(1)
    for number in range(20):
        one = copy(number, number, event_bytes(account="xeno.com", event_id=f"{number}"))
        if number == 10:
            stand.reading.end = 20
        assert await process_batch(stand.context, partition, fetch(one, partition=1)) == []
    assert stand.data(1).counts == {"applied": 20}
    assert stand.reading.asked == 2
