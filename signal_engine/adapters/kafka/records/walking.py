"""Record batches that somebody else than aiokafka may walk, without an object for each record.

aiokafka keeps to itself what comes before: which batches there are, checksums, aborted transactions, markers. Of a
batch it is handed places up to which records were taken (`WalkedTo`) instead of the records. What is not whole for
certain is aiokafka's from there on, which says what is wrong with it.
"""

from collections.abc import Callable, Iterator
from typing import Any, Final, NamedTuple, Protocol

from signal_engine.adapters.kafka.records.plain_record import PlainRecord, new_record, plain_record
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.fetched import PackedRecords

_ALL_BYTES: Final = 2**62


class WalkedDifferently(SignalEngineError):
    """A batch was walked otherwise than by aiokafka. Names what, never a value."""


class WalkedTo(NamedTuple):
    """In place of records that were taken: where the last of them is."""

    offset: int


class WalkedBatch(Protocol):
    """A batch, and how far it was walked."""

    @property
    def is_done(self) -> bool:
        """Whether all of its records were."""

    @property
    def is_odd(self) -> bool:
        """Whether it cannot be walked any further."""


class TakenRecords(Protocol):
    """Records without objects, as many as there is room for."""

    @property
    def left(self) -> int:
        """Bytes of keys, values and headers that there is room for; below 0 once the last record has passed it."""

    @property
    def is_full(self) -> bool:
        """Whether there is no more room."""

    def add(self, batch: WalkedBatch, position: int, /) -> int | None:
        """Take from a batch what there is room for and lies at `position` or behind it; the last offset if there is
        any. Where it raises, nothing was taken.
        """

    def taken(self) -> PackedRecords:
        """What was taken."""


class Walker(Protocol):
    """Walks batches exactly as aiokafka does, or not at all."""

    def batch(self, data: bytes, at: int, until: int, unpacked: bytes | None, /) -> WalkedBatch:
        """The batch in `data` from `at` to `until`, not walked yet; `unpacked` are its records if they are compressed
        there.
        """

    def room(self, new_record: Callable[[Any], PlainRecord], most: int | None, left: int, /) -> TakenRecords:
        """Room for `most` records and `left` bytes of keys, values and headers, of which the last record may pass the
        latter. `new_record` makes the records that Python looks at.
        """


class _WalkerInUse:
    """How a process reads batches: by aiokafka alone, or by another walker before it."""

    __slots__ = ("_checks", "_walker", "failed")

    def __init__(self) -> None:
        self._walker: Walker | None = None
        self._checks = False
        self.failed: Callable[[Exception], None] = lambda _: None
        """Is told why the walker is not asked any more."""

    def offer(self, walker: Walker | None, *, checks: bool = False) -> None:
        """From now on a walker walks first. None: aiokafka alone. `checks`: aiokafka reads each batch, too."""
        self._walker, self._checks = walker, checks

    @property
    def walker(self) -> Walker | None:
        """The walker that is asked first, if there is one."""
        return self._walker

    @property
    def is_checked(self) -> bool:
        """Whether aiokafka reads each batch, too."""
        return self._checks

    def give_up(self, error: Exception) -> None:
        """The walker failed: from now on aiokafka reads alone."""
        if self._walker is not None:
            self.offer(None)
            self.failed(error)


walking: Final = _WalkerInUse()
"""Of this process."""


class Reads(Protocol):
    """Who reads batches."""

    into: TakenRecords | None
    """What records are taken into; None: they become objects."""
    next_fetch_offset: int
    """The position: what lies before it was read."""


class WalkableBatch:
    """A batch of aiokafka that may be walked by somebody else: iterating over it gives `WalkedTo`, or records."""

    def __init__(self, batch: Any, reads: Reads, place: tuple[bytes, int, int], again: Callable[[], Any]) -> None:
        self._batch, self._reads, self._place, self._again = batch, reads, place, again
        self.base_offset, self.next_offset = batch.base_offset, batch.next_offset
        self.producer_id = batch.producer_id
        self.is_control_batch, self.is_transactional = batch.is_control_batch, batch.is_transactional

    def validate_crc(self) -> bool:
        """Whether the checksum is right."""
        return bool(self._batch.validate_crc())

    def __iter__(self) -> Iterator[Any]:
        """Iterate over its records. Raises as aiokafka does, and `CannotUnpack`."""
        reads = self._reads
        batch = self._begun()
        while batch is not None and reads.into is not None:
            try:
                last = reads.into.add(batch, reads.next_fetch_offset)
            except Exception as error:  # noqa: BLE001 (whatever fails there, aiokafka reads on)
                self._give_up(error)
                break
            if last is not None:
                yield WalkedTo(last)
            if batch.is_done:
                return
            if batch.is_odd:
                break
        yield from self._batch  # what was taken lies before the position, and is passed over

    def _begun(self) -> WalkedBatch | None:
        walker = walking.walker
        if walker is None or self._reads.into is None:
            return None
        unpacked = self._batch.unpacked() if hasattr(self._batch, "unpacked") else None
        try:
            if walking.is_checked:
                _check(walker, walker.batch(*self._place, unpacked), self._again())
            return walker.batch(*self._place, unpacked)
        except Exception as error:  # noqa: BLE001 (as above)
            self._give_up(error)
            return None

    def _give_up(self, error: Exception) -> None:
        self._reads.into = None
        walking.give_up(error)


def _check(walker: Walker, batch: WalkedBatch, again: Any) -> None:
    """Raises `WalkedDifferently` unless aiokafka reads the same of the same batch."""
    room = walker.room(new_record, None, _ALL_BYTES)
    room.add(batch, 0)
    taken, read, position, is_whole = [*room.taken()], list[Any](), 0, False
    try:
        for record in again:
            if record.offset >= position:
                position = record.offset + 1
                read.append(plain_record(record))
        is_whole = True
    except Exception:  # noqa: BLE001, S110 (what aiokafka raises at is nothing to walk, and that is what is compared)
        pass
    if taken != read[: len(taken)] or (batch.is_done and not (is_whole and len(taken) == len(read))):
        raise WalkedDifferently(f"a batch of {len(read)} records differs")
