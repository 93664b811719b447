"""Instants as text and as milliseconds."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.wire.instants import format_instant, parse_instant

READ = [
    ("the form most producers send", "2016-03-05T00:00:00Z", 1_457_136_000_000),
    ("with milliseconds", "2016-03-05T00:00:00.123Z", 1_457_136_000_123),
    ("a finer fraction is cut, never rounded up", "2016-03-05T00:00:00.123999999Z", 1_457_136_000_123),
    ("one digit of a fraction is tenths", "2016-03-05T00:00:00.1Z", 1_457_136_000_100),
    ("east of Greenwich it is earlier in UTC", "2016-03-05T01:00:00+01:00", 1_457_136_000_000),
    ("west of Greenwich it is later in UTC", "2016-03-04T18:30:00-05:30", 1_457_136_000_000),
    ("unknown local offset is UTC", "2016-03-05T00:00:00-00:00", 1_457_136_000_000),
    ("lower case is allowed", "2016-03-05t00:00:00z", 1_457_136_000_000),
    ("a blank between date and time is allowed", "2016-03-05 00:00:00Z", 1_457_136_000_000),
    ("a leap second is the first instant of the next day", "2016-12-31T23:59:60Z", 1_483_228_800_000),
    ("a leap second in another zone", "2017-01-01T01:59:60.5+02:00", 1_483_228_800_000),
    ("29 February of a leap year", "2016-02-29T00:00:00Z", 1_456_704_000_000),
    ("before 1970 instants are negative", "1969-12-31T23:59:59Z", -1_000),
    ("the first there is", "0001-01-01T00:00:00Z", -62_135_596_800_000),
    ("the last there is", "9999-12-31T23:59:59.999Z", 253_402_300_799_999),
]

REFUSED = [
    ("a zone is required", "2016-03-05T00:00:00"),
    ("seconds since 1970", "1457136000"),
    ("milliseconds since 1970", "1457136000000"),
    ("a date alone", "2017-04-01"),
    ("no seconds", "2016-03-05T00:00Z"),
    ("ISO 8601 basic form", "20160305T000000Z"),
    ("an ISO week", "2016-W09-6T00:00:00Z"),
    ("a zone without colon", "2016-03-05T00:00:00+0100"),
    ("a zone of hours only", "2016-03-05T00:00:00+01"),
    ("a comma before the fraction", "2016-03-05T00:00:00,5Z"),
    ("a point without a fraction", "2016-03-05T00:00:00.Z"),
    ("30 February", "2016-02-30T00:00:00Z"),
    ("month 13", "2016-13-05T00:00:00Z"),
    ("hour 24", "2016-03-05T24:00:00Z"),
    ("a leap second in the middle of a day", "2016-03-05T12:30:60Z"),
    ("year 0", "0000-01-01T00:00:00Z"),
    ("before year 1 in UTC", "0001-01-01T00:00:00+01:00"),
    ("after year 9999 in UTC", "9999-12-31T23:59:59-01:00"),
    ("digits that are not ASCII", "\uff12016-03-05T00:00:00Z"),
    ("a newline at the end", "2016-03-05T00:00:00Z\n"),
    ("blanks around it", " 2016-03-05T00:00:00Z"),
    ("nothing", ""),
    ("words", "yesterday"),
]


@pytest.mark.parametrize(("text", "instant"), [row[1:] for row in READ], ids=[row[0] for row in READ])
def test_rfc_3339_is_read(text: str, instant: int) -> None:
    assert parse_instant(text) == instant


@pytest.mark.parametrize("text", [row[1] for row in REFUSED], ids=[row[0] for row in REFUSED])
def test_anything_else_is_refused_without_being_quoted(text: str) -> None:
    with pytest.raises(ValueError, match=r"^(is not an RFC 3339|lies outside)") as refused:
        parse_instant(text)
    assert not text.strip() or text not in str(refused.value)


def test_milliseconds_are_written_only_when_there_are_some() -> None:
    assert format_instant(1_457_136_000_000) == "2016-03-05T00:00:00Z"
    assert format_instant(1_457_136_000_007) == "2016-03-05T00:00:00.007Z"


@pytest.mark.parametrize("instant", [253_402_300_800_000, -62_135_596_800_001])
def test_what_no_year_of_four_digits_holds_cannot_be_written(instant: int) -> None:
    with pytest.raises(ValueError, match="outside the years"):
        format_instant(instant)


@given(st.integers(-62_135_596_800_000, 253_402_300_799_999))
def test_what_is_written_is_read_back(instant: int) -> None:
    assert parse_instant(format_instant(instant)) == instant


@given(
    st.datetimes(
        min_value=datetime(1900, 1, 2),  # noqa: DTZ001 (Hypothesis adds the zone)
        timezones=st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes))),
        max_value=datetime(9999, 12, 30),  # noqa: DTZ001
    )
)
def test_every_zone_agrees_with_the_standard_library(moment: datetime) -> None:
    milliseconds = (moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(milliseconds=1)
    assert parse_instant(moment.isoformat()) == milliseconds


@given(st.text())
def test_no_text_does_anything_but_parse_or_be_refused(text: str) -> None:
    try:
        parse_instant(text)
    except ValueError:
        return
