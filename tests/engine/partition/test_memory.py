"""A batch leaves nothing behind for the garbage collector, which a worker lets run seldom."""

import gc
import weakref
from typing import Any

import pytest

from signal_engine.engine.partition import evaluate_batch
from signal_engine.engine.partition.process_batch import process_batch
from tests.build import T0
from tests.engine.stand import Rec, Stand, event_bytes, fetch


async def test_what_a_batch_has_written_is_freed_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[weakref.ref[Any]] = []

    class Watched(evaluate_batch._Judging):
        def __init__(self, *given: Any) -> None:
            super().__init__(*given)
            made.append(weakref.ref(self))

    monkeypatch.setattr(evaluate_batch, "_Judging", Watched)
    stand = Stand()
    partition = await stand.partition(0)
    gc.disable()
    try:
        record = Rec(0, T0, event_bytes("intent", T0, "acme.com", "e1", 80))
        await process_batch(stand.context, partition, fetch(record))
        assert len(made) == 1
        assert made[0]() is None, "a cycle holds it"
    finally:
        gc.enable()
