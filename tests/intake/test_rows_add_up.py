"""Whatever an export holds: rows in = mapped + passed over + refused, and nothing makes an import fail unclearly."""

import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from signal_engine.adapters.files.text_files import UnreadableInput
from signal_engine.adapters.files.written_whole import RefusedRows
from signal_engine.core.rules.events import Event
from signal_engine.engine.intake.repeats import Repeats
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.entrypoints.commands.intake.importing import import_rows
from signal_engine.entrypoints.commands.intake.outputs import Lines
from signal_engine.entrypoints.wiring.exports import open_mapped, survey
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.events.decode import decode_lines
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.intake.mapping_file import parse
from signal_engine.wire.intake.presets import preset
from tests.profiles import examples

OWN = parse(
    "own.yaml",
    b"mapping: own\nproduces: intent\naccount: Domain\nevent_id: [Topic, {from: At, bucket: day}]\noccurred_at: At\n"
    b"fields: {topic: Topic, score: Score}\nwhen: {Score: {gte: 10}}\n",
)
NOW = Circumstances(parse_instant("2026-11-28T12:00:00Z"), "UTC", given_account="acme.com")
HEADER = ["Domain", "Topic", "Score", "At"]


def run(path: Path, mapping):
    """Counts, lines written, and refused rows kept; or why the file as a whole is refused."""
    out = io.BytesIO()
    try:
        export = open_mapped(str(path), mapping)
        with RefusedRows(str(path), export.header) as refused:
            counts = import_rows(export, survey(export, "UTC"), NOW, Lines(out), refused, Repeats())
    except (UnreadableInput, ConfigurationError) as error:
        return str(error)
    kept = refused.path.read_bytes().decode("utf-8-sig") if refused.count else ""
    return counts, out.getvalue().splitlines(), kept, export.header


def check(found, name: str) -> None:
    if isinstance(found, str):
        assert name in found or "own.yaml" in found, "it names the file"
        return
    counts, lines, kept, header = found
    assert counts.rows == counts.mapped + sum(counts.passed_over.values()) + counts.refused
    assert len(lines) == counts.events >= counts.mapped
    assert all(isinstance(line.verdict, Event) for line in decode_lines(lines)), "the engine takes what is let through"
    if counts.refused:
        if header is None:
            lines = kept.split("\n")[:-1]
            assert all(json.loads(line)["refused"]["reason"] for line in lines)
            assert len(lines) == counts.refused
        else:
            rows = list(csv.reader(io.StringIO(kept, newline="")))
            assert len(rows) == counts.refused + 1
            assert all(row[len(header) + 2] for row in rows[1:])


cells = st.one_of(
    st.sampled_from(["acme.com", "b.de", "60", "9", "1.200", "3,5", "2026-11-27", "27/11/2026 10:00", "11/12/2026",
                     "Total", "CRM", "", "-", '"', ",", ";", "\n", "\x00", "ä", "=1+1"]),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=12),
)  # fmt: skip
tables = st.lists(st.lists(cells, min_size=1, max_size=6), max_size=12)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("exports")


@settings(max_examples=examples(200))
@given(tables, st.sampled_from([",", ";", "\t", "|"]), st.sampled_from(["utf-8", "utf-16", "utf-8-sig"]), st.booleans())
def test_tables_of_any_dialect(folder, rows, separator, encoding, crlf):
    text = io.StringIO(newline="")
    table = csv.writer(text, delimiter=separator, lineterminator="\r\n" if crlf else "\n")
    table.writerows([HEADER, *rows])
    path = folder / "table.csv"
    path.write_bytes(text.getvalue().encode(encoding))
    check(found := run(path, OWN), path.name)
    if not isinstance(found, str):
        assert found[0].rows == sum(any(map(str.strip, row)) for row in rows), "no row is lost or made by reading"


@settings(max_examples=examples(200))
@given(st.binary(max_size=300), st.booleans())
@example(b'"a"b,1\n"', True)
@example(b"\xff\xfe,", False)
def test_bytes_that_are_anything(folder, data, behind_a_header):
    path = folder / "bytes.csv"
    path.write_bytes((b"Domain,Topic,Score,At\n" if behind_a_header else b"") + data)
    check(run(path, OWN), path.name)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8)
    | st.sampled_from(["page", "track", "m-1", "2026-11-27T10:00:00Z", "/pricing", "a@acme.com"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(["type", "messageId", "timestamp", "context", "properties", "traits", "path", "email", "id"]),
        inner, max_size=5,
    ),
    max_leaves=20,
)  # fmt: skip


@settings(max_examples=examples(200))
@given(st.lists(json_values, min_size=1, max_size=6), st.booleans())
@example([{"type": "page", "messageId": "m", "timestamp": "2026-11-27T10:00:00Z", "properties": {"path": 5}}], True)
def test_json_of_any_shape(folder, values, as_lines):
    path = folder / "bodies.json"
    lines = [json.dumps(value) for value in values]
    path.write_text("\n".join(lines) if as_lines else f"[{','.join(lines)}]")
    check(run(path, preset("segment-rudderstack")), path.name)


def test_a_table_that_is_wholly_right_is_wholly_mapped(folder):
    """So that the tests above cannot hold because everything is refused."""
    path = folder / "right.csv"
    path.write_text("Domain,Topic,Score,At\n" + "acme.com,CRM,60,2026-11-27\n" * 50 + "acme.com,CRM,9,2026-11-27\n")
    counts, lines, _, _ = run(path, OWN)
    assert (counts.rows, counts.mapped, counts.refused) == (51, 50, 0)
    assert len(lines) == 50
