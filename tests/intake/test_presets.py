"""Every preset on a file in the true shape, with its dirt; what comes out, the engine takes."""

import csv
import io
import json
from pathlib import Path
from typing import NamedTuple

import pytest

from signal_engine.core.rules.events import Event
from signal_engine.wire.events.decode import decode_lines
from signal_engine.wire.intake.presets import preset, preset_names
from tests.intake.running import EXPORTS, clock, import_file, import_text

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")


class Expected(NamedTuple):
    """What an export becomes."""

    rows: str
    first: dict
    options: tuple[str | Path, ...] = ()
    refused: tuple[str, ...] = ()
    """Field and reason of each refused row."""


EXPECTED = {
    "hubspot-companies.csv": Expected(
        "4 rows = 3 mapped + 0 passed over + 1 refused; 3 accounts",
        {
            "account_id": "quillmarsh-systems.com", "crm_id": "200000000001", "name": "Quillmarsh Systems",
            "owner": "Account Executive 1", "industry": "Software", "country": "United States", "employee_count": 1240,
            "annual_revenue": 120_000_000, "relation": "prospect",
        },
        refused=("account_id is missing: its cell is empty",),
    ),
    "hubspot-companies-es.csv": Expected(
        "2 rows = 2 mapped + 0 passed over + 0 refused; 2 accounts",
        {
            "account_id": "quillmarsh-systems.com", "crm_id": "1", "name": "Quillmarsh Systems",
            "owner": "Ejecutivo 1", "employee_count": 1240, "relation": "customer",
        },
    ),
    "salesforce-accounts.csv": Expected(
        "3 rows = 2 mapped + 0 passed over + 1 refused; 2 accounts",
        {
            "account_id": "quillmarsh-systems.com", "crm_id": "0015g00000A1", "name": "Quillmarsh Systems",
            "owner": "0055g0000001", "industry": "Software", "employee_count": 1240, "annual_revenue": 120_000_000,
            "relation": "customer",
        },
        refused=("account_id is missing: its cell is empty",),
    ),
    "hubspot-deals.csv": Expected(
        "5 rows = 3 mapped + 0 passed over + 2 refused; 8 outcomes",
        {
            "account_id": "quillmarsh-systems.com", "opportunity_id": "9001", "stage": "opened",
            "at": "2026-03-02T09:30:00Z", "amount_usd": 12_500, "source": "hubspot",
        },
        options=(
            "--timezone", "UTC", "--accounts", EXPORTS / "hubspot-companies.csv", "--accounts-as", "hubspot-companies",
        ),
        refused=("account_id is missing", "is the id of no account in the accounts file"),
    ),
    "hubspot-deals-es.csv": Expected(
        "2 rows = 2 mapped + 0 passed over + 0 refused; 3 outcomes",
        {
            "account_id": "quillmarsh-systems.com", "opportunity_id": "9001", "stage": "opened",
            "at": "2026-03-02T09:30:00Z", "amount_usd": 12_500, "source": "hubspot",
        },
        options=(
            "--timezone", "UTC", "--accounts", EXPORTS / "hubspot-companies.csv", "--accounts-as", "hubspot-companies",
        ),
    ),
    "salesforce-opportunities.csv": Expected(
        "4 rows = 2 mapped + 0 passed over + 2 refused; 5 outcomes",
        {
            "account_id": "quillmarsh-systems.com", "opportunity_id": "0065g0000001", "stage": "opened",
            "at": "2026-05-11T09:30:00Z", "source": "salesforce",
        },
        options=("--accounts", EXPORTS / "salesforce-accounts.csv", "--accounts-as", "salesforce-accounts"),
        refused=("is the id of no account in the accounts file", "account_id is missing"),
    ),
    "salesforce-report.csv": Expected(
        "7 rows = 3 mapped + 3 passed over + 1 refused; 5 outcomes",
        {
            "account_id": "quillmarsh-systems.com", "opportunity_id": "0065g000000aBcD", "stage": "opened",
            "at": "2026-04-13T00:00:00Z", "amount_usd": 1_234_567, "source": "salesforce",
        },
        options=(
            "--timezone", "UTC",
            "--accounts", EXPORTS / "salesforce-accounts.csv", "--accounts-as", "salesforce-accounts",
        ),
        refused=("'Account Name' is the name of no account in the accounts file",),
    ),
    "generic-outcomes.csv": Expected(
        "7 rows = 4 mapped + 0 passed over + 3 refused; 4 outcomes",
        {
            "account_id": "quillmarsh-systems.com", "opportunity_id": "D-1", "stage": "opened",
            "at": "2026-03-02T09:30:00Z", "outcome_id": "own-1",
        },
        refused=("stage must be one of", "reason must be one of", "occurred_at is more than 5 minutes ahead"),
    ),
    "crunchbase-funding.csv": Expected(
        "5 rows = 3 mapped + 0 passed over + 2 refused; 3 events",
        {
            "kind": "funding", "account_id": "quillmarsh-systems.com", "occurred_at": "2026-07-21T00:00:00Z",
            "source": "crunchbase", "account_name": "Quillmarsh Systems", "round": "series_b",
            "amount_usd": 19_000_000, "amount": 17_500_000, "currency": "EUR",
            "investors": ["Alpha Fund", "Beta Partners"],
            "source_url": "https://www.crunchbase.com/funding_round/q--b", "backfill": True,
        },
        refused=("'Organization Name' is looked up by name, which needs --accounts",
                 "'Announced Date' is no date that can be read: '2026-06-31'"),
    ),
    "greenhouse-jobs.json": Expected(
        "3 rows = 2 mapped + 1 passed over + 0 refused; 2 states",
        {
            "kind": "hiring", "account_id": "quillmarsh-systems.com", "occurred_at": "2026-11-20T14:00:00Z",
            "source": "greenhouse", "title": "Head of Revenue Operations", "department": "Operations",
            "location": "Boston", "posting_url": "https://boards.greenhouse.io/quillmarsh/jobs/4001",
            "source_url": "https://boards.greenhouse.io/quillmarsh/jobs/4001", "backfill": True,
        },
        ("--account", "quillmarsh-systems.com"),
    ),
    "lever-jobs.json": Expected(
        "2 rows = 2 mapped + 0 passed over + 0 refused; 2 states",
        {
            "kind": "hiring", "account_id": "tarnwick.io", "occurred_at": "2026-11-27T10:00:00Z", "source": "lever",
            "title": "VP Sales", "department": "Sales", "location": "Berlin",
            "posting_url": "https://jobs.lever.co/tarnwick/aa-1",
            "source_url": "https://jobs.lever.co/tarnwick/aa-1",
        },
        ("--account", "tarnwick.io"),
    ),
    "segment-rudderstack.jsonl": Expected(
        "7 rows = 3 mapped + 2 passed over + 2 refused; 3 events",
        {
            "kind": "engagement", "event_id": "m-1", "account_id": "quillmarsh-systems.com",
            "occurred_at": "2026-11-27T10:00:00.123Z", "source": "segment", "activity": "pricing_view",
            "page": "/pricing", "source_url": "https://us.example/pricing", "person_id": "u-1", "persona": "CFO",
        },
        refused=("account_id is a mail provider, not the sender's company", "is not JSON"),
    ),
    "bombora-surge.csv": Expected(
        "5 rows = 2 mapped + 2 passed over + 1 refused; 2 events",
        {
            "kind": "intent", "account_id": "quillmarsh-systems.com", "occurred_at": "2026-11-22T00:00:00Z",
            "source": "bombora", "account_name": "Quillmarsh Systems", "topic": "Customer Relationship Management",
            "score": 82, "backfill": True,
        },
        ("--timezone", "UTC"),
        ("'Domain' is a single label, not a domain",),
    ),
    "generic.csv": Expected(
        "5 rows = 3 mapped + 0 passed over + 2 refused; 3 events",
        {
            "kind": "engagement", "account_id": "quillmarsh-systems.com", "occurred_at": "2026-11-27T10:00:00Z",
            "activity": "pricing_view", "page": "/pricing",
        },
        refused=("score must be at most 100 (column 'score')", "kind must be one of intent, hiring"),
    ),
}  # fmt: skip


