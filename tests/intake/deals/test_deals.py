"""Exports of deals to outcomes: the presets on files in the true shape with their dirt, and mappings of one's own."""

import json
from pathlib import Path
from typing import Any

import pytest

from signal_engine.wire.outcomes.record import AccountOutcome, read_outcome
from tests.intake.running import EXPORTS, clock, import_file, import_text, invoke, mapping_file

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")

HUBSPOT = (
    *("--as", "hubspot-deals", "--accounts", EXPORTS / "hubspot-companies.csv"),
    *("--accounts-as", "hubspot-companies", "--timezone", "UTC"),
)
SALESFORCE = (
    *("--as", "salesforce-opportunities", "--accounts", EXPORTS / "salesforce-accounts.csv"),
    *("--accounts-as", "salesforce-accounts"),
)
OWN = """
mapping: own
produces: outcomes
account: Company
event_id: [Deal, When]
occurred_at: When
fields: {stage: What, opportunity_id: Deal, amount: Value}
values: {stage: {Signed: won, Gone: lost}}
constants: {currency: EUR}
"""
ROWS = "Company,Deal,When,What,Value\nacme.com,1,2026-03-02T00:00:00Z,Signed,1000\nb.de,2,2026-03-02T00:00:00Z,Gone,\n"


def told(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    """What is written, without its ids; each line is what the engine takes."""
    read = [read_outcome(json.dumps(event).encode()) for event in events]
    assert all(isinstance(one, AccountOutcome) for one in read), read
    return [(e["account_id"], e.get("opportunity_id"), e["stage"], e["at"], e.get("amount_usd")) for e in events]


def test_hubspot_deals_find_their_companies_and_are_opened_moved_and_closed(tmp_path: Path) -> None:
    done = import_file(tmp_path, EXPORTS / "hubspot-deals.csv", *HUBSPOT)
    assert "5 rows = 3 mapped + 0 passed over + 2 refused; 8 outcomes." in done.err
    a, b, c = "quillmarsh-systems.com", "brindlefax.com", "tarnwick.io"
    assert told(done.events) == [
        (a, "9001", "opened", "2026-03-02T09:30:00Z", 12_500),
        (a, "9001", "moved", "2026-06-12T16:20:00Z", 12_500),
        (a, "9001", "won", "2026-06-12T16:20:00Z", 12_500),
        (b, "9002", "opened", "2026-09-01T10:00:00Z", done.events[3]["amount_usd"]),
        (b, "9002", "moved", "2026-11-20T11:00:00Z", done.events[4]["amount_usd"]),
        (c, "9003", "opened", "2026-05-05T12:00:00Z", None),
        (c, "9003", "moved", "2026-07-01T12:00:00Z", None),
        (c, "9003", "lost", "2026-07-01T12:00:00Z", None),
    ]
    assert 8_000 < done.events[4]["amount_usd"] < 11_000, "euros are brought into dollars"
    assert [one["stage_name"] for one in done.events[1:5:3]] == ["Closed Won (Sales Pipeline)", "Negotiation"]
    assert "is the id of no account in the accounts file" in done.refused[2]
    assert "account_id is missing" in done.refused[1]


STAGES = """\
Record ID,Deal Name,Deal Stage,Close Date,Create Date,Associated Company IDs (Primary),Is Closed Won,Is closed lost
1,a,Vertrag unterschrieben,2026-06-01 10:00,2026-05-01 10:00,200000000001,true,false
2,b,Abgesagt,2026-06-02 10:00,2026-05-01 10:00,200000000001,false,true
3,c,Closed Won - to be confirmed,2026-06-03 10:00,2026-05-01 10:00,200000000001,false,false
4,d,Verhandlung,2026-12-24 10:00,2026-05-01 10:00,200000000001,false,false
5,e,Closed Lost,2026-06-04 10:00,2026-05-01 10:00,200000000001,,
"""


def closed(events: list[dict[str, Any]]) -> list[tuple[Any, ...]]:
    return [(one["opportunity_id"], one["stage"]) for one in events if one["stage"] in {"won", "lost"}]


def test_i6_whether_a_deal_is_won_or_lost_is_said_by_its_flags_and_only_without_them_by_its_stage(
    tmp_path: Path,
) -> None:
    done = import_text(tmp_path, STAGES, *HUBSPOT)
    assert closed(done.events) == [("1", "won"), ("2", "lost"), ("5", "lost")], done.err
    assert "1 row: " in done.err
    assert ":4: is past its close date, and neither won nor lost" in " ".join(done.err.split())


def test_i6_deals_past_their_close_date_that_nothing_closes_are_counted(tmp_path: Path) -> None:
    without = STAGES.replace("Is Closed Won,Is closed lost", "Owner,Team")
    done = import_text(tmp_path, without.replace("Closed Won - to be confirmed", "Neu"), *HUBSPOT)
    assert closed(done.events) == [("5", "lost")]
    assert "3 rows: first " in done.err
    report = "Opportunity Name,Stage,Close Date,Account Name\nA,Gewonnen,2026-06-30,Brindlefax\n"
    done = import_text(tmp_path, report, *REPORT, "--dry-run")
    assert "passed over, 1: is past its close date, and neither won nor lost" in done.err


def test_i6_the_flags_of_a_salesforce_report_come_before_its_stage(tmp_path: Path) -> None:
    text = (
        "Opportunity Name,Stage,Close Date,Account Name,Closed,Won\nA,Gewonnen,2026-06-30,Brindlefax,1,1\n"
        "B,Verloren,2026-06-30,Brindlefax,1,0\nC,Offen,2026-12-24,Brindlefax,0,0\n"
    )
    done = import_text(tmp_path, text, *REPORT)
    assert closed(done.events) == [("A", "won"), ("B", "lost")], done.err
    only_won = text.replace(",Closed,Won", ",Won").replace(",1,1\n", ",1\n").replace(",1,0\n", ",0\n")
    done = import_text(tmp_path, only_won.replace(",0,0\n", ",0\n").replace("Verloren", "Closed Lost"), *REPORT)
    assert closed(done.events) == [("A", "won"), ("B", "lost")], done.err


def test_i2_deals_name_companies_by_the_id_that_the_other_export_gives_a_domain(tmp_path: Path) -> None:
    done = import_file(tmp_path, EXPORTS / "hubspot-deals.csv", *HUBSPOT)
    by_deal = {one["opportunity_id"]: one["account_id"] for one in done.events}
    assert by_deal == {"9001": "quillmarsh-systems.com", "9002": "brindlefax.com", "9003": "tarnwick.io"}
    swapped = (EXPORTS / "hubspot-companies.csv").read_text()
    swapped = (
        swapped.replace("200000000001", "x").replace("200000000002", "200000000001").replace('"x"', '"200000000002"')
    )
    (tmp_path / "companies.csv").write_text(swapped)
    options = [tmp_path / "companies.csv" if one == EXPORTS / "hubspot-companies.csv" else one for one in HUBSPOT]
    done = import_file(tmp_path, EXPORTS / "hubspot-deals.csv", *options)
    assert done.events[0]["account_id"] == "brindlefax.com"


def test_i2_of_deals_alone_it_is_said_that_the_companies_are_needed(tmp_path: Path) -> None:
    done = import_file(tmp_path, EXPORTS / "hubspot-deals.csv", "--as", "hubspot-deals", "--timezone", "UTC")
    assert done.code == 1
    assert "give the export of the companies, too (--accounts FILE --accounts-as NAME)" in done.err


def test_hubspots_dates_name_no_zone_and_none_is_guessed(tmp_path: Path) -> None:
    done = import_file(tmp_path, EXPORTS / "hubspot-deals.csv", *HUBSPOT[:-2])
    assert done.code == 2
    assert "--timezone" in done.err


def test_salesforce_opportunities_close_by_their_flags_and_name_no_currency(tmp_path: Path) -> None:
    done = import_file(tmp_path, EXPORTS / "salesforce-opportunities.csv", *SALESFORCE)
    a = "quillmarsh-systems.com"
    assert told(done.events) == [
        (a, "0065g0000001", "opened", "2026-05-11T09:30:00Z", None),
        (a, "0065g0000001", "moved", "2026-05-11T15:04:00Z", None),
        (a, "0065g0000001", "won", "2026-05-11T00:00:00Z", None),
        (a, "0065g0000002", "opened", "2026-08-02T09:30:00Z", None),
        (a, "0065g0000002", "moved", "2026-10-01T08:00:00Z", None),
    ]
    assert "5 outcomes: has an amount in no named currency, so the amount is left out" in done.err


def test_our_own_field_names_are_recognised_and_refused_rows_are_mended_and_imported(tmp_path: Path) -> None:
    done = import_file(tmp_path, EXPORTS / "generic-outcomes.csv")
    assert "7 rows = 4 mapped + 0 passed over + 3 refused; 4 outcomes." in done.err
    assert [one[2] for one in told(done.events)] == ["opened", "meeting", "won", "lost"]
    assert (done.events[0]["outcome_id"], done.events[1]["meeting_no"]) == ("own-1", 2)
    assert [line.rpartition("occurred_at is")[0] != "" for line in done.refused[1:]] == [False, False, True]
    refused = tmp_path / "generic-outcomes.csv.refused.csv"
    mended = refused.read_text().replace(";Won;", ";won;").replace("too dear", "no_budget").replace("2999", "2026")
    again = import_text(tmp_path, mended, "--as", "generic-outcomes", name="mended.csv")
    assert [one[2] for one in told(again.events)] == ["won", "lost", "meeting"], again.err
    assert done.refused[0].endswith(";line;field;refused reason")


@pytest.mark.parametrize(
    ("name", "options"),
    [
        ("hubspot-deals.csv", HUBSPOT),
        ("salesforce-opportunities.csv", SALESFORCE),
        ("generic-outcomes.csv", ("--as", "generic-outcomes")),
    ],
)
def test_the_same_file_gives_the_same_ids_and_no_id_twice(tmp_path: Path, name: str, options: tuple[Any, ...]) -> None:
    first = import_file(tmp_path, EXPORTS / name, *options)
    again = import_file(tmp_path, EXPORTS / name, *options)
    assert [one["outcome_id"] for one in first.events] == [one["outcome_id"] for one in again.events]
    assert len({one["outcome_id"] for one in first.events}) == len(first.events)


def test_a_deal_that_went_on_has_what_came_before_under_its_ids(tmp_path: Path) -> None:
    before = import_file(tmp_path, EXPORTS / "hubspot-deals.csv", *HUBSPOT).events
    later = (EXPORTS / "hubspot-deals.csv").read_text().replace('"Negotiation","8,000"', '"Closed Won","9,000"')
    after = import_text(tmp_path, later.replace("2026-12-31 23:59", "2026-11-27 12:00"), *HUBSPOT, name="later.csv")
    ids = {one["outcome_id"]: one["stage"] for one in after.events}
    assert ids.keys() > {one["outcome_id"] for one in before} - {before[4]["outcome_id"]}
    new = [stage for id_, stage in ids.items() if id_ not in {one["outcome_id"] for one in before}]
    assert new == ["moved", "won"]


def test_a_mapping_of_ones_own_gives_stages_by_its_words_and_amounts_by_their_currency(tmp_path: Path) -> None:
    done = import_text(tmp_path, ROWS, "--map", mapping_file(tmp_path, OWN))
    assert [one[:4] for one in told(done.events)] == [
        ("acme.com", "1", "won", "2026-03-02T00:00:00Z"),
        ("b.de", "2", "lost", "2026-03-02T00:00:00Z"),
    ]
    assert done.events[0]["amount_usd"] > 1_000
    assert "currency" not in done.events[0]


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (("stage: What, ", ""), "outcomes needs stage"),
        (("amount: Value", "score: Value"), "score: is no field of outcomes"),
        (("Signed: won", "Signed: signed"), "is not what stage may be"),
        (("event_id: [Deal, When]\n", ""), "event_id: is required"),
        (("produces: outcomes", "produces: outcome"), "or accounts"),
        (("{stage: What", "{at: What, stage: What"), "at: is no field of outcomes"),
    ],
)
def test_what_a_mapping_may_not_say_is_told_with_its_place(tmp_path: Path, changed: Any, said: str) -> None:
    done = invoke("mapping", "check", mapping_file(tmp_path, OWN.replace(*changed)))
    assert done.exit_code == 2
    assert "own.yaml:" in done.stderr
    assert said in done.stderr


