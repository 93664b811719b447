"""How many rows of an export name an account, and which names do not."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.company_names import CompanyNames, name_key
from signal_engine.engine.intake.outcomes import footer
from signal_engine.engine.intake.values import Values
from signal_engine.wire.intake.mapping import AccountSource


class MissedName(NamedTuple):
    """A name that names no account, or several."""

    name: str
    """As the first of its rows spells it."""
    rows: int
    candidates: tuple[str, ...]
    """The accounts of this name; none where it is unmatched."""


class NameCounts(NamedTuple):
    """`rows` = `otherwise` + `nameless` + `matched` + `unmatched` + `ambiguous`."""

    rows: int
    otherwise: int
    """A column with a domain goes before the name."""
    nameless: int
    """Neither domain nor name, or a footer."""
    matched: int
    unmatched: int
    ambiguous: int


class NameReport:
    """Takes the rows of one export; names that differ only in legal form, case, punctuation or accents are one."""

    def __init__(self, sources: Sequence[AccountSource], binding: Binding, values: Values, names: CompanyNames) -> None:
        """`sources` as the mapping has them; at least one is looked up by name."""
        self._names = names
        self._sources = [
            (values.raw(one.reference), one.through_names)
            for one in sources
            if one.reference is not None and binding.getter(one.reference) is not None
        ]
        self._rows: Counter[str] = Counter()
        self._spelled: dict[str, str] = {}
        self._otherwise = self._nameless = 0

    def take(self, row: Any) -> None:
        """Counts one row."""
        for read, through_names in self._sources:
            if (value := read(row)) is None:
                continue
            if not through_names:
                self._otherwise += 1
            elif not isinstance(value, str) or footer(value) is not None:
                self._nameless += 1
            else:
                key = name_key(value)
                self._rows[key] += 1
                self._spelled.setdefault(key, value)
            return
        self._nameless += 1

    def counts(self) -> NameCounts:
        """Rows by what became of them."""
        found: Counter[int] = Counter()
        for key, rows in self._rows.items():
            found[min(len(self._names.candidates(self._spelled[key])), 2)] += rows
        rows = self._rows.total() + self._otherwise + self._nameless
        return NameCounts(rows, self._otherwise, self._nameless, found[1], found[0], found[2])

    def distinct(self) -> tuple[int, int, int]:
        """Different names that are matched, unmatched and ambiguous."""
        missed = self.missed()
        unmatched = sum(not one.candidates for one in missed)
        return len(self._rows) - len(missed), unmatched, len(missed) - unmatched

    def missed(self) -> list[MissedName]:
        """Unmatched and ambiguous names, those of most rows first."""
        found = [
            MissedName(self._spelled[key], rows, tuple(self._names.candidates(self._spelled[key])))
            for key, rows in self._rows.items()
        ]
        return sorted((one for one in found if len(one.candidates) != 1), key=lambda one: (-one.rows, one.name))
