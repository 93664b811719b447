"""Instants as whole microseconds since 1970 UTC, so that differences are exact (scoring.md, head: ages are in days)."""

import re
from datetime import UTC, datetime, timedelta

SECOND = 1_000_000
DAY = 86_400 * SECOND

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)

# Ambiguous: "RFC 3339 with a zone" is read by its grammar alone: T or t between date and time, seconds required, no
# blank, no `+0000`. A leap second (:60) and the year 0000 are in the grammar but are no datetime: not readable here.
_RFC3339 = re.compile(
    r"(\d{4}-\d{2}-\d{2})[Tt](\d{2}:\d{2}:\d{2})(?:\.(\d+))?([Zz]|[+-]\d{2}:\d{2})",
    re.ASCII,
)


def parse_instant(value: object) -> int | None:
    """An RFC 3339 text as microseconds; None when it is anything else, numbers included (contract.md, head).

    Ambiguous: digits past the microsecond are cut off; the specification names no resolution of an instant.
    """
    match = _RFC3339.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        return None
    date, time, fraction, zone = match.groups()
    zone = "+00:00" if zone in "Zz" else zone
    if int(zone[4:6]) > 59:
        return None
    try:
        return from_datetime(datetime.fromisoformat(f"{date}T{time}.{(fraction or '0')[:6]:0<6}{zone}"))
    except (ValueError, OverflowError):
        return None


def from_datetime(moment: datetime) -> int:
    """Microseconds of an aware datetime; a naive one is a mistake of the caller."""
    if moment.tzinfo is None:
        raise ValueError("an instant needs a zone")
    return (moment.astimezone(UTC) - _EPOCH) // _MICROSECOND


def to_datetime(instant: int) -> datetime:
    """The aware datetime of an instant; what lies after the year 9999 is given as its last microsecond."""
    try:
        return _EPOCH + timedelta(microseconds=instant)
    except OverflowError:
        return _LAST


def days(microseconds: int) -> float:
    """A duration in days of 86,400 s."""
    return microseconds / DAY


def second_at_or_after(instant: int) -> int:
    """The number of the first whole second that is not before the instant."""
    return -(-instant // SECOND)


def second_at_or_before(instant: int) -> int:
    """The number of the last whole second that is not after the instant."""
    return instant // SECOND


def midnight_at_or_before(instant: int) -> int:
    """The last 00:00 UTC that is not after the instant."""
    return instant - instant % DAY
