"""Ordinary events, which another reader may read before Python; what is not ordinary for certain is Python's.

The models are the definition. `ordinary_fields` describes them in values, so that such a reader knows no field and no
limit by itself; what has no description here is left to Python.
"""

from collections.abc import Callable
from functools import cache
from typing import Any, Final, Protocol, TypeAlias

from pydantic import TypeAdapter

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import FUNDING
from signal_engine.wire.events.models import ADDRESS_PATTERN, EVENT_MODELS

Check: TypeAlias = tuple[Any, ...]
"""What a field takes: its name, and its limits."""
OrdinaryField: TypeAlias = tuple[str, bool, Check]
"""Name, whether it is required, what it takes."""

_PYTHON: Final[Check] = ("python",)
_ENDLESS: Final = 2**62
"""Characters: no limit."""
_LEFT_TO_PYTHON: Final = {FUNDING: frozenset({"amount"})}
"""Fields of which more is made than their value: the amount is converted."""
_SAYS_NOTHING: Final = frozenset({"description", "title"})


class OrdinaryReader(Protocol):
    """Reads what is ordinary for certain, exactly as Python does, and leaves all else to it.

    Where it raises, Python reads that record too, and the reader is not asked again.
    """

    def record(self, kind: str, value: bytes | None, timestamp: int, /) -> Event | None:
        """The event in a record of the topic of `kind` without headers; `timestamp` in ms is the record's own."""

    def line(self, value: bytes, /) -> Event | None:
        """The event in a line of an event file."""


class _ReaderInUse:
    """How a process reads events: Python alone, or another reader before it."""

    __slots__ = ("_make", "_reader", "failed")

    def __init__(self) -> None:
        self._make: Callable[[], OrdinaryReader] | None = None
        self._reader: OrdinaryReader | None = None
        self.failed: Callable[[Exception], None] = lambda _: None
        """Is told why the reader is not asked any more."""

    def offer(self, make: Callable[[], OrdinaryReader] | None) -> None:
        """From now on a reader reads first; it is made when the first event is read. None: Python alone."""
        self._make, self._reader = make, None

    @property
    def reader(self) -> OrdinaryReader | None:
        """The reader that is asked first, if there is one."""
        if self._make is not None and self._reader is None:
            try:
                self._reader = self._make()
            except Exception as error:  # noqa: BLE001 (whatever fails there, Python reads)
                self.give_up(error)
        return self._reader

    def give_up(self, error: Exception) -> None:
        """The reader failed: from now on Python reads alone."""
        if self._make is not None:
            self.offer(None)
            self.failed(error)


reading: Final = _ReaderInUse()
"""Of this process."""


@cache
def ordinary_fields(kind: str) -> tuple[OrdinaryField, ...]:
    """The fields of `kind` in the order in which events keep them. KeyError for an unknown kind."""
    schema = TypeAdapter(EVENT_MODELS[kind]).json_schema()
    required, python = frozenset(schema["required"]), _LEFT_TO_PYTHON.get(kind, frozenset())
    return tuple(
        (name, name in required, _PYTHON if name in python else _check(field))
        for name, field in schema["properties"].items()
    )


def _check(field: dict[str, Any]) -> Check:
    match {name: said for name, said in field.items() if name not in _SAYS_NOTHING}:
        case {"type": "string", "enum": [*choices], **rest} if not rest:
            return ("choice", choices)
        case {"type": "string", "format": "date-time", **rest} if not rest:
            return ("instant",)
        case {"type": "string", "pattern": pattern, **rest} if not rest and pattern == ADDRESS_PATTERN:
            return ("address",)
        case {"type": "string", **rest} if rest.keys() <= {"minLength", "maxLength"}:
            return ("text", rest.get("minLength", 0), rest.get("maxLength", _ENDLESS))
        case {"type": "number", "minimum": least, **rest} if rest.keys() <= {"maximum"}:
            return ("number", float(least), float(rest.get("maximum", "inf")))
        case {"type": "integer", "minimum": 0, "maximum": most, **rest} if not rest:
            return ("count", most)
        case {"type": "boolean", **rest} if not rest:
            return ("flag",)
        case {"type": "array", "items": {"type": "string", **of_items}, **rest} if not (of_items or rest):
            return ("texts",)
    return _PYTHON
