"""Parquet files: types, what cannot be read, and memory that does not grow with the file."""

import gzip
import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from signal_engine.adapters.files.tabular import open_export
from signal_engine.adapters.files.text_files import UnreadableInput
from tests.intake.running import clock, import_file, invoke

__all__ = ["clock"]
ROWS = """
    (1, 'quillmarsh-systems.com', 'CRM', 82.0::DOUBLE, TIMESTAMPTZ '2026-11-27 10:00:00+01', DATE '2026-11-22'),
    (2, 'tarnwick.io', 'CDP', 61.5::DOUBLE, TIMESTAMPTZ '2026-11-27 11:00:00+01', DATE '2026-11-22'),
    (3, 'not a domain', 'CRM', 77.0::DOUBLE, TIMESTAMPTZ '2026-11-27 11:00:00+01', DATE '2026-11-22'),
    (4, 'brindlefax.com', 'CRM', NULL, NULL, NULL)
"""


def parquet(path: Path, select: str) -> Path:
    duckdb.sql(f"COPY ({select}) TO '{path}' (FORMAT parquet)")
    return path


@pytest.fixture
def surge(tmp_path: Path) -> Path:
    columns = 'AS t("Topic ID", "Domain", "Topic Name", "Composite Score", "Seen At", "Report Date")'
    return parquet(tmp_path / "surge.parquet", f"SELECT * FROM (VALUES {ROWS}) {columns}")


@pytest.mark.usefixtures("clock")
def test_an_export_as_parquet_is_recognised_and_mapped(tmp_path, surge):
    done = import_file(tmp_path, surge, "--timezone", "UTC")
    assert "Parquet; read as bombora-surge" in done.err
    assert "4 rows = 2 mapped + 1 passed over + 1 refused; 2 events" in done.err
    assert [(one["account_id"], one["score"], one["occurred_at"]) for one in done.events] == [
        ("quillmarsh-systems.com", 82, "2026-11-22T00:00:00Z"), ("tarnwick.io", 61.5, "2026-11-22T00:00:00Z"),
    ]  # fmt: skip
    header, row = done.refused
    assert header.endswith("line,field,reason")
    assert "not a domain" in row
    assert ",3,account_id," in row


def test_every_type_becomes_text_that_says_the_same(tmp_path):
    path = parquet(
        tmp_path / "types.parquet",
        "SELECT TRUE AS b, 5.0::DOUBLE AS whole, 5.25::DECIMAL(6,2) AS money, 7::BIGINT AS n, NULL AS nothing,"
        " TIMESTAMP '2026-11-27 10:00:00.5' AS local, TIMESTAMP '2026-11-27' AS midnight, DATE '2026-11-27' AS day,"
        " TIMESTAMPTZ '2026-11-27 10:00:00+02' AS instant, ['a', 'b'] AS list,"
        " {'x': [1], 'at': DATE '2026-01-01'} AS s,"
        " 'caf\\xC3\\xA9'::BLOB AS raw",
    )
    table = open_export(str(path))
    (row,) = table.rows(0)
    assert dict(zip(table.header(0), row.cells, strict=True)) == {
        "b": "true", "whole": "5", "money": "5.25", "n": "7", "nothing": "", "local": "2026-11-27T10:00:00.500000",
        "midnight": "2026-11-27", "day": "2026-11-27", "instant": "2026-11-27T08:00:00+00:00", "list": "a,b",
        "s": '{"x": [1], "at": "2026-01-01"}', "raw": "caf\u00e9",
    }  # fmt: skip


def test_a_folder_that_looks_like_a_partition_adds_no_column(tmp_path):
    (folder := tmp_path / "date=2026-01-01").mkdir()
    assert open_export(str(parquet(folder / "a.parquet", "SELECT 1 AS n"))).header(0) == ["n"]


def test_what_cannot_be_read_is_told(tmp_path, surge):
    surge.write_bytes(surge.read_bytes()[:-20])
    done = invoke("import", surge, "--dry-run")
    assert (done.exit_code, "is no Parquet that can be read" in done.stderr) == (1, True), done.stderr
    (tmp_path / "a[1].parquet").write_bytes(b"PAR1")
    with pytest.raises(UnreadableInput, match="rename it"):
        open_export(str(tmp_path / "a[1].parquet"))


def test_without_the_extra_it_is_told_what_to_install(surge, monkeypatch):
    monkeypatch.setitem(sys.modules, "duckdb", None)
    with pytest.raises(UnreadableInput, match=r"is Parquet: pip install '\.\[parquet\]'"):
        open_export(str(surge))


def test_memory_does_not_grow_with_the_file(tmp_path):
    """A million rows of long text, more than all that may be held, are read in a process of its own."""
    path = parquet(
        tmp_path / "big.parquet",
        "SELECT 'Company ' || i AS name, repeat(md5(i::VARCHAR), 10) AS text FROM range(1000000) t(i)",
    )
    count = (
        "import sys; from pathlib import Path; from signal_engine.adapters.files.tabular import open_export;"
        "rows = sum(1 for _ in open_export(sys.argv[1]).rows(0));"
        "print(rows, Path('/proc/self/status').read_text().partition('VmHWM:')[2].split()[0])"
    )
    done = subprocess.run([sys.executable, "-c", count, str(path)], check=True, capture_output=True, text=True)
    rows, kilobytes = map(int, done.stdout.split())
    assert rows == 1_000_000
    assert kilobytes < 250 * 1024


def test_parquet_inside_gzip_or_from_standard_input_is_said_not_guessed_at(tmp_path, surge):
    (tmp_path / "surge.parquet.gz").write_bytes(gzip.compress(surge.read_bytes()))
    for name in (str(tmp_path / "surge.parquet.gz"), "-"):
        done = invoke("import", name, "--dry-run", stdin=surge.read_bytes())
        assert done.exit_code == 1
        assert "is Parquet, which `import` reads from a file as it stands" in done.stderr
