"""The origin of a rerouted record, and whether its headers are plausible.

A copy names two positions: its first one (`origin.*`), whose arrival time decides the event's `now`, and the one it was
last copied from (`via.*`), which identifies repeated copies, since copies from one topic-partition arrive in order.
Anybody can write such headers. They are believed only if a copy of ours could have them; otherwise they are ignored.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from typing import Final, NamedTuple

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.fetched import Fetched, FetchedRecord, with_headers
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.transaction import MAX_EXACT, TopicPartition

_TOPIC: Final = "origin.topic"
_PARTITION: Final = "origin.partition"
_OFFSET: Final = "origin.offset"
_TIMESTAMP: Final = "origin.timestamp"
_VIA_TOPIC: Final = "via.topic"
_VIA_PARTITION: Final = "via.partition"
_VIA_OFFSET: Final = "via.offset"
_VIA_TIMES: Final = "via.times"
_VIA_GENERATION: Final = "via.generation"
NAMES: Final = frozenset(
    (_TOPIC, _PARTITION, _OFFSET, _TIMESTAMP, _VIA_TOPIC, _VIA_PARTITION, _VIA_OFFSET, _VIA_TIMES, _VIA_GENERATION)
)
_OF_GENERATION: Final = "#generation"
"""Behind a topic's name where the copies of a generation are counted; no topic has such a name."""
MAX_REROUTES: Final = 3
"""How often a record is rerouted at most; an account's partition can change in between."""
_MAX_CLOCK_SKEW_MS: Final = 60_000
"""ms by which the clock of the origin's broker may be ahead of that of the copy's."""

Ends = Callable[[Iterable[TopicPartition]], Awaitable[Mapping[TopicPartition, int]]]
"""Returns the current ends of topic-partitions; missing ones are left out."""


class Origin(NamedTuple):
    """The first position of a record, which identifies it."""

    place: TopicPartition
    offset: int
    timestamp: int
    """When it arrived there (ms), which is the event's `now`."""


class Copy(NamedTuple):
    """The headers of a copy."""

    origin: Origin
    via: TopicPartition
    """Where it was copied from: the origin, unless it was rerouted more than once."""
    offset: int
    """Its offset there."""
    times: int
    """How often it was rerouted (1..)."""
    generation: str | None = None
    """The epoch of the generation that made it; None unless the alias map decided where it belongs."""

    @property
    def stream(self) -> TopicPartition:
        """Copies of one stream arrive in the order of their offsets. Those of a generation are a stream of their own:
        aliases change, so another one may have sent on other records.
        """
        topic, partition = self.via
        return self.via if self.generation is None else TopicPartition(f"{topic}{_OF_GENERATION}", partition)


class _NoCopy(SignalEngineError, ValueError):
    """The headers name an origin incompletely or invalidly, so they are not ours."""


def is_copy(record: FetchedRecord, topic: str) -> bool:
    """Whether a record of `topic` claims to be a copy, and can be one."""
    if not record.headers:
        return False
    try:
        copy = _copy_of(record.headers)
    except _NoCopy:
        return False
    return copy is not None and copy.via.topic == topic


def _copy_of(headers: Sequence[tuple[str, bytes | None]]) -> Copy | None:
    """The origin in `headers`; None for a record that its producer put here. Raises `_NoCopy`."""
    named = {name: value for name, value in headers if name in NAMES}
    if not named:
        return None
    origin = Origin(*_place(named, _TOPIC, _PARTITION, _OFFSET), _number(named, _TIMESTAMP))
    if not named.keys() & {_VIA_TOPIC, _VIA_PARTITION, _VIA_OFFSET, _VIA_TIMES}:  # of a release that sent on only once
        return Copy(origin, origin.place, origin.offset, 1)
    via, offset = _place(named, _VIA_TOPIC, _VIA_PARTITION, _VIA_OFFSET)
    epoch = None if _VIA_GENERATION not in named else (named[_VIA_GENERATION] or b"").decode(errors="replace")
    return Copy(origin, via, offset, max(1, _number(named, _VIA_TIMES)), epoch)


