"""When the next review is."""

from dataclasses import replace

import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.engine.review.report import next_review
from signal_engine.simulation.planted.market import ICP
from signal_engine.wire.config import icp_file
from signal_engine.wire.instants import parse_instant

NOW = parse_instant("2026-01-10T12:00:00Z")
PLAIN = icp_file.parse("icp.yaml", ICP.encode())[0]


@pytest.mark.parametrize(
    ("review_by", "annual", "expected"),
    [
        ("2026-02-01", None, "2026-02-01"),
        ("2026-01-10", None, "2026-04-10"),  # today is this one; the next is in 90 days
        ("2025-12-01", None, "2026-04-10"),
        ("2030-01-01", None, "2026-04-10"),
        ("2026-03-01", "2026-02-15", "2026-02-15"),
    ],
)
def test_the_next_review_is_the_first_date_that_an_icp_names_or_in_90_days(review_by, annual, expected):
    assert next_review([replace(PLAIN, review_by=review_by, annual_review_by=annual)], NOW) == expected
    assert next_review([], NOW + DAY) == "2026-04-11"
