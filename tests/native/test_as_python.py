"""The native reader reads what Python reads, to the last bit and in the same order, or leaves it to Python."""

import json
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.live.loads import LOADS, events
from signal_engine.adapters.native.reader import CheckedReader
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.events.decode import python_decoder, python_line
from signal_engine.wire.events.examples import EVENTS
from signal_engine.wire.events.one_event import MAX_VALUE_BYTES
from signal_engine.wire.events.ordinary import OrdinaryReader
from signal_engine.wire.instants import format_instant
from tests.bad_input import corpus
from tests.wire.events.records import NOW
from tests.wire.events.test_decode_anything import anything, names, values

MEBIBYTE: Final = 1 << 20
texts = st.text(max_size=70) | st.sampled_from(
    ["", " ", "é" * 64, "\N{GRINNING FACE}" * 64, "a" * 65, "\x00", "\u2028"]
)
instants = st.builds(
    lambda at, end: format_instant(at * 1_000)[:-1] + end,
    st.integers(-(2**34), 2**34),
    st.sampled_from(["Z", "z", "", "+00:00", "-23:59", "+14:00", "+24:00", ".1Z", ".123456789+01:30", ".Z", " Z"]),
) | st.from_regex(
    r"[0-9]{4}-[0-1][0-9]-[0-3][0-9][Tt ][0-2][0-9]:[0-6][0-9]:[0-6][0-9](\.[0-9]{1,20})?Z", fullmatch=True
)
numbers = st.integers(-5, 10**17) | st.floats() | st.sampled_from([0, 1, 100, 0.5, 1e2, 10**15, 2**53 + 1])
addresses = st.sampled_from(["https://", "http://", "HTTPS://", "ftp://", ""]).flatmap(
    lambda scheme: st.text(st.sampled_from("ab.:/?#@ \té%\x7f"), max_size=6).map(lambda rest: scheme + rest)
)
companies = st.sampled_from(
    [
        "acme.com",
        "https://www.Acme.co.uk/careers",
        "github.io",
        "xn--mnchen-3ya.de",
        "m\u00fcnchen.de",
        "1.2.3.4",
        "gmail.com",
    ]
) | st.from_regex(r"[a-z0-9-]{1,5}\.(com|de|ck|x)", fullmatch=True)
ordinary = {
    "occurred_at": instants,
    "detected_at": instants,
    "account_id": companies,
    "source_url": addresses,
    "confidence": numbers,
    "score": numbers,
    "people": numbers,
    "amount_usd": numbers,
    "amount": numbers,
    "dwell_seconds": numbers,
    "investors": st.lists(texts, max_size=3),
    "automated": st.booleans(),
}


@st.composite
def likely(draw: st.DrawFn) -> tuple[str, bytes]:
    """An event of a kind with some fields replaced by what they may nearly hold, some by anything, in any order."""
    kind = draw(st.sampled_from(KINDS))
    event: dict[str, Any] = dict(draw(st.sampled_from(EVENTS[kind])))
    for name in draw(st.lists(st.sampled_from(sorted({*event, *ordinary})), max_size=4)):
        event[name] = draw(ordinary.get(name, texts))
    if draw(st.integers(0, 9)) == 0:
        event[draw(names)] = draw(values)
    if draw(st.booleans()):
        event["kind"] = kind
    shuffled = dict(draw(st.permutations(sorted(event.items(), key=lambda item: item[0]))))
    return kind, json.dumps(shuffled, ensure_ascii=draw(st.booleans())).encode("utf-8", "surrogatepass")


