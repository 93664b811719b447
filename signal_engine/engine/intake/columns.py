"""Binds the references of a mapping to the columns of a table, or to JSON."""

from collections.abc import Callable, Container, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Any, Final

import jmespath
from jmespath.exceptions import JMESPathError

from signal_engine.core.rules.problems import Problem
from signal_engine.wire.config.account_columns import column_key
from signal_engine.wire.intake.mapping import Mapping, Reference

Getter = Callable[[Any], Any]
_MAX_NAMED_COLUMNS: Final = 12
"""At most so many columns are named in a message."""


class Binding:
    """Finds the values of one mapping in the rows of one input.

    Rows of a table are lists of cells, as long as the header; JSON rows are objects. Raises `ConfigurationError`, with
    file and line of the mapping, for each missing column that is not optional.
    """

    def __init__(self, mapping: Mapping, header: Sequence[str] | None, sample: Iterable[Any] = ()) -> None:
        """`header` is None for JSON, of which `sample` has the first rows: what is in none of them is taken to be
        missing. That is told, and no error: JSON leaves out what is empty.
        """
        self._keys: dict[str, None] = {}
        self._absent = {reference.names: reference for reference in _references(mapping)} if sample else {}
        self._places: dict[str, int] = {}
        self._header = header
        self._twice: set[str] = set()
        for place, name in enumerate(header or ()):
            if self._places.setdefault(column_key(name), place) != place:
                self._twice.add(column_key(name))
        self._look_at(sample)
        problems = [*self._missing(mapping)]
        if problems:
            raise mapping.document.error(problems)

    def place(self, reference: Reference) -> int | None:
        """The index of its column; None if it is missing."""
        found = (self._places.get(column_key(name)) for name in reference.names)
        return next((place for place in found if place is not None), None)

    def getter(self, reference: Reference) -> Getter | None:
        """A function from a row to its value; None if its column is missing."""
        if self._header is None:
            return jmespath.compile(reference.names[0]).search if len(reference.names) == 1 else _first_of(reference)
        place = self.place(reference)
        return None if place is None else itemgetter(place)

    def column(self, reference: Reference) -> str:
        """Its name as spelled in the input."""
        place = self.place(reference)
        return reference.names[0] if place is None or self._header is None else self._header[place]

    def mapped(self, mapping: Mapping) -> dict[str, list[str]]:
        """Column (or path) that exists -> what it is used for."""
        used: dict[str, list[str]] = {}
        for reference, what in _uses(mapping):
            if reference.names in self._absent or self.getter(reference) is None:
                continue
            if what not in (there := used.setdefault(self.column(reference), [])):
                there.append(what)
        return used

    def unmapped(self, mapping: Mapping) -> list[str]:
        """Columns that the mapping does not use; of JSON the fields at the top of the sampled rows."""
        if self._header is None:
            read = {key for reference in _references(mapping) for name in reference.names for key in _top_keys(name)}
            return [] if None in read else [key for key in self._keys if key not in read]
        used = {self.place(reference) for reference in _references(mapping)}
        return [name for place, name in enumerate(self._header or ()) if place not in used and name]

    @property
    def absent(self) -> list[str]:
        """Paths of which no sampled row has a value."""
        return [self.column(reference) for reference in self._absent.values()]

    def _look_at(self, sample: Iterable[Any]) -> None:
        wanted = {names: self.getter(reference) for names, reference in self._absent.items()}
        for row in sample:
            self._keys.update(dict.fromkeys(row))
            for names in [*self._absent]:
                if (get := wanted[names]) is not None and _has(get, row):
                    del self._absent[names]

    def mapped_places(self, mapping: Mapping) -> dict[int, str]:
        """The index of each column that the mapping uses -> its name; none for JSON."""
        found = {self.place(reference) for reference in _references(mapping)}
        return {place: name for place, name in enumerate(self._header or ()) if place in found}

    def places(self, keys: Container[str]) -> dict[str, int]:
        """Column -> its index, for columns whose key is in `keys`."""
        return {name: place for place, name in enumerate(self._header or ()) if column_key(name) in keys}

    def _missing(self, mapping: Mapping) -> Iterator[Problem]:
        if self._header is None:
            return
        told: dict[tuple[str, ...], Reference] = {}  # a column that is used five times is one fault
        for reference in _references(mapping):
            known = told.setdefault(reference.names, reference)
            if (known.optional, not known.hint) > (reference.optional, not reference.hint):
                told[reference.names] = reference
        for reference in told.values():
            if twice := next((name for name in reference.names if column_key(name) in self._twice), None):
                yield Problem(
                    reference.path, f"there are several columns {twice!r}, and nobody can tell which is meant"
                )
            elif not reference.optional and self.place(reference) is None:
                names = " or ".join(map(repr, reference.names))
                hint = f" ({reference.hint})" if reference.hint else ""
                some = ", ".join([*filter(None, self._header)][:_MAX_NAMED_COLUMNS])
                more = ", ..." if len(self._header) > _MAX_NAMED_COLUMNS else ""
                yield Problem(reference.path, f"there is no column {names}{hint}; the columns are {some}{more}")


