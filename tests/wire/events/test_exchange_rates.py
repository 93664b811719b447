"""Other currencies in dollars, by the table that ships."""

from typing import Any

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.core.score.wording import line
from signal_engine.wire.events.decode import SignalRecord, decode_records
from signal_engine.wire.events.exchange_rates import in_dollars
from signal_engine.wire.instants import parse_instant
from tests.wire.events.records import NOW, encode
from tests.wire.events.records import event as sent


def at(day: str) -> int:
    return parse_instant(f"{day}T12:00:00Z")


@pytest.mark.parametrize(
    ("currency", "day", "rate", "because"),
    [
        ("EUR", "2008-07-15", 1.577, "the euro at its highest: 1.577 in July 2008, as the ECB has it"),
        ("EUR", "2000-10-15", 0.8552, "and at its lowest: 0.8552 in October 2000"),
        ("eur", "2008-07-01", 1.577, "a code is read in any case, and the month counts, not the day"),
        ("GBP", "2007-11-10", 2.0701, "the pound above two dollars in November 2007"),
        ("JPY", "2011-10-20", 1 / 76.7, "the yen below 77 a dollar in October 2011"),
        ("USD", "1990-01-01", 1, "dollars need no rate"),
    ],
)
def test_an_amount_is_converted_by_the_rate_of_its_month(currency, day, rate, because):
    assert in_dollars(1_000_000, currency, at(day)) == pytest.approx(1_000_000 * rate, rel=2e-3), because


def test_beyond_the_table_its_last_month_holds():
    assert in_dollars(1e6, "EUR", at("2090-01-01")) == in_dollars(1e6, "EUR", at("2091-01-01")) is not None


@pytest.mark.parametrize(
    ("currency", "day", "because"),
    [
        ("EUR", "1998-12-31", "there was no euro"),
        ("RUB", "2025-01-01", "the rates of the rouble ended in March 2022"),
        ("TWD", "2020-01-01", "the table has no Taiwan dollar"),
        ("XXX", "2020-01-01", "no currency at all"),
        ("€€€", "2020-01-01", "no code at all"),
    ],
)
def test_where_no_rate_is_near_there_is_none(currency, day, because):
    assert in_dollars(1e6, currency, at(day)) is None, because


def test_a_rate_that_ended_holds_for_a_year():
    assert in_dollars(1e6, "RUB", at("2022-12-01")) == in_dollars(1e6, "RUB", at("2022-03-01")) is not None


def funding(**fields: Any) -> Event:
    plain = {name: value for name, value in sent("funding").items() if name not in ("amount_usd", "investors")}
    [read] = decode_records("funding", [SignalRecord(encode({**plain, "round": "series_b", **fields}), NOW)])
    assert isinstance(read, Event)
    return read


def test_a_funding_event_has_its_amount_in_dollars():
    read = funding(amount=20e6, currency="EUR")
    assert read.fields["amount_usd"] == in_dollars(20e6, "EUR", read.occurred_at)
    assert read.fields["amount_usd"] > 20e6
    assert (read.fields["amount"], read.fields["currency"]) == (20e6, "EUR")


def test_the_dollars_of_the_producer_count():
    assert funding(amount=20e6, currency="EUR", amount_usd=7).fields["amount_usd"] == 7


@pytest.mark.parametrize(
    ("fields", "text"),
    [
        ({"amount": 5e6, "currency": "twd"}, "Raised 5M TWD Series B (no rate to dollars)"),
        ({"amount": 5e6}, "Raised 5M of an unnamed currency Series B (no rate to dollars)"),
        ({"amount": 0, "currency": "TWD"}, "Raised a Series B"),
        ({}, "Raised a Series B"),
    ],
)
def test_an_amount_that_is_not_converted_says_so(fields, text):
    read = funding(**fields)
    assert "amount_usd" not in read.fields
    assert line(read) == text