@st.composite
def with_a_long_text(draw: st.DrawFn) -> tuple[str, bytes]:
    """An event with a text of up to 1 MiB, mostly about as long as a value may be at most."""
    kind = draw(st.sampled_from(KINDS))
    event: dict[str, Any] = dict(draw(st.sampled_from(EVENTS[kind])))
    name = draw(st.sampled_from(sorted({*event, "account_name", "unknown"})))
    piece = draw(st.sampled_from(["a", "\n", "\u00e9", "\N{GRINNING FACE}", "\\", "\ud83d", "https://a.com/"]))
    ascii_only = draw(st.booleans())
    event[name] = ""
    room = MAX_VALUE_BYTES - len(json.dumps(event, ensure_ascii=ascii_only).encode())
    bytes_of_piece = len(json.dumps(piece, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")) - 2
    bytes_of_text = draw(st.integers(room - 40, room + 40) | st.integers(0, MEBIBYTE))
    event[name] = piece * (bytes_of_text // bytes_of_piece) + "b" * (bytes_of_text % bytes_of_piece)
    return kind, json.dumps(event, ensure_ascii=ascii_only).encode("utf-8", "surrogatepass")


def held(reader: OrdinaryReader, kind: str, value: bytes | None, now: int = NOW) -> Event | None:
    """What the reader makes of a record, once it has been held against Python."""
    found, python = reader.record(kind, value, now), python_decoder(kind)(value, now, ())
    assert found is None or repr(found) == repr(python)
    return found


@given(likely())
def test_events_are_read_as_python_reads_them(native: OrdinaryReader, event: tuple[str, bytes]) -> None:
    held(native, *event)
    line = native.line(event[1])
    assert line is None or repr(line) == repr(python_line(event[1]).verdict)


@given(with_a_long_text())
def test_long_texts_are_read_as_python_reads_them(native: OrdinaryReader, event: tuple[str, bytes]) -> None:
    found = held(native, *event)
    assert found is None or len(event[1]) <= MAX_VALUE_BYTES
    line = native.line(event[1])
    assert line is None or repr(line) == repr(python_line(event[1]).verdict)


@pytest.mark.parametrize("more", [0, 1])
def test_a_value_as_long_as_one_may_be_is_ordinary(native: OrdinaryReader, more: int) -> None:
    value = json.dumps({**EVENTS["intent"][0], "account_name": ""}).encode()
    longest = value[:-2] + b"a" * (MAX_VALUE_BYTES + more - len(value)) + value[-2:]
    assert (held(native, "intent", longest) is None) is (more > 0)


@given(st.sampled_from(KINDS), anything, st.integers(-1, 2**62))
def test_anything_is_read_as_python_reads_it_or_left(
    native: OrdinaryReader, kind: str, value: bytes | None, now: int
) -> None:
    held(native, kind, value, now)


@pytest.mark.parametrize("seed", range(3))
def test_what_python_refuses_is_left_to_it(native: OrdinaryReader, seed: int) -> None:
    for bad in corpus(seed, 1_000, NOW):
        held(native, bad.kind, bad.value)


@pytest.mark.parametrize("kind", KINDS)
def test_examples_are_ordinary(native: OrdinaryReader, kind: str) -> None:
    for example in EVENTS[kind]:
        is_converted = "amount" in example
        assert (held(native, kind, json.dumps(example).encode()) is None) is is_converted, example
        assert (native.line(json.dumps({**example, "kind": kind}).encode()) is None) is is_converted


def test_nearly_all_of_a_load_is_ordinary(native: OrdinaryReader) -> None:
    made = list(events(LOADS["hot"], 3_000, 1, NOW))
    read = [held(native, one.kind, one.value) for one in made]
    assert sum(event is not None for event in read) > 0.97 * len(made)


def test_an_event_ahead_of_its_record_is_left(native: OrdinaryReader) -> None:
    event = {**EVENTS["intent"][0], "occurred_at": format_instant(NOW + 300_000)}
    assert held(native, "intent", json.dumps(event).encode()) is not None
    assert held(native, "intent", json.dumps(event).encode(), NOW - 1) is None


@pytest.mark.parametrize("field", ["received_at", "backfill", "specversion"])
def test_lines_that_say_more_are_left(native: OrdinaryReader, field: str) -> None:
    line = json.dumps({**EVENTS["intent"][0], "kind": "intent", field: None}).encode()
    assert native.line(line) is None


def test_a_line_ends_where_it_ends(native: OrdinaryReader) -> None:
    line = json.dumps({**EVENTS["intent"][0], "kind": "intent"}).encode()
    assert repr(native.line(line + b"\r\n")) == repr(python_line(line).verdict)
    assert native.line(line + b"x") is None


@given(likely())
def test_checked_it_agrees(native: OrdinaryReader, event: tuple[str, bytes]) -> None:
    CheckedReader(native).record(*event, NOW)
    CheckedReader(native).line(event[1])
