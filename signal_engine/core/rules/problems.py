"""What is wrong with a configuration, as values. The wire adds file and line; the core knows only the path."""

from collections.abc import Iterable
from typing import NamedTuple

from signal_engine.core.errors import WRONG_USE, SignalEngineError

type_name = {bool: "true or false", int: "a number", float: "a number", str: "text", list: "a list", dict: "a map"}


class Problem(NamedTuple):
    """One thing wrong at one place of a configuration."""

    path: tuple[str | int, ...]
    """Keys and list indexes from the top: `("kinds", "intent", "rules", 0, "points")`."""
    message: str


class InvalidConfiguration(SignalEngineError, ValueError):
    """A configuration under which the engine will not run; every problem found, not only the first."""

    exit_code = WRONG_USE

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{'.'.join(map(str, p.path))}: {p.message}" for p in self.problems))
