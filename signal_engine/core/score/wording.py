"""What a signal says, in one line for people. Never a personal field: personas are roles, person ids stay out."""

import unicodedata
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import BUYING_GROUP, ENGAGEMENT, FUNDING, HIRING, INTENT, LEADERSHIP, TECHNOGRAPHIC

MAX_CHARACTERS: Final = 160
"""Characters; longer lines end in an ellipsis."""

_UNSEEN: Final = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs"})
"""Unicode categories of control, format (direction, zero width), line separators, surrogates."""

ACTIVITIES: Final = {
    "page_view": "viewed a page",
    "pricing_view": "looked at pricing",
    "careers_view": "looked at careers",
    "email_open": "opened an e-mail",
    "email_click": "clicked in an e-mail",
    "ad_click": "clicked an ad",
    "content_download": "downloaded content",
    "form_fill": "filled in a form",
    "event_attended": "attended an event",
    "trial_signup": "started a trial",
    "demo_request": "asked for a demo",
    "contact_sales": "asked to talk to sales",
    "other": "was active",
}
"""Activity -> what somebody did; every activity that an engagement event may have."""
SIGNAL_TYPE_WORDS: Final = {TECHNOGRAPHIC: "technology", BUYING_GROUP: "buying group"}
"""Kind, or another part of a score -> what people call it where its name is not that."""
FIELDS: Final = {
    INTENT: ("topic", "score", "people", "trend"),
    HIRING: ("title", "department", "location"),
    FUNDING: ("round", "amount_usd", "amount", "currency", "investors"),
    ENGAGEMENT: ("activity", "persona", "page"),
    TECHNOGRAPHIC: ("technology", "change", "replaces"),
    LEADERSHIP: ("role", "change", "relationship"),
}
"""Kind -> the fields of which `line` is made: no other one is in it."""
_TECHNOLOGY_CHANGES: Final = {"adopted": "Adopted", "dropped": "Dropped", "switched": "Switched to"}
_ROLE_CHANGES: Final = {"joined": "New {}", "left": "{} left", "promoted": "Promoted to {}"}
_RELATIONSHIPS: Final = {
    "champion": "a champion of ours before",
    "past_user": "a user of ours before",
    "lost_contact": "a contact of ours before",
}
_NO_ROUND: Final = ("", "Raised money")
_CURRENCY_LETTERS: Final = 3
"""Letters of a currency's code."""
_ROUNDS: Final = {
    "pre seed": (" pre-seed round", "Raised a pre-seed round"),
    "seed": (" seed round", "Raised a seed round"),
    "debt": (" in debt", "Took on debt"),
    "grant": (" in a grant", "Received a grant"),
    "ipo": (" in its IPO", "Went public"),
    "other": _NO_ROUND,
}
_SERIES_LETTERS: Final = 3
"""Letters of a series, as in A, B1, A+; a longer word is a word."""
ABBREVIATIONS: Final = frozenset(
    ["ceo", "cfo", "cio", "ciso", "cmo", "coo", "cro", "cto", "evp", "hr", "it", "svp", "vp"]
)
"""Of what people are called: written in capitals."""


def line(event: Event) -> str:
    """The event in one line of at most 160 characters: `Hiring VP Sales (sales)`."""
    return _LINES[event.kind](event.fields)


def one_line(text: str, most: int = MAX_CHARACTERS) -> str:
    """`text` without control and direction characters or line breaks, at most `most` characters, 160 unless told."""
    if not text.isprintable():  # asked first because it is nearly always so, and 20 times as fast
        text = "".join(" " if unicodedata.category(char) in _UNSEEN else char for char in text)
    clean = " ".join(text.split()) if "  " in text else text.strip()
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "\N{HORIZONTAL ELLIPSIS}"


def _intent(fields: Mapping[str, Any]) -> str:
    return _research(fields["topic"], fields["score"], fields.get("people"), fields.get("trend"))


