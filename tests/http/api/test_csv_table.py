"""What a spreadsheet would take for a formula, a number or a date is text."""

import csv
import io
from typing import Any

import pytest

from signal_engine.wire.output.tables.csv_table import csv_of, safe
from tests.http.market import Market


@pytest.mark.parametrize(
    ("cell", "written"),
    [
        ("=1+1", "'=1+1"),
        ("+1", "'+1"),
        ("-1", "'-1"),
        ("@SUM(A1)", "'@SUM(A1)"),
        ("  =1+1", "'=1+1"),
        ("\t=1", "'=1"),
        ("\r=1", "'=1"),
        ("\n=1", "'=1"),
        ("\x00=1", "'=1"),
        ("\u200b=1", "'=1"),
        ("＝1+1", "'＝1+1"),  # noqa: RUF001 (these are the full-width signs)
        ("＋1", "'＋1"),  # noqa: RUF001
        ("－1", "'－1"),  # noqa: RUF001
        ("＠SUM(A1)", "'＠SUM(A1)"),  # noqa: RUF001
        ("Acme;=HYPERLINK(1)", "Acme;'=HYPERLINK(1)"),
        ("Acme; +1", "Acme; '+1"),
        ('Acme";=1', "Acme\";'=1"),
        ('Acme;"=1;', "Acme;\"'=1;"),
        ('Acme; " "" +1', 'Acme; " "" \'+1'),
        ("Acme\t=1", "Acme =1"),
    ],
)
def test_nothing_begins_a_formula_where_a_cell_begins(cell: str, written: str) -> None:
    assert safe(cell) == written


@pytest.mark.parametrize(
    "cell",
    [
        "00123",
        "1234567890123456",
        "-5",
        "1E5",
        "1e+05",
        "3-12",
        "1/2",
        "12:30",
        "5%",
        "1,5",
        "٣",
        "MAR1",
        "1 sep",
        "true",
    ],
)
def test_text_that_would_lose_its_spelling_is_marked_as_text(cell: str) -> None:
    assert safe(cell) == "'" + cell


@pytest.mark.parametrize(
    "cell",
    [
        "Acme",
        "0",
        "7",
        "200000000003",
        "123456789012345",
        "a=b",
        '"=1" Ltd',
        'Acme; "Best" of',
        "3M",
        "001B000000K1Abc",
        "2026-03-02T09:30:00Z",
        "acme-1.com",
        "Mayer",
        "Top 5",
        -3.2,
        7,
        None,
        "",
    ],
)
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert safe(cell) == cell


async def test_every_cell_is_quoted_and_umlauts_and_ids_survive(lively: Market) -> None:
    entries: list[dict[str, Any]] = (await lively.lookout_of_now()).entries
    result = csv_of(
        [{**entries[0], "name": 'Müller "& Söhne",\nGmbH', "crm_id": "00123", "owner": "=cmd|' /C calc'!A0"}]
    )
    assert result.encode().startswith(b"\xef\xbb\xbf")
    header, line = result.removeprefix("\ufeff").splitlines()
    for row in (header, line):
        assert row.startswith('"')
        assert row.endswith('"')
        cells = next(csv.reader([row]))
        assert row == ",".join('"' + cell.replace('"', '""') + '"' for cell in cells)
    read = next(csv.DictReader(io.StringIO(result.removeprefix("\ufeff"))))
    assert (read["name"], read["crm_id"]) == ('Müller "& Söhne", GmbH', "'00123")
    assert read["owner"].startswith("'=")
    assert float(read["score"]) == entries[0]["score"]
