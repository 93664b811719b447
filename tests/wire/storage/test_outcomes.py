"""The outcomes of an account as stored, and how far a topic has been read."""

import pytest

from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.storage import outcomes
from signal_engine.wire.storage.documents import UnreadableDocument
from signal_engine.wire.storage.outcomes import ReadUpTo

FULL = AccountOutcome("acme.com", "1", "lost", 5, "D", "Gone", None, 4, 3.5, "no_budget", "saas", "crm")
MEETING = AccountOutcome("acme.com", "2", "meeting", 6, meeting_no=1)


def test_what_is_stored_is_read_back_as_it_was() -> None:
    assert outcomes.decode(outcomes.encode([FULL, MEETING])) == [FULL, MEETING]
    assert outcomes.decode(outcomes.encode([])) == outcomes.decode(None) == []


@pytest.mark.parametrize("value", [b"oops", b"7", b"[1]", b'[{"outcome_id":"1"}]'])
def test_what_somebody_else_wrote_is_not_taken_for_ours(value: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="outcomes of an account"):
        outcomes.decode(value)


@pytest.mark.parametrize("read", [ReadUpTo("", 0), ReadUpTo("0aP-Id_9", 2**40)])
def test_how_far_is_read_back_as_it_was(read: ReadUpTo) -> None:
    assert ReadUpTo.decode(read.encode()) == read


@pytest.mark.parametrize("value", [b"", b"7", b"x id", b"\xff id"])
def test_a_place_that_is_none_is_refused(value: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="how far"):
        ReadUpTo.decode(value)
