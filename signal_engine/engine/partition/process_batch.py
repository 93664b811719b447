"""Process one batch of a partition's topics: the stages of the live engine in a row.

    fetch -> triage -> load -> decide -> reroute and reject -> one atomic transaction

Rerouted and rejected records are in Kafka before the transaction that skips them, so nothing is lost if the worker dies
in between; they can then occur twice, and carry an identity by which that shows.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, NamedTuple

from signal_engine.core.actions.action import AccountAction
from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.dead_letters.circuit_breaker import CircuitBreaker, Tripped
from signal_engine.engine.dead_letters.paused_topics import Paused, say_paused, unreadable
from signal_engine.engine.dead_letters.router import reroute, send_dead_letters
from signal_engine.engine.ingest.topic_identity import last_record
from signal_engine.engine.ingest.triage import Triage, TriagedEvent, arrival, triage, triage_actions
from signal_engine.engine.partition.account_cache import CachedAccount
from signal_engine.engine.partition.evaluate_acted import Faulty
from signal_engine.engine.partition.evaluate_batch import evaluate_batch
from signal_engine.engine.partition.open_transaction import new_builder
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.rescore import roll_out_policy
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports import views
from signal_engine.engine.ports.counters import (
    ACTIONS_REFUSED,
    COPIES_SKIPPED,
    ORIGINS_DISBELIEVED,
    REJECTED,
    rejected_for,
    rejected_from,
)
from signal_engine.engine.ports.fetched import Fetched, Position
from signal_engine.engine.ports.log_events.partitions import CopiesSkipped, EventFailed, OriginsDisbelieved
from signal_engine.engine.ports.transaction import TopicPartition, TopicRead
from signal_engine.engine.ports.views import last_event
from signal_engine.wire.events.account_names import is_mail_provider
from signal_engine.wire.events.decode import bug
from signal_engine.wire.events.one_event import NOT_IN_ACCOUNTS


async def process_batch(context: EngineContext, partition: Partition, *fetches: Fetched) -> list[Position]:
    """Process fetches, one per topic, in one transaction; return where to continue if not at their ends.

    In that case either nothing was written, or those topics were paused in the middle.
    """
    async with partition.lock:
        if not partition.open:
            return []
        if any(not partition.expects(fetched) or fetched.topic in partition.paused for fetched in fetches):
            return _of({fetched.topic for fetched in fetches}, partition)
        context.reached("after_fetch")
        batch = await _batch(context, partition, fetches)
        if batch.is_cut:
            partition.known.clear()  # what was judged beyond is not to be read
            batch = await _batch(context, partition, [taken.until_tripped() for taken in batch.taken])
        paused = _paused(context.clock(), batch)
        await _send(context, batch)
        for taken in batch.taken:
            _count(batch.builder, taken, signals=taken.fetched.topic in context.kinds)
            _note_source(batch.builder, taken.fetched, context.clock())
            taken.intake.arrived.clear()  # some 2 KB each, of no use while the store is waited for
        reads = [_read(taken.fetched) for taken in batch.taken]
        if not await partition.commit(batch.builder, *reads):
            return partition.read_on()
        for taken in batch.taken:
            partition.saw(taken.fetched)
            _say_copies(context, taken)
            partition.outcomes[taken.fetched.topic] = taken.outcomes
        for topic, why in paused.items():
            partition.pause(topic, why)
            say_paused(context.event_log, topic, partition.number, why)
        return _of(paused, partition)


def _read(fetched: Fetched) -> TopicRead:
    last = last_record(fetched.records[-1]) if fetched.records else None
    return TopicRead(fetched.topic, fetched.start, fetched.end, last)


class _Taken(NamedTuple):
    """A fetch, triaged and decided."""

    fetched: Fetched
    intake: Triage
    outcomes: CircuitBreaker
    tripped: Tripped | None

    def until_tripped(self) -> Fetched:
        """What is read of it."""
        tripped, fetched = self.tripped, self.fetched
        return fetched if tripped is None or tripped.after >= len(fetched.records) else fetched.split(tripped.after)[0]


class _Batch(NamedTuple):
    """The fetches of one transaction, and what they write."""

    taken: list[_Taken]
    builder: TransactionBuilder

    @property
    def is_cut(self) -> bool:
        """Whether the circuit breaker ends one before its end."""
        return any(taken.until_tripped() is not taken.fetched for taken in self.taken)


def _of(topics: Collection[str], partition: Partition) -> list[Position]:
    return [position for position in partition.read_on() if position.topic in topics]


async def _batch(context: EngineContext, partition: Partition, fetches: Sequence[Fetched]) -> _Batch:
    clock, time = context.clock(), asyncio.get_running_loop().time
    fetches = sorted(
        fetches, key=lambda fetched: fetched.topic not in context.kinds
    )  # of an instant, events come first
    claims = [await partition.believing.claims(fetched) for fetched in fetches]
    began = time()
    intakes = [
        triage(context.kinds[fetched.topic], fetched, clock, partition.origins, context.partition_of, its)
        if fetched.topic in context.kinds
        else triage_actions(fetched, clock, context.partition_of)
        for fetched, its in zip(fetches, claims, strict=True)
    ]
    sorted_out = time() - began
    builder, judged = await _judged(context, partition, intakes)
    partition.pace.took(sum(len(fetched.records) for fetched in fetches), sorted_out + judged)
    taken = []
    for fetched, intake in zip(fetches, intakes, strict=True):
        before = partition.outcomes.get(fetched.topic, CircuitBreaker())
        refusals = _refusals(fetched, intake) if fetched.topic in context.kinds else []  # they never pause actions
        taken.append(_Taken(fetched, intake, *before.after(refusals)))
    return _Batch(taken, builder)


def _refusals(fetched: Fetched, intake: Triage) -> list[str | None]:
    """Per record, the reason of its rejection here; None for others, rerouted records and known copies included."""
    if not intake.refused:
        return [None] * len(fetched.records)
    reasons = {record.offset: str(refusal.reason) for record, refusal in intake.refused}
    return [reasons.get(record.offset) for record in fetched.records]


def _paused(clock: int, batch: _Batch) -> dict[str, Paused]:
    """The topics paused after this batch, and why; the transaction stores them too."""
    paused = {}
    for fetched, _, _, tripped in batch.taken:
        why = None
        if tripped is not None:
            why = Paused(clock, tripped.refused, tripped.of, tripped.reasons, fetched.end)
        elif fetched.unreadable is not None:
            why = unreadable(clock, fetched.unreadable)
        if why is not None:
            paused[fetched.topic] = why
            batch.builder.views[views.paused(fetched.topic)] = why.encode()
    return paused


async def _judged(
    context: EngineContext, partition: Partition, intakes: Sequence[Triage]
) -> tuple[TransactionBuilder, float]:
    """What the events of a transaction write, and the seconds that deciding them took.

    An event on which our own code fails is rejected, and the others are decided again.
    """
    rules, time = context.rules, asyncio.get_running_loop().time
    while True:
        arrived = [one for intake in intakes for one in intake.arrived]
        if len(intakes) > 1:
            arrived.sort(key=_when)
        known = await partition.load({one.event.account for one in arrived})
        context.reached("after_load")
        arrived = _of_companies(arrived, known, intakes)
        builder = new_builder(context, rules)
        began = time()
        try:
            evaluate_batch(
                arrived,
                known,
                rules.scoring_context,
                builder,
                partition.past,
                partial(roll_out_policy, builder, partition, rules),
                {one.event.account for one in intakes[-1].arrived if isinstance(one.event, AccountAction)},
            )
        except Faulty as faulty:
            partition.known.clear()
            intake = next(intake for intake in intakes if any(one is faulty.one for one in intake.arrived))
            intake.arrived[:] = [one for one in intake.arrived if one is not faulty.one]
            intake.refused.append((faulty.one.record, bug(faulty.error)))
            context.event_log.write(EventFailed(partition=partition.number, failure=bug(faulty.error).detail))
        else:
            return builder, time() - began


def _of_companies(
    arrived: list[TriagedEvent], known: Mapping[str, CachedAccount], intakes: Sequence[Triage]
) -> list[TriagedEvent]:
    """Those that are of companies: a mail provider that is in no accounts file is refused."""
    strangers = {name for name, one in known.items() if one.fit is None and is_mail_provider(name)}
    if not strangers:
        return arrived
    for intake in intakes:
        intake.refused.extend((one.record, NOT_IN_ACCOUNTS) for one in intake.arrived if one.event.account in strangers)
        intake.arrived[:] = [one for one in intake.arrived if one.event.account not in strangers]
    return [one for one in arrived if one.event.account not in strangers]


def _when(one: TriagedEvent) -> int:
    return one.now


def _count(builder: TransactionBuilder, taken: _Taken, *, signals: bool) -> None:
    builder.origins.update(taken.intake.origins)
    copies = ((COPIES_SKIPPED, taken.intake.passed_over), (ORIGINS_DISBELIEVED, taken.intake.disbelieved))
    for name, many in copies:
        if many:
            builder.counts[name] = builder.counts.get(name, 0) + many
    if taken.intake.refused and not signals:
        builder.counts[ACTIONS_REFUSED] = len(taken.intake.refused)
        return
    for _, refusal in taken.intake.refused:
        for name in (REJECTED, rejected_from(taken.fetched.topic), rejected_for(refusal.reason)):
            builder.counts[name] = builder.counts.get(name, 0) + 1


def _say_copies(context: EngineContext, taken: _Taken) -> None:
    (topic, number, start, *_), intake = taken.fetched, taken.intake
    where: Any = {"topic": topic, "partition": number, "from_offset": start}
    if intake.passed_over:
        context.event_log.write(CopiesSkipped(records=intake.passed_over, **where))
    if intake.disbelieved:
        context.event_log.write(OriginsDisbelieved(records=intake.disbelieved, **where))


def _note_source(builder: TransactionBuilder, fetched: Fetched, clock: int) -> None:
    if fetched.records:
        arrived = arrival(fetched.records[-1], None, clock)
        builder.views[last_event(fetched.topic)] = str(arrived).encode()


async def _send(context: EngineContext, batch: _Batch) -> None:
    """Send rerouted records and dead letters; return once Kafka has all of them."""
    sent = False
    for fetched, intake, *_ in batch.taken:
        here = TopicPartition(fetched.topic, fetched.partition)
        if intake.misrouted:
            intake.refused.extend(await reroute(context, here, intake.misrouted))
        if intake.refused:
            await send_dead_letters(context, here, intake.refused)
        sent = sent or bool(intake.misrouted or intake.refused)
    if sent:
        context.reached("after_dead_letters")