class Claims(NamedTuple):
    """The origins that the records of a fetch claim."""

    copies: dict[int, Copy]
    """Offset -> headers, of plausible copies."""
    disbelieved: list[int]
    """Offsets of implausible copies."""


class Believing:
    """Checks claims against the ends of topics. Topics only grow, so Kafka is asked only if a copy names an offset
    beyond the known end.
    """

    def __init__(self, ends: Ends) -> None:
        self._ends = ends
        self._known: dict[TopicPartition, int] = {}

    async def claims(self, fetched: Fetched) -> Claims:
        """The claims of the records of a fetch."""
        claims = Claims({}, [])
        read: list[tuple[FetchedRecord, Copy]] = []
        for record in with_headers(fetched.records):
            try:
                copy = _copy_of(record.headers)
            except _NoCopy:
                claims.disbelieved.append(record.offset)
                continue
            if copy is not None:
                read.append((record, copy))
        if not read:
            return claims
        ours = [(record, copy) for record, copy in read if _possible(record, copy, fetched)]
        await self._learn(ours)
        for record, copy in read:
            if _possible(record, copy, fetched) and self._are_there(copy):
                claims.copies[record.offset] = copy
            else:
                claims.disbelieved.append(record.offset)
        return claims

    async def _learn(self, read: Iterable[tuple[FetchedRecord, Copy]]) -> None:
        beyond = {
            place
            for _, copy in read
            for place, offset in ((copy.origin.place, copy.origin.offset), (copy.via, copy.offset))
            if offset >= self._known.get(place, 0)
        }
        if beyond:
            self._known.update(await self._ends(sorted(beyond)))

    def _are_there(self, copy: Copy) -> bool:
        return copy.origin.offset < self._known.get(copy.origin.place, 0) and copy.offset < self._known.get(copy.via, 0)


def _possible(record: FetchedRecord, copy: Copy, here: Fetched) -> bool:
    """Whether a record here can be a copy of one there: same topic, another partition, not from the future."""
    return (
        copy.origin.place.topic == copy.via.topic == here.topic
        and copy.via.partition != here.partition
        and copy.origin.timestamp <= record.timestamp + _MAX_CLOCK_SKEW_MS
    )


def rerouted(
    record: FetchedRecord,
    here: TopicPartition,
    to: int,
    account: str,
    arrived: int,
    copy: Copy | None = None,
    epoch: str = "",
) -> ToSend:
    """The copy to produce to partition `to` of the topic: from `here`, with the first position as origin.

    `arrived` (ms) is when it arrived here; `copy` are its headers if it was rerouted before; `epoch` is the
    generation's, and empty unless the alias map decided where it belongs.
    """
    origin = Origin(here, record.offset, arrived) if copy is None else copy.origin
    origin_headers = {
        _TOPIC: origin.place.topic,
        _PARTITION: str(origin.place.partition),
        _OFFSET: str(origin.offset),
        _TIMESTAMP: str(origin.timestamp),
        _VIA_TOPIC: here.topic,
        _VIA_PARTITION: str(here.partition),
        _VIA_OFFSET: str(record.offset),
        _VIA_TIMES: str(1 if copy is None else copy.times + 1),
    }
    if epoch:
        origin_headers[_VIA_GENERATION] = epoch
    own = [header for header in record.headers if header[0] not in NAMES]
    headers = [*own, *((name, value.encode()) for name, value in origin_headers.items())]
    return ToSend(here.topic, to, account.encode(), record.value, headers)


def _place(named: Mapping[str, bytes | None], *names: str) -> tuple[TopicPartition, int]:
    topic, partition, offset = names
    try:
        text = (named[topic] or b"").decode()
    except (KeyError, UnicodeDecodeError):
        raise _NoCopy(f"{topic} names no topic") from None
    return TopicPartition(text, _number(named, partition)), _number(named, offset)


def _number(named: Mapping[str, bytes | None], name: str) -> int:
    try:
        number = int(named[name] or b"")
    except (KeyError, ValueError):
        raise _NoCopy(f"{name} is no number") from None
    if not 0 <= number < MAX_EXACT:
        raise _NoCopy(f"{name} is no possible number")
    return number
