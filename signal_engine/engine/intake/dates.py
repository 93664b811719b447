"""Dates as people write them: one format for a whole column, decided over the whole column.

A 13 anywhere settles the order of day and month. A column in which nothing settles it is refused with both readings,
since half of its dates could be silently wrong.
"""

import re
from datetime import datetime, timedelta, tzinfo
from functools import lru_cache
from typing import Final
from zoneinfo import ZoneInfo

from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.intake.deciding import Undecided, UndecidedColumn
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.intake.mapping import EPOCH_MS, EPOCH_S, EPOCH_US, ISO

_ISO: Final = re.compile(
    r"\d{4}-\d\d-\d\d(?:[Tt ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?: ?(?:[Zz]|UTC|[+-]\d\d(?::?\d\d)?))?)?"
)
_NUMERIC: Final = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4}|\d\d)(?:,? +(\d{1,2}):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?: ?([AaPp])\.?[Mm]\.?)?)?"
)
_WORDS: Final = (
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%b %d %Y", "%B %d %Y", "%d-%b-%Y", "%Y/%m/%d",
    "%b %d, %Y %H:%M", "%d %b %Y %H:%M", "%Y/%m/%d %H:%M", "%Y/%m/%d %H:%M:%S",
)  # fmt: skip
"""More formats accepted in any column: with the month in words, or the year first; they are never ambiguous."""
_UNITS_US: Final = {EPOCH_S: SECOND * 1_000, EPOCH_MS: 1_000, EPOCH_US: 1}
"""Epoch -> microseconds."""
_DIGITS: Final = re.compile(r"[0-9]{1,18}")
_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 (naive: zones are added apart)
_MS: Final = timedelta(milliseconds=1)
_MONTHS: Final = 12
_NO_DATE: Final = "is no date that can be read"
_NO_ZONE: Final = "names no time zone"

_DAY_FIRST: Final = "day first"
_MONTH_FIRST: Final = "month first"


