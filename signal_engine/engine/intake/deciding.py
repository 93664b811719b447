"""How a column of dates or numbers is read is decided over the whole column; what may come of that."""

from signal_engine.core.errors import SignalEngineError


class UndecidedColumn(SignalEngineError, ValueError):
    """A column that can be read in two ways, or not at all; the message reads on from its name."""


class Doubt(SignalEngineError):
    """A text whose reading is for the whole column to decide: whoever reads while he surveys has to begin again."""
