"""One batch of one topic, applied: the named steps of the live engine in a row.

    fetch -> sort out -> load -> judge -> send on and refuse -> one atomic step

Records that are sent on or refused are with Kafka before the step that passes over them, so nothing is lost when the
worker dies in between; they may then be there twice, and each has an identity by which that shows.
"""

from typing import Final, NamedTuple

from signal_engine.engine.draft import Draft
from signal_engine.engine.fetched import Fetched, Position
from signal_engine.engine.flood import Flood, Outcomes
from signal_engine.engine.intake import Intake, arrival, sort_out
from signal_engine.engine.judging import Faulty, judge_all
from signal_engine.engine.means import Means
from signal_engine.engine.partition import Partition
from signal_engine.engine.pausing import Paused, say_paused, view_of
from signal_engine.engine.steps import TopicPartition, TopicRead
from signal_engine.engine.turned_away import send_letters, send_on
from signal_engine.wire.decode import bug

REJECTED = "rejected"
LAST_EVENT: Final = "last:"
"""With a topic behind it, the view that says when (ms, decimal digits) its last record here arrived."""


async def apply(means: Means, partition: Partition, fetched: Fetched) -> list[Position]:
    """Applies a fetch; returns where to read on when that is not where it ends.

    Then either none of it has been written, or its topic has been paused in the middle of it.
    """
    async with partition.lock:
        if not partition.open:
            return []
        if not partition.expects(fetched) or fetched.topic in partition.paused:
            return [p for p in partition.read_on() if p.topic == fetched.topic]
        means.reached("after_fetch")
        batch = await _batch(means, partition, fetched)
        if batch.flood is not None and batch.flood.after < len(fetched.records):
            partition.known.clear()  # what was judged beyond is not to be read
            fetched, _ = fetched.split(batch.flood.after)
            batch = await _batch(means, partition, fetched)
        paused = _paused(means, batch, fetched)
        await _send(means, fetched, batch.intake)
        _count(batch.draft, fetched, batch.intake)
        _note_source(batch.draft, fetched, means.clock())
        if not await partition.commit(batch.draft, TopicRead(fetched.topic, fetched.start, fetched.end)):
            return partition.read_on()
        partition.saw(fetched)
        partition.outcomes[fetched.topic] = batch.outcomes
        if paused is None:
            return []
        partition.pause(fetched.topic, paused)
        say_paused(means.journal, fetched.topic, partition.number, paused)
        return [position for position in partition.read_on() if position.topic == fetched.topic]


class Batch(NamedTuple):
    """A fetch, judged."""

    intake: Intake
    draft: Draft
    outcomes: Outcomes
    flood: Flood | None


async def _batch(means: Means, partition: Partition, fetched: Fetched) -> Batch:
    kind = means.kinds[fetched.topic]
    intake = sort_out(kind, fetched, means.clock(), partition.origins, means.partition_of)
    draft = await _judged(means, partition, intake)
    before = partition.outcomes.get(fetched.topic, Outcomes())
    return Batch(intake, draft, *before.after(_refusals(fetched, intake)))


def _refusals(fetched: Fetched, intake: Intake) -> list[str | None]:
    """Of each record, why it was refused here. What was sent on, or was here before, was not refused."""
    if not intake.refused:
        return [None] * len(fetched.records)
    reasons = {record.offset: str(refusal.reason) for record, refusal in intake.refused}
    return [reasons.get(record.offset) for record in fetched.records]


def _paused(means: Means, batch: Batch, fetched: Fetched) -> Paused | None:
    """That the topic is paused after this batch, also written into its step; None when it is not."""
    if batch.flood is None:
        return None
    paused = Paused(means.clock(), batch.flood.refused, batch.flood.of, batch.flood.reasons, fetched.end)
    batch.draft.views[view_of(fetched.topic)] = paused.encode()
    return paused


async def _judged(means: Means, partition: Partition, intake: Intake) -> Draft:
    """What the events of a batch write. An event at which our own code fails is refused, and the rest judged again."""
    arrived, rules = intake.arrived, means.rules
    while True:
        known = await partition.load({one.event.account for one in arrived})
        means.reached("after_load")
        draft = Draft(rules.judge.policy, rules.config_version, means.topics.alerts)
        try:
            judge_all(arrived, known, rules.judge, draft, partition.past)
        except Faulty as faulty:
            partition.known.clear()
            arrived = [one for one in arrived if one is not faulty.one]
            intake.refused.append((faulty.one.record, bug(faulty.error)))
            means.journal.error("bug", partition=partition.number, failure=bug(faulty.error).detail)
        else:
            return draft


def _count(draft: Draft, fetched: Fetched, intake: Intake) -> None:
    draft.origins.update(intake.origins)
    for _, refusal in intake.refused:
        for name in (REJECTED, f"{REJECTED}:{fetched.topic}", f"{REJECTED}:{refusal.reason}"):
            draft.counts[name] = draft.counts.get(name, 0) + 1


def _note_source(draft: Draft, fetched: Fetched, clock: int) -> None:
    if fetched.records:
        arrived = arrival(fetched.records[-1], None, clock)
        draft.views[f"{LAST_EVENT}{fetched.topic}"] = str(arrived).encode()


async def _send(means: Means, fetched: Fetched, intake: Intake) -> None:
    """Sends on what belongs elsewhere and what is refused; returns when Kafka has all of it."""
    if not (intake.astray or intake.refused):
        return
    here = TopicPartition(fetched.topic, fetched.partition)
    if intake.astray:
        intake.refused.extend(await send_on(means, here, intake.astray))
    if intake.refused:
        await send_letters(means, here, intake.refused)
    means.reached("after_dead_letters")
