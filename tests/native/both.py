"""Both ways to read and judge events, for tests of either: by Python alone, and natively where that is installed."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from typing import Final

import pytest

from signal_engine.adapters.kafka.records.walking import walking
from signal_engine.engine.partition.ordinary.judge import judging
from signal_engine.entrypoints.wiring.process.native import offer_native_part
from signal_engine.wire.events.ordinary import reading

READERS: Final = ("off", "auto") if find_spec("signal_engine_native") else ("off",)
"""Values of SIGNAL_ENGINE_NATIVE."""


@contextmanager
def read_by(mode: str) -> Iterator[None]:
    """Events are read and judged as `mode` says. Fails if the native part was given up; `check` judges all twice."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNAL_ENGINE_NATIVE", mode)
        offer_native_part(check_every=1)
    try:
        yield
        assert (reading.reader is not None) is (mode != "off"), "the native reader has failed"
        assert (judging.by == "python") is (mode == "off"), "the native judge has failed"
        assert (walking.walker is None) is (mode == "off"), "the native walk of batches has failed"
    finally:
        reading.offer(None)
        judging.offer(None)
        walking.offer(None)
