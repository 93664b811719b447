"""Ids made of what a row says: the same facts, the same id."""

import pytest

from signal_engine.core.rules.instants import MINUTE
from signal_engine.engine.intake.natural_keys import bucket, canonical, given_id, natural_id
from signal_engine.wire.instants import parse_instant


@pytest.mark.parametrize(
    ("instant", "size", "begins"),
    [
        ("2026-11-22T23:59:59Z", "day", "2026-11-22"),
        ("2026-11-22T23:59:59Z", "week", "2026-11-16"),
        ("2026-11-23T00:00:00Z", "week", "2026-11-23"),
        ("1969-12-28T23:59:59Z", "week", "1969-12-22"),
        ("2026-11-22T23:59:59Z", "month", "2026-11"),
        ("2026-11-22T23:59:59Z", "quarter", "2026-Q4"),
        ("2026-11-22T23:59:59Z", 10 * MINUTE, "2026-11-22T23:50:00Z"),
    ],
)
def test_buckets_are_those_of_the_calendar_in_utc(instant, size, begins):
    assert bucket(parse_instant(instant), size) == begins


@pytest.mark.parametrize(("one", "other"), [(" Series  A ", "series a"), (5, 5.0), ("e\u0301", "\u00e9"), (None, "")])
def test_spelling_does_not_count(one, other):
    assert canonical(one) == canonical(other)


def test_the_id_is_the_hash_of_the_json_array():
    """Written down, since ids that were handed out must not change."""
    assert natural_id("any", "funding", "acme.com", ["series a", "2026-08"]) == (
        "2c76643944a6aaec3b3742da0f99dab4cae899d1a4dbbcd2db58f45a83709b7d"
    )


def test_a_senders_id_is_taken_as_it_is_and_hashed_where_it_is_too_long():
    assert given_id("m-1") == "m-1"
    assert given_id("x" * 128) == "x" * 128
    assert given_id("x" * 129).startswith("sha256:")
