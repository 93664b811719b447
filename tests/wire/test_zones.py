"""Yesterday in a time zone, also where clocks change."""

from datetime import UTC, datetime
from typing import Any

import pytest

from signal_engine.wire.instants import UTC_ZONE, format_instant, parse_instant, time_zone, yesterday


@pytest.mark.parametrize(
    ("zone", "now", "start"),
    [
        ("Europe/Berlin", "2026-11-28T22:59:59Z", "2026-11-26T23:00:00Z"),
        ("Europe/Berlin", "2026-11-28T23:00:00Z", "2026-11-27T23:00:00Z"),
        ("Europe/Berlin", "2026-03-30T08:00:00Z", "2026-03-28T23:00:00Z"),  # the day of 23 hours
        ("Europe/Berlin", "2026-10-26T22:59:59Z", "2026-10-24T22:00:00Z"),  # 49 hours, less a second
        ("Australia/Lord_Howe", "2026-07-01T00:00:00Z", "2026-06-29T13:30:00Z"),
        ("America/Santiago", "2026-09-07T12:00:00Z", "2026-09-06T04:00:00Z"),  # 00:00 was skipped
        ("Asia/Beirut", "2026-10-25T12:00:00Z", "2026-10-23T21:00:00Z"),
    ],
)
def test_yesterday_begins_at_midnight_there(zone: str, now: str, start: str) -> None:
    day = yesterday(parse_instant(now), time_zone(zone))
    assert (day.zone, format_instant(day.start)) == (zone, start)


def test_it_is_never_fifty_hours_ago_nor_less_than_a_day() -> None:
    hour = 3_600_000
    for zone in ("Europe/Berlin", "America/Sao_Paulo", "Australia/Lord_Howe", "Africa/Cairo", "Pacific/Chatham"):
        for at in range(parse_instant("2026-01-01T00:00:00Z"), parse_instant("2027-01-01T00:00:00Z"), hour // 4):
            assert 22 * hour < at - yesterday(at, time_zone(zone)).start < 49.5 * hour


def test_utc_needs_no_database() -> None:
    now = parse_instant("2026-03-02T00:00:00Z")
    assert UTC_ZONE.rules is UTC
    assert yesterday(now, UTC_ZONE) == ("UTC", round(datetime(2026, 3, 1, tzinfo=UTC).timestamp() * 1_000))


@pytest.mark.parametrize("name", ["", "Europe", "Nowhere", "../x", "/etc/localtime", "a\0b"])
def test_what_is_no_zone_is_refused(name: Any) -> None:
    with pytest.raises(ValueError, match="must be the name of a time zone, such as Europe/Berlin"):
        time_zone(name)
