"""Input files as they come: encodings, compression, and what is no text at all."""

import codecs
import gzip
import io
import sys
import zipfile
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.files.text_files import _BLOCK_BYTES, Source, UnreadableInput

TEXT = '{"a": "Müller"}\n{"b": 1}\n'
LINES = [line.encode() for line in TEXT.splitlines()]


def lines(data: bytes, folder: Path) -> list[bytes]:
    path = folder / "f"
    path.write_bytes(data)
    return [*Source(str(path)).lines()]


ENCODED = [
    pytest.param(TEXT.encode(), id="UTF-8"),
    pytest.param(TEXT.encode("utf-8-sig"), id="UTF-8 with a byte order mark"),
    pytest.param(TEXT.replace("\n", "\r\n").encode("utf-8-sig"), id="with the line ends of Windows"),
    pytest.param(TEXT.replace("\n", "\r").encode(), id="with the line ends of the old Mac"),
    pytest.param(TEXT.replace("\n", "\r").encode("utf-16"), id="with those in UTF-16"),
    pytest.param(TEXT.encode("utf-16"), id="UTF-16"),
    pytest.param(codecs.BOM_UTF16_BE + TEXT.encode("utf-16-be"), id="UTF-16, the other way round"),
    pytest.param(TEXT.encode("utf-16-le"), id="UTF-16 without a mark"),
    pytest.param(TEXT.encode("utf-16-be"), id="UTF-16 without a mark, the other way round"),
]


@pytest.mark.parametrize("data", ENCODED)
def test_text_is_read_in_whatever_encoding_it_says(data: bytes, tmp_path: Path) -> None:
    assert lines(data, tmp_path) == LINES
    assert lines(gzip.compress(data), tmp_path) == LINES


def test_standard_input_is_read_so_too_and_again(monkeypatch: pytest.MonkeyPatch) -> None:
    class Stdin:
        buffer = io.BytesIO(TEXT.encode("utf-16"))

    monkeypatch.setattr(sys, "stdin", Stdin)
    source = Source("-")
    assert [*source.lines()] == LINES
    assert [*source.lines()] == LINES
    source.close()


def test_lines_of_the_old_mac_are_told_apart_across_blocks(tmp_path: Path) -> None:
    many = [f"{number},{'x' * 90}".encode() for number in range(10_000)]
    assert lines(b"\r".join(many) + b"\r", tmp_path) == many


def test_a_cr_before_the_end_of_a_block_does_not_end_a_line_where_lf_follows(tmp_path: Path) -> None:
    first = b"x" * (_BLOCK_BYTES - 1)
    assert lines(first + b"\r\nb\r\nc", tmp_path) == [first, b"b", b"c"]


def test_a_cr_within_a_line_that_ends_with_lf_is_part_of_it(tmp_path: Path) -> None:
    assert lines(b'"a\rb",1\n2\n', tmp_path) == [b'"a\rb",1', b"2"]


def test_a_long_file_is_recoded_across_its_blocks(tmp_path: Path) -> None:
    text = "".join(f"line {number}: {'ü€😀' * 50}\n" for number in range(5_000))
    assert lines(text.encode("utf-16"), tmp_path) == [line.encode() for line in text.splitlines()]


@pytest.mark.parametrize("data", [b"", b"\xef\xbb\xbf"])
def test_an_empty_file_has_no_lines(data: bytes, tmp_path: Path) -> None:
    assert lines(data, tmp_path) == []


def test_a_mark_that_no_text_follows_is_left_as_it_is(tmp_path: Path) -> None:
    assert lines(b"\xff\xfe\x00\n{}\n", tmp_path) == [b"\xff\xfe\x00", b"{}"]


def _workbook() -> bytes:
    book = io.BytesIO()
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr("xl/workbook.xml", "<workbook/>")
    return book.getvalue()


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_workbook(), "is a ZIP file, as Excel workbooks (.xlsx) are: open it and save the sheet as CSV UTF-8"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "is an Excel workbook (.xls): open it and save the sheet as CSV UTF-8"),
        (TEXT.encode("utf-16")[:-1], "begins as UTF-16 and does not go on as such"),
        (TEXT.encode("utf-16") + b"\x00\xd8\x00", "begins as UTF-16 and does not go on as such"),
        (gzip.compress(TEXT.encode())[:-9], "is gzip that ends too soon: copy it again"),
        (gzip.compress(TEXT.encode())[:-8] + b"12345678", "is gzip that is damaged, or that something else follows"),
        (gzip.compress(TEXT.encode()) + b"and on", "is gzip that is damaged, or that something else follows"),
    ],
    ids=[
        "a workbook",
        "an old workbook",
        "half a character",
        "a lone surrogate",
        "gzip cut short",
        "gzip damaged",
        "gzip and more",
    ],
)
def test_what_is_no_text_says_what_it_is(data: bytes, message: str, tmp_path: Path) -> None:
    with pytest.raises(UnreadableInput) as refusal:
        lines(data, tmp_path)
    assert str(refusal.value) == f"{tmp_path / 'f'}: {message}"


def test_the_bytes_of_the_file_are_counted_not_those_of_the_text(tmp_path: Path) -> None:
    path, read = tmp_path / "f", []
    path.write_bytes(TEXT.encode("utf-16"))
    source = Source(str(path))
    source.on_read = read.append
    _: Any = [*source.lines()]
    assert sum(read) == path.stat().st_size
