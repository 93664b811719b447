"""The engine's log: one line per log event, with its facts and never with the content of signals.

`engine.ports.log_events` is the closed list of log events.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeAlias, dataclass_transform

Fact: TypeAlias = str | int | float | bool | None


class Level(StrEnum):
    """The severity of a log event."""

    INFO = "info"
    """Normal operation."""
    WARNING = "warning"
    """Someone should look at it; the engine continues."""
    ERROR = "error"
    """The engine, or a part of it, has stopped until someone fixes the cause."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class LogEvent:
    """One kind of log event. The docstring of its class is its meaning; its fields are its facts.

    The name of a fact contains its unit. Classes are frozen dataclasses below `Info`, `Warn` or `Error`.
    """

    level: ClassVar[Level]
    name: ClassVar[str]
    """Its name in the log: the class name in `snake_case`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        dataclass(frozen=True, kw_only=True)(cls)

    @property
    def facts(self) -> dict[str, Fact]:
        """Name -> value, in order of declaration."""
        return dict(vars(self))


class Info(LogEvent):
    """A log event of level info."""

    level = Level.INFO


class Warn(LogEvent):
    """A log event of level warning."""

    level = Level.WARNING


class Error(LogEvent):
    """A log event of level error."""

    level = Level.ERROR


class EventLog(Protocol):
    """Writes log events."""

    def write(self, event: LogEvent) -> None:
        """Write it now. Never fails."""
