"""What the engine says of itself: one line per thing that happened, as a name and its facts. No event content."""

from typing import Protocol, TypeAlias

Fact: TypeAlias = str | int | float | bool | None


class EventLog(Protocol):
    """Where it is said. `what` is a fixed word (`partitions_taken`), the facts are what varies."""

    def info(self, event: str, **facts: Fact) -> None:
        """Something that is as it should be."""

    def warning(self, event: str, **facts: Fact) -> None:
        """Something that somebody should look at; the engine goes on."""

    def error(self, event: str, **facts: Fact) -> None:
        """Something that stops the engine, or a part of it, until it is mended."""
