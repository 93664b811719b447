"""The values of a row: empty cells, and dates and numbers in the format of their column."""

import re
from collections.abc import Callable, Iterator, Sequence
from functools import lru_cache, partial
from typing import Any, Final

from jmespath.exceptions import JMESPathError

from signal_engine.core.rules.predicates import Predicate
from signal_engine.core.rules.readings import as_boolean, as_text, fold
from signal_engine.engine.intake.amounts import NumberColumn
from signal_engine.engine.intake.columns import Binding
from signal_engine.engine.intake.dates import DateColumn
from signal_engine.engine.intake.deciding import UndecidedColumn
from signal_engine.engine.intake.natural_keys import bucket, canonical
from signal_engine.engine.intake.outcomes import RefusedRow
from signal_engine.wire.instants import format_instant
from signal_engine.wire.intake.mapping import FieldSource, KeyPart, Mapping, OccurredAt, Reference

Read = Callable[[Any], Any]
"""A row -> its value, None if there is none, or a `RefusedRow`."""
Convert = Callable[[Any], Any]
"""The same for a value that is not empty."""

_CACHED_TEXTS: Final = 65_536
"""Texts cached per use of a column."""
_CACHED_CHARACTERS: Final = 128
"""Longer texts are not cached."""

_ERRORS: Final = frozenset(
    {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!", "#GETTING_DATA"}
)
"""Cells of which the formula failed, as Excel shows them: text that nobody has written."""
_QUOTED_CHARACTERS: Final = 40
"""Characters that a reason may quote of a cell: of dates and numbers only, never of text."""
_WORD: Final = re.compile(r"[^\W\d_]{2,}")
_TELEPHONE: Final = re.compile(r"\+|\(?[0-9]{3,5}\)?[ /-]+[0-9]{2,4}[ -]?[0-9]{3}")


class Values:
    """Reads fields, dates and keys of rows, after `survey` of every row and one `decide`.

    After `presume`, each row may be read as soon as it is surveyed, until `survey` raises `Undecided`; most columns
    never do.
    """

    def __init__(self, mapping: Mapping, binding: Binding, zone: str | None) -> None:
        """`zone` (IANA) applies to text that names no zone, if the mapping gives none."""
        self._binding = binding
        self._blank = mapping.blank
        self._zone = zone
        self.dates: Final[dict[tuple[str, ...], DateColumn]] = {}
        self.numbers: Final[dict[tuple[str, ...], NumberColumn]] = {}
        self._references: dict[tuple[str, ...], Reference] = {}
        for production in mapping.productions:
            if production.occurred_at is not None:
                self._note_date(production.occurred_at)
            for source in production.fields.values():
                self._note_field(source)
            for part in production.identity.key:
                if part.bucket is not None:
                    self._note_date(OccurredAt(part.reference))
        for source in mapping.accounts.fields.values() if mapping.accounts else ():
            self._note_field(source)
        self._surveys = [(self.raw(self._references[names]), column.survey) for names, column in self._columns()]

    def presume(self) -> None:
        """From now on, `survey` raises `Undecided` if a reading depends on later rows."""
        for _, column in self._columns():
            column.presuming = True

    def survey(self, row: Any) -> None:
        """Take the dates and numbers of one row into account."""
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
        """Decide the format of every column. Raises `UndecidedColumn` with one line per ambiguous column."""
        faults = []
        settled = False
        for names, column in self._columns():
            try:
                column.decide()
            except UndecidedColumn as error:
                faults.append(f"column {self._binding.column(self._references[names])!r} {error}")
                settled |= error.mapping_settles
        if faults:
            raise UndecidedColumn("\n".join(faults), mapping_settles=settled)

    def decided(self) -> Iterator[tuple[str, str]]:
        """Column -> how it is read, in words."""
        for names, column in self._columns():
            if self._binding.getter(self._references[names]) is not None:
                yield self._binding.column(self._references[names]), column.words

    def _columns(self) -> Iterator[tuple[tuple[str, ...], DateColumn | NumberColumn]]:
        yield from self.dates.items()
        yield from self.numbers.items()

    def raw(self, reference: Reference) -> Read:
        """The cell, stripped; None if it is empty or its column is missing."""
        return self.through(reference, lambda value: value)

    def date(self, reference: Reference, field: str) -> Read:
        """The instant in ms."""
        return self.through(reference, self._instant(reference, field))

    def moment(self, reference: Reference, field: str) -> Read:
        """The instant in ms, and as RFC 3339."""
        return self.through(reference, _then(self._instant(reference, field), lambda at: (at, format_instant(at))))

    def field(self, field: str, source: FieldSource, values: dict[str, Any]) -> Read:
        """A field as its source says, translated by `values`."""
        name = self._binding.column(source.reference)
        convert: Convert = partial(_text, field, name)
        if source.date:
            convert = _then(self._instant(source.reference, field), format_instant)
        elif source.number:
            convert = self._number(source.reference, field, values)
        elif source.boolean:
            convert = _boolean(field, values)
        elif source.split is not None:
            separator = source.split
            convert = lambda value: _list(value, separator)  # noqa: E731
        elif values:
            convert = lambda value: values.get(as_text(value), _text(field, name, value))  # noqa: E731
        return self.through(source.reference, convert)

    def given_id(self, reference: Reference) -> Read:
        """The sender's own id."""
        return self.through(reference, partial(_text, "event_id", self._binding.column(reference)))

    def condition(self, predicate: Predicate, reference: Reference) -> Read:
        """Whether a predicate holds for the cell: for the number in a column of numbers, else for the text.

        In a column of numbers, any other cell refuses the row: a damaged column must not look like rows that are passed
        over.
        """
        number = self._number(reference, predicate.field, {}) if reference.names in self.numbers else None

        def holds(value: Any) -> bool | RefusedRow:
            found = value if number is None or value is None else number(value)
            return found if isinstance(found, RefusedRow) else predicate.answer({predicate.field: found}) is True

        return self.through(reference, holds, of_blank=holds(None))

    def key_part(self, part: KeyPart) -> Read:
        """A part of a natural key as canonical text."""
        names, size = part.reference.names, part.bucket
        column = self._binding.column(part.reference)
        convert: Convert = _then(partial(_text, "event_id", column), canonical)
        if names in self.dates:
            in_words = format_instant if size is None else lambda at: bucket(at, size)
            convert = _then(self._instant(part.reference, "event_id"), in_words)
        elif names in self.numbers:
            convert = _then(self._number(part.reference, "event_id", {}), canonical)
        return self.through(part.reference, convert, of_blank="")

    def through(self, reference: Reference, convert: Convert, of_blank: Any = None) -> Read:
        """The value of a cell by `convert`, or `of_blank` if it is empty.

        The result depends on the text alone, and columns repeat themselves, so each text is converted once.
        """
        get, blank = self._binding.getter(reference), self._blank
        if get is None:
            return lambda _: of_blank

        def of_text(text: str) -> Any:
            text = text.strip()
            return of_blank if not text or (blank and fold(text) in blank) else convert(text)

        cached = lru_cache(maxsize=_CACHED_TEXTS)(of_text)

        def read(row: Any) -> Any:
            value = get(row)
            if type(value) is str:
                return cached(value) if len(value) <= _CACHED_CHARACTERS else of_text(value)
            return of_blank if value is None else convert(value)

        return read

    def _instant(self, reference: Reference, field: str) -> Convert:
        column, name = self.dates[reference.names], self._binding.column(reference)

        def instant(value: Any) -> Any:
            found = column.read(str(value))
            return found if isinstance(found, int) else RefusedRow(field, f"{name!r} {found}: {_quoted(value)}")

        return instant

    def _number(self, reference: Reference, field: str, values: dict[str, Any]) -> Convert:
        column, name = self.numbers[reference.names], self._binding.column(reference)

        def number(value: Any) -> Any:
            if type(value) is not str:
                return value
            if values and (known := values.get(as_text(value))) is not None:
                return known
            found = column.read(value)
            return RefusedRow(field, f"{name!r} {found}: {_quoted(value)}") if isinstance(found, str) else found

        return number

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
            self.numbers[names] = NumberColumn(source.decimal)
            self._references[names] = source.reference


def conditions(
    when: Sequence[Predicate], mapping: Mapping, values: Values
) -> Callable[[Any], bool | RefusedRow] | None:
    """A function that tells whether `when` holds for a row, or why the row is refused; None without conditions."""
    if not when:
        return None
    asked = [values.condition(one, mapping.conditions[one.field]) for one in when]
    if len(asked) == 1:
        return asked[0]

    def together(row: Any) -> bool | RefusedRow:
        answers = [holds(row) for holds in asked]
        refused = next((one for one in answers if isinstance(one, RefusedRow)), None)
        return False if False in answers else refused or True

    return together


def _then(first: Convert, then: Convert) -> Convert:
    """Apply one after the other, unless the first refuses the row."""
    return lambda value: found if isinstance(found := first(value), RefusedRow) else then(found)


def _boolean(field: str, values: dict[str, Any]) -> Convert:
    def boolean(value: Any) -> Any:
        found = values.get(as_text(value), as_boolean(value))
        return RefusedRow(field, "is neither yes nor no") if found is None else found

    return boolean


def _text(field: str, column: str, value: Any) -> Any:
    """A JSON number or truth value as text; lists and objects unchanged, since the model refuses them."""
    if isinstance(value, int | float):
        return canonical(value)
    if isinstance(value, str) and value in _ERRORS:
        return RefusedRow(field, f"{column!r} holds an error of the spreadsheet: {value}")
    return value


def _list(value: Any, separator: str) -> Any:
    if not isinstance(value, str):
        return value
    return [part for item in value.split(separator) if (part := item.strip())]


def _quoted(value: Any) -> str:
    """The cell, quoted for a message, unless it may be a person's name, address or telephone number."""
    text = str(value)
    if "@" in text or _TELEPHONE.match(text) or len(_WORD.findall(text)) > 1:
        return "(not quoted: it may be personal)"
    return repr(text if len(text) <= _QUOTED_CHARACTERS else f"{text[:_QUOTED_CHARACTERS]}...")
