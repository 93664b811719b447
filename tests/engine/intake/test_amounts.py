"""Numbers: which sign separates decimals is decided by the whole column."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.engine.intake.amounts import NumberColumn
from signal_engine.engine.intake.deciding import Undecided, UndecidedColumn


def read(value, *others):
    made = NumberColumn()
    for text in (value, *others):
        made.survey(text)
    made.decide()
    return made.read(value)


@pytest.mark.parametrize(
    ("value", "others", "number", "because"),
    [
        ("19000000", [], 19_000_000, "plain"),
        ("$1,234,567", [], 1_234_567, "I7: as Salesforce reports write"),
        ("USD 1,234.50", [], 1234.5, "a currency before it"),
        ("1.234,50 EUR", [], 1234.5, "a European spreadsheet"),
        ("1 234,50", [], 1234.5, "a blank between thousands"),
        ("CHF 1'234'567.50", [], 1_234_567.5, "a Swiss spreadsheet"),
        ("1\u2019234.50", [], 1234.5, "a Swiss spreadsheet with its own apostrophe"),
        ("1\u202f234\u202f567,8 \u20ac", [], 1_234_567.8, "a French one"),
        ("1 234,50 kr", [], 1234.5, "a Scandinavian one"),
        ("1 234,50 z\u0142", [], 1234.5, "a Polish one"),
        ("\u20b9 1,200", [], 1200, "any currency that has a sign"),
        ("60 70", [], "is not a readable number", "two numbers"),
        ("202 555 0124", [], "is not a readable number", "a telephone number"),
        ("1.200", ["3,75"], 1200, "a decimal comma elsewhere settles it"),
        ("1.200", ["3.75"], 1.2, "a decimal point elsewhere settles it"),
        ("1.200", ["1.234.567"], 1200, "two points separate thousands"),
        ("1,200", [], 1200, "as everywhere in this project"),
        ("1,200", ["3,75"], 1.2, "unless commas separate decimals here"),
        ("-5", [], -5, "a sign"),
        ("(1,200)", [], -1200, "accountants"),
        ("82%", [], 82, "a score in per cent"),
        ("n/k", [], "is not a readable number", "no number"),
        ("1,2,3", ["4.5"], "is not a readable number", "no number either"),
    ],
)
def test_numbers_are_read(value, others, number, because):
    assert read(value, *others) == number, because


def test_a_column_that_nothing_settles_is_refused_with_both_readings():
    with pytest.raises(UndecidedColumn, match=r"'1.200' is 1200 or 1.2; write `decimal: point` or `decimal: comma`"):
        read("1.200", "500")


def test_a_column_of_both_ways_is_refused():
    with pytest.raises(UndecidedColumn, match=r"mixes two ways of writing numbers: '1.5' and '1,5'"):
        read("1.5", "1,5")


@given(st.lists(st.decimals(0, 10**9, places=2), min_size=1, max_size=20), st.booleans())
def test_a_column_is_read_as_it_was_written(numbers, european):
    texts = [f"{number:,.2f}" for number in numbers]
    if european:
        texts = [text.translate(str.maketrans(",.", ".,")) for text in texts]
    assert [read(text, *texts) for text in texts] == [float(number) for number in numbers]


@pytest.mark.parametrize(("decimal", "number"), [("point", 1.2), ("comma", 1200)])
def test_a_mapping_may_say_it(decimal, number):
    made = NumberColumn(decimal)
    made.presuming = True
    for text in ("1.200", "3,75", "3.75"):
        made.survey(text)
    made.decide()
    assert made.read("1.200") == number


@given(st.text(max_size=30))
def test_no_text_makes_it_fail(text):
    try:
        found = read(text)
    except UndecidedColumn:
        return
    assert isinstance(found, int | float | str)


@given(st.lists(st.sampled_from(["1", "1,200", "1.5", "1.200", "3,75", "1.234.567", "1,234.5", "x", ""]), max_size=8))
def test_who_reads_while_surveying_reads_the_same_or_is_in_doubt(texts):
    made = NumberColumn()
    made.presuming = True
    try:
        for text in texts:
            made.survey(text)
    except Undecided:
        return
    assert [made.read(text) for text in texts] == [read(text, *texts) for text in texts]


@pytest.mark.parametrize("text", ["1.200", "3,75", "1.234.567", "1.234,5"])
def test_what_may_be_european_is_doubtful(text):
    made = NumberColumn()
    made.presuming = True
    with pytest.raises(Undecided):
        made.survey(text)
