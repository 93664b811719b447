"""Event files in the order in which a replay takes them: by (now, event_id), whatever the order of the lines.

Sorted input streams: a window of some 10,000 events evens out small disorder, and several sorted files are merged.
Input that is further out of order makes `Arrivals.in_order` raise `OutOfOrder`; the replay then starts again with
`Arrivals.sorted`, which sorts through temporary files. Lines that are refused take no part in the order.
"""

import heapq
from collections.abc import Callable, Container, Iterator, Sequence
from functools import partial
from itertools import chain, islice
from typing import Final, NamedTuple

from signal_engine.adapters.files.sorting import ExternalSorter, Row
from signal_engine.adapters.files.text_files import Source
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.core.rules.events import Event
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.wire.events.account_names import is_mail_provider
from signal_engine.wire.events.decode import decode_lines
from signal_engine.wire.events.one_event import NOT_IN_ACCOUNTS
from signal_engine.wire.events.rejections import Refusal

_WINDOW_EVENTS: Final = 5_000
"""Events by which a line may be out of place before the input counts as unsorted (twice that are held)."""

_CHUNK_EVENTS: Final = 1_000


_new_arrival: Final = partial(tuple.__new__, Arrival)  # what Arrival(...) does, at half the price


class OutOfOrder(SignalEngineError):
    """An event belongs before one that has already been taken."""


class RefusedLine(NamedTuple):
    """A line that is no event."""

    file: int
    line: int
    now: int | None
    """ms; None when it could not be read."""
    refusal: Refusal


def _as_live(aliases: Aliases, event: Event, now: int) -> Event:
    return aliases.resolved(event._replace(backfill=False) if event.backfill else event, now)


class Arrivals:
    """The events of some files. Refused lines go to `on_refused` as they are read; blank lines are passed over.

    A mail provider is refused unless it is one of `accounts`; an event that names an alias is its account's. `as_live`:
    what an import marked as history is as when it happened, so that its alerts are not merely recorded.
    """

    def __init__(
        self,
        sources: Sequence[Source],
        on_refused: Callable[[RefusedLine], None],
        accounts: Container[str],
        aliases: Aliases = NO_ALIASES,
        window: int = _WINDOW_EVENTS,
        *,
        as_live: bool = False,
    ) -> None:
        self._sources = sources
        self._on_refused = on_refused
        self._accounts = accounts
        self._resolved = partial(_as_live, aliases) if as_live else aliases.resolved
        self._window = window

    def in_order(self) -> Iterator[Block]:
        """Events in order, read once. Raises `OutOfOrder` when a line is more than a window out of place."""
        streams = [self._windowed(number, source) for number, source in enumerate(self._sources)]
        if len(streams) == 1:
            return streams[0]
        return _blocks(heapq.merge(*(_arrivals(stream) for stream in streams)))

    def sorted(self, sorter: ExternalSorter) -> Iterator[Block]:
        """Events in order, sorted by `sorter`, which must be empty."""
        for number, source in enumerate(self._sources):
            for chunk in self._chunks(source):
                for (line, text), arrival in zip(chunk, self._decode(number, chunk), strict=True):
                    if arrival is not None:
                        sorter.add((arrival.now, arrival.event_id, number, line), text)
        return _blocks(self._decoded_again(iter(sorter)))

    def _decoded_again(self, rows: Iterator[Row]) -> Iterator[Arrival]:
        while block := list(islice(rows, _CHUNK_EVENTS)):
            decoded = decode_lines([text for _, text in block])
            for ((now, event_id, file, line), _), (_, verdict) in zip(block, decoded, strict=True):
                assert isinstance(verdict, Event), f"line {line} was an event when it was put in"  # noqa: S101
                yield Arrival(now, event_id, file, line, self._resolved(verdict, now))

    def _windowed(self, number: int, source: Source) -> Iterator[Block]:
        held: list[Arrival] = []
        last: Arrival | None = None
        for chunk in self._chunks(source):
            held += [arrival for arrival in self._decode(number, chunk) if arrival is not None]
            if len(held) >= 2 * self._window:
                held.sort()
                if last is not None and held[0] < last:
                    raise OutOfOrder
                last = held[self._window - 1]
                yield Block(held[: self._window], held[-1].now)
                del held[: self._window]
        held.sort()
        if last is not None and held and held[0] < last:
            raise OutOfOrder
        if held:
            yield Block(held, held[-1].now)

    def _chunks(self, source: Source) -> Iterator[list[tuple[int, bytes]]]:
        """Numbered lines that are not blank."""
        first = 1
        for block in source.blocks():
            numbered = [(number, line) for number, line in enumerate(block, first) if line and not line.isspace()]
            first += len(block)
            for start in range(0, len(numbered), _CHUNK_EVENTS):
                yield numbered[start : start + _CHUNK_EVENTS]

    def _decode(self, number: int, chunk: list[tuple[int, bytes]]) -> Iterator[Arrival | None]:
        for (line, _), (now, verdict) in zip(chunk, decode_lines([text for _, text in chunk]), strict=True):
            if isinstance(verdict, Refusal):
                self._on_refused(RefusedLine(number, line, now, verdict))
                yield None
            elif is_mail_provider(verdict.account) and verdict.account not in self._accounts:
                self._on_refused(RefusedLine(number, line, now, NOT_IN_ACCOUNTS))
                yield None
            else:
                assert now is not None, "an event has an instant"  # noqa: S101
                yield _new_arrival((now, verdict.event_id, number, line, self._resolved(verdict, now)))


def _arrivals(blocks: Iterator[Block]) -> Iterator[Arrival]:
    return chain.from_iterable(block.arrivals for block in blocks)


def _blocks(arrivals: Iterator[Arrival]) -> Iterator[Block]:
    while block := list(islice(arrivals, _CHUNK_EVENTS)):
        yield Block(block, block[-1].now)
