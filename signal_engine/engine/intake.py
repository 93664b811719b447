"""One fetch, sorted out: events to be judged here, records to be sent on, records to be refused."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from signal_engine.core.events import Event
from signal_engine.engine.fetched import Fetched, FetchedRecord
from signal_engine.engine.origin import Origin, UnreadableOrigin, is_copy, origin_of
from signal_engine.engine.steps import TopicPartition
from signal_engine.wire.decode import decoder
from signal_engine.wire.refusals import Refusal

_CREATE_TIME: Final = 0


class Arrived(NamedTuple):
    """An event that is judged here."""

    record: FetchedRecord
    event: Event
    now: int
    """When it arrived (ms): the instant at which it is decided."""


_new_arrived: Final = partial(tuple.__new__, Arrived)


class Astray(NamedTuple):
    """A record whose account belongs to another partition."""

    record: FetchedRecord
    account: str
    partition: int
    arrived: int


class Intake(NamedTuple):
    """What a fetch holds."""

    arrived: list[Arrived]
    astray: list[Astray]
    refused: list[tuple[FetchedRecord, Refusal]]
    passed_over: int
    """Copies of records sent on that have been dealt with before: they count nowhere."""
    origins: dict[TopicPartition, int]
    """The highest origin offset among the copies."""


def sort_out(
    kind: str,
    fetched: Fetched,
    clock: int,
    dealt_with: dict[TopicPartition, int],
    partition_of: Callable[[str], int],
) -> Intake:
    """Decodes the records of a fetch and says what becomes of each.

    `dealt_with` holds the highest origin offset of the copies that this partition has taken; `clock` (ms) is used for
    records that bear their producer's time, which may not be ahead of it.
    """
    intake = Intake([], [], [], 0, {})
    decode, passed_over = decoder(kind), 0
    for record in fetched.records:
        headers = record.headers
        try:
            origin = origin_of(headers) if headers else None
        except UnreadableOrigin as error:
            intake.refused.append((record, Refusal("schema", str(error))))
            continue
        if origin is not None:
            if origin.offset <= max(dealt_with.get(origin.place, -1), intake.origins.get(origin.place, -1)):
                passed_over += 1
                continue
            intake.origins[origin.place] = origin.offset
        now = arrival(record, origin, clock)
        verdict = decode(record.value, now, headers)
        if isinstance(verdict, Refusal):
            intake.refused.append((record, verdict))
            continue
        belongs = partition_of(verdict.account)
        if belongs == fetched.partition:
            intake.arrived.append(_new_arrived((record, verdict, now)))
        elif origin is None:
            intake.astray.append(Astray(record, verdict.account, belongs, now))
        else:
            intake.refused.append((record, _astray_again(fetched.partition, belongs)))
    return intake._replace(passed_over=passed_over)


def arrival(record: FetchedRecord, origin: Origin | None, clock: int) -> int:
    """When a record arrived (ms), where its producer first put it. A producer's clock is not believed beyond ours."""
    if origin is not None:
        return origin.timestamp
    return min(record.timestamp, clock) if record.timestamp_type == _CREATE_TIME else record.timestamp


def arrived_here(record: FetchedRecord, before: int, clock: int) -> int:
    """When (ms) a record came to where it is read: what orders the reading of topics, and says how far they are read.

    Of a copy that was sent on it is not when its origin arrived. Where times are the producers', a copy has the one at
    which it was copied, which says nothing of the records around it: it counts as come with the one `before`.
    """
    if record.timestamp_type != _CREATE_TIME:
        return record.timestamp
    return before if is_copy(record.headers) else min(record.timestamp, clock)


def _astray_again(here: int, belongs: int) -> Refusal:
    return Refusal("account", f"account_id belongs to partition {belongs}; the record was already sent on, to {here}")
