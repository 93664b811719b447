"""The owner's tail of outcomes: what came of accounts, kept for people, beside and outside judging.

It reads the topic outside time alignment and writes only `engine.ports.history.OutcomeHistory`, together with how far
it has read. Where nothing is stored, the topic is read from its beginning: in a new generation, in a store that lost
its keys, and after the topic was made anew. An outcome that comes twice counts once, so reading again does no harm.
"""

import asyncio
from collections.abc import Sequence
from typing import Final, NamedTuple

from signal_engine.engine.context.engine_context import EngineContext
from signal_engine.engine.outcomes.of_accounts import merged
from signal_engine.engine.ports.fetched import FetchedRecord, PartitionTail
from signal_engine.engine.ports.log_events.partitions import OutcomesRefused
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.outcomes.record import AccountOutcome, read_outcome
from signal_engine.wire.storage import outcomes as stored_outcomes
from signal_engine.wire.storage.outcomes import ReadUpTo

_BATCH_RECORDS: Final = 500
"""Records written at once."""
_RECHECK_S: Final = 5.0
"""Seconds between looks whether what was kept is still there."""
_MISPLACED: Final = Refusal("account", "key is not the account_id, or was partitioned by another function than murmur2")


class _Stored(NamedTuple):
    """What a partition's outcomes are known to have been read up to."""

    value: bytes | None
    """As stored."""
    of_this_topic: bool
    """False: what is stored is of a topic that is gone."""


class KeptOutcomes:
    """The outcomes of the partitions that are one worker's own."""

    def __init__(self, context: EngineContext, tail: PartitionTail, topic_id: str) -> None:
        """`topic_id` is the topic's own, empty where the broker gives none."""
        self._context = context
        self._tail = tail
        self._topic_id = topic_id
        self._stored: dict[int, _Stored] = {}

    async def take(self, number: int) -> None:
        """The partition is ours: read on from where its owner before came to."""
        value = await self._context.store.outcomes_read(number)
        start, mine = 0, True
        if value is not None:
            read = ReadUpTo.decode(value)
            mine = read.topic_id == self._topic_id
            start = read.offset if mine else 0
        self._stored[number] = _Stored(value, mine)
        self._tail.follow(number, start)

    def release(self, number: int) -> None:
        """The partition is no longer ours."""
        self._tail.leave(number)
        self._stored.pop(number, None)

    async def run(self) -> None:
        """Runs until cancelled."""
        reading = asyncio.create_task(self._tail.run(self._take))
        try:
            while True:
                await asyncio.wait([reading], timeout=_RECHECK_S)
                if reading.done():
                    reading.result()
                await self._recheck()
        finally:
            reading.cancel()
            await asyncio.gather(reading, return_exceptions=True)

    async def _recheck(self) -> None:
        """Take partitions anew of which somebody removed or changed what was kept."""
        for number, stored in [*self._stored.items()]:
            value = await self._context.store.outcomes_read(number)
            if value != stored.value and self._stored.get(number) is stored:
                await self.take(number)

    async def _take(self, number: int, records: Sequence[FetchedRecord]) -> None:
        for start in range(0, len(records), _BATCH_RECORDS):
            if not await self._write(number, records[start : start + _BATCH_RECORDS]):
                return

    async def _write(self, number: int, records: Sequence[FetchedRecord]) -> bool:
        """Keep what records tell; False if they are to be read again by whoever has the partition now."""
        stored, context = self._stored.get(number), self._context
        if stored is None:
            return False
        news = self._read(number, records)
        names = [*news]
        before = await context.store.outcomes(number, names) if stored.of_this_topic else [None] * len(names)
        changed: dict[str, bytes] = {}
        for name, value in zip(names, before, strict=True):
            now = stored_outcomes.encode(merged(stored_outcomes.decode(value), news[name]))
            if now != value:
                changed[name] = now
        read = ReadUpTo(self._topic_id, records[-1].offset + 1).encode()
        written = await context.store.put_outcomes(number, stored.value, read, changed, anew=not stored.of_this_topic)
        context.reached("after_outcomes")
        if self._stored.get(number) is not stored:  # released, or taken again meanwhile
            return False
        if not written:  # another owner has written: read on from where that one came to
            await self.take(number)
            return False
        self._stored[number] = _Stored(read, of_this_topic=True)
        return True

    def _read(self, number: int, records: Sequence[FetchedRecord]) -> dict[str, list[AccountOutcome]]:
        """Account -> its new outcomes. What is none is said with its place, and stays in the topic."""
        found: dict[str, list[AccountOutcome]] = {}
        refused: list[tuple[int, Refusal]] = []
        for record in records:
            verdict = read_outcome(record.value)
            if isinstance(verdict, AccountOutcome) and self._context.partition_of(verdict.account) != number:
                verdict = _MISPLACED
            if isinstance(verdict, Refusal):
                refused.append((record.offset, verdict))
            else:
                found.setdefault(verdict.account, []).append(verdict)
        if refused:
            offset, why = refused[0]
            self._context.event_log.write(
                OutcomesRefused(
                    topic=self._context.topics.outcomes,
                    partition=number,
                    records=len(refused),
                    first_offset=offset,
                    reason=why.reason,
                    detail=why.detail,
                )
            )
        return found