def test_events_and_outcomes_do_not_go_into_one_file(tmp_path: Path) -> None:
    both = """
mapping: both
account: Company
event_id: [Deal, When]
occurred_at: When
produces:
  - {kind: outcomes, constants: {stage: opened}}
  - {kind: engagement, constants: {activity: demo_request}}
"""
    done = import_text(tmp_path, ROWS, "--map", mapping_file(tmp_path, both))
    assert done.code == 2
    assert "events and outcomes need separate files" in done.err
    listed = invoke("mapping", "list").output
    assert "salesforce-opportunities  outcomes, reads columns" in " ".join(listed.split(" ")).replace("  ", "  ")
    checked = invoke("mapping", "check", mapping_file(tmp_path, both)).stderr
    assert "a mapping of engagement events and outcomes" in checked


def test_a_production_whose_date_may_be_missing_gives_nothing_where_it_is(tmp_path: Path) -> None:
    text = OWN.replace("occurred_at: When", "occurred_at: {from: When, optional: true}")
    rows = ROWS.replace("b.de,2,2026-03-02T00:00:00Z", "b.de,2,")
    done = import_text(tmp_path, rows, "--map", mapping_file(tmp_path, text))
    assert "2 rows = 1 mapped + 1 passed over + 0 refused" in done.err
    assert import_text(tmp_path, rows, "--map", mapping_file(tmp_path, OWN)).err.count("occurred_at is missing")


