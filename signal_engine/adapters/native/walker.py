"""The `Walker` of `signal_engine_native`: takes records out of Kafka's batches without an object for each."""

from collections.abc import Callable
from types import ModuleType
from typing import Any

from signal_engine.engine.ports.fetched import PackedRecords


class NativeWalker:
    """Walks record batches of Kafka. `broken` is for tests: it fails at whatever it walks."""

    def __init__(self, module: ModuleType, *, broken: bool = False) -> None:
        PackedRecords.register(module.Records)
        self._taken, self._broken = module.TakenRecords, broken
        self.batch: Callable[[bytes, int, int, bytes | None], Any] = module.RecordBatch

    def room(self, new_record: Callable[[Any], Any], most: int | None, left: int, /) -> Any:
        """Room for so many records and bytes of them; `new_record` makes a record of the tuple of its fields."""
        return self._taken(new_record, most, left, broken=self._broken)
