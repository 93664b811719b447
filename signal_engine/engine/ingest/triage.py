"""Triage of a fetch: events to process here, records to reroute, records to reject."""

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.core.rules.events import Event
from signal_engine.engine.ingest.origin import MAX_REROUTES, Claims, Copy, is_copy
from signal_engine.engine.ports.fetched import Fetched, FetchedRecord
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.actions.record import read_action
from signal_engine.wire.events.decode import decoder
from signal_engine.wire.events.rejections import Refusal

Origins = dict[TopicPartition, int]
"""Stream of copies -> the highest offset at its source among those dealt with."""
_CREATE_TIME: Final = 0


class TriagedEvent(NamedTuple):
    """An event, or an account action, to process here."""

    record: FetchedRecord
    event: Event | AccountAction
    now: int
    """When it arrived (ms): the instant at which it is scored."""


_new_arrived: Final = partial(tuple.__new__, TriagedEvent)


class Misrouted(NamedTuple):
    """A record whose account belongs to another partition."""

    record: FetchedRecord
    account: str
    partition: int
    arrived: int
    copy: Copy | None
    """Its origin, if it was rerouted before."""
    by_alias: bool
    """Whether the alias map decides where it belongs, so that another generation may decide otherwise."""


class Resolving(NamedTuple):
    """By what the accounts of records are resolved."""

    aliases: Aliases
    epoch: str
    """Of the generation; empty if it has none."""


_PLAIN: Final = Resolving(NO_ALIASES, "")


class Triage(NamedTuple):
    """The triaged records of a fetch."""

    arrived: list[TriagedEvent]
    misrouted: list[Misrouted]
    refused: list[tuple[FetchedRecord, Refusal]]
    passed_over: int
    """Number of copies that were processed before; they count under no outcome."""
    origins: Origins
    disbelieved: int
    """Number of records that claim to be copies and cannot be; they count as ordinary records."""


def triage(
    kind: str,
    fetched: Fetched,
    clock: int,
    dealt_with: Origins,
    partition_of: Callable[[str], int],
    claims: Claims,
    by: Resolving = _PLAIN,
) -> Triage:
    """Decode the records of a fetch and decide what happens to each.

    `dealt_with` has the highest offset that this partition has processed of copies from each topic-partition; `claims`
    are those of the fetch; `clock` (ms) limits timestamps set by producers. An event that names an alias is one of its
    account, `by` the aliases as of when it first arrived.
    """
    intake = Triage([], [], [], 0, {}, len(claims.disbelieved))
    decode, resolved, copies, passed_over = decoder(kind), by.aliases.resolved, claims.copies, 0
    for record in fetched.records:
        headers = record.headers
        copy = copies.get(record.offset) if headers else None
        if copy is not None and not _is_new(copy, dealt_with, intake.origins, by.epoch):
            passed_over += 1
            continue
        now = arrival(record, copy, clock)
        verdict = decode(record.value, now, headers)
        if isinstance(verdict, Refusal):
            intake.refused.append((record, verdict))
            continue
        named, at = verdict.account, now if copy is None else copy.origin.timestamp
        if copy is not None and copy.generation is None and by.epoch and by.aliases.decides(named, at):
            passed_over += 1  # sent here by a generation in which no alias map decided; this one sends its origin anew
            continue
        verdict = resolved(verdict, at)
        belongs = partition_of(verdict.account)
        if belongs == fetched.partition:
            intake.arrived.append(_new_arrived((record, verdict, now)))
        elif copy is None or copy.times < MAX_REROUTES:
            by_alias = by.aliases.decides(named, at)
            intake.misrouted.append(Misrouted(record, verdict.account, belongs, now, copy, by_alias))
        else:
            intake.refused.append((record, _misrouted_again(fetched.partition, belongs)))
    return intake._replace(passed_over=passed_over)


def triage_actions(
    fetched: Fetched,
    clock: int,
    dealt_with: Origins,
    partition_of: Callable[[str], int],
    claims: Claims,
    by: Resolving = _PLAIN,
) -> Triage:
    """As `triage`, of the topic of account actions.

    Only an action on an alias is rerouted: whoever writes one must know where the domain that it names belongs, but not
    that this is an alias, least of all before it became one.
    """
    intake = Triage([], [], [], 0, {}, len(claims.disbelieved))
    passed_over = 0
    for record in fetched.records:
        copy = claims.copies.get(record.offset)
        if copy is not None and not _is_new(copy, dealt_with, intake.origins, by.epoch):
            passed_over += 1
            continue
        now = arrival(record, copy, clock)
        verdict = read_action(record.value, now)
        if isinstance(verdict, Refusal):
            intake.refused.append((record, verdict))
            continue
        account = by.aliases.account(verdict.account, now if copy is None else copy.origin.timestamp)
        belongs = partition_of(account)
        if belongs == fetched.partition:
            intake.arrived.append(TriagedEvent(record, verdict._replace(account=account), now))
        elif account != verdict.account and copy is None:
            intake.misrouted.append(Misrouted(record, account, belongs, now, None, by_alias=True))
        else:
            intake.refused.append((record, _misplaced(fetched.partition, belongs)))
    return intake._replace(passed_over=passed_over)


def _is_new(copy: Copy, dealt_with: Origins, seen: Origins, epoch: str) -> bool:
    """Whether a copy is to be processed; it is noted in `seen` then.

    Each generation makes copies of its own where the alias map decides: those of others are passed over. All others
    are the same in every generation, and the highest offset tells which are known.
    """
    if epoch and copy.generation is not None and copy.generation != epoch:
        return False
    stream = copy.stream
    if copy.offset <= max(dealt_with.get(stream, -1), seen.get(stream, -1)):
        return False
    seen[stream] = copy.offset
    return True


def _misplaced(here: int, belongs: int) -> Refusal:
    return Refusal("account", f"account_id belongs to partition {belongs}, not {here}: the key decides, by murmur2")


def arrival(record: FetchedRecord, copy: Copy | None, clock: int) -> int:
    """When a record arrived (ms) where its producer first put it; never after its timestamp.

    A producer's timestamp is limited to our clock.
    """
    here = min(record.timestamp, clock) if record.timestamp_type == _CREATE_TIME else record.timestamp
    return here if copy is None else min(copy.origin.timestamp, here)


def arrived_here(record: FetchedRecord, topic: str, before: int, clock: int) -> int:
    """When (ms) a record arrived where it is read: this orders the reading of topics and says how far they are read.

    For a copy, that differs from the arrival of its origin. Where producers set timestamps, a copy has the time of
    copying, which says nothing of the records around it: it counts as arrived with the one `before`.
    """
    if record.timestamp_type != _CREATE_TIME:
        return record.timestamp
    return before if is_copy(record, topic) else min(record.timestamp, clock)


def _misrouted_again(here: int, belongs: int) -> Refusal:
    return Refusal(
        "account",
        f"account_id belongs to partition {belongs}; the record was sent on {MAX_REROUTES} times, at last to {here}",
    )
