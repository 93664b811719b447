"""Columns of an accounts file that ICP files need and that are missing, in words: the first lines of a load."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from signal_engine.core.fit.icp import UNKNOWN, Icp
from signal_engine.core.fit.icp import decide as decide_fit
from signal_engine.core.rules.predicates import Predicate
from signal_engine.core.rules.readings import elements
from signal_engine.core.rules.relations import DO_NOT_CONTACT, RELATIONS
from signal_engine.wire.config.account_columns import ALIASES, PARENT, PRIMARY, RELATION, SUPPRESSED
from signal_engine.wire.config.accounts_file import AccountRow
from signal_engine.wire.config.number_columns import Decided, PointReading, read

_MAX_EXAMPLES: Final = 3
"""Lines that are named at most."""
_QUIET_FIRST: Final = (SUPPRESSED, RELATION, PARENT, *ALIASES, PRIMARY)
_MEANT: Final = {
    SUPPRESSED: "neither yes nor no; until corrected, these accounts count as suppressed",
    RELATION: f"none of {', '.join(RELATIONS)}; until corrected, these accounts count as {DO_NOT_CONTACT}",
    PARENT: "not a domain; these accounts have no parent",
    **dict.fromkeys(ALIASES, "no company's domain (or a shared host, or a mail provider's); no alias is made of it"),
    PRIMARY: "neither yes nor no; these rows count as not primary",
}


@dataclass(slots=True)
class _Unread:
    """Values of a column that could not be read. They are found by line, never quoted: a cell may name a person."""

    count: int = 0
    lines: list[int] = field(default_factory=list)
    """Of the first of them."""
    unknown: dict[str, int] = field(default_factory=dict)
    """ICP -> accounts that are unknown to it by these values."""

    def add(self, line: int) -> None:
        """Counts one."""
        self.count += 1
        if len(self.lines) < _MAX_EXAMPLES or line < self.lines[-1]:
            self.lines = sorted([*self.lines, line])[:_MAX_EXAMPLES]

    @property
    def words(self) -> str:
        """`line 5`, or `lines 5, 7, 9, ...`."""
        more = ", ..." if self.count > len(self.lines) else ""
        return f"{'line' if self.count == 1 else 'lines'} {', '.join(map(str, self.lines))}{more}"


def asked(icps: Iterable[Icp]) -> tuple[str, ...]:
    """The fields that ICP files ask of, each once."""
    return tuple(dict.fromkeys(predicate.field for icp in icps for predicate in _predicates(icp)))


def missing(icps: Iterable[Icp], found: Mapping[str, str]) -> Iterator[str]:
    """Columns that an ICP names and the file lacks: a misspelt one makes everybody unknown, or nobody disqualified."""
    icps = tuple(icps)
    for icp in icps:
        required = {p.field for p in icp.must_have if p.compares}
        if lacking := [one for one in asked([icp]) if one in required and one not in found]:
            yield f"has no column {', '.join(lacking)}, which ICP {icp.icp} requires: no account can fit it"
    for icp in icps:
        required = {p.field for p in icp.must_have if p.compares}
        if lacking := [one for one in asked([icp]) if one not in required and one not in found]:
            yield f"has no column {', '.join(lacking)}, which ICP {icp.icp} uses: it counts as missing in every row"


def numeric(icps: Iterable[Icp]) -> tuple[str, ...]:
    """The fields that ICP files compare with a number, each once."""
    return tuple(dict.fromkeys(p.field for icp in icps for p in _predicates(icp) if "number" in p.compares))


def settled(name: str, decided: Decided) -> str:
    """What the rest of column `name` decides, in words."""
    means = f"the point of values like 1.200 separates {decided.point.value}"
    return f"column {name}: {means}, as {decided.example} shows"


def settle_numbers(columns: Mapping[str, PointReading], rows: Sequence[AccountRow]) -> Iterator[str]:
    """Reads in `rows`, in place, what the rest of each of the `columns` of numbers decides, and says so."""
    for name, column in columns.items():
        if (decided := column.decided) is not None:
            for row in rows:
                if name in row.fields:
                    row.fields[name] = read(row.fields[name], decided.point)
            yield settled(name, decided)


class Columns:
    """What could not be read, by field, over all rows of a file."""

    def __init__(self) -> None:
        self._flags: dict[str, _Unread] = {}
        self._asked: dict[str, _Unread] = {}
        self._required: dict[str, None] = {}
        self._kinds: dict[str, frozenset[str]] = {}

    def note_row(self, row: AccountRow) -> None:
        """What a row itself could not be read by."""
        for name, _ in row.unread:
            self._flags.setdefault(name, _Unread()).add(row.line)

    def note_fit(self, line: int, fields: Mapping[str, Any], icps: Sequence[Icp]) -> None:
        """What the ICPs could not read of the row, at `line`, that gives an account's fields."""
        noted: set[str] = set()
        for icp in icps:
            required = {id(p) for p in icp.must_have}
            for predicate in _predicates(icp):
                value = fields.get(predicate.field)
                if predicate.compares <= {"text"} or not elements(value) or predicate.answer(fields) is not None:
                    continue
                unread = self._asked.setdefault(predicate.field, _Unread())
                self._kinds.setdefault(predicate.field, predicate.compares)
                if predicate.field not in noted:
                    noted.add(predicate.field)
                    unread.add(line)
                if id(predicate) in required:
                    self._required[predicate.field] = None
                    unknown = decide_fit(icp, fields).decision == UNKNOWN
                    unread.unknown[icp.icp] = unread.unknown.get(icp.icp, 0) + unknown

    def words(self, accounts: int) -> Iterator[str]:
        """Most important first: what keeps quiet, what is required, what is asked."""
        for name in _QUIET_FIRST:
            if unread := self._flags.get(name):
                yield f"column {name}: {_values(unread.count)} {_MEANT[name]} ({unread.words})"
        for name in sorted(self._asked, key=lambda name: name not in self._required):
            unread = self._asked[name]
            unknown = " and ".join(f"{count:,} unknown to ICP {icp}" for icp, count in unread.unknown.items() if count)
            what = "not a number; write 350, 1,200 or 1200.5" if "number" in self._kinds[name] else "neither yes nor no"
            effect = f": that makes {unknown}" if unknown else ""
            of = f"{unread.count:,} of {accounts:,} accounts"
            yield f"column {name}: the value of {of} is {what} ({unread.words}){effect}"


def _values(count: int) -> str:
    return "1 value is" if count == 1 else f"{count:,} values are"


def _predicates(icp: Icp) -> Iterator[Predicate]:
    yield from icp.must_have
    yield from chain.from_iterable(one.when for one in icp.disqualify)
    yield from chain.from_iterable(one.when for one in icp.points)
