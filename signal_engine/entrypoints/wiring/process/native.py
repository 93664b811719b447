"""Whether this process reads and judges events natively: SIGNAL_ENGINE_NATIVE."""

from functools import partial
from types import ModuleType
from typing import Final

from signal_engine.adapters.kafka.records.walking import WalkedDifferently, Walker, walking
from signal_engine.adapters.native.judge import NativeJudge, check_arithmetic
from signal_engine.adapters.native.reader import (
    CheckedReader,
    NativeUnusable,
    NotInstalled,
    ReadDifferently,
    load,
    native_reader,
)
from signal_engine.adapters.native.walker import NativeWalker
from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.engine.partition.ordinary.judge import JudgedDifferently, judging
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.processes import (
    EventsJudgedBy,
    EventsReadBy,
    NativeJudgeOff,
    NativePartRefused,
    NativeReaderOff,
    NativeWalkerOff,
)
from signal_engine.entrypoints.wiring.settings_sources import find, variable
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events.ordinary import OrdinaryReader, reading

_SETTING: Final = "native"
_AUTO, _OFF, _CHECK = _MODES = ("auto", "off", "check")
_CHECKED_EVERY: Final = 10
"""Batches, of which Python judges one, too."""


def offer_native_part(*, check_every: int = _CHECKED_EVERY) -> None:
    """Offer the native reader and judge to whatever reads and judges in this process. Raises `ConfigurationError`.

    With `check`, Python reads each record and event too, and judges one batch of `check_every`. Without the native part
    there is nothing to check, so it must be there then. Of one that is installed and cannot be used a warning comes as
    soon as an event is read: commands that read none need not know.
    """
    mode, named = _mode()
    reading.failed = lambda error: Warnings()(f"events are read by Python alone from here on: {_why(error)}")
    judging.failed = lambda error: Warnings()(f"events are judged by Python alone from here on: {_why(error)}")
    walking.failed = lambda error: Warnings()(f"batches are read by Python alone from here on: {_why(error)}")
    reading.offer(None)
    judging.offer(None)
    walking.offer(None)
    if mode == _OFF:
        return
    try:
        module = _usable()
    except NativeUnusable as unusable:
        if mode == _CHECK:
            raise ConfigurationError([f"{named}: {_why(unusable)}"]) from None
        if not isinstance(unusable, NotInstalled):
            reading.failed = lambda error: Warnings()(f"events are read and judged by Python alone: {_why(error)}")
            reading.offer(partial(_refuse, unusable))
        return
    checks = mode == _CHECK
    reading.offer(lambda: CheckedReader(native_reader(module)) if checks else native_reader(module))
    judging.offer(partial(NativeJudge, module), check_every=check_every if checks else 0)
    walker: Walker = NativeWalker(module)
    walking.offer(walker, checks=checks)


def say_who_reads(event_log: EventLog) -> None:
    """Write what reads and judges events, why the native part that is installed does not, and from now on when that
    changes.
    """
    if (why := _refused()) is not None:
        reading.offer(None)  # the log says it, so no warning need
        event_log.write(NativePartRefused(reason=why))
    reader = reading.reader
    by = "python" if reader is None else "native and python" if isinstance(reader, CheckedReader) else "native"
    event_log.write(EventsReadBy(reader=by))
    event_log.write(EventsJudgedBy(judge=judging.by))
    reading.failed = lambda error: event_log.write(NativeReaderOff(reason=_why(error)))
    judging.failed = lambda error: event_log.write(NativeJudgeOff(reason=_why(error)))
    walking.failed = lambda error: event_log.write(NativeWalkerOff(reason=_why(error)))


def _mode() -> tuple[str, str]:
    """How events are to be read and judged, and where that is said. Raises `ConfigurationError`."""
    found = find((_SETTING,), ()).get(_SETTING)
    mode = found.value if found else _AUTO
    named = found.named if found else variable(_SETTING)
    if mode not in _MODES:
        raise ConfigurationError([f"{named}: must be one of {', '.join(_MODES)}, not {mode!r}"])
    return mode, named


def _usable() -> ModuleType:
    """The native part. Raises `NativeUnusable`."""
    module = load()
    check_arithmetic(module)
    return module


def _refused() -> str | None:
    """Why the native part is not used, where it is installed and wanted."""
    if _mode()[0] == _OFF:
        return None
    try:
        _usable()
    except NotInstalled:
        return None
    except NativeUnusable as unusable:
        return _why(unusable)
    return None


def _refuse(unusable: NativeUnusable) -> OrdinaryReader:
    raise unusable


def _why(error: Exception) -> str:
    """What failed, without any value of an event: a message may quote one unless it is our own."""
    if isinstance(error, NativeUnusable):
        return f"signal_engine_native {error}"
    own = type(error) in (ReadDifferently, JudgedDifferently, WalkedDifferently, RuntimeError)
    return str(error) if own else f"the native part failed: {type(error).__name__}"
