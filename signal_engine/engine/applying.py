"""One batch of one topic, applied: the named steps of the live engine in a row.

    fetch -> sort out -> load -> judge -> send on and refuse -> one atomic step

Records that are sent on or refused are with Kafka before the step that passes over them, so nothing is lost when the
worker dies in between; they may then be there twice, and each has an identity by which that shows.
"""

from signal_engine.engine.dead_letters import dead_letter
from signal_engine.engine.draft import Draft
from signal_engine.engine.fetched import Fetched, FetchedRecord, Position
from signal_engine.engine.intake import Astray, Intake, arrival, sort_out
from signal_engine.engine.judging import Faulty, judge_all
from signal_engine.engine.means import Means
from signal_engine.engine.origin import UnreadableOrigin, origin_of, sent_on
from signal_engine.engine.partition import Partition
from signal_engine.engine.producing import ToSend
from signal_engine.engine.steps import TopicPartition, TopicRead
from signal_engine.wire.decode import bug
from signal_engine.wire.refusals import Refusal

REJECTED = "rejected"


async def apply(means: Means, partition: Partition, fetched: Fetched) -> list[Position]:
    """Applies a fetch; returns where to read on when it could not be: none of it has then been written."""
    async with partition.lock:
        if not partition.open:
            return []
        if not partition.expects(fetched):
            return [p for p in partition.read_on() if p.topic == fetched.topic]
        means.reached("after_fetch")
        kind = means.kinds[fetched.topic]
        intake = sort_out(kind, fetched, means.clock(), partition.origins, means.partition_of)
        draft = await _judged(means, partition, intake)
        _count(draft, fetched, intake)
        await _send(means, fetched, intake)
        if await partition.commit(draft, TopicRead(fetched.topic, fetched.start, fetched.end)):
            _saw(partition, fetched, means)
            return []
        return partition.read_on()


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


async def _send(means: Means, fetched: Fetched, intake: Intake) -> None:
    """Sends on what belongs elsewhere and what is refused; returns when Kafka has all of it."""
    if not (intake.astray or intake.refused):
        return
    here = TopicPartition(fetched.topic, fetched.partition)
    on = [_sent_on(one, here) for one in intake.astray]
    refused = sorted(intake.refused, key=lambda pair: pair[0].offset)
    await means.producer.send(on + [_dead_letter(means, here, record, refusal) for record, refusal in refused])
    means.reached("after_dead_letters")


def _sent_on(one: Astray, here: TopicPartition) -> ToSend:
    return sent_on(one.record, here, one.partition, one.account, one.arrived)


def _dead_letter(means: Means, here: TopicPartition, record: FetchedRecord, refusal: Refusal) -> ToSend:
    return dead_letter(record, here, refusal, means.clock(), means.topics.dead_letters, means.largest_dead_letter)


def _saw(partition: Partition, fetched: Fetched, means: Means) -> None:
    if fetched.records:
        last = fetched.records[-1]
        try:
            origin = origin_of(last.headers)
        except UnreadableOrigin:
            origin = None
        if origin is None:  # a copy tells when it arrived elsewhere, not how far this topic has been read
            partition.saw(fetched.topic, arrival(last, None, means.clock()))
