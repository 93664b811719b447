"""Days off by the calendars that a routes file names: its own lists of days, and public holidays by country."""

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Final

_COUNTRY: Final = re.compile(r"([A-Z]{2})(?:-([A-Z0-9]{1,3}))?")
"""ISO 3166: a country, or one of its parts."""


@dataclass(frozen=True, slots=True)
class _PublicHolidays(Container[date]):
    """The public holidays of a country or a part of it, whatever the year."""

    code: str
    """`US`, `DE-BY`."""
    _days: Container[date] = field(compare=False, repr=False)

    def __contains__(self, day: object) -> bool:
        """Whether `day` is a holiday there, one that is moved to a working day included."""
        return day in self._days


def days_off(name: str, own: Mapping[str, Sequence[date]]) -> Container[date]:
    """The days off of the calendar `name`: one of the file's `own`, else public holidays by a country's code.

    Public holidays need the extra `holidays`. Raises ValueError for a name that is neither.
    """
    if name in own:
        return frozenset(own[name])
    found = _COUNTRY.fullmatch(name)
    if found is None:
        raise ValueError("is none of the calendars, and no code of a country such as US or DE-BY")
    try:
        from holidays import country_holidays  # noqa: PLC0415 (an extra, and 0.1 s to import)
    except ModuleNotFoundError:
        raise ValueError(
            "is none of the calendars; public holidays by country need the extra `holidays`: pip install '.[holidays]'"
        ) from None
    try:
        return _PublicHolidays(name, country_holidays(found[1], subdiv=found[2]))
    except NotImplementedError:
        raise ValueError("is none of the calendars, and no country or part of one whose holidays are known") from None
