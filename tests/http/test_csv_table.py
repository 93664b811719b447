"""What a spreadsheet would take for a formula is text."""

import pytest

from signal_engine.adapters.http.csv_table import safe


@pytest.mark.parametrize("cell", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\n=1"])
def test_text_that_looks_like_a_formula_is_quoted(cell: str) -> None:
    assert safe(cell) == "'" + cell


@pytest.mark.parametrize("cell", ["Acme", "a=b", -3.2, 7, None, ""])
def test_everything_else_stays_as_it_is(cell: object) -> None:
    assert safe(cell) is cell
