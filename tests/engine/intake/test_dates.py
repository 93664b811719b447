"""Dates: one format for a whole column, settled by any of its values, never by a guess."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.intake.dates import DateColumn
from signal_engine.engine.intake.deciding import Undecided, UndecidedColumn
from signal_engine.wire.instants import format_instant


def column(values, formats=(), zone="UTC"):
    made = DateColumn(tuple(formats), zone)
    for value in values:
        made.survey(value)
    made.decide()
    return made


def read(value, *others, formats=(), zone="UTC"):
    found = column([value, *others], formats, zone).read(value)
    return format_instant(found) if isinstance(found, int) else found


@pytest.mark.parametrize(
    ("value", "others", "instant", "because"),
    [
        ("2026-08-11", [], "2026-08-11T00:00:00Z", "a day is its first instant"),
        ("2020-01-10 10:00", [], "2020-01-10T10:00:00Z", "I4: as HubSpot writes"),
        ("2026-03-05T09:30:00.000Z", [], "2026-03-05T09:30:00Z", "I9: as the Data Loader writes"),
        ("2026-03-05T09:30:00.000+0100", [], "2026-03-05T08:30:00Z", "I9: a zone without a colon"),
        ("2026-03-05T09:30:00+01:00", [], "2026-03-05T08:30:00Z", "a zone with one"),
        ("2026-03-05 09:30:00+01", [], "2026-03-05T08:30:00Z", "as PostgreSQL writes: a zone of hours alone"),
        ("2026-03-05 09:30:00.123456-05", [], "2026-03-05T14:30:00.123Z", "the same to the west"),
        ("7/5/2020 12:00 AM", ["7/13/2020 1:00 PM"], "2020-07-05T00:00:00Z", "I11: a 13 settles it, midnight is 12 AM"),
        ("7/5/2020", ["13/5/2020"], "2020-05-07T00:00:00Z", "a 13 settles it the other way"),
        ("7.5.2020", [], "2020-05-07T00:00:00Z", "points separate day, month, year everywhere"),
        ("5/5/2020", [], "2020-05-05T00:00:00Z", "it is the same in both orders"),
        ("7/5/20 1:30 pm", ["31/12/20"], "2020-05-07T13:30:00Z", "two digits of a year"),
        ("Jan 5, 2026", [], "2026-01-05T00:00:00Z", "a month in words"),
        ("05-Jan-2026", [], "2026-01-05T00:00:00Z", "a month in words"),
    ],
)
def test_dates_are_read(value, others, instant, because):
    assert read(value, *others) == instant, because


def test_a_column_that_nothing_settles_is_refused_with_both_readings():
    with pytest.raises(UndecidedColumn, match=r"'7/5/2020' is 7 May 2020 or 5 July 2020"):
        column(["7/5/2020", "3/4/2020", "5/5/2020"])


def test_a_column_of_both_orders_is_refused():
    with pytest.raises(UndecidedColumn, match=r"'13/5/2020' has the day first, '5/13/2020' the month"):
        column(["13/5/2020", "5/13/2020"])


def test_the_zone_is_never_guessed():
    with pytest.raises(UndecidedColumn, match=r"names no time zone \('2020-01-10 10:00'\): say --timezone"):
        column(["2020-01-10T10:00:00Z", "2020-01-10 10:00"], zone=None)
    assert column(["2020-01-10T10:00:00Z"], zone=None).read("2020-01-10T10:00:00Z")


def test_the_zone_is_that_of_its_day():
    assert read("2026-01-10 10:00", zone="Europe/Berlin") == "2026-01-10T09:00:00Z"
    assert read("2026-07-10 10:00", zone="Europe/Berlin") == "2026-07-10T08:00:00Z"


@pytest.mark.parametrize(
    ("value", "formats", "said"),
    [
        ("1767225600", ["epoch_s"], "2026-01-01T00:00:00Z"),
        ("1767225600000", ["epoch_ms"], "2026-01-01T00:00:00Z"),
        ("1767225600000123", ["epoch_us"], "2026-01-01T00:00:00Z"),
        ("1767225600", [], "is no date that can be read"),
        ("1767225600", ["iso"], "is no date that can be read"),
        ("02/03/2026", ["%m/%d/%Y"], "2026-02-03T00:00:00Z"),
        ("02/03/2026", ["%d/%m/%Y", "iso"], "2026-03-02T00:00:00Z"),
        ("2026-02-30", [], "is no date that can be read"),
        ("soon", [], "is no date that can be read"),
        ("99999999999999", ["epoch_s"], "lies outside the years 0001 to 9999"),
    ],
)
def test_formats_are_taken_at_their_word_and_numbers_need_one(value, formats, said):
    assert read(value, formats=formats) == said


@given(
    st.lists(st.dates(datetime.date(1970, 1, 1), datetime.date(2068, 12, 31)), min_size=1, max_size=30),
    st.sampled_from(["%d/%m/%Y", "%m/%d/%Y"]),
)
def test_a_column_is_read_as_it_was_written_or_refused(dates, pattern):
    texts = [date.strftime(pattern) for date in dates]
    try:
        decided = column(texts)
    except UndecidedColumn:
        assert all(date.day <= 12 for date in dates)
        return
    assert [format_instant(decided.read(text))[:10] for text in texts] == [date.isoformat() for date in dates]


@given(st.text(max_size=40))
def test_no_text_makes_it_fail(text):
    made = DateColumn((), "UTC")
    made.survey(text)
    try:
        made.decide()
    except UndecidedColumn:
        return
    assert isinstance(made.read(text), int | str)


@pytest.mark.parametrize(
    ("value", "zone", "doubtful"),
    [
        ("2026-11-27", "UTC", False),
        ("2026-11-27", None, True),
        ("2026-11-27T00:00:00Z", None, False),
        ("3/4/2026", "UTC", True),
        ("13/4/2026", "UTC", True),
        ("4/4/2026", "UTC", False),
        ("Jan 5, 2026", "UTC", False),
        ("soon", "UTC", False),
    ],
)
def test_who_reads_while_surveying_is_told_what_the_rest_of_the_column_has_to_settle(value, zone, doubtful):
    made = DateColumn((), zone)
    made.presuming = True
    if doubtful:
        with pytest.raises(Undecided):
            made.survey(value)
    else:
        made.survey(value)
        assert made.read(value) == column([value], (), zone).read(value)
