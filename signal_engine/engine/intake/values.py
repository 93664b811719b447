"""The values of a row: empty cells, dates and numbers of columns that were looked at as a whole."""

from collections.abc import Callable, Iterator
from typing import Any, Final

from jmespath.exceptions import JMESPathError

from signal_engine.core.rules.readings import as_boolean, as_text, fold
from signal_engine.engine.intake.amounts import NumberColumn, UndecidedNumbers
from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.dates import DateColumn, UndecidedDates
from signal_engine.engine.intake.natural_keys import bucket, canonical
from signal_engine.engine.intake.outcomes import RefusedRow
from signal_engine.wire.instants import format_instant
from signal_engine.wire.intake.mapping import FieldSource, KeyPart, Mapping, OccurredAt, Reference

Read = Callable[[Any], Any]
"""A row -> a value, None where there is none, or why it cannot be read, as a `RefusedRow`."""

_QUOTED: Final = 40
"""Characters of a cell that a reason repeats: of dates and numbers only, never of text."""


class Values:
    """Reads fields, dates and keys of rows, after `survey` of every row and one `decide`."""

    def __init__(self, mapping: Mapping, binding: Binding, zone: str | None) -> None:
        """`zone` (IANA) is that of text which names none, where the mapping does not say it."""
        self._binding = binding
        self._blank = mapping.blank
        self._zone = zone
        self.dates: Final[dict[tuple[str, ...], DateColumn]] = {}
        self.numbers: Final[dict[tuple[str, ...], NumberColumn]] = {}
        self._references: dict[tuple[str, ...], Reference] = {}
        for production in mapping.productions:
            self._note_date(production.occurred_at)
            for source in production.fields.values():
                self._note_field(source)
            for part in production.identity.key:
                if part.bucket is not None:
                    self._note_date(OccurredAt(part.reference))
        for source in mapping.accounts.fields.values() if mapping.accounts else ():
            self._note_field(source)
        self._surveys = [
            (read, column.survey)
            for columns in (self.dates, self.numbers)
            for names, column in columns.items()
            if (read := self._raw(self._references[names])) is not None
        ]

    def survey(self, row: Any) -> None:
        """Takes note of the dates and numbers of one row."""
        for read, note in self._surveys:
            try:
                value = read(row)
            except JMESPathError:  # the row will be refused for it
                continue
            if type(value) is str:
                note(value)
            elif type(value) is int:
                note(str(value))

    def decide(self) -> None:
        """Raises `ValueError` with one line for every column that can be read in two ways."""
        faults = []
        for names, column in self._columns():
            try:
                column.decide()
            except (UndecidedDates, UndecidedNumbers) as error:
                faults.append(f"column {self._binding.column(self._references[names])!r} {error}")
        if faults:
            raise ValueError("\n".join(faults))

    def decided(self) -> Iterator[tuple[str, str]]:
        """Column and how it is read, in words."""
        for names, column in self._columns():
            if self._binding.getter(self._references[names]) is not None:
                yield self._binding.column(self._references[names]), column.words

    def _columns(self) -> Iterator[tuple[tuple[str, ...], DateColumn | NumberColumn]]:
        yield from self.dates.items()
        yield from self.numbers.items()

    def raw(self, reference: Reference) -> Read:
        """The cell without blanks around it; None where it is empty or its column is missing."""
        return self._raw(reference) or (lambda _: None)

    def date(self, reference: Reference, field: str) -> Read:
        """The instant in ms."""
        read, column = self.raw(reference), self.dates[reference.names]
        name = self._binding.column(reference)

        def instant(row: Any) -> Any:
            value = read(row)
            if value is None:
                return None
            found = column.read(str(value))
            return found if isinstance(found, int) else RefusedRow(field, f"{name!r} {found}: {_short(value)}")

        return instant

    def field(self, field: str, source: FieldSource, values: dict[str, Any]) -> Read:
        """A field as its source says, through the table of `values`."""
        if source.date:
            instant = self.date(source.reference, field)
            return lambda row: format_instant(at) if type(at := instant(row)) is int else at
        if source.number:
            return self._number(source.reference, field, values)
        read = self.raw(source.reference)
        if source.boolean:
            return self._boolean(read, field, values)
        if source.split is not None:
            separator = source.split
            return lambda row: _list(read(row), separator)
        if not values:
            return lambda row: value if type(value := read(row)) is str else _text(value)
        return lambda row: None if (value := read(row)) is None else values.get(as_text(value), _text(value))

    def condition(self, reference: Reference) -> Read:
        """The cell as a predicate reads it: a number where its column is one of numbers, else as it stands."""
        if reference.names not in self.numbers:
            return self.raw(reference)
        number = self._number(reference, "", {})
        return lambda row: None if isinstance(found := number(row), RefusedRow) else found

    def key_part(self, part: KeyPart) -> Read:
        """A part of a natural key as canonical text."""
        names = part.reference.names
        if names in self.dates:
            instant = self.date(part.reference, "event_id")
            return _bucketed(instant, part.bucket)
        read = self._number(part.reference, "event_id", {}) if names in self.numbers else self.raw(part.reference)
        return lambda row: found if isinstance(found := read(row), RefusedRow) else canonical(found)

    def _raw(self, reference: Reference) -> Read | None:
        get, blank = self._binding.getter(reference), self._blank
        if get is None:
            return None

        def read(row: Any) -> Any:
            value = get(row)
            if type(value) is not str:
                return value
            value = value.strip()
            return None if not value or (blank and fold(value) in blank) else value

        return read

    def _number(self, reference: Reference, field: str, values: dict[str, Any]) -> Read:
        read, column, name = self.raw(reference), self.numbers[reference.names], self._binding.column(reference)

        def number(row: Any) -> Any:
            value = read(row)
            if type(value) is not str:
                return value
            if values and (known := values.get(as_text(value))) is not None:
                return known
            found = column.read(value)
            return RefusedRow(field, f"{name!r} {found}: {_short(value)}") if isinstance(found, str) else found

        return number

    def _boolean(self, read: Read, field: str, values: dict[str, Any]) -> Read:
        def boolean(row: Any) -> Any:
            value = read(row)
            if value is None:
                return None
            found = values.get(as_text(value), as_boolean(value))
            return RefusedRow(field, "is neither yes nor no") if found is None else found

        return boolean

    def _note_date(self, given: OccurredAt) -> None:
        names = given.reference.names
        if names not in self.dates or (given.formats and not self.dates[names].formats):
            self.dates[names] = DateColumn(given.formats, given.zone or self._zone)
            self._references[names] = given.reference

    def _note_field(self, source: FieldSource) -> None:
        names = source.reference.names
        if source.date:
            self._note_date(OccurredAt(source.reference))
        elif source.number and names not in self.numbers:
            self.numbers[names] = NumberColumn()
            self._references[names] = source.reference


def _bucketed(instant: Read, size: str | int | None) -> Read:
    def part(row: Any) -> Any:
        at = instant(row)
        if type(at) is not int:
            return "" if at is None else at
        return format_instant(at) if size is None else bucket(at, size)

    return part


def _text(value: Any) -> Any:
    """A number or truth value of JSON as text; lists and objects as they are, for the model to refuse."""
    return canonical(value) if isinstance(value, int | float) else value


def _list(value: Any, separator: str) -> Any:
    if not isinstance(value, str):
        return value
    return [part for item in value.split(separator) if (part := item.strip())]


def _short(value: Any) -> str:
    text = str(value)
    return repr(text if len(text) <= _QUOTED else f"{text[:_QUOTED]}...")
