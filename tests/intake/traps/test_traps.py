"""What real exports hold, and what becomes of it: each row of the table was seen in one."""

import gzip
from datetime import datetime

import pytest
from openpyxl import Workbook

from tests.intake.running import EXPORTS, clock, import_file, import_text, mapping_file

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")

INTENT = """\
mapping: own
produces: intent
account: Domain
event_id: [Topic, At]
occurred_at: At
fields: {topic: Topic, score: Score}
blank: ["-", N/A]
"""
ROWS = "Domain,Topic,Score,At\nacme.com,Café,71,2026-11-27T10:00:00Z\nbrindlefax.com,CRM,60,2026-11-27T11:00:00Z\n"


def scores(done):
    return [(event["account_id"], event["topic"], event["score"]) for event in done.events]


BOTH = [("acme.com", "Café", 71), ("brindlefax.com", "CRM", 60)]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (ROWS.encode(), "UTF-8, separated by comma"),
        (b"\xef\xbb\xbf" + ROWS.encode(), "UTF-8, separated by comma"),
        (ROWS.encode("utf-16"), "UTF-16, separated by comma"),
        (ROWS.encode("cp1252"), "Windows-1252, separated by comma"),
        (ROWS.replace(",", ";").encode(), "UTF-8, separated by semicolon"),
        (ROWS.replace(",", "\t").encode("utf-16"), "UTF-16, separated by tab"),
        (b"sep=;\r\n" + ROWS.replace(",", ";").replace("\n", "\r\n").encode(), "UTF-8, separated by semicolon"),
        (ROWS.replace("\n", "\r").encode(), "UTF-8, separated by comma"),
        (ROWS.replace(",", ";").replace("\n", "\r").encode("cp1252"), "Windows-1252, separated by semicolon"),
        (gzip.compress(ROWS.encode()), "UTF-8, separated by comma"),
        ("\n\n".join(ROWS.splitlines()).encode(), "UTF-8, separated by comma"),
        (ROWS.replace("\n", ",\n").encode(), "UTF-8, separated by comma"),
        (ROWS.replace("Z\n", "Z;\n").replace(",", ";").encode(), "UTF-8, separated by semicolon"),
    ],
    ids=[
        "UTF-8", "a byte order mark", "UTF-16", "Windows-1252", "semicolons", "tabs in UTF-16", "sep=",
        "CR", "CR in Windows-1252", "gzip",
        "blank lines", "a separator behind every line", "a separator behind every row",
    ],
)  # fmt: skip
def test_encodings_and_separators_are_recognised_and_said(data, said, tmp_path):
    done = import_text(tmp_path, data, "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH, done.err
    assert said in done.err


@pytest.mark.parametrize("separator", [",", ";"])
def test_a_line_break_within_an_unquoted_cell_costs_its_own_row_alone(separator, tmp_path):
    row = "acme.com,Two\rlines,71,2026-11-27T10:00:00Z\n"
    header, *others = ROWS.splitlines(keepends=True)
    text = "".join([header, row, *others]).replace(",", separator)
    done = import_text(tmp_path, text, "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH, done.err
    assert "has a line break (CR) inside a value that is not quoted" in done.err
    assert "new-line character" not in done.err


def test_bytes_that_are_no_text_are_refused(tmp_path):
    done = import_text(tmp_path, ROWS.encode() + b"\x81\xff\n", "--map", mapping_file(tmp_path, INTENT))
    assert done.code == 1
    assert "is neither UTF-8 nor Windows-1252: it holds the byte 0x81" in done.err


def test_i10_a_preamble_a_total_and_dashes(tmp_path):
    """As LinkedIn writes, after a European spreadsheet: the preamble's length varies."""
    text = "Account: us\nDates: last 90 days\n\n" + ROWS.replace(",", ";") + "-;CRM;60;2026-11-27\nTotal;;131;\n"
    done = import_text(tmp_path, text.encode("utf-16"), "--map", mapping_file(tmp_path, INTENT), "--timezone", "UTC")
    assert scores(done) == BOTH
    assert "2 rows are before the header and dropped" in done.err
    assert "passed over, 1: footer: Total" in done.err
    assert "4 rows = 2 mapped + 1 passed over + 1 refused" in done.err


def test_i7_the_footer_of_a_salesforce_report_is_dropped_by_name(tmp_path):
    footer = (
        '"Grand Totals (5700 records)"\nConfidential Information - Do Not Distribute\n'
        '"Copyright (c) 2000-2026 salesforce.com, inc. All rights reserved."\n'
    )
    done = import_text(tmp_path, ROWS + footer, "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH
    for line in ("Grand Totals (5700 records)", "Confidential Information", "Copyright (c) 2000-2026"):
        assert f"footer: {line}" in done.err


def test_a_company_called_total_is_no_footer(tmp_path):
    row = "Domain,Topic,Score,At\ntotal.com,CRM,60,2026-11-27T11:00:00Z\n"
    assert scores(import_text(tmp_path, row, "--map", mapping_file(tmp_path, INTENT))) == [("total.com", "CRM", 60)]


def test_i5_wide_rows_and_long_cells_are_read_and_not_kept(tmp_path):
    mail = "personal " * 20_000  # 180 KB, with line ends and quotation marks
    more = ",".join(f"c{number}" for number in range(205))
    text = f"Domain,Topic,Score,At,{more}\n" + "".join(
        f'{domain},CRM,60,2026-11-27T11:00:00Z,"{mail}\n""quoted"", "{",x" * 204}\n' for domain in ("acme.com", "b.com")
    )
    done = import_text(tmp_path, text, "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == [("acme.com", "CRM", 60), ("b.com", "CRM", 60)]
    assert "personal" not in str(done.events)
    assert "and 175 more" in done.err, "I18: what is not mapped is said"


def test_i18_columns_that_are_not_mapped_are_said(tmp_path):
    text = ROWS.replace("At\n", "At,Description\n")
    done = import_text(tmp_path, text, "--map", mapping_file(tmp_path, INTENT))
    assert "Not mapped, and not kept: Description" in done.err


def test_i4_times_without_a_zone_need_one(tmp_path):
    own = mapping_file(tmp_path, INTENT)
    text = ROWS.replace("T10:00:00Z", " 10:00").replace("T11:00:00Z", " 11:00")
    done = import_text(tmp_path, text, "--map", own)
    assert done.code == 2
    assert "column 'At' names no time zone ('2026-11-27 10:00'): say --timezone" in done.err
    done = import_text(tmp_path, text, "--map", own, "--timezone", "Europe/Berlin")
    assert [event["occurred_at"] for event in done.events] == ["2026-11-27T09:00:00Z", "2026-11-27T10:00:00Z"]


def test_i8_dates_of_a_locale_are_settled_by_the_column_or_refused(tmp_path):
    own = mapping_file(tmp_path, INTENT)
    text = ROWS.replace("2026-11-27T10:00:00Z", "03/04/2026").replace("2026-11-27T11:00:00Z", "{}")
    done = import_text(tmp_path, text.format("05/04/2026"), "--map", own, "--timezone", "UTC")
    assert done.code == 2
    assert "'03/04/2026' is 3 April 2026 or 4 March 2026" in done.err
    assert not (tmp_path / "events.jsonl").exists()
    done = import_text(tmp_path, text.format("25/04/2026"), "--map", own, "--timezone", "UTC")
    assert done.events[0]["occurred_at"] == "2026-04-03T00:00:00Z"
    assert "day first (as 25/04/2026 says)" in done.err


def test_i13_clicks_of_a_gateway_fall_together(tmp_path):
    own = mapping_file(
        tmp_path,
        "mapping: clicks\nproduces: engagement\naccount: {from: email, email: true}\n"
        "event_id: [link, {from: at, bucket: 10m}]\noccurred_at: at\nconstants: {activity: email_click}\n"
        "fields: {person_id: email, page: link, automated: {from: bot, optional: true}}\n",
    )
    text = "email,link,at,bot\n" + "".join(
        f"p{n}@acme.com,https://us.example/{link},2026-11-27T10:0{n}:12Z,{'yes' if n else 'no'}\n"
        for n in range(8) for link in ("a", "unsubscribe")
    )  # fmt: skip
    done = import_text(tmp_path, text, "--map", own)
    assert len(done.events) == 16
    assert len({event["event_id"] for event in done.events}) == 2
    assert [event["automated"] for event in done.events[:3]] == [False, False, True]
    done = import_text(tmp_path, text, "--map", own, "--dry-run")
    assert "14 events have the id of another" in done.err


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        ("acme.com,CRM,60,2027-01-01T00:00:00Z", "occurred_at is more than 5 minutes ahead"),
        ("acme.com,CRM,160,2026-11-27T00:00:00Z", "score must be at most 100 (column 'Score')"),
        ("acme.com,CRM,many,2026-11-27T00:00:00Z", "'Score' is not a readable number: 'many'"),
        ("acme.com,,60,2026-11-27T00:00:00Z", "topic is missing (column 'Topic')"),
        ("acme.com,CRM,60,yesterday", "'At' is no date that can be read: 'yesterday'"),
        ("10.0.0.1,CRM,60,2026-11-27T00:00:00Z", "'Domain' is an IP address, not a domain"),
        ("gmail.com,CRM,60,2026-11-27T00:00:00Z", "account_id is a mail provider"),
        ("acme.com,CRM,60,2026-11-27T00:00:00Z,more", "has 5 cells, but the header names 4 columns"),
        ('"acme"x,CRM,60,2026-11-27T00:00:00Z', "has a quotation mark inside a value that is not doubled"),
    ],
)
def test_a_row_that_cannot_be_used_is_kept_with_its_reason_and_can_be_mended(row, reason, tmp_path):
    own = mapping_file(tmp_path, INTENT)
    done = import_text(tmp_path, f"{ROWS}{row}\n", "--map", own)
    assert done.code == 0
    assert scores(done) == BOTH
    assert f"export.csv:4: {reason}" in done.err
    header, kept = done.refused
    assert header == "Domain,Topic,Score,At,line,field,reason"
    assert reason.split("'")[0] in kept
    assert import_text(tmp_path, f"{ROWS}{row}\n", "--map", own, "--strict").code == 1
    mended = f"{header}\nacme.com,CRM,60,2026-11-27T00:00:00Z,4,,{'x'}\n"
    assert scores(import_text(tmp_path, mended, "--map", own, name="mended.csv")) == [("acme.com", "CRM", 60)]


def test_two_events_of_a_row_must_not_be_taken_for_one(tmp_path):
    text = "Domain,Role,At,Leaves\nacme.com,CFO,2026-11-27T00:00:00Z,yes\nb.com,CEO,2026-11-27T00:00:00Z,\n"
    own = (
        "mapping: own\naccount: Domain\noccurred_at: At\nevent_id: [Role]\nfields: {role: Role}\nproduces:\n"
        "  - {kind: leadership, constants: {change: joined}}\n"
        "  - {kind: leadership, constants: {change: left}, when: {Leaves: yes}}\n"
    )
    done = import_text(tmp_path, text, "--map", mapping_file(tmp_path, own))
    assert [event["account_id"] for event in done.events] == ["b.com"]
    assert "gives two leadership events of one id" in done.err
    apart = own.replace("when: {Leaves: yes}", "when: {Leaves: yes}, event_id: [Role, Leaves]")
    done = import_text(tmp_path, text, "--map", mapping_file(tmp_path, apart))
    assert [(event["account_id"], event["change"]) for event in done.events] == [
        ("acme.com", "joined"), ("acme.com", "left"), ("b.com", "joined"),
    ]  # fmt: skip
    assert "2 rows = 2 mapped + 0 passed over + 0 refused; 3 events" in done.err


def test_a_quotation_mark_that_none_closes_stops_the_import_and_nothing_is_written(tmp_path):
    done = import_text(tmp_path, ROWS + '"acme.com,CRM\n', "--map", mapping_file(tmp_path, INTENT))
    assert done.code == 1
    assert "export.csv:4: has an unclosed quotation mark" in done.err
    assert not done.events
    assert sorted(path.name for path in tmp_path.iterdir()) == ["export.csv", "own.yaml"]


def test_columns_that_are_not_there_are_told_with_the_line_of_the_mapping(tmp_path):
    done = import_text(tmp_path, ROWS.replace("Score", "Points"), "--map", mapping_file(tmp_path, INTENT))
    assert done.code == 2
    assert "own.yaml:6: fields.score: there is no column 'Score'; the columns are Domain, Topic, Points, At" in done.err


def test_a_column_that_is_there_twice_cannot_be_meant(tmp_path):
    text = ROWS.replace("Domain,Topic,Score,At", "Domain,Topic,Score,At,SCORE").replace("Z\n", "Z,1\n")
    done = import_text(tmp_path, text, "--map", mapping_file(tmp_path, INTENT))
    assert done.code == 2
    assert "there are several columns 'Score'" in done.err


def test_a_workbook_with_a_title_and_dates_of_its_own(tmp_path):
    book = Workbook()
    book.active.title = "Cover"
    sheet = book.create_sheet("Export")
    sheet.append(["Our report"])
    sheet.append(["Domain", "Topic", "Score", "At"])
    sheet.append(["acme.com", "Café", 71, datetime(2026, 11, 27, 10)])  # noqa: DTZ001 (workbooks know no zones)
    sheet.append(["brindlefax.com", "CRM", 60.0, "2026-11-27T11:00:00Z"])
    sheet.append([None, None, None, None])
    book.save(tmp_path / "export.xlsx")
    own = mapping_file(tmp_path, INTENT)
    done = import_file(tmp_path, tmp_path / "export.xlsx", "--map", own, "--timezone", "UTC")
    assert scores(done) == BOTH, done.err
    assert done.events[0]["occurred_at"] == "2026-11-27T10:00:00Z"
    assert "workbook, sheet 'Export'" in done.err


def test_names_are_looked_up_among_the_accounts(tmp_path):
    own = mapping_file(tmp_path, INTENT.replace("Domain", "{from: Company, through: accounts.name}"))
    (tmp_path / "accounts.csv").write_text('domain,name\nacme.com,"Acme, Inc."\na.de,Beta GmbH\nb.de,BETA AG\n')
    text = "Company,Topic,Score,At\n" + "".join(
        f"{name},CRM,60,2026-11-27T00:00:00Z\n" for name in ("ACME", "Beta", "Gamma")
    )
    done = import_text(tmp_path, text, "--map", own, "--accounts", tmp_path / "accounts.csv")
    assert [event["account_id"] for event in done.events] == ["acme.com"]
    assert "'Company' is the name of several accounts: a.de, b.de" in done.err
    assert "'Company' is the name of no account" in done.err


def test_events_older_than_48_hours_are_history_unless_phones_shall_ring(tmp_path):
    own = mapping_file(tmp_path, INTENT)
    text = "Domain,Topic,Score,At\nacme.com,CRM,60,2026-11-26T11:59:59Z\nacme.com,CRM,60,2026-11-26T12:00:00Z\n"
    assert [event.get("backfill") for event in import_text(tmp_path, text, "--map", own).events] == [True, None]
    done = import_text(tmp_path, text, "--map", own, "--alerts")
    assert [event.get("backfill") for event in done.events] == [None, None]


def test_a_mail_provider_is_a_company_where_the_accounts_file_says_so(tmp_path):
    own = mapping_file(tmp_path, INTENT)
    (tmp_path / "accounts.csv").write_text("domain,name\ngmail.com,Mail\n")
    text = "Domain,Topic,Score,At\ngmail.com,CRM,60,2026-11-27T00:00:00Z\n"
    assert import_text(tmp_path, text, "--map", own, "--accounts", tmp_path / "accounts.csv").events


def test_json_lines_with_the_fields_of_a_table(tmp_path):
    text = (
        '{"Domain":"acme.com","Topic":"CRM","Score":60,"At":"2026-11-27T00:00:00Z"}\n{"Domain":"b.com","At":5}\n[1]\n'
    )
    done = import_text(tmp_path, text, "--map", mapping_file(tmp_path, INTENT), name="export.jsonl")
    assert scores(done) == [("acme.com", "CRM", 60)]
    assert "3 rows = 1 mapped + 0 passed over + 2 refused" in done.err


def test_a_table_is_not_json(tmp_path):
    done = import_file(tmp_path, EXPORTS / "generic.csv", "--as", "lever-jobs", "--account", "acme.com")
    assert done.code == 2
    assert "is a table, and mapping lever-jobs reads JSON" in done.err


def test_a_number_that_a_condition_cannot_read_refuses_its_row(tmp_path):
    """A shifted or damaged column must not look like rows that are not meant; a row that is too low is not meant."""
    rows = "".join(
        f"acme.com,Topic {n},{score},2026-11-27T10:00:00Z\n" for n, score in enumerate(("71", "NaN", "1_00", "12", ""))
    )
    mapping = INTENT + "when: {Score: {gte: 50}}\n"
    done = import_text(tmp_path, "Domain,Topic,Score,At\n" + rows, "--map", mapping_file(tmp_path, mapping))
    assert scores(done) == [("acme.com", "Topic 0", 71)]
    assert "5 rows = 1 mapped + 2 passed over + 2 refused" in done.err
