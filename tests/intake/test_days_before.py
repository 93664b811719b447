"""A date of an accounts file, such as a renewal, becomes an event some days before it, once that day has come."""

import pytest

from tests.intake.running import clock, import_text, mapping_file

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")
RENEWALS = """\
mapping: renewals
produces: intent
account: Website
event_id: [Renewal]
occurred_at: {from: Renewal, formats: [iso], zone: UTC, days_before: 90}
constants: {topic: renewal, score: 80, source: crm}
"""
TABLE = "Website,Renewal\ndue.com,2027-02-20\nlater.com,2027-06-01\npast.com,2026-12-31\nnone.com,\nbad.com,soon\n"


def test_an_event_is_so_many_days_before_the_date_and_none_until_then(tmp_path):
    """It is 2026-11-28."""
    done = import_text(tmp_path, TABLE, "--map", mapping_file(tmp_path, RENEWALS))
    assert "5 rows = 2 mapped + 1 passed over + 2 refused; 2 events" in done.err
    assert "passed over, 1: its day has not come yet (`days_before`)" in done.err
    assert [(one["account_id"], one["occurred_at"]) for one in done.events] == [
        ("due.com", "2026-11-22T00:00:00Z"), ("past.com", "2026-10-02T00:00:00Z"),
    ]  # fmt: skip
    again = import_text(tmp_path, TABLE, "--map", mapping_file(tmp_path, RENEWALS))
    assert again.events == done.events


def test_several_events_of_one_date_come_one_after_the_other(tmp_path):
    text = RENEWALS.replace("produces: intent\n", "").replace("occurred_at: {from: Renewal", "x: {from: Renewal")
    text = "\n".join(line for line in text.splitlines() if not line.startswith(("x:", "event_id")))
    parts = "".join(
        f"  - kind: intent\n    event_id: [Renewal{', Website' * extra}]\n"
        f"    occurred_at: {{from: Renewal, formats: [iso], zone: UTC, days_before: {days}}}\n"
        for extra, days in enumerate((180, 90))
    )
    own = mapping_file(tmp_path, f"{text}\nproduces:\n{parts}")
    done = import_text(tmp_path, TABLE, "--map", own)
    assert [(one["account_id"], one["occurred_at"][:10]) for one in done.events] == [
        ("due.com", "2026-08-24"), ("due.com", "2026-11-22"), ("past.com", "2026-07-04"), ("past.com", "2026-10-02"),
    ]  # fmt: skip
    assert "passed over, 1: its day has not come yet" in done.err