def preset_of(name: str) -> str:
    """`hubspot-companies-es.csv` is of `hubspot-companies`."""
    return max((found for found in preset_names() if name.startswith(found)), key=len)


def test_every_preset_has_a_file():
    assert {preset_of(name) for name in EXPECTED} == set(preset_names())


@pytest.mark.parametrize("name", EXPECTED)
def test_a_preset_on_its_export(name, tmp_path):
    expected = EXPECTED[name]
    done = import_file(tmp_path, EXPORTS / name, *expected.options)  # recognised by its headers
    assert done.code == 0, done.err
    assert f"read as {preset_of(name)}" in done.err
    assert expected.rows in done.err
    first = done.events[0]
    for id_ in {"event_id", "outcome_id"} & first.keys() - expected.first.keys():
        assert len(first.pop(id_).partition("/")[0]) == 64
    assert first == expected.first
    result = [line for line in done.refused if ",line,field," not in line.replace(";", ",")]
    assert len(result) == len(expected.refused)
    for line, reason in zip(result, expected.refused, strict=True):
        assert reason in line


def rewritten(name: str, encoding: str, delimiter: str) -> bytes:
    """The table of an export with letters beyond ASCII, in another dialect."""
    text = (EXPORTS / name).read_text(encoding="utf-8")
    for plain, accented in (("Quillmarsh", "Quíllmarsh"), ("free text", "free téxt"), ("too dear", "too déar")):
        text = text.replace(plain, accented)
    assert not text.isascii()
    now = ";" if ";" in text.splitlines()[0] else ","
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter).writerows(csv.reader(io.StringIO(text, newline=""), delimiter=now))
    return out.getvalue().encode(encoding)


