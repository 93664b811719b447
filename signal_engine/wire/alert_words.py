"""The types of alert as people read them: one table for terminal, page and messages."""

from typing import Final

from signal_engine.core.alerts import AlertType

ALERT_IN_WORDS: Final[dict[AlertType, str]] = {
    "hand_raise": "hand raise",
    "entered_hot": "entered hot",
    "trigger": "trigger",
    "new_evidence": "new evidence",
    "cooled": "went quiet",
    "inbound": "inbound",
}
"""Lower case, as in the middle of a sentence; a test holds that every type has its words."""
