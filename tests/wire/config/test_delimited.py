"""Text tables as spreadsheets write them: what separates, whose rows are read, and what cannot be read."""

import io

import pytest

from signal_engine.wire.config.delimited import RejectedRow, Row, Table, TableError


def table(text: str) -> Table:
    return Table("a.csv", io.StringIO(text, newline="\n"))


def unreadable(text: str) -> str:
    with pytest.raises(TableError) as refusal:
        list(table(text).rows())
    return str(refusal.value)


@pytest.mark.parametrize(
    ("text", "header", "cells"),
    [
        pytest.param("a,b\n1,2\n", ("a", "b"), ["1", "2"], id="commas"),
        pytest.param("a;b\n1;2,5\n", ("a", "b"), ["1", "2,5"], id="semicolons"),
        pytest.param("a\tb\n1\t2\n", ("a", "b"), ["1", "2"], id="tabs"),
        pytest.param("a|b\n1|2\n", ("a", "b"), ["1", "2"], id="bars"),
        pytest.param('"City, state";b\n1;2\n', ("City, state", "b"), ["1", "2"], id="a comma inside quotes"),
        pytest.param("a\n1\n", ("a",), ["1"], id="one column"),
        pytest.param("sep=;\na;b\n1;2\n", ("a", "b"), ["1", "2"], id="as Excel says it"),
        pytest.param('"sep=\t"\r\na,x\tb\n1\t2\n', ("a,x", "b"), ["1", "2"], id="as Excel says it, quoted"),
        pytest.param(" a , b \n1, 2 \n", ("a", "b"), ["1", " 2 "], id="blanks around names"),
    ],
)
def test_what_separates_is_seen(text, header, cells):
    read = table(text)
    assert read.header == header
    assert [row.cells for row in read.rows()] == [cells]


def test_lines_are_counted_from_the_first_of_the_file():
    assert [row.line for row in table("sep=;\na;b\n1;2\n3;4\n").rows()] == [3, 4]
    assert [row.line for row in table('a,b\n1,"x\ny"\n3,4\n').rows()] == [3, 4]


@pytest.mark.parametrize("blank", ["\n", ",\n", " , \n"])
def test_blank_rows_are_no_rows(blank):
    assert list(table(f"a,b\n{blank}1,2\n{blank}").rows()) == [Row(3, ["1", "2"])]


def test_a_row_may_have_fewer_cells():
    assert list(table("a,b\n1\n").rows()) == [Row(2, ["1"])]


MORE = "cells, but the header names {} columns; is a value with a separator not quoted?"
UNNAMED = (
    "has a value in column {}, which has no name; name it in the header, or is a value with a separator not quoted?"
)


@pytest.mark.parametrize(
    ("text", "refused", "because"),
    [
        ("a,b\n1,2,3\n", f"has 3 {MORE.format(2)}", "a value more than the header"),
        ("a,b\n1,2,\n", f"has 3 {MORE.format(2)}", "the last may have been blank before one was shifted"),
        ("a,b,\n1,2,3\n", UNNAMED.format(3), "a value under a column that has no name"),
        ("a,b,,\n1,2,,x\n", UNNAMED.format(4), "under the last of several"),
    ],
)
def test_a_row_with_more_cells_than_the_header_is_refused_as_a_whole(text, refused, because):
    cells = tuple(text.splitlines()[1].split(","))
    assert list(table(text).rows()) == [RejectedRow(2, refused, cells)], because


@pytest.mark.parametrize("text", ["a,b,\n1,2,\n", "a,b,,\n1,2\n", "a,b,\n1,2, \n"])
def test_empty_columns_at_the_end_are_silent(text):
    assert [type(row) for row in table(text).rows()] == [Row]


def test_an_index_column_without_a_name_is_silent():
    assert list(table(",a,b\n0,1,2\n").rows()) == [Row(2, ["0", "1", "2"])]


def test_columns_of_one_name_are_refused_with_their_places():
    assert unreadable("a,b,a\n") == "a.csv:1: 2 columns are called 'a': columns 1 and 3"
    assert unreadable("sep=,\na,a ,b,a\n") == "a.csv:2: 3 columns are called 'a': columns 1, 2 and 4"


OPEN = "has an unclosed quotation mark"


def test_what_is_no_table_is_refused_with_its_line():
    assert unreadable('a\n1\n"open\n') == f"a.csv:3: {OPEN}"
    assert unreadable('a\n1\n"open\nand on\nand on\n') == f"a.csv:3: {OPEN}"
    assert unreadable(f"a\n1\n{'x' * 1_200_000}\n") == "a.csv:3: has a cell of more than 1,048,576 characters"
    assert unreadable("a\r1\r2\r") == "a.csv:1: has lines that end with CR alone (old Mac format); save it as CSV UTF-8"
    assert unreadable('a\n"1"2\n') == "a.csv:2: is not readable as CSV: ',' expected after '\"'"


def test_bytes_that_are_no_utf_8_are_named():
    def lines():
        yield "a\n"
        yield "1\n"
        yield b"M\xfcller\n".decode()

    with pytest.raises(TableError) as refusal:
        list(Table("a.csv", lines()).rows())
    assert str(refusal.value) == "a.csv:3: is not UTF-8: it contains the byte 0xFC; save it as CSV UTF-8"


def test_bytes_that_are_no_utf_8_are_named_in_the_header_too():
    with pytest.raises(TableError, match=r"^a\.csv:1: is not UTF-8"):
        Table("a.csv", (line.decode() for line in [b"Stra\xdfe\n"]))


def test_a_table_of_nothing_has_no_columns():
    empty = table("")
    assert (empty.header, list(empty.rows())) == ((), [])


def test_in_a_table_of_others_a_stray_quotation_mark_costs_its_row_alone():
    rows = list(Table("a.csv", ["a,b\n", '"x"y,1\n', "z,2\n"], of_others=True).rows())
    assert rows == [
        RejectedRow(2, "has a quotation mark inside a value that is not doubled", ("xy", "1")), Row(3, ["z", "2"]),
    ]  # fmt: skip


def test_rows_of_others_that_cannot_be_read_keep_what_they_say():
    """Far into a file, one after the other, over several lines, and behind lines before the header."""
    many = [f"{number},0\n" for number in range(2_500)]
    bad = ['"x"y,1\n', '"two\n', 'lines" "and" more,2\n', "a\rb,3\n", "c\rd,4\n"]
    rows = list(Table("a.csv", ["a,b\n", *many, *bad, "\n", "z,5\n", '"q"r,6\n'], skipped=3, of_others=True).rows())
    assert [(row.line, row.cells) for row in rows[2_500:]] == [
        (2_505, ("xy", "1")), (2_507, ('two\nlines "and" more', "2")), (2_508, ("a b", "3")), (2_509, ("c d", "4")),
        (2_511, ["z", "5"]), (2_512, ("qr", "6")),
    ]  # fmt: skip
    assert [type(row) for row in rows[2_500:]] == [RejectedRow] * 4 + [Row, RejectedRow]


def test_a_quotation_mark_that_no_other_one_closes_stops_a_table_of_others_too():
    """It would take everything behind it for one cell."""
    with pytest.raises(TableError, match=r"a.csv:2: has an unclosed quotation mark"):
        list(Table("a.csv", ["a,b\n", '"x,1\n', "z,2\n"], of_others=True).rows())


def test_a_table_of_others_may_have_columns_of_one_name_and_begin_further_down():
    table = Table("a.csv", ["a;a\n", "1;2\n"], separator=";", skipped=4, of_others=True)
    assert table.header == ("a", "a")
    assert list(table.rows()) == [Row(6, ["1", "2"])]
