"""What a ledger keeps: after a step back to an older release, what a newer one wrote is read and kept."""

import orjson
import pytest

from signal_engine.adapters.redis.connecting.keys import sync_keys
from signal_engine.wire.storage.documents import UnreadableDocument
from signal_engine.wire.sync.ledger_rows import FormerRecord, LedgerRow, RefusedWrite, SinkState

STATE = SinkState(confirmed_at=5, counts={"matched": 3}, trouble="the CRM answered 503", rests_until=9)
STATE.note_change("platform-eu", 2, 7, added=True, count=4)
ROW = LedgerRow("matched", "77", 5, "c-1", {"score": 5}, FormerRecord("66", {"score": 4}), RefusedWrite("ab", 7))


def test_a_state_comes_back_as_it_was() -> None:
    assert SinkState.decode(STATE.encode()) == STATE
    assert SinkState.decode(None) == SinkState()


def test_fields_of_a_newer_version_are_passed_over_and_written_again() -> None:
    newer = {**orjson.loads(STATE.encode()), "paused_by": {"somebody": [1, 2]}}
    read = SinkState.decode(orjson.dumps(newer))
    assert (read.confirmed_at, read.by_version) == (5, STATE.by_version)
    read.ran_at = 11
    assert orjson.loads(read.encode()) == {**newer, "ran_at": 11}


def test_a_change_of_a_newer_version_is_read_by_what_is_known() -> None:
    newer = orjson.loads(STATE.encode())
    newer["by_version"]["platform-eu/2"]["moved"] = 1
    assert SinkState.decode(orjson.dumps(newer)).by_version == STATE.by_version


@pytest.mark.parametrize("value", [b"[]", b"{", b"7", b'{"by_version": {"a/1": {"added": 1}}}'])
def test_what_is_no_state_is_refused(value: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="the state of a sink") as refused:
        SinkState.decode(value)
    assert "A rebuild does not touch it" in str(refused.value)
    assert all(f"`{key}`" in str(refused.value) for key in sync_keys("", "SINK")[:2])
    assert "`signal-engine rebuild`" not in str(refused.value)


@pytest.mark.parametrize("former", [ROW.former, None])
def test_a_row_of_a_newer_version_is_read_by_what_is_known(former: FormerRecord | None) -> None:
    row = ROW._replace(former=former)
    assert LedgerRow.decode(row.encode()) == row
    assert LedgerRow.decode(orjson.dumps([*orjson.loads(row.encode()), {"later": 1}])) == row


def test_a_row_of_before_there_were_old_records_or_refused_writes_is_read() -> None:
    assert LedgerRow.decode(orjson.dumps(["unmatched", None, 5, None, None])) == LedgerRow("unmatched", None, 5)
    assert LedgerRow.decode(orjson.dumps(["unmatched", None, 5, None, None, None])) == LedgerRow("unmatched", None, 5)


def test_a_state_says_what_stops_its_sink_and_who_ends_that() -> None:
    assert SinkState().problem is None
    assert SinkState(trouble="the receiver answered 503").problem == "the receiver answered 503"
    gone = SinkState(trouble="the receiver answered 410: it is gone for good", disabled=True).problem
    assert gone is not None
    assert gone.startswith("disabled: the receiver answered 410")
    assert "`signal-engine sync run` enables it" in gone
