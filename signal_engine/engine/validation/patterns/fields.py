"""The columns of an accounts file as values that accounts can be compared by: texts as they are, numbers in bands."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from signal_engine.core.rules.readings import as_number, as_text, elements
from signal_engine.engine.validation.known_then import told_by_outcomes
from signal_engine.engine.validation.panel import Flags
from signal_engine.wire.config.account_cells import cell
from signal_engine.wire.config.account_columns import is_of_the_account
from signal_engine.wire.config.number_columns import decide, read

_PEOPLE: Final = ("employee", "headcount", "companysize", "staff")
_SIZES: Final = (10.0, 50.0, 200.0, 500.0, 1_000.0, 5_000.0)
"""Edges of the bands of company size that everybody uses."""
_QUARTILES: Final = (0.25, 0.5, 0.75)
_MIN_NUMBERS: Final = 0.9
"""Share of readable values from which a column is one of numbers ..."""
_MIN_DISTINCT: Final = 8
"""... if it has so many different ones; else they are names, such as 1, 2, 3 for a class."""
_MIN_ACCOUNTS_A_VALUE: Final = 2
"""On average; with fewer a column names accounts and groups nobody."""


class Value(NamedTuple):
    """One value of a field: a text, a band, or a threshold."""

    words: str
    when: Mapping[str, Any]
    """The predicate of an ICP file that holds for it."""
    holds: Flags
    """Per account."""
    overlaps: bool = False
    """Whether it is a threshold, which holds several bands."""


class FieldValues(NamedTuple):
    """A field that accounts can be compared by."""

    name: str
    numbers: bool
    filled: Flags
    """Accounts in which it can be read."""
    values: tuple[Value, ...]


class NotCompared(NamedTuple):
    """A column by which nobody can be compared."""

    name: str
    why: str


def fields_of(
    rows: Sequence[Mapping[str, Any]], only: Collection[str], outcome_fields: Collection[str]
) -> Iterator[FieldValues | NotCompared]:
    """Each column of the accounts, in the order of the file; `only` those, if there are any.

    Columns that name the account or say what it is to us are passed over; those that outcomes write say so.
    """
    for name in dict.fromkeys(name for row in rows for name in row):
        if is_of_the_account(name) or (only and name not in only):
            continue
        if told_by_outcomes(name, outcome_fields):
            yield NotCompared(name, "outcomes write it, so it tells what came of the account")
            continue
        yield _field(name, [cell(row.get(name)) for row in rows])


def _field(name: str, cells: list[Any]) -> FieldValues | NotCompared:
    decided = decide(cells)
    if decided is not None:
        cells = [read(one, decided.point) for one in cells]
    given = [elements(one) for one in cells]
    filled = np.array([bool(one) for one in given], bool)
    if not filled.any():
        return NotCompared(name, "it is empty")
    numbers = np.array([_number(one) for one in given])
    readable = np.isfinite(numbers)
    if readable.sum() >= _MIN_NUMBERS * filled.sum() and len(np.unique(numbers[readable])) >= _MIN_DISTINCT:
        return FieldValues(name, True, readable, tuple(_bands(name, numbers, readable)))
    texts = [{as_text(item): item for item in one} for one in given]
    accounts = Counter(text for one in texts for text in one)
    if len(accounts) < _MIN_ACCOUNTS_A_VALUE:
        return NotCompared(name, "all accounts have the same value")
    if len(accounts) * _MIN_ACCOUNTS_A_VALUE > accounts.total():
        return NotCompared(name, "nearly every account has a value of its own")
    operator = "has_any" if any(len(one) > 1 for one in texts) else "in"
    return FieldValues(name, False, filled, tuple(_texts(texts, accounts, operator)))


def _number(given: Sequence[Any]) -> float:
    number = as_number(given[0]) if len(given) == 1 else None
    return np.nan if number is None else float(number)


def _texts(texts: Sequence[Mapping[str, Any]], accounts: Counter[str], operator: str) -> Iterator[Value]:
    spelt: dict[str, Counter[str]] = {text: Counter() for text in accounts}
    places: dict[str, list[int]] = {text: [] for text in accounts}
    for place, one in enumerate(texts):
        for text, item in one.items():
            spelt[text][str(item).strip()] += 1
            places[text].append(place)
    for text in accounts:
        word = min(spelt[text], key=lambda spelling: (-spelt[text][spelling], spelling))
        holds = np.zeros(len(texts), bool)
        holds[places[text]] = True
        yield Value(word, {operator: [word]}, holds)


def _bands(name: str, numbers: np.ndarray[Any, np.dtype[np.float64]], readable: Flags) -> Iterator[Value]:
    known = numbers[readable]
    folded = "".join(filter(str.isalnum, name.casefold()))
    sized = any(word in folded for word in _PEOPLE)
    wanted = _SIZES if sized else np.quantile(known, _QUARTILES, method="nearest").tolist()
    edges = sorted({float(edge) for edge in wanted if known.min() < edge <= known.max()})
    for low, high in zip([None, *edges], [*edges, None], strict=True):
        above = readable if low is None else readable & (numbers >= low)
        holds = above if high is None else above & (numbers < high)
        if holds.any() and not (low is None and high is None):
            yield Value(_band_words(low, high), _band_predicate(low, high), holds)
    for edge in edges[1:-1]:  # those at the ends are bands
        yield Value(f"{_said(edge)} and more", {"gte": _plain(edge)}, readable & (numbers >= edge), overlaps=True)
        yield Value(f"below {_said(edge)}", {"lt": _plain(edge)}, readable & (numbers < edge), overlaps=True)


def _band_words(low: float | None, high: float | None) -> str:
    if low is None:
        return f"below {_said(high or 0.0)}"
    return f"{_said(low)} and more" if high is None else f"{_said(low)} up to {_said(high)}"


def _band_predicate(low: float | None, high: float | None) -> dict[str, float | int]:
    ends = {"gte": low, "lt": high}
    return {operator: _plain(end) for operator, end in ends.items() if end is not None}


def _said(number: float) -> str:
    return f"{number:g}" if abs(number) < 1e6 else f"{number:,.0f}"


def _plain(number: float) -> float | int:
    return int(number) if number.is_integer() else number
