"""Hand raises as bytes are read back as they were."""

import pytest

from signal_engine.core.alerting.hand_raises import HandRaiseSeen
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.wire.storage import hand_raises
from signal_engine.wire.storage.documents import UnreadableDocument

ALERTED = HandRaiseSeen("acme.com", 1, 2, "e-1", "CFO asked for a demo", "finance", "hand_raise", None, False)


@pytest.mark.parametrize(
    "seen", [ALERTED, ALERTED._replace(alert=None, why_not=NoAlertReason.HAND_RAISE_RECENT, backfill=True)]
)
def test_a_hand_raise_is_read_back_as_it_was(seen):
    read = hand_raises.decode(hand_raises.encode(seen))
    assert read == seen
    assert type(read.why_not) is type(seen.why_not)


@pytest.mark.parametrize("value", [b"", b"[1]", b"{}"])
def test_other_bytes_are_said_to_be_unreadable(value):
    with pytest.raises(UnreadableDocument):
        hand_raises.decode(value)
