"""Reading the files that a replay is given (contract.md section 5, scoring.md section 6)."""

import csv
import gzip
import io
import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML


def load_lines(path: str | Path) -> list[bytes]:
    """The lines of an event file, without their ends; `.gz` is accepted."""
    lines = _content(path).split(b"\n")
    return lines[:-1] if lines[-1] == b"" else lines


def load_accounts(path: str | Path) -> list[dict[str, Any]]:
    """The rows of an accounts file, CSV or JSON Lines by its name; `.gz` is accepted."""
    text = _content(path).decode("utf-8-sig")
    name = Path(path).name.removesuffix(".gz")
    if name.endswith((".jsonl", ".ndjson", ".json")):
        return [json.loads(line) for line in text.splitlines() if line.strip()]
    rows = csv.DictReader(io.StringIO(text, newline=""))
    return [{column: cell for column, cell in row.items() if column is not None} for row in rows]


def load_yaml(path: str | Path) -> dict[str, Any]:
    """A scoring or ICP file as plain values, YAML 1.2 (`NO` is a country, `yes` is a text)."""
    parsed: dict[str, Any] = YAML(typ="safe").load(_content(path).decode("utf-8"))
    return parsed


def _content(path: str | Path) -> bytes:
    raw = Path(path).read_bytes()
    return gzip.decompress(raw) if str(path).endswith(".gz") else raw
