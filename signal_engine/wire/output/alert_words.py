"""Alerts as people read them: one table each for terminal, page and messages."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.reasons import Recorded
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output.words import IN_WORDS, is_just_now

ALERT_IN_WORDS: Final[dict[AlertType, str]] = {
    "hand_raise": "hand raise",
    "entered_hot": "entered hot",
    "trigger": "trigger",
    "new_evidence": "new evidence",
    "cooled": "went quiet",
    "inbound": "inbound",
}
"""Lower case, as in the middle of a sentence; a test holds that every type has its words."""

NOT_SENT_IN_WORDS: Final[dict[Recorded, str]] = {
    Recorded.BACKFILL: "it came from loaded history",
    Recorded.RULES_CHANGED: "it came from a change of the scoring file",
    Recorded.QUIET: "the fit table was loaded with --quiet",
    Recorded.DO_NOT_CONTACT: "the account is not to be contacted",
    Recorded.KILLED: "a person had disqualified the account",
    Recorded.SNOOZED: "a person had snoozed the account",
    Recorded.DISPOSITION: "a person had called the account, and it was off the lists",
    Recorded.CONTROL_GROUP: "the account is in the control group",
}
"""Why an alert was kept but not sent; a test holds that every reason has its words."""


def triage_in_words(alert: Mapping[str, Any]) -> str:
    """Why no rep may have the alert; empty where one may."""
    reason = alert["triage_reason"]
    return IN_WORDS[reason] if reason else ""


def not_sent_in_words(alert: Mapping[str, Any]) -> str:
    """Why it was kept but not sent; empty where it was sent."""
    return NOT_SENT_IN_WORDS[alert["recorded"]] if alert["recorded"] else ""


def alerted_just_now(alerts: Iterable[Mapping[str, Any]], now: str) -> Mapping[str, Any] | None:
    """The newest of the alerts that were sent within the few minutes before `now`; None where there is none."""
    sent = (alert for alert in alerts if _sent_just_now(alert, now))
    return max(sent, key=lambda alert: parse_instant(alert["at"]), default=None)


def accounts_alerted_just_now(alerts: Iterable[Mapping[str, Any]], now: str) -> set[str]:
    """The accounts of the alerts that were sent within the few minutes before `now`."""
    return {alert["account_id"] for alert in alerts if _sent_just_now(alert, now)}


def _sent_just_now(alert: Mapping[str, Any], now: str) -> bool:
    return not alert["recorded"] and is_just_now(alert["at"], now)
