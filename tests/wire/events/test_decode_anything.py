"""Whatever comes in, every record gets exactly one verdict and nothing is raised."""

import json
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.wire.events.decode import SignalRecord, decode_lines, decode_records
from signal_engine.wire.events.examples import EVENTS, structured_cloudevent
from signal_engine.wire.events.rejections import REASONS, Refusal
from signal_engine.wire.instants import parse_instant

NOW = parse_instant("2026-03-03T00:00:00Z")

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=40)
    | st.sampled_from(["2026-03-02T09:30:00Z", "acme.co.uk", "intent", "hiring", "1.0", "https://x.y", "open", "vp"])
)
values = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3)
)
ATTRIBUTES = ["specversion", "id", "type", "subject", "time", "data", "data_base64", "datacontenttype", "receivedat"]
names = st.sampled_from(
    [*sorted({name for events in EVENTS.values() for event in events for name in event}), "received_at", *ATTRIBUTES]
)
bases = st.sampled_from(
    [{}, *(events[0] for events in EVENTS.values()), *(structured_cloudevent(events[0]) for events in EVENTS.values())]
)


@st.composite
def nearly_events(draw: st.DrawFn) -> bytes:
    """Events with some fields replaced by anything, as JSON that may hold NaN, lone surrogates and huge integers."""
    event: dict[str, Any] = {**draw(bases), **draw(st.dictionaries(names, values, max_size=4))}
    return json.dumps(event).encode()


anything = st.binary() | st.none() | nearly_events() | values.map(lambda value: json.dumps(value).encode())
HEADERS = ["ce_specversion", "ce_id", "ce_source", "ce_subject", "ce_time", "ce_kind", "content-type", "backfill"]
header = st.tuples(
    st.sampled_from(HEADERS) | st.text(),
    st.binary() | st.none() | st.sampled_from([b"1.0", b"application/json", b"acme.co.uk", b"2026-03-02T09:30:00Z"]),
)
records = st.builds(SignalRecord, anything, st.integers(-1, 2**62), st.lists(header, max_size=6))


def check(verdict: Event | Refusal) -> None:
    if isinstance(verdict, Event):
        assert 1 <= len(verdict.event_id) <= 128
        assert 0 <= verdict.confidence <= 1
        assert None not in verdict.fields.values()
    else:
        assert verdict.reason in REASONS
        assert verdict.reason != "bug", verdict.detail
        assert verdict.detail


@given(st.sampled_from(KINDS), st.lists(records, max_size=5))
def test_every_record_gets_one_verdict(kind: str, batch: list[SignalRecord]) -> None:
    verdicts = decode_records(kind, batch)
    assert len(verdicts) == len(batch)
    for verdict in verdicts:
        check(verdict)


@given(st.lists(anything.filter(lambda value: value is not None), max_size=5))
def test_every_line_gets_one_verdict_and_an_accepted_one_its_instant(lines: list[bytes]) -> None:
    decoded = decode_lines(lines)
    assert len(decoded) == len(lines)
    for now, verdict in decoded:
        check(verdict)
        assert now is not None or isinstance(verdict, Refusal)


@given(st.sampled_from(KINDS), st.lists(records, max_size=5))
def test_a_verdict_does_not_depend_on_the_rest_of_the_batch(kind: str, batch: list[SignalRecord]) -> None:
    alone = [verdict for record in batch for verdict in decode_records(kind, [record])]
    assert decode_records(kind, batch) == alone