def _uses(mapping: Mapping) -> Iterator[tuple[Reference, str]]:
    """Every column or path that a mapping uses, and for what; some more than once."""
    for reference in mapping.conditions.values():
        yield reference, "when"
    if mapping.kind_from is not None:
        yield mapping.kind_from, "kind"
    for production in (*mapping.productions, *((mapping.accounts,) if mapping.accounts else ())):
        for one in production.accounts:
            if one.reference is not None:
                yield one.reference, "account_id"
        for name, source in production.fields.items():
            yield source.reference, name
    for production in mapping.productions:
        if production.occurred_at is not None:
            yield production.occurred_at.reference, "occurred_at"
        if production.identity.given is not None:
            yield production.identity.given, "event_id"
        for part in production.identity.key:
            yield part.reference, "natural key"


def _references(mapping: Mapping) -> Iterator[Reference]:
    """Every column or path that a mapping uses; some more than once."""
    return (reference for reference, _ in _uses(mapping))


def recognised(mappings: Sequence[Mapping], header: Sequence[str]) -> list[Mapping]:
    """The mappings whose `match` is entirely in a header, and among those the ones that match most; several if it is a
    tie.
    """
    there = frozenset(map(column_key, header))
    matching = [
        mapping
        for mapping in mappings
        if mapping.match and all(any(column_key(alias) in there for alias in one) for one in mapping.match)
    ]
    most = max((len(mapping.match) for mapping in matching), default=0)
    return [mapping for mapping in matching if len(mapping.match) == most]


def header_row(rows: Sequence[Sequence[str]], mappings: Sequence[Mapping]) -> int:
    """The header among the first rows of a file: the row with most of the columns that the mappings use.

    On a tie the first one; if no row has any, the first of those with most cells.
    """
    wanted = {column_key(name) for mapping in mappings for name in _all_names(mapping)}
    known = [len(wanted & {column_key(cell) for cell in row if cell.strip()}) for row in rows]
    filled = [sum(bool(cell.strip()) for cell in row) for row in rows]
    return max(range(len(rows)), key=lambda place: (known[place], filled[place], -place), default=0)


def _all_names(mapping: Mapping) -> Iterator[str]:
    for one in mapping.match:
        yield from one
    for reference in _references(mapping):
        yield from reference.names


def _first_of(reference: Reference) -> Getter:
    """Reads the first of several paths that has a value."""
    searches = [jmespath.compile(name).search for name in reference.names]
    return lambda row: next((found for search in searches if (found := search(row)) is not None), None)


def _has(get: Getter, row: Any) -> bool:
    try:
        return get(row) is not None
    except JMESPathError:  # there is something, of which the path cannot be asked; the row is refused for it
        return True


_ASKED_OF_THE_FIRST: Final = frozenset(
    {"subexpression", "index_expression", "projection", "value_projection", "filter_projection", "flatten", "pipe"}
)
"""Nodes whose first child alone is asked of the row; the others are asked of what that gives."""


def _top_keys(path: str) -> Iterator[str | None]:
    """The fields of a row that a JMESPath reads; None: all of it."""
    return _keys_of(jmespath.compile(path).parsed)


def _keys_of(node: Any) -> Iterator[str | None]:
    if node["type"] == "field":
        yield node["value"]
    elif node["type"] == "current":
        yield None
    else:
        children = node["children"][:1] if node["type"] in _ASKED_OF_THE_FIRST else node["children"]
        for child in children:
            yield from _keys_of(child)
