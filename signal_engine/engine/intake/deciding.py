"""Exceptions of columns whose format is decided over the whole column."""

from signal_engine.core.errors import SignalEngineError


class UndecidedColumn(SignalEngineError, ValueError):
    """A column can be read in two ways, or not at all. The message follows the name of the column."""

    def __init__(self, message: str, *, mapping_settles: bool = False) -> None:
        """`mapping_settles`: whether a line in the mapping says how the column is meant."""
        super().__init__(message)
        self.mapping_settles = mapping_settles


class Undecided(SignalEngineError):
    """A text that only the whole column can settle: reading must start over after a complete survey."""
