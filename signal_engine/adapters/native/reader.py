"""The `OrdinaryReader` of `signal_engine_native`: whether it is there, and whether it reads as Python does.

It takes 2.8 us per event where Python takes 6.7. The models are handed over as values, so the native part has no field
and no limit of its own.
"""

from collections.abc import Callable
from functools import partial
from importlib import import_module
from types import ModuleType
from typing import Final, cast

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.events.account_names import normalise
from signal_engine.wire.events.decode import python_decoder, python_line
from signal_engine.wire.events.one_event import MAX_AHEAD_MS, MAX_VALUE_BYTES
from signal_engine.wire.events.ordinary import OrdinaryReader, ordinary_fields
from signal_engine.wire.events.rejections import Refusal

_MODULE: Final = "signal_engine_native"
_AGREEMENT: Final = 7
"""What Python and the native part agree on; it changes with the values that are handed over, or with what they mean."""


class NativeUnusable(SignalEngineError):
    """The native part is not installed, is of another release, or calculates otherwise than Python."""


class NotInstalled(NativeUnusable):
    """There is no native part."""


class ReadDifferently(SignalEngineError):
    """The native reader read an event otherwise than Python."""


def load() -> ModuleType:
    """The native part. Raises `NativeUnusable`."""
    try:
        module = import_module(_MODULE)
    except ImportError as error:
        if isinstance(error, ModuleNotFoundError):
            raise NotInstalled("is not installed") from error
        raise NativeUnusable("cannot be loaded on this machine") from error
    if getattr(module, "AGREEMENT", None) != _AGREEMENT:
        raise NativeUnusable("is of another release: `make native` makes it anew")
    return module


def native_reader(module: ModuleType, *, broken: bool = False) -> OrdinaryReader:
    """The reader; `broken` is for tests: it fails at whatever it reads."""
    kinds = [(kind, [*ordinary_fields(kind)]) for kind in KINDS]
    new_event: Callable[..., Event] = partial(tuple.__new__, Event)
    reader = module.Reader(kinds, MAX_VALUE_BYTES, MAX_AHEAD_MS, normalise, new_event, broken=broken)
    return cast("OrdinaryReader", reader)


class CheckedReader:
    """An `OrdinaryReader` of which each event is read by Python, too. Raises `ReadDifferently`."""

    def __init__(self, reader: OrdinaryReader) -> None:
        self._reader = reader

    def record(self, kind: str, value: bytes | None, timestamp: int, /) -> Event | None:
        """See `OrdinaryReader`."""
        event = self._reader.record(kind, value, timestamp)
        if event is not None:
            _compare(event, python_decoder(kind)(value, timestamp, ()))
        return event

    def line(self, value: bytes, /) -> Event | None:
        """See `OrdinaryReader`."""
        event = self._reader.line(value)
        if event is not None:
            _compare(event, python_line(value).verdict)
        return event


def _compare(event: Event, python: Event | Refusal) -> None:
    """Raises `ReadDifferently`, which names the account and fields, and never their values: some are of people."""
    what = f"an event of {event.account} of kind {event.kind}"
    if isinstance(python, Refusal):
        raise ReadDifferently(f"{what} is refused by Python, reason {python.reason}")
    if repr(event) == repr(python):  # types, order of fields and the last bit of a number included
        return
    parts = [name for name, mine, its in zip(Event._fields, event, python, strict=True) if repr(mine) != repr(its)]
    every = {**event.fields, **python.fields}
    fields = [name for name in every if repr(event.fields.get(name)) != repr(python.fields.get(name))]
    raise ReadDifferently(f"{what} differs in {', '.join(dict.fromkeys([*parts, *fields]))}")