def _hiring(fields: Mapping[str, Any]) -> str:
    title, department, location = fields["title"], fields.get("department"), fields.get("location")
    where = f"{department}, {location}" if department and location else department or location
    return one_line(f"Hiring: {title} ({where})" if where and where not in title else f"Hiring: {title}")


def _funding(fields: Mapping[str, Any]) -> str:
    amount, stage = fields.get("amount_usd"), fields.get("round")
    with_amount, without = _round(str(stage)) if stage else _NO_ROUND
    if amount:
        what = f"Raised ${_money(amount)}{with_amount}"
    elif other := fields.get("amount"):
        currency = str(fields.get("currency", "of an unnamed currency")).strip()
        code = currency.upper() if len(currency) == _CURRENCY_LETTERS else currency
        what = f"Raised {_money(other)} {code}{with_amount}"
        what += " (no rate to dollars)"
    else:
        what = without
    investors = fields.get("investors") or []
    who = f", from {', '.join(map(str, investors[:3]))}" if investors else ""
    return one_line(what + who)


def _engagement(fields: Mapping[str, Any]) -> str:
    return _activity(fields["activity"], fields.get("persona"), fields.get("page"))


def _technographic(fields: Mapping[str, Any]) -> str:
    return _technology(fields["technology"], fields["change"], fields.get("replaces"))


def _leadership(fields: Mapping[str, Any]) -> str:
    what = _ROLE_CHANGES[fields["change"]].format(fields["role"])
    before = _RELATIONSHIPS.get(fields.get("relationship") or "")
    return one_line(f"{what}, {before}" if before else what)


def _round(stage: str) -> tuple[str, str]:
    """How people write a round: what follows its amount, and the whole where the amount is not known."""
    words = " ".join(stage.replace("_", " ").replace("-", " ").split())
    folded = words.casefold()
    if folded in _ROUNDS:
        return _ROUNDS[folded]
    if folded.startswith("series "):
        letters = words[len("series ") :]
        name = f"Series {letters.upper() if len(letters) <= _SERIES_LETTERS else letters.title()}"
        return f" {name}", f"Raised a {name}"
    return f" ({words})", f"Raised money ({words})"


# Topics, pages and technologies repeat from event to event: remembered lines save 1 us of 1.3 us.
@lru_cache(maxsize=4_096)
def _research(topic: str, score: float, people: int | None, trend: str | None) -> str:
    who = f", {people} people" if people and people > 1 else ""
    return one_line(f"Researching {topic} (intent {score:g}{who}{f', {trend}' if trend else ''})")


@lru_cache(maxsize=4_096)
def _activity(activity: str, persona: str | None, page: str | None) -> str:
    who = title(persona.strip()) if persona and persona.strip() else "Someone"
    return one_line(f"{who} {ACTIVITIES[activity]}{f' ({page})' if page else ''}")


@lru_cache(maxsize=4_096)
def _technology(technology: str, change: str, replaced: str | None) -> str:
    return one_line(f"{_TECHNOLOGY_CHANGES[change]} {technology}{f', replacing {replaced}' if replaced else ''}")


_LINES: Final = {
    INTENT: _intent,
    HIRING: _hiring,
    FUNDING: _funding,
    ENGAGEMENT: _engagement,
    TECHNOGRAPHIC: _technographic,
    LEADERSHIP: _leadership,
}


def title(persona: str) -> str:
    """What somebody is called, as people write it: `CFO`, `Head of procurement`."""
    words = [word.upper() if word.casefold() in ABBREVIATIONS else word for word in persona.replace("_", " ").split()]
    text = " ".join(words)
    return text[:1].upper() + text[1:]


def _money(amount: float) -> str:
    for size, unit in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if amount >= 0.9995 * size:  # 999,999 is 1M, not 1e+03K
            return f"{amount / size:.3g}{unit}" if amount < 999.5 * size else f"{amount / size:,.0f}{unit}"
    return f"{amount:.0f}"