REPORT = (
    *("--as", "salesforce-report", "--accounts", EXPORTS / "salesforce-accounts.csv"),
    *("--accounts-as", "salesforce-accounts", "--timezone", "UTC"),
)


def test_a_salesforce_report_loses_its_footer_and_finds_accounts_by_website_or_name(tmp_path: Path) -> None:
    done = import_file(tmp_path, EXPORTS / "salesforce-report.csv", *REPORT)
    for line in ("Grand Totals (4 records)", "Confidential Information", "Copyright (c) 2000-2026"):
        assert f"footer: {line}" in done.err
    assert "2 rows are before the header and dropped" in done.err
    assert [one[:4] for one in told(done.events)] == [
        ("quillmarsh-systems.com", "0065g000000aBcD", "opened", "2026-04-13T00:00:00Z"),
        ("quillmarsh-systems.com", "0065g000000aBcD", "won", "2026-06-30T00:00:00Z"),
        ("brindlefax.com", "0065g000000aBcE", "opened", "2026-09-01T00:00:00Z"),
        ("brindlefax.com", "0065g000000aBcF", "opened", "2026-05-05T00:00:00Z"),
        ("brindlefax.com", "0065g000000aBcF", "lost", "2026-07-01T00:00:00Z"),
    ]


def test_a_salesforce_report_of_another_locale_is_the_same_deals(tmp_path: Path) -> None:
    """I8: it follows the locale of whoever ran it, and has the columns that the report was given."""
    text = (
        "Account Name;Opportunity Name;Stage;Amount Currency;Amount;Close Date\n"
        "Quillmarsh Systems;Renewal;Closed Won;USD;1.234.567,50;30.06.2026\n"
        "Brindlefax;New;Negotiation;USD;9.500,00;15.12.2026\n"
    )
    done = import_text(tmp_path, text, *REPORT)
    assert "2 rows = 1 mapped + 1 passed over + 0 refused; 1 outcome." in done.err
    assert told(done.events) == [("quillmarsh-systems.com", "Renewal", "won", "2026-06-30T00:00:00Z", 1_234_567.5)]
