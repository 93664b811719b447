"""UTF-8 with letters that were cut in two or pasted in from elsewhere: every other letter stays what it is."""

import pytest

from tests.intake.running import clock, import_file, import_text, mapping_file
from tests.intake.traps.test_traps import BOTH, INTENT, ROWS, scores

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")

MARK = b"\xef\xbb\xbf"
CUT = b"c.com,Caf\xc3,62,2026-11-27T12:00:00Z\n"
PASTED = b"c.com,M\xfcnchen,62,2026-11-27T12:00:00Z\n"


@pytest.mark.parametrize(
    ("data", "found"), [(ROWS.encode() + CUT, "0xC3"), (MARK + ROWS.encode() + PASTED + PASTED, "0xFC")]
)
def test_a_row_with_a_byte_that_is_no_text_is_refused_alone(data, found, tmp_path):
    own = mapping_file(tmp_path, INTENT)
    done = import_text(tmp_path, data, "--map", own)
    assert scores(done) == BOTH, done.err
    assert "UTF-8, damaged in some places, separated by comma" in done.err
    assert f"export.csv:4: 'Topic' holds a byte that is no UTF-8 ({found})" in done.err
    mended = "\n".join(done.refused).replace("\N{REPLACEMENT CHARACTER}", "é")
    again = import_text(tmp_path, mended, "--map", own, name="mended.csv")
    assert {account for account, _, _ in scores(again)} == {"c.com"}


def test_a_byte_that_is_no_text_in_a_column_that_nobody_reads_costs_nothing(tmp_path):
    header, *rows = ROWS.encode().splitlines()
    data = b"\n".join([header + b",Notes", *(row + b",caf\xc3" for row in rows)])
    done = import_text(tmp_path, MARK + data, "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH, done.err


def test_rows_that_are_refused_for_something_else_are_kept_with_such_bytes(tmp_path):
    data = MARK + ROWS.encode() + b"c.com,Caf\xc3,62,2026-11-27T12:00:00Z,more\nc.com,Caf\xc3\n"
    done = import_text(tmp_path, data, "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH, done.err
    assert "has 5 cells, but the header names 4 columns" in done.err
    assert "has 2 cells, and ends before the mapped column 'Score'" in done.err
    assert [line.split(",")[1] for line in done.refused[1:]] == ["Caf\N{REPLACEMENT CHARACTER}"] * 2


def test_an_account_is_kept_with_such_a_name_and_that_is_said(tmp_path):
    own = mapping_file(tmp_path, "mapping: own\nproduces: accounts\naccount: Domain\nfields: {name: Name}\n")
    data = "Domain,Name\nb.com,Grün\n".encode() + b"acme.com,Caf\xc3\n"
    (tmp_path / "export.csv").write_bytes(data)
    done = import_file(tmp_path, tmp_path / "export.csv", "--map", own)
    names = {account["account_id"]: account["name"] for account in done.events}
    assert names == {"b.com": "Grün", "acme.com": "Caf\N{REPLACEMENT CHARACTER}"}
    assert "1 cell is kept without being understood" in done.err
    assert "export.csv:3: 'Name' holds a byte that is no UTF-8 (0xC3)" in done.err
