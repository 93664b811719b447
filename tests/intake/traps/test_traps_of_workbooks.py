"""Workbooks that other programs write: of the wrong size, without a style, damaged, or none at all."""

import re
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from tests.intake.running import clock, import_file, invoke, mapping_file
from tests.intake.traps.test_traps import BOTH, INTENT, scores

__all__ = ["clock"]
pytestmark = pytest.mark.usefixtures("clock")

SHEET = "xl/worksheets/sheet1.xml"


def workbook(folder, changed=(), name="export.xlsx"):
    """A workbook of two rows, of which the text of some parts is `changed`: (part, pattern, text)."""
    book = Workbook()
    book.active.append(["Domain", "Topic", "Score", "At"])
    book.active.append(["acme.com", "Café", 71, "2026-11-27T10:00:00Z"])
    book.active.append(["brindlefax.com", "CRM", 60, "2026-11-27T11:00:00Z"])
    book.save(folder / "made.xlsx")
    with zipfile.ZipFile(folder / "made.xlsx") as made, zipfile.ZipFile(folder / name, "w") as file:
        for part in made.namelist():
            text = made.read(part)
            for of, pattern, put in changed:
                if of == part:
                    assert re.search(pattern, text)
                    text = re.sub(pattern, put, text, flags=re.DOTALL)
            file.writestr(part, text)
    return folder / name


@pytest.mark.parametrize("size", ["A1", "A1:D2", "A1:B9"])
def test_a_sheet_that_says_that_it_is_smaller_than_it_is_loses_nothing(size, tmp_path):
    dimension = (SHEET, rb"<dimension[^>]*>", f'<dimension ref="{size}"/>'.encode())
    done = import_file(tmp_path, workbook(tmp_path, [dimension]), "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH, done.err
    assert "2 rows = 2 mapped + 0 passed over + 0 refused" in done.err


def test_a_workbook_is_known_by_what_it_holds_not_by_its_name(tmp_path):
    export = workbook(tmp_path, name="export.xls")
    done = import_file(tmp_path, export, "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH, done.err


def test_what_openpyxl_misses_in_a_workbook_is_no_news_for_whoever_imports_it(tmp_path, recwarn):
    plain = ("xl/styles.xml", rb"<cellStyles.*</cellStyles>", b"")
    done = import_file(tmp_path, workbook(tmp_path, [plain]), "--map", mapping_file(tmp_path, INTENT))
    assert scores(done) == BOTH
    assert [str(one.message) for one in recwarn] == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ([(SHEET, rb"</sheetData>.*", b"")], "is no workbook that can be read"),
        ([(SHEET, rb"<v>71</v>", b"<v>seventy-one</v>")], "is no workbook that can be read"),
        ([("xl/workbook.xml", rb".*", b"")], "is no workbook that can be read"),
    ],
)
def test_a_damaged_workbook_is_told_in_words_and_nothing_is_written(changed, said, tmp_path):
    own = mapping_file(tmp_path, INTENT)
    done = import_file(tmp_path, workbook(tmp_path, changed), "--map", own)
    assert (done.code, done.events) == (1, [])
    assert f"export.xlsx: {said}" in done.err


def test_an_export_in_a_zip_archive_has_to_be_unpacked(tmp_path: Path):
    with zipfile.ZipFile(tmp_path / "export.zip", "w") as archive:
        archive.writestr("companies.csv", "Domain\nacme.com\n")
    done = invoke("import", tmp_path / "export.zip", "--dry-run")
    assert done.exit_code == 1
    assert "export.zip: is a ZIP archive that holds no Excel workbook: unpack it" in done.stderr


def test_a_cell_of_which_the_formula_failed_is_refused_and_told_not_taken_for_text(tmp_path):
    book = Workbook()
    book.active.append(["Domain", "Topic", "Score", "At", "Id", "Note"])
    for topic, score, at, id_ in (
        ("CRM", 60, "2026-11-27T10:00:00Z", "a"), ("#N/A", 60, "2026-11-27T10:00:00Z", "b"),
        ("CRM", "#DIV/0!", "2026-11-27T10:00:00Z", "c"), ("CRM", 60, "#VALUE!", "d"),
        ("CRM", 60, "2026-11-27T10:00:00Z", "#REF!"),
    ):  # fmt: skip
        book.active.append(["acme.com", topic, score, at, id_, "#N/A"])
    book.save(tmp_path / "export.xlsx")
    for identity in ("Id", "[Id]"):
        own = mapping_file(tmp_path, INTENT.replace("event_id: [Topic, At]", f"event_id: {identity}"))
        done = import_file(tmp_path, tmp_path / "export.xlsx", "--map", own)
        assert scores(done) == [("acme.com", "CRM", 60)], "of a column that nobody reads it costs nothing"
        for line, reason in (
            (3, "'Topic' holds an error of the spreadsheet: #N/A"),
            (4, "'Score' is not a readable number: '#DIV/0!'"),
            (5, "'At' is no date that can be read: '#VALUE!'"),
            (6, "'Id' holds an error of the spreadsheet: #REF!"),
        ):
            assert f"export.xlsx:{line}: {reason}" in done.err
