"""Records without objects can be looked at like objects; and where walking them fails, nothing is lost."""

from typing import Any, Final

import pytest
from aiokafka.consumer import fetcher

from signal_engine.adapters.kafka.records.records import PlainDeserializer
from signal_engine.adapters.kafka.records.walking import WalkedDifferently, walking
from signal_engine.adapters.native.walker import NativeWalker
from signal_engine.engine.ports.fetched import FetchedRecord, PackedRecords, latest, offsets, value_bytes, with_headers
from tests.native.walking.record_batches import TP, Batch, Rec, answer, read, walked_by

SOME: Final = (Batch(tuple(Rec(b"%d" % n, b"k", (("h", b"1"),) * (n % 3 == 0), stamp=n % 5) for n in range(40))),)


def test_ordinary_records_are_no_objects_and_can_be_looked_at_in_every_way(native_module: Any) -> None:
    parts: list[Any] = []
    objects: list[list[FetchedRecord]] = []
    read(answer(SOME), 3, 10, 1 << 20, some=objects)
    with walked_by(native_module):
        read(answer(SOME), 3, 10, 1 << 20, some=parts)
    assert len(parts) == len(objects) > 3
    for some, its in zip(parts, objects, strict=True):
        assert isinstance(some, PackedRecords)
        assert not isinstance(its, PackedRecords)
        assert [*some] == its == [some[n] for n in range(len(some))]
        assert [*reversed(some)] == its[::-1]
        assert (some[-1], some[0]) == (its[-1], its[0])
        for begin, end in ((0, 4), (2, None), (None, 1), (-3, -1), (5, 2), (100, 200), (None, None)):
            cut, its_cut = some[begin:end], its[begin:end]
            assert (len(cut), [*cut]) == (len(its_cut), its_cut)
            assert [*with_headers(cut)] == [*with_headers(its_cut)]
            assert [*offsets(cut)] == [*offsets(its_cut)] == [one.offset for one in its_cut]
            assert value_bytes(cut) == value_bytes(its_cut) == sum(len(one.value or b"") for one in its_cut)
            assert [*cut[1:3]] == its_cut[1:3]
            if its_cut:
                assert latest(cut) == latest(its_cut)
        for beyond in (len(some), -len(some) - 1):
            with pytest.raises(IndexError):
                some[beyond]
        for call in (lambda some=some: some[::2], lambda some=some: some[:0].latest()):
            with pytest.raises(ValueError, match="records"):
                call()


def test_other_consumers_get_objects(native_module: Any) -> None:
    with walked_by(native_module):
        taken = fetcher.PartitionRecords(
            TP, fetcher.MemoryRecords(answer(SOME)), [], 0, None, PlainDeserializer(), True, 1
        )
        assert [one.offset for one in taken] == [*range(40)]


def test_where_the_native_part_panics_aiokafka_reads_and_nothing_is_lost(native_module: Any) -> None:
    python = read(answer(SOME), 0, 7, 1 << 20)
    with walked_by(native_module, broken=True) as failures:
        assert read(answer(SOME), 0, 7, 1 << 20) == python
        assert walking.walker is None
    (why,) = failures
    assert "panicked in" in str(why)


def test_what_panics_later_leaves_what_was_taken_before(native_module: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    data = answer((*SOME, *SOME, *SOME))
    python, room = read(data, 0, 70, 1 << 20), NativeWalker.room
    made: list[Any] = []

    def breaks_at_the_second(self: NativeWalker, *asked: Any) -> Any:
        made.append(room(self, *asked))
        return Breaking(made[-1])

    monkeypatch.setattr(NativeWalker, "room", breaks_at_the_second)
    with walked_by(native_module) as failures:
        assert read(data, 0, 70, 1 << 20) == python
        assert len(failures) == len(made) == 1


class Breaking:
    """Room for the records of one batch."""

    def __init__(self, room: Any) -> None:
        self._room, self._batches = room, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._room, name)

    def add(self, batch: Any, position: int) -> int | None:
        self._batches += 1
        if self._batches > 1:
            raise RuntimeError("no more")
        return self._room.add(batch, position)  # type: ignore[no-any-return]


class Lying(NativeWalker):
    """Leaves out the last record of whatever it walks."""

    def room(self, *asked: Any) -> Any:
        room = super().room(*asked)

        class Less(Breaking):
            def add(self, batch: Any, position: int) -> int | None:
                return room.add(batch, position)  # type: ignore[no-any-return]

            def taken(self) -> Any:
                return room.taken()[:-1]

        return Less(room)


def test_who_walks_otherwise_is_found_out_where_that_is_checked(native_module: Any) -> None:
    python = read(answer(SOME), 0, 7, 1 << 20)
    with walked_by(native_module) as failures:
        walking.offer(Lying(native_module), checks=True)
        assert read(answer(SOME), 0, 7, 1 << 20) == python
    assert [(type(one), str(one)) for one in failures] == [(WalkedDifferently, "a batch of 40 records differs")]
