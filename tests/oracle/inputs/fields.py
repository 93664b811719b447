"""The fields of an event and what each may hold: the tables of contract.md section 1, row by row.

Ambiguous, and read literally throughout: a field given as null is a field left out; a number is a JSON number (not a
text, not true or false), an integer may be written 3.0; enumerated words are matched as they are written; a field
without a stated type (`department`, `person_id`, `posting_url`, ...) is a text of any length; `text..200` may be empty.
"""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

from tests.oracle.inputs.instants import parse_instant

Check = Callable[[Any], bool]

KINDS = ("intent", "hiring", "funding", "engagement", "technographic", "leadership")

_SENIORITY = ("c_level", "vp", "head", "director", "manager", "senior", "mid", "junior", "intern")
_ACTIVITY = (
    *("page_view", "pricing_view", "careers_view", "email_open", "email_click", "ad_click", "content_download"),
    *("form_fill", "event_attended", "trial_signup", "demo_request", "contact_sales", "other"),
)


def _text(most: int | None = None, least: int = 0) -> Check:
    return lambda value: isinstance(value, str) and least <= len(value) and (most is None or len(value) <= most)


def _number(least: float, most: float = float("inf")) -> Check:
    return lambda value: isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most


def _one_of(*words: str) -> Check:
    return lambda value: isinstance(value, str) and value in words


def _count(value: Any) -> bool:
    return _number(0)(value) and value == int(value)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(element, str) for element in value)


def _instant(value: Any) -> bool:
    return parse_instant(value) is not None


def _http_url(value: Any) -> bool:
    if not isinstance(value, str) or re.search(r"\s", value):
        return False
    try:
        parts = urlsplit(value)
        return parts.scheme.lower() in ("http", "https") and bool(parts.hostname)
    except ValueError:
        return False


_REQUIRED: dict[str, dict[str, Check]] = {
    "all": {"event_id": _text(128, 1), "account_id": _text(), "occurred_at": _instant, "kind": _one_of(*KINDS)},
    "intent": {"topic": _text(200), "score": _number(0, 100)},
    "hiring": {"title": _text(300)},
    "funding": {},
    "engagement": {"activity": _one_of(*_ACTIVITY)},
    "technographic": {"technology": _text(), "change": _one_of("adopted", "dropped", "switched")},
    "leadership": {"role": _text(100), "change": _one_of("joined", "left", "promoted")},
}
_OPTIONAL: dict[str, dict[str, Check]] = {
    "all": {
        "source": _text(64),
        "source_url": _http_url,
        "confidence": _number(0, 1),
        "detected_at": _instant,  # Ambiguous: the table gives no type; its name is that of the other instants
        "account_name": _text(),
        "received_at": _instant,
    },
    "intent": {"people": _count, "trend": _text()},
    "hiring": {
        "department": _text(),
        "seniority": _one_of(*_SENIORITY),
        "location": _text(),
        "posting_url": _text(),
        "status": _one_of("open", "closed"),
    },
    "funding": {
        "round": _text(64),
        "amount_usd": _number(0),
        "amount": _number(0),  # Ambiguous: the table that converts it is not written yet; until then no rule sees it
        "currency": _text(),
        "investors": _texts,
    },
    "engagement": {
        "person_id": _text(),
        "persona": _text(64),
        "page": _text(),
        "dwell_seconds": _number(0),
        "automated": _flag,
    },
    "technographic": {"replaces": _text()},
    "leadership": {
        "level": _one_of(*_SENIORITY),
        "person_id": _text(),
        "relationship": _one_of("champion", "past_user", "lost_contact"),
    },
}


def first_wrong_field(event: dict[str, Any]) -> str | None:
    """The first field that is missing or not what the contract says; None when the event is as it should be."""
    kind = event.get("kind")
    tables = ("all", kind) if isinstance(kind, str) and kind in KINDS else ("all",)
    for table in tables:
        for field, check in _REQUIRED[table].items():
            if not check(event.get(field)):
                return field
        for field, check in _OPTIONAL[table].items():
            if event.get(field) is not None and not check(event[field]):
                return field
    return None
