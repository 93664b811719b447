"""Alerts as a page shows them: type, recipient, reason, and which were recorded but not sent."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from signal_engine.adapters.http.dashboard.words import beside, name_of, score_of, when
from signal_engine.core.score.wording import one_line
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS, not_sent_in_words, triage_in_words
from signal_engine.wire.output.words import seen, sentence

TYPES: Final[Mapping[str, str]] = {type_: words_.capitalize() for type_, words_ in ALERT_IN_WORDS.items()}
_COOLED: Final = "cooled"


def alert_rows(alerts: Sequence[Mapping[str, Any]], now: int) -> list[dict[str, Any]]:
    """The rows of the feed. `now` is in ms since 1970."""
    return [
        {
            "id": alert["alert_id"],
            "account": alert["account_id"],
            "name": name_of(alert),
            "beside": beside(alert),
            "score": None if alert["type"] == _COOLED else score_of(alert["score"]),
            "for": for_whom(alert),
            "who": "" if alert["type"] == _COOLED else seen(alert),
            **alert_line(alert, now),
        }
        for alert in alerts
    ]


def alert_line(alert: Mapping[str, Any], now: int) -> dict[str, Any]:
    """What the feed and an account's page both show of an alert.

    An account that went quiet gives no reason to call, so only what has faded is shown. The signal's time is shown if
    it reads differently from the alert's.
    """
    at, why_at, tipped = when(alert["at"], now), when(alert["why_now_at"], now), alert.get("tipped_by")
    same_instant = at is not None and why_at is not None and at.short == why_at.short
    return {
        "type": alert["type"],
        "type_in_words": TYPES[alert["type"]],
        "at": at,
        "why": one_line(alert["why_now"]),
        "why_at": None if same_instant else why_at,
        "tipped": one_line(tipped["text"]) if tipped else "",
        "tipped_at": when(tipped["occurred_at"], now) if tipped else None,
        "triage": sentence(triage_in_words(alert)),
        "not_sent": sentence(not_sent_in_words(alert)),
    }


def for_whom(alert: Mapping[str, Any]) -> str:
    """`for triage`, `for the owner, AE West`, `for SDR West`."""
    if alert["audience"] == "triage":
        return "for triage"
    if alert["audience"] == "owner":
        return f"for the owner, {one_line(alert['owner'])}" if alert["owner"] else "for the owner"
    return f"for {one_line(alert['sdr'])}" if alert["sdr"] else "for whoever calls"
