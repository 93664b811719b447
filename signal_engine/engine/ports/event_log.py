"""What the engine says of itself: one line per thing that happened, as an event and its facts. No event content.

`engine.ports.log_events` is the closed list of what can be said.
"""

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar, Protocol, TypeAlias, dataclass_transform

Fact: TypeAlias = str | int | float | bool | None


class Level(StrEnum):
    """How much of a matter it is."""

    INFO = "info"
    """Something that is as it should be."""
    WARNING = "warning"
    """Something that somebody should look at; the engine goes on."""
    ERROR = "error"
    """Something that stops the engine, or a part of it, until it is mended."""


@dataclass_transform(frozen_default=True, kw_only_default=True)
class LogEvent:
    """One thing that can happen: what it means is the docstring of its class, its facts are the fields.

    A fact has its unit in its name. Classes derive from `Info`, `Warn` or `Error`, and are frozen dataclasses.
    """

    level: ClassVar[Level]
    name: ClassVar[str]
    """Its name in a line of the log: that of the class, as `snake_case`."""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.name = re.sub(r"(?<!^)(?=[A-Z])", "_", cls.__name__).lower()
        dataclass(frozen=True, kw_only=True)(cls)

    @property
    def facts(self) -> dict[str, Fact]:
        """Name -> value, in the order in which they are declared."""
        return dict(vars(self))


class Info(LogEvent):
    """Of level info."""

    level = Level.INFO


class Warn(LogEvent):
    """Of level warning."""

    level = Level.WARNING


class Error(LogEvent):
    """Of level error."""

    level = Level.ERROR


class EventLog(Protocol):
    """Where it is said."""

    def write(self, event: LogEvent) -> None:
        """Says it, now. Never fails."""
