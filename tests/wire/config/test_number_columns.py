"""Whether the point of 1.200 separates thousands or decimals, by what else a column holds."""

import pytest

from signal_engine.wire.config.number_columns import Decided, Point, decide, read

DECIMALS, THOUSANDS = Point.DECIMALS, Point.THOUSANDS


@pytest.mark.parametrize(
    ("values", "decided", "because"),
    [
        (["1.200", "3.75"], Decided(DECIMALS, "3.75"), "two decimals leave no doubt"),
        (["1.200", "0.500"], Decided(DECIMALS, "0.500"), "no thousands begin with a zero"),
        (["1.200", "1234.5"], Decided(DECIMALS, "1234.5"), "thousands would be separated before, too"),
        (["1.200", "1,234.500"], Decided(DECIMALS, "1,234.500"), "the comma separates thousands"),
        (["1.200", "1.234.567"], Decided(THOUSANDS, "1.234.567"), "there is one decimal point at most"),
        (["1.200", " 3,75 "], Decided(THOUSANDS, "3,75"), "the comma separates decimals"),
        (["1.200", "1.234,5"], Decided(THOUSANDS, "1.234,5"), "the comma comes last"),
        ([["5", "1.200"], ["3,75"]], Decided(THOUSANDS, "3,75"), "in a cell of several values, too"),
        (["1.200", "12.500", 350, "700", None, ""], None, "nothing that decides it"),
        (["1.200", "1,240"], None, "commas that separate thousands do not say what points do"),
        (["1.200", "1,240", "1.234.567"], None, "commas and points that both separate thousands"),
        (["1.200", "3.75", "3,75"], None, "one says this, one says that"),
        (["3.75", "1234.5"], None, "nothing to be decided"),
        (["1.234.567", "3,75"], None, "nothing to be decided either"),
        (["1.200", "many", "1.2k", "201-500"], None, "words decide nothing"),
        ([], None, "nothing at all"),
    ],
)
def test_what_a_column_decides(values, decided, because):
    assert decide(values) == decided, because


@pytest.mark.parametrize(
    ("value", "point", "meant"),
    [
        ("1.200", DECIMALS, 1.2),
        ("-12.500", DECIMALS, -12.5),
        (" 1.200 ", THOUSANDS, 1200),
        (["1.200", "x"], THOUSANDS, [1200, "x"]),
        ("1.234.567", THOUSANDS, "1.234.567"),
        ("3,75", THOUSANDS, "3,75"),
        ("3.75", DECIMALS, "3.75"),
        (1.2, THOUSANDS, 1.2),
        (None, THOUSANDS, None),
    ],
)
def test_only_what_is_in_doubt_is_read_anew(value, point, meant):
    assert read(value, point) == meant
