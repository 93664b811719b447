"""Rows that end too early, and amounts that say too little: refused or left out, and always told."""

import pytest

from tests.intake.running import clock, import_text, mapping_file
from tests.intake.traps.test_traps import BOTH, INTENT, ROWS, scores

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")


@pytest.mark.parametrize("when", ["", "when: {Score: {gte: 50}}\n"])
def test_a_row_that_is_cut_off_is_refused_and_never_taken_for_one_that_is_not_meant(when, tmp_path):
    own = mapping_file(tmp_path, INTENT + when)
    done = import_text(tmp_path, ROWS + "acme2.com,CRM\nTotal\n", "--map", own)
    assert scores(done) == BOTH
    assert "export.csv:4: has 2 cells, and ends before the mapped column 'Score'" in " ".join(done.err.split())
    assert "4 rows = 2 mapped + 1 passed over + 1 refused" in done.err
    assert "footer: Total" in done.err
    header, kept = done.refused
    mended = f"{header}\n{kept}\n".replace("acme2.com,CRM,,", "acme2.com,CRM,70,2026-11-27T12:00:00Z")
    assert scores(import_text(tmp_path, mended, "--map", own, name="mended.csv")) == [("acme2.com", "CRM", 70)]


def test_a_row_may_lack_the_columns_at_its_end_that_nobody_reads(tmp_path):
    text = ROWS.replace("At\n", "At,Description,Notes\n")
    assert scores(import_text(tmp_path, text, "--map", mapping_file(tmp_path, INTENT))) == BOTH


def test_an_account_that_is_cut_off_is_refused(tmp_path):
    text = "ID,NAME,WEBSITE,OWNERID,ANNUALREVENUE\n1,Acme,acme.com,7,100\n2,Brindlefax,brindle\n"
    done = import_text(tmp_path, text, "--as", "salesforce-accounts")
    assert [one["account_id"] for one in done.events] == ["acme.com"]
    assert "export.csv:3: has 3 cells, and ends before the mapped column 'OWNERID'" in " ".join(done.err.split())


def test_an_amount_in_no_named_currency_is_left_out_of_a_round_and_counted(tmp_path):
    text = (
        "Transaction Name,Organization Website,Funding Type,Announced Date,Money Raised,Money Raised Currency\n"
        "a,acme.com,Series A,2026-10-01,5000000,EUR\nb,brindlefax.com,Series B,2026-10-01,7000000,\n"
    )
    done = import_text(tmp_path, text, "--as", "crunchbase-funding")
    assert [(one.get("amount"), one.get("currency")) for one in done.events] == [(5_000_000, "EUR"), (None, None)]
    assert "1 event: has an amount in no named currency, so the amount is left out" in done.err
    text = text.replace(",Money Raised Currency", "").replace(",EUR", "").replace("7000000,", "7000000")
    done = import_text(tmp_path, text, "--as", "crunchbase-funding")
    assert [one.get("amount") for one in done.events] == [None, None]
    assert "2 events: has an amount in no named currency" in done.err


def test_a_value_with_a_separator_is_no_separator_behind_the_row(tmp_path):
    """Not even where all but the last of the cells that moved are empty."""
    own = mapping_file(tmp_path, INTENT)
    shifted = "acme.com,CRM, Sales,60,2026-11-27T10:00:00Z,\n"
    done = import_text(tmp_path, ROWS.replace("At\n", "At,Note\n") + shifted, "--map", own)
    assert scores(done) == BOTH
    done = import_text(tmp_path, f"Domain,Topic,Score,At,Note\n{shifted}", "--map", own)
    assert (done.code, "has 6 cells, but the header names 5 columns" in done.err) == (1, True), done.err
    trailing = ROWS.replace("Z\n", "Z,\n") + "c.com,CRM,60,2026-11-27T10:00:00Z,more\n"
    done = import_text(tmp_path, trailing, "--map", own)
    assert scores(done) == BOTH
    assert "export.csv:4: has a value in column 5, which has no name" in done.err
