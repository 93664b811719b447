"""The native part, where it is installed."""

from collections.abc import Iterator
from typing import Any

import pytest

from signal_engine.adapters.kafka.records.walking import walking
from signal_engine.adapters.native.reader import NativeUnusable, load, native_reader
from signal_engine.engine.partition.ordinary.judge import judging
from signal_engine.wire.events.ordinary import OrdinaryReader, reading


@pytest.fixture(autouse=True)
def _told_as_before() -> Iterator[None]:
    failed = reading.failed, judging.failed, walking.failed
    yield
    reading.failed, judging.failed, walking.failed = failed


@pytest.fixture(scope="session")
def native_module() -> Any:
    try:
        return load()
    except NativeUnusable as unusable:
        pytest.skip(f"signal_engine_native {unusable}: `make native`")


@pytest.fixture(scope="session")
def native(native_module: Any) -> OrdinaryReader:
    return native_reader(native_module)
