"""Reading a value as the type of the operand it is compared with (scoring.md, section 1)."""

import pytest

from signal_engine.core.rules.readings import as_boolean, as_number, as_text, elements, fold, is_blank

NO_BREAK, NARROW_NO_BREAK = "\u00a0", "\u202f"


@pytest.mark.parametrize(
    ("value", "number", "because"),
    [
        (200, 200, "a whole number is itself"),
        (0, 0, "zero is a number"),
        (2.5, 2.5, "a fraction is itself"),
        ("200", 200, "text of digits is a number"),
        ("200.0", 200, "text may carry decimals"),
        (" 200 ", 200, "blanks around it do not matter"),
        ("-7", -7, "a minus sign"),
        ("+7", 7, "a plus sign"),
        ("1,250", 1250, "commas separate thousands"),
        ("1,250,500.5", 1250500.5, "several groups and decimals"),
        ("1234.500", 1234.5, "a point behind four digits separates decimals"),
        ("0.500", 0.5, "a point behind a zero, too"),
        ("1,234.500", 1234.5, "a point behind commas, too"),
        ("1.2500", 1.25, "a point before four digits, too"),
        ("1.200e3", 1200, "a point before an exponent, too"),
        ("1.200", None, "thousands or decimals: nobody knows"),
        ("-12.500", None, "nor with a sign"),
        ("123.456", None, "nor behind three digits"),
        ("1.234.567", None, "thousands are grouped by commas only"),
        ("1.234,5", None, "decimals follow a point"),
        ("1'250'500", None, "Swiss thousands"),
        ("1 250 500", None, "blanks"),
        ("1_250", None, "an underscore"),
        (f"1{NO_BREAK}250", None, "a no-break space"),
        (f"1{NARROW_NO_BREAK}250", None, "a narrow no-break space"),
        ("\uff11\uff12", None, "full-width digits"),
        ("\u0661\u0662", None, "Arabic digits"),
        ("201-500", None, "a range is no number"),
        ("1.2k", None, "nor is an abbreviation"),
        ("10,000+", None, "nor a lower bound"),
        ("2e6", 2_000_000, "an exponent"),
        ("2.5E-1", 0.25, "a negative exponent in a capital"),
        ("1,250e+2", 125_000, "an exponent after thousands"),
        ("12345678", 12345678, "no separator at all"),
        ("1,25", None, "a group has three digits"),
        ("1250,500", None, "the first group has at most three digits"),
        ("1,250 500", None, "two separators"),
        ("1,250.500.000", None, "one decimal point"),
        (",250", None, "a separator stands between digits"),
        ("5.", None, "decimals follow the point"),
        ("", None, "empty text is no number"),
        ("many", None, "a word is no number"),
        ("200 people", None, "a number with a word is no number"),
        ("1e400", None, "too large to be finite"),
        ("nan", None, "not a number"),
        (float("nan"), None, "not a number, as a number"),
        (float("inf"), None, "an infinite number"),
        (True, None, "a boolean is not a number"),
        (False, None, "nor is the other one"),
        (None, None, "nothing is no number"),
        (["1"], None, "a list is no number"),
    ],
)
def test_a_value_reads_as_a_finite_number_or_not_at_all(value, number, because):
    read = as_number(value)
    assert (read, type(read) in (int, float)) == (number, number is not None), because


TRUE = ["true", "t", "yes", "y", "1", "1.0", "on", "x", "X", "checked", "✓", "✔", "☑"]
TRUE += ["ja", "Oui", "si", "SÍ", "Sì", "si\u0300", "wahr", "vrai", "YES"]
FALSE = ["false", "f", "no", "n", "0", "0.0", "off", "unchecked", "✗", "✘", "☐"]
FALSE += ["Nein", "non", "falsch", "faux", "No", "FALSE"]


@pytest.mark.parametrize("value", [*TRUE, " True ", True, 1, 1.0])
def test_yes_in_all_its_spellings_is_true(value):
    assert as_boolean(value) is True


@pytest.mark.parametrize("value", [*FALSE, "\tFalse\n", False, 0, 0.0])
def test_no_in_all_its_spellings_is_false(value):
    assert as_boolean(value) is False


@pytest.mark.parametrize("value", ["", "maybe", "2", "10", 2, 0.5, None, "yes, since 2019", "✓✓", "n/a", ["x", "x"]])
def test_anything_else_is_neither_true_nor_false(value):
    assert as_boolean(value) is None


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (" CRM Tools ", "crm tools"),
        ("STRASSE", "strasse"),
        ("Straße", "strasse"),
        (200, "200"),
        (200.0, "200"),
        (-3.0, "-3"),
        (2.5, "2.5"),
        (1e16, "10000000000000000"),
        (True, "true"),
        (False, "false"),
        (float("inf"), "inf"),
        (None, "none"),
    ],
)
def test_a_value_as_text_has_no_case_and_no_blanks_around_it(value, text):
    assert as_text(value) == text


def test_folding_takes_case_and_surrounding_blanks_away_but_not_inner_ones():
    assert fold("\t Big  Data\n") == "big  data"


@pytest.mark.parametrize("value", [None, "", " ", "\t\n"])
def test_null_and_text_of_blanks_are_blank_and_hold_no_value(value):
    assert is_blank(value)
    assert elements(value) == []


@pytest.mark.parametrize("value", ["x", " x ", 0, False, 0.0])
def test_zero_and_false_are_values_not_blanks(value):
    assert not is_blank(value)
    assert elements(value) == [value]


def test_a_list_holds_its_values_that_are_not_blank():
    assert elements(["a", " ", None, 0, "", "b"]) == ["a", 0, "b"]
    assert elements(("a", "")) == ["a"]
    assert elements([]) == []