@pytest.mark.parametrize(
    ("encoding", "delimiter", "said"),
    [
        ("utf-16", ";", "UTF-16, separated by semicolon"),
        ("cp1252", "\t", "Windows-1252, separated by tab"),
        ("utf-8-sig", "|", "UTF-8, separated by bar"),
    ],
)
@pytest.mark.parametrize("name", [name for name in EXPECTED if name.endswith(".csv")])
def test_a_preset_reads_its_export_in_every_dialect(name, encoding, delimiter, said, tmp_path):
    plain = import_text(tmp_path, rewritten(name, "utf-8", ","), *EXPECTED[name].options, name=name)
    assert plain.events
    (tmp_path / "events.jsonl").unlink()
    done = import_text(tmp_path, rewritten(name, encoding, delimiter), *EXPECTED[name].options, name=name)
    assert said in done.err
    assert f"read as {preset_of(name)}" in done.err
    assert done.events == plain.events
    assert len(done.refused) == len(plain.refused)


@pytest.mark.parametrize("name", [name for name in EXPECTED if preset(preset_of(name)).makes_events])
def test_the_engine_takes_what_was_let_through_and_a_second_import_is_the_same(name, tmp_path):
    done = import_file(tmp_path, EXPORTS / name, *EXPECTED[name].options)
    lines = [json.dumps(event).encode() for event in done.events]
    assert lines
    assert all(isinstance(line.verdict, Event) for line in decode_lines(lines))
    assert import_file(tmp_path, EXPORTS / name, *EXPECTED[name].options).events == done.events


def test_a_round_that_is_told_twice_in_a_month_is_one_round(tmp_path):
    """I12, as far as both names have one domain."""
    done = import_file(tmp_path, EXPORTS / "crunchbase-funding.csv")
    assert done.events[0]["event_id"] == done.events[1]["event_id"]
    assert [event["round"] for event in done.events] == ["series_b", "series_b", "post_ipo_debt"]


def test_of_hubspots_default_export_it_is_said_what_to_add(tmp_path):
    """I1: it has no column for the domain."""
    done = import_file(tmp_path, EXPORTS / "hubspot-companies-default.csv")
    assert done.code == 2
    assert "hubspot-companies.yaml:" in done.err
    assert "there is no column 'Company Domain Name'" in done.err
    assert "add the column Company Domain Name to the view" in done.err


def test_an_export_that_names_no_company_needs_one(tmp_path):
    done = import_file(tmp_path, EXPORTS / "lever-jobs.json")
    assert done.code == 2
    assert "use --account DOMAIN" in done.err


def test_an_edited_job_is_the_same_event(tmp_path):
    """I17: `updated_at` moves with every edit."""
    options = ("--account", "quillmarsh-systems.com")
    before = import_file(tmp_path, EXPORTS / "greenhouse-jobs.json", *options).events
    text = (EXPORTS / "greenhouse-jobs.json").read_text().replace("2026-11-27T10", "2026-11-28T10")
    (tmp_path / "later.json").write_text(text)
    assert import_file(tmp_path, tmp_path / "later.json", *options).events == before
