"""Exceptions of columns whose format is decided over the whole column."""

from signal_engine.core.errors import SignalEngineError


class UndecidedColumn(SignalEngineError, ValueError):
    """A column can be read in two ways, or not at all. The message follows the name of the column."""


class Doubt(SignalEngineError):
    """A text that only the whole column can settle: reading must start over after a complete survey."""
