"""What one transaction takes of the queued fetches has limited bytes, whatever the records before were like."""

from typing import Any, Never

import pytest

from signal_engine.engine.ingest import fetch_queue
from signal_engine.engine.ingest.fetch_queue import FetchQueue
from signal_engine.engine.ports.fetched import FetchedRecord, PackedRecords
from tests.engine.stand import HIRING, INTENT, Rec, fetch


def arrived(_: str, record: FetchedRecord) -> int:
    return record.timestamp


def steps(queue: FetchQueue, max_records: int = 1_000) -> list[dict[str, int]]:
    """Topic -> records, of each transaction until the queue is empty."""
    taken = []
    while queue.topics:
        taken.append({one.topic: len(one.records) for one in queue.take((), arrived, max_records)})
    return taken


@pytest.fixture
def queue(monkeypatch: pytest.MonkeyPatch) -> FetchQueue:
    monkeypatch.setattr(fetch_queue, "_MAX_BYTES", 1_000)
    return FetchQueue()


def test_small_records_are_taken_together(queue: FetchQueue) -> None:
    queue.put(fetch(*(Rec(n, n, b"x" * 10) for n in range(60))))
    queue.put(fetch(*(Rec(n, n, b"x" * 10) for n in range(40)), topic=HIRING))
    assert steps(queue) == [{INTENT: 60, HIRING: 40}]


def test_large_ones_are_cut_into_pieces_and_nothing_is_lost(queue: FetchQueue) -> None:
    queue.put(fetch(*(Rec(n, n, b"x" * 100) for n in range(60))))
    queue.put(fetch(*(Rec(n, n, b"x" * 100) for n in range(40)), topic=HIRING))
    taken = steps(queue)
    assert sum(one.get(INTENT, 0) for one in taken) == 60
    assert sum(one.get(HIRING, 0) for one in taken) == 40
    assert max(sum(one.values()) for one in taken) <= 10


def test_one_that_is_larger_than_all_may_be_is_taken_all_the_same(queue: FetchQueue) -> None:
    queue.put(fetch(*(Rec(n, n, b"x" * 5_000) for n in range(3))))
    assert steps(queue) == [{INTENT: 1}] * 3


def test_records_without_a_value_have_no_bytes(queue: FetchQueue) -> None:
    queue.put(fetch(*(Rec(n, n, None) for n in range(500))))
    assert steps(queue) == [{INTENT: 500}]


class Counting(PackedRecords):
    """So many records of 10 bytes, and how often one was looked at, which makes an object of it."""

    def __init__(self, many: int, looks: list[int]) -> None:
        self._many, self._looks = many, looks

    def __len__(self) -> int:
        return self._many

    def __getitem__(self, at: Any) -> Any:
        if isinstance(at, slice):
            return Counting(len(range(self._many)[at]), self._looks)
        self._looks.append(at)
        return Rec(at, at, b"x" * 10)

    def latest(self) -> int:
        return self._many

    def value_bytes(self) -> int:
        return 10 * self._many

    def offsets(self) -> Never:
        raise NotImplementedError

    def with_headers(self) -> Never:
        raise NotImplementedError


def test_of_packed_records_only_the_first_and_the_last_are_looked_at(queue: FetchQueue) -> None:
    looks: list[int] = []
    for topic, many in ((INTENT, 60), (HIRING, 40)):
        queue.put(fetch(Rec(0, 0, b""), topic=topic)._replace(records=Counting(many, looks), end=many))
    assert steps(queue) == [{INTENT: 60, HIRING: 40}]
    assert {*looks} <= {0, -1}
