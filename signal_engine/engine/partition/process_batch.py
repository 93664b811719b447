"""One batch of a partition's topics, applied: the named steps of the live engine in a row.

    fetch -> sort out -> load -> judge -> send on and refuse -> one atomic step

Records that are sent on or refused are with Kafka before the step that passes over them, so nothing is lost when the
worker dies in between; they may then be there twice, and each has an identity by which that shows.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from functools import partial
from typing import Any, Final, NamedTuple

from signal_engine.engine.context.engine_context import Means
from signal_engine.engine.dead_letters.circuit_breaker import Flood, Outcomes
from signal_engine.engine.dead_letters.paused_topics import Paused, say_paused, unreadable, view_of
from signal_engine.engine.dead_letters.router import send_letters, send_on
from signal_engine.engine.ingest.topic_identity import last_record
from signal_engine.engine.ingest.triage import Arrived, Intake, arrival, sort_out
from signal_engine.engine.partition.account_cache import Known
from signal_engine.engine.partition.evaluate_batch import Faulty, judge_all
from signal_engine.engine.partition.owned_partition import Partition
from signal_engine.engine.partition.rescore import take_over
from signal_engine.engine.partition.transaction_builder import Draft
from signal_engine.engine.ports.fetched import Fetched, Position
from signal_engine.engine.ports.transaction import TopicPartition, TopicRead
from signal_engine.wire.events.account_names import is_mail_provider
from signal_engine.wire.events.decode import bug
from signal_engine.wire.events.one_event import NOT_IN_ACCOUNTS

REJECTED = "rejected"
PASSED_OVER: Final = "copies_passed_over"
"""Copies of records sent on that had been dealt with before. No outcome: the record was counted."""
DISBELIEVED: Final = "origins_disbelieved"
"""Records whose headers name an origin that cannot be. No outcome: the record is counted without it."""
LAST_EVENT: Final = "last:"
"""With a topic behind it, the view that says when (ms, decimal digits) its last record here arrived."""


async def apply(means: Means, partition: Partition, *stretches: Fetched) -> list[Position]:
    """Applies fetches, one a topic, in one step; returns where to read on when that is not where they end.

    Then either none of it has been written, or those topics have been paused in the middle.
    """
    async with partition.lock:
        if not partition.open:
            return []
        if any(not partition.expects(fetched) or fetched.topic in partition.paused for fetched in stretches):
            return _of({fetched.topic for fetched in stretches}, partition)
        means.reached("after_fetch")
        batch = await _batch(means, partition, stretches)
        if batch.is_cut:
            partition.known.clear()  # what was judged beyond is not to be read
            batch = await _batch(means, partition, [taken.until_flood() for taken in batch.taken])
        paused = _paused(means.clock(), batch)
        await _send(means, batch)
        for taken in batch.taken:
            _count(batch.draft, taken)
            _note_source(batch.draft, taken.fetched, means.clock())
            taken.intake.arrived.clear()  # some 2 KB each, of no use while the store is waited for
        reads = [_read(taken.fetched) for taken in batch.taken]
        if not await partition.commit(batch.draft, *reads):
            return partition.read_on()
        for taken in batch.taken:
            partition.saw(taken.fetched)
            _say_copies(means, taken)
            partition.outcomes[taken.fetched.topic] = taken.outcomes
        for topic, why in paused.items():
            partition.pause(topic, why)
            say_paused(means.journal, topic, partition.number, why)
        return _of(paused, partition)


def _read(fetched: Fetched) -> TopicRead:
    last = last_record(fetched.records[-1]) if fetched.records else None
    return TopicRead(fetched.topic, fetched.start, fetched.end, last)


class Taken(NamedTuple):
    """A fetch, sorted out and judged."""

    fetched: Fetched
    intake: Intake
    outcomes: Outcomes
    flood: Flood | None

    def until_flood(self) -> Fetched:
        """What is read of it."""
        flood, fetched = self.flood, self.fetched
        return fetched if flood is None or flood.after >= len(fetched.records) else fetched.split(flood.after)[0]


class Batch(NamedTuple):
    """The fetches of one step, and what they write."""

    taken: list[Taken]
    draft: Draft

    @property
    def is_cut(self) -> bool:
        """Whether a flood ends one before its end."""
        return any(taken.until_flood() is not taken.fetched for taken in self.taken)


def _of(topics: Collection[str], partition: Partition) -> list[Position]:
    return [position for position in partition.read_on() if position.topic in topics]


async def _batch(means: Means, partition: Partition, stretches: Sequence[Fetched]) -> Batch:
    clock, time = means.clock(), asyncio.get_running_loop().time
    claims = [await partition.believing.claims(fetched) for fetched in stretches]
    began = time()
    intakes = [
        sort_out(means.kinds[fetched.topic], fetched, clock, partition.origins, means.partition_of, its)
        for fetched, its in zip(stretches, claims, strict=True)
    ]
    sorted_out = time() - began
    draft, judged = await _judged(means, partition, intakes)
    partition.pace.took(sum(len(fetched.records) for fetched in stretches), sorted_out + judged)
    taken = []
    for fetched, intake in zip(stretches, intakes, strict=True):
        before = partition.outcomes.get(fetched.topic, Outcomes())
        taken.append(Taken(fetched, intake, *before.after(_refusals(fetched, intake))))
    return Batch(taken, draft)


def _refusals(fetched: Fetched, intake: Intake) -> list[str | None]:
    """Of each record, why it was refused here. What was sent on, or was here before, was not refused."""
    if not intake.refused:
        return [None] * len(fetched.records)
    reasons = {record.offset: str(refusal.reason) for record, refusal in intake.refused}
    return [reasons.get(record.offset) for record in fetched.records]


def _paused(clock: int, batch: Batch) -> dict[str, Paused]:
    """The topics that are paused after this batch, and why; also written into its step."""
    paused = {}
    for fetched, _, _, flood in batch.taken:
        why = None
        if flood is not None:
            why = Paused(clock, flood.refused, flood.of, flood.reasons, fetched.end)
        elif fetched.unreadable is not None:
            why = unreadable(clock, fetched.unreadable)
        if why is not None:
            paused[fetched.topic] = why
            batch.draft.views[view_of(fetched.topic)] = why.encode()
    return paused


async def _judged(means: Means, partition: Partition, intakes: Sequence[Intake]) -> tuple[Draft, float]:
    """What the events of a step write, and the seconds that judging them took.

    An event at which our own code fails is refused, and the rest judged again.
    """
    rules, time = means.rules, asyncio.get_running_loop().time
    while True:
        arrived = [one for intake in intakes for one in intake.arrived]
        if len(intakes) > 1:
            arrived.sort(key=_when)
        known = await partition.load({one.event.account for one in arrived})
        means.reached("after_load")
        arrived = _of_companies(arrived, known, intakes)
        draft = Draft(rules.judge.policy, rules.config_version, means.topics.alerts)
        began = time()
        try:
            judge_all(arrived, known, rules.judge, draft, partition.past, partial(take_over, draft, partition, rules))
        except Faulty as faulty:
            partition.known.clear()
            intake = next(intake for intake in intakes if any(one is faulty.one for one in intake.arrived))
            intake.arrived[:] = [one for one in intake.arrived if one is not faulty.one]
            intake.refused.append((faulty.one.record, bug(faulty.error)))
            means.journal.error("bug", partition=partition.number, failure=bug(faulty.error).detail)
        else:
            return draft, time() - began


def _of_companies(arrived: list[Arrived], known: Mapping[str, Known], intakes: Sequence[Intake]) -> list[Arrived]:
    """Those that are of companies: a mail provider that is in no accounts file is refused."""
    strangers = {name for name, one in known.items() if one.fit is None and is_mail_provider(name)}
    if not strangers:
        return arrived
    for intake in intakes:
        intake.refused.extend((one.record, NOT_IN_ACCOUNTS) for one in intake.arrived if one.event.account in strangers)
        intake.arrived[:] = [one for one in intake.arrived if one.event.account not in strangers]
    return [one for one in arrived if one.event.account not in strangers]


def _when(one: Arrived) -> int:
    return one.now


def _count(draft: Draft, taken: Taken) -> None:
    draft.origins.update(taken.intake.origins)
    for name, many in ((PASSED_OVER, taken.intake.passed_over), (DISBELIEVED, taken.intake.disbelieved)):
        if many:
            draft.counts[name] = draft.counts.get(name, 0) + many
    for _, refusal in taken.intake.refused:
        for name in (REJECTED, f"{REJECTED}:{taken.fetched.topic}", f"{REJECTED}:{refusal.reason}"):
            draft.counts[name] = draft.counts.get(name, 0) + 1


def _say_copies(means: Means, taken: Taken) -> None:
    (topic, number, start, *_), intake = taken.fetched, taken.intake
    where: Any = {"topic": topic, "partition": number, "from_offset": start}
    if intake.passed_over:
        means.journal.info(PASSED_OVER, records=intake.passed_over, **where)
    if intake.disbelieved:
        means.journal.warning(DISBELIEVED, records=intake.disbelieved, **where)


def _note_source(draft: Draft, fetched: Fetched, clock: int) -> None:
    if fetched.records:
        arrived = arrival(fetched.records[-1], None, clock)
        draft.views[f"{LAST_EVENT}{fetched.topic}"] = str(arrived).encode()


async def _send(means: Means, batch: Batch) -> None:
    """Sends on what belongs elsewhere and what is refused; returns when Kafka has all of it."""
    sent = False
    for fetched, intake, *_ in batch.taken:
        here = TopicPartition(fetched.topic, fetched.partition)
        if intake.astray:
            intake.refused.extend(await send_on(means, here, intake.astray))
        if intake.refused:
            await send_letters(means, here, intake.refused)
        sent = sent or bool(intake.astray or intake.refused)
    if sent:
        means.reached("after_dead_letters")
