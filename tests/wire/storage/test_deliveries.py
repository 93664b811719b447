"""What one person got lately, as it is stored: there and back, and as an earlier version wrote it."""

import orjson
import pytest

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.flood import PersonalFlow, Summary
from signal_engine.core.delivery.ledger import rows_of
from signal_engine.core.delivery.plan import plan
from signal_engine.wire.storage.deliveries import decode, decode_flow, encode, encode_flow
from signal_engine.wire.storage.documents import UnreadableDocument
from tests.core.delivery.scene import ALERT, routing, to


def test_a_flow_comes_back() -> None:
    summary = Summary("d2", 9, ("d3", "d4"), ("a.com",), begun=True, earlier=7, tells="d2", destination="chat")
    flow = PersonalFlow((("d1", 5),), (summary,))
    assert decode_flow(encode_flow(flow)) == flow
    assert decode_flow(None) == PersonalFlow()


def test_a_summary_that_was_stored_before_they_were_counted_knows_all_of_its_deliveries() -> None:
    flow = decode_flow(b'[[["d1",5]],[["d2",9,["d3"],["a.com"],false]]]')
    assert flow.summaries == (Summary("d2", 9, ("d3",), ("a.com",)),)
    assert flow.summaries[0].many == 1


@pytest.mark.parametrize(
    "value",
    [b"", b"{", b"[]", b"[[],[],[]]", b'[[["d1","5"]],[]]', b"[[[1,5]],[]]", b'[[],[["d2",9,["d3"],[7],false]]]'],
)
def test_a_flow_of_another_shape_is_no_flow(value: bytes) -> None:
    with pytest.raises(UnreadableDocument):
        decode_flow(value)


@pytest.mark.parametrize(
    ("field", "value"),
    [("alert_at", None), ("due", "soon"), ("attempts", True), ("status", "bogus"), ("late", 7), ("said", ["x"])],
)
def test_a_row_with_a_value_that_no_row_has_is_no_row(field: str, value: object) -> None:
    (row,) = rows_of(ALERT, plan(ALERT, routing(to("ops")), ActionsSeen(), 9), 5, 9)
    assert decode(encode(row)) == row
    document = orjson.loads(encode(row).partition(b" ")[2])
    with pytest.raises(UnreadableDocument):
        decode(b"1 " + orjson.dumps({**document, field: value}))
