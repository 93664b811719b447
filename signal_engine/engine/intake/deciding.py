"""How a column of dates or numbers is read is decided over the whole column; what may come of that."""


class Undecided(ValueError):
    """A column that can be read in two ways, or not at all; the message reads on from its name."""


class Doubt(Exception):
    """A text whose reading is for the whole column to decide: whoever reads while he surveys has to begin again."""
