"""Another scoring file, taken over by one partition: new caps, levels or weights re-rank what is stored."""

from typing import Final

from signal_engine.engine.controls import SCORING_SEQUENCE
from signal_engine.engine.draft import Draft
from signal_engine.engine.known import lists_of
from signal_engine.engine.means import Means
from signal_engine.engine.partition import Partition
from signal_engine.engine.steps import TopicRead

_AT_ONCE: Final = 300


async def rescore(means: Means, partition: Partition) -> bool:
    """Takes ranks and due times of the partition to the rules in force; False when it has moved under us.

    Levels and alerts are not decided again: that is for the next signal, or for time. Only accounts of the fit table
    can be on lists or due, so the table is what is gone through.
    """
    rules, cursor = means.rules, 0
    while True:
        read = await means.patience.through(
            lambda c=cursor: means.fit_changes.applied(partition.number, c, _AT_ONCE)  # type: ignore[misc]
        )
        cursor = read.cursor
        async with partition.lock:
            if not partition.open or means.rules is not rules:
                return False
            draft = Draft(rules.judge.policy, rules.config_version, means.topics.alerts)
            for name, one in (await partition.load(read.rows.keys())).items():
                draft.rank_anew(name, one.account, lists_of(one.fit), one.fit)
                draft.due(name, one)
            own = partition.at(SCORING_SEQUENCE) or 0
            last = [TopicRead(SCORING_SEQUENCE, own, rules.sequence)] if cursor == 0 else []
            if (last or not draft.empty) and not await partition.commit(draft, *last):
                await means.reading.reposition(partition.read_on())
                return False
        if cursor == 0:
            means.journal.info("rules_taken_over", partition=partition.number, config_version=rules.config_version)
            return True
