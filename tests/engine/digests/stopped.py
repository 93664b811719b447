"""The record of who unsubscribed, in memory; `away` is what it raises instead."""

from collections.abc import Mapping

from signal_engine.core.errors import SignalEngineError
from signal_engine.wire.messages.answers.stopped_digests import StoppedRecord, read_stopped, write_stopped
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf


class StoppedInMemory:
    """`StoppedLog`; records go through their bytes."""

    def __init__(self) -> None:
        self.records: list[tuple[bytes, bytes | None]] = []
        self.away: SignalEngineError | None = None
        self.reads = 0

    async def read(self) -> Mapping[DigestsOf, int | None]:
        self.reads += 1
        if self.away is not None:
            raise self.away
        return {one.of: one.at for one in (read_stopped(*record) for record in self.records)}

    async def write(self, of: DigestsOf, at: int | None) -> None:
        if self.away is not None:
            raise self.away
        self.records.append(write_stopped(StoppedRecord(of, at)))