class DateColumn:
    """Reads a column of dates: `survey` every value, then `decide` once, then `read` each."""

    def __init__(self, formats: tuple[str, ...], zone: str | None) -> None:
        """`formats` as in a mapping; `zone` (IANA) applies to text that names no zone."""
        self.formats = formats
        self._zone: tzinfo | None = ZoneInfo(zone) if zone else None
        self._day_first = self._month_first = self._either = self._naive = ""
        """An example of a date with the day first, and of one with the month first."""
        self._order = ""
        self.presuming = False
        """Whether `survey` raises `Undecided` at the first text that only the rest of the column can settle."""
        self.survey = lru_cache(maxsize=65_536)(self._survey)
        """Take a text into account, each distinct text once."""
        self.read = lru_cache(maxsize=65_536)(self._read)
        """The instant of a text in ms, or what is wrong with it, in words that follow the name of the column."""

    @property
    def words(self) -> str:
        """How the column is read, in words."""
        order = f"{self._order} (as {self._day_first or self._month_first} says)" if self._order else ""
        zone = f"times of {self._zone}" if self._naive else ""
        return ", ".join(filter(None, (order, zone))) or "dates that read in one way only"

    def decide(self) -> None:
        """Raises `UndecidedColumn`."""
        if self._day_first and self._month_first:
            raise UndecidedColumn(
                f"mixes two orders: {self._day_first!r} has the day first, {self._month_first!r} the month"
            )
        if self._either and not (self._day_first or self._month_first):
            day, month = _numeric(self._either, _DAY_FIRST), _numeric(self._either, _MONTH_FIRST)
            raise UndecidedColumn(
                f"can be read in two ways, and no value settles it: {self._either!r} is {day:%-d %B %Y} or "
                f'{month:%-d %B %Y}; write `formats` beside it in the mapping, such as ["%d/%m/%Y"] or ["%m/%d/%Y"]',
                mapping_settles=True,
            )
        self._order = _DAY_FIRST if self._day_first else _MONTH_FIRST if self._month_first else ""
        if self._naive and self._zone is None:
            raise UndecidedColumn(f"{_NO_ZONE} ({self._naive!r}): say --timezone, such as --timezone Europe/Berlin")

    def _survey(self, text: str) -> None:
        if self.formats:
            found = self._by_formats(text)
            if isinstance(found, datetime) and found.tzinfo is None:
                self._note_naive(text)
        elif (found := _iso(text)) is not None:
            if found.tzinfo is None:
                self._note_naive(text)
        elif (numeric := _NUMERIC.fullmatch(text)) is not None:
            self._note_naive(text)
            self._note(text, int(numeric[1]), int(numeric[3]), numeric[2])
        elif _in_words(text) is not None:
            self._note_naive(text)

    def _note_naive(self, text: str) -> None:
        if self.presuming and self._zone is None:
            raise Undecided
        self._naive = self._naive or text

    def _note(self, text: str, first: int, second: int, separator: str) -> None:
        if self.presuming and first != second:
            raise Undecided
        if first > _MONTHS >= second or (separator == "." and first <= 31 and second <= _MONTHS):
            self._day_first = self._day_first or text  # nobody writes 2.13.2026
        elif second > _MONTHS >= first:
            self._month_first = self._month_first or text
        elif first != second and first <= _MONTHS:
            self._either = self._either or text

    def _read(self, text: str) -> int | str:
        found = self._by_formats(text) if self.formats else self._by_its_looks(text)
        if found is None:
            return _NO_DATE
        try:
            if isinstance(found, int):
                instant = found
            elif found.tzinfo is None and self._zone is None:
                return _NO_ZONE
            else:
                instant = _instant(found if found.tzinfo else found.replace(tzinfo=self._zone))
            return parse_instant(format_instant(instant))
        except (ValueError, OverflowError):
            return "lies outside the years 0001 to 9999"

    def _by_its_looks(self, text: str) -> datetime | None:
        return _iso(text) or _numeric(text, self._order) or _in_words(text)

    def _by_formats(self, text: str) -> datetime | int | None:
        for pattern in self.formats:
            if (unit := _UNITS_US.get(pattern)) is not None:
                if _DIGITS.fullmatch(text):
                    return int(text) * unit // 1_000
                continue
            found = _iso(text) if pattern == ISO else _strptime(text, pattern)
            if found is not None:
                return found
        return None


def _instant(moment: datetime) -> int:
    offset = moment.utcoffset() or timedelta()
    return (moment.replace(tzinfo=None) - _EPOCH - offset) // _MS


def _iso(text: str) -> datetime | None:
    if _ISO.fullmatch(text) is None:
        return None
    try:
        return datetime.fromisoformat(text.upper().replace("UTC", "Z").replace(" Z", "Z").replace(" +", "+"))
    except ValueError:
        return None


def _numeric(text: str, order: str) -> datetime | None:
    """Reads `7/5/2020 12:00 AM`; without `order` only if day and month are the same number."""
    found = _NUMERIC.fullmatch(text)
    if found is None:
        return None
    first, _, second, year, hour, minute, second_of, half = found.groups()
    if not order and first.zfill(2) != second.zfill(2):
        return None
    day, month = (first, second) if order == _DAY_FIRST else (second, first)
    hours = int(hour or 0)
    if half:
        if not 1 <= hours <= _MONTHS:
            return None
        hours = hours % 12 + (12 if half in "Pp" else 0)
    full_year = int(year) if len(year) == 4 else _century(int(year))
    try:
        return datetime(full_year, int(month), int(day), hours, int(minute or 0), int(second_of or 0))  # noqa: DTZ001
    except ValueError:
        return None


def _century(year: int) -> int:
    """As in POSIX: 69 is 1969, 68 is 2068."""
    return year + (1900 if year >= 69 else 2000)


def _in_words(text: str) -> datetime | None:
    return next((found for pattern in _WORDS if (found := _strptime(text, pattern)) is not None), None)


def _strptime(text: str, pattern: str) -> datetime | None:
    try:
        return datetime.strptime(text, pattern)  # noqa: DTZ007 (zones are added by `_read`)
    except ValueError:
        return None
