"""Process one batch of a partition's topics: the stages of the live engine in a row.

    fetch -> triage -> load -> decide -> reroute and reject -> one atomic transaction

Rerouted and rejected records are in Kafka before the transaction that skips them, so nothing is lost if the worker dies
in between; they can then occur twice, and carry an identity by which that shows.
"""

import asyncio
from collections.abc import Collection, Sequence
from functools import partial
from typing import Any, NamedTuple

from signal_engine.engine.context.aliases import know_aliases
from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.dead_letters.circuit_breaker import CircuitBreaker, Tripped
from signal_engine.engine.dead_letters.paused_topics import Paused, say_paused, unreadable
from signal_engine.engine.dead_letters.router import reroute, send_dead_letters
from signal_engine.engine.ingest.topic_identity import last_record
from signal_engine.engine.ingest.triage import Resolving, Triage, arrival
from signal_engine.engine.partition.evaluate_acted import EvaluationFailed
from signal_engine.engine.partition.evaluate_batch import evaluate_batch
from signal_engine.engine.partition.open_transaction import new_builder
from signal_engine.engine.partition.ordinary.batch import OrdinaryBatch
from signal_engine.engine.partition.ordinary.checking import compare, copies
from signal_engine.engine.partition.ordinary.judge import JudgedDifferently, JudgeFailed, OrdinaryJudge, judging
from signal_engine.engine.partition.ordinary.triaged import Fetches, acted_on, arrived_for
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.rescore import roll_out_policy
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports import views
from signal_engine.engine.ports.controls import SCORING_SEQUENCE
from signal_engine.engine.ports.counters import (
    ACTIONS_REFUSED,
    COPIES_SKIPPED,
    ORIGINS_DISBELIEVED,
    REJECTED,
    rejected_for,
    rejected_from,
)
from signal_engine.engine.ports.fetched import Fetched, Position, offsets
from signal_engine.engine.ports.log_events.partitions import CopiesSkipped, EventFailed, OriginsDisbelieved
from signal_engine.engine.ports.transaction import TopicPartition, TopicRead
from signal_engine.engine.ports.views import last_event
from signal_engine.wire.events.decode import bug
from signal_engine.wire.events.ordinary import reading


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
        came_in = await partition.count(batch.builder)
        if not await partition.commit(batch.builder, *reads):
            return partition.read_on()
        partition.counted(came_in)
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
    await know_aliases(context)
    clock, time = context.clock(), asyncio.get_running_loop().time
    fetches = sorted(
        fetches, key=lambda fetched: fetched.topic not in context.kinds
    )  # of an instant, events come first
    claims = [await partition.believing.claims(fetched) for fetched in fetches]
    by = Resolving(context.aliases, context.epoch)
    those = Fetches(fetches, claims, context.kinds, clock, partition.origins, context.partition_of, by)
    failure: JudgeFailed | None = None
    while True:
        began, rules = time(), context.rules
        judge = _judge(partition, rules) if failure is None else None
        checked = judge is not None and partition.past is None and judging.is_checked()
        try:
            ordinary = None if judge is None else _ordinary(judge, rules, those, checked=checked)
            intakes = those.triaged(ordinary)
            sorted_out = time() - began
            again = those.triaged(None) if checked else None
            builder, judged = await _judged(context, partition, intakes, ordinary, again)
        except JudgeFailed as failed:
            partition.known.clear()
            failure = failed
        else:
            break
    if failure is not None and not any(refusal.reason == "bug" for intake in intakes for _, refusal in intake.refused):
        judging.give_up(failure.why)
    partition.pace.took(those.records, sorted_out + judged)
    taken = []
    for fetched, intake in zip(fetches, intakes, strict=True):
        before = partition.outcomes.get(fetched.topic, CircuitBreaker())
        refusals = _refusals(fetched, intake) if fetched.topic in context.kinds else []  # they never pause actions
        taken.append(_Taken(fetched, intake, *before.after(refusals)))
    return _Batch(taken, builder)


def _ordinary(judge: OrdinaryJudge, rules: Rules, those: Fetches, *, checked: bool) -> OrdinaryBatch:
    """The batch in which `judge` judges before Python; it reads records, too, if those are read before Python at all,
    and Python reads them as well where it is to check that.
    """
    takes = reading.reader is not None and (checked or not judging.is_checking)
    return OrdinaryBatch(judge, rules.scoring_context.policy, many=len(those.fetches) > 1, takes=takes)


def _refusals(fetched: Fetched, intake: Triage) -> list[str | None]:
    """Per record, the reason of its rejection here; None for others, rerouted records and known copies included."""
    if not intake.refused:
        return [None] * len(fetched.records)
    reasons = {record.offset: str(refusal.reason) for record, refusal in intake.refused}
    return [reasons.get(offset) for offset in offsets(fetched.records)]


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
    context: EngineContext,
    partition: Partition,
    intakes: Sequence[Triage],
    ordinary: OrdinaryBatch | None,
    again: Sequence[Triage] | None,
) -> tuple[TransactionBuilder, float]:
    """What the events of a transaction write, and the seconds that deciding them took; `ordinary` has some of them, and
    `again` is the same batch triaged by Python, which judges it then, too.

    An event on which our own code fails is rejected, and the others are decided again, by the rules in force then.
    Raises `JudgeFailed`.
    """
    time = asyncio.get_running_loop().time
    while True:
        rules = context.rules  # accounts are loaded for those in force
        names = {one.event.account for intake in (*intakes, *(again or ())) for one in intake.arrived}
        if ordinary is not None:
            names.update(ordinary.names())
        known = await partition.load(names, None if ordinary is None else ordinary.hold)
        context.reached("after_load")
        if ordinary is not None and not judging.is_offered:
            raise JudgeFailed(JudgedDifferently("the judge was given up while accounts were loaded"))
        builder, python = new_builder(context, rules), None if again is None else new_builder(context, rules)
        began, roll_out = time(), partial(roll_out_policy, builder, partition, rules)
        try:
            if again is not None and python is not None:
                its, acted = arrived_for(again, known), acted_on(again)
                evaluate_batch(its, copies(known), rules.scoring_context, python, acted=acted)
            its, acted = arrived_for(intakes, known), acted_on(intakes)
            if ordinary is not None:
                ordinary.add(intake.arrived for intake in intakes)
            those = its if ordinary is None else ordinary
            evaluate_batch(those, known, rules.scoring_context, builder, partition.past, roll_out, acted)
            if again is not None and python is not None:
                compare(again, intakes, python, builder)
        except EvaluationFailed as faulty:
            partition.known.clear()
            if ordinary is not None:
                raise JudgeFailed(faulty.error) from faulty
            intake = next(intake for intake in intakes if any(one is faulty.one for one in intake.arrived))
            intake.arrived[:] = [one for one in intake.arrived if one is not faulty.one]
            intake.refused.append((faulty.one.record, bug(faulty.error)))
            context.event_log.write(EventFailed(partition=partition.number, failure=bug(faulty.error).detail))
        else:
            return builder, time() - began


def _judge(partition: Partition, rules: Rules) -> OrdinaryJudge | None:
    """Who judges before Python; nobody where accounts have to be taken to the rules in force first."""
    rolled_out = partition.at(SCORING_SEQUENCE) == rules.sequence
    return judging.judge(rules.scoring_context) if rolled_out else None


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
