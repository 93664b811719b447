"""The answers of the HTTP API as models for its OpenAPI document (contract.md, section 4). Nothing is validated."""

from typing import Annotated, Any, Final, Literal, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.eligibility import Audience
from signal_engine.core.fit.ranking import Badge
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.rules.kinds import Kind
from signal_engine.core.rules.policy import Level
from signal_engine.core.rules.relations import Relation
from signal_engine.wire.actions.models import ActionRequest
from signal_engine.wire.outcomes.documents import AccountOutcomes
from signal_engine.wire.output.actions import ActedDocument, ActionInForce, ActionsDocument
from signal_engine.wire.output.change_documents import DayChanges
from signal_engine.wire.output.lists import FocusDocument
from signal_engine.wire.output.models import (
    Alert,
    ControlGroupShown,
    Entries,
    EvidenceAlias,
    Instant,
    LiveKind,
    Part,
    Person,
)
from signal_engine.wire.output.operations.deliveries import DeliveryOverview
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.rules_in_force import RulesNow

Why: TypeAlias = Annotated[NoAlertReason | None, Field(description="A code; null if there is no reason.")]
InWords: TypeAlias = Annotated[str | None, Field(description="The reason in one sentence.")]


class ListSummary(TypedDict):
    """A summary of one list."""

    list: str
    version: Annotated[int, Field(ge=0, description="0 if never published.")]
    size: Annotated[int, Field(ge=0)]
    generated_at: Instant | None
    stale: bool


class Lists(TypedDict):
    """All lists, and the rules by which they are made."""

    lists: list[ListSummary]
    in_force: RulesNow
    warnings: Annotated[list[str], Field(description="In words: review dates that have passed.")]


class Freshness(TypedDict):
    """The fields by which a list is stale or not."""

    complete_until: str | None
    stale: bool


class ListDocument(TypedDict):
    """A list as last published, or the requested part of it."""

    list: str
    version: Annotated[int, Field(ge=0, description="Only rises; 0 if never published.")]
    generated_at: Annotated[Instant | None, Field(description="All entries are evaluated at this instant.")]
    complete_until: Annotated[Instant | None, Field(description="All signal topics have been read up to this instant.")]
    stale: Annotated[
        bool, Field(description="Whether `complete_until` was more than 60 s ago at the time of the request.")
    ]
    truncated: NotRequired[Annotated[Literal[True], Field(description="Evidence of the lowest ranks was left out.")]]
    config_version: str | None
    entries: Annotated[Entries, Field(description="By rank; administrators also see who is held back.")]


class BuyingGroupMember(TypedDict):
    """A persona whose approval is needed."""

    persona: str
    seen: Annotated[bool, Field(description="Whether it has enough points to count.")]


class IcpDecision(TypedDict):
    """The decision of one ICP on an account."""

    icp: str
    version: int
    primary: bool
    decision: Literal["chase", "deprioritize", "unknown", "ignore"]
    fit: float | None
    tier: str | None
    reasons: Annotated[list[str], Field(description="In words.")]
    icp_owner: str
    review_by: Annotated[str, Field(description="The sooner of its review dates, YYYY-MM-DD.")]
    buying_group: list[BuyingGroupMember]


class ListPlace(TypedDict):
    """The rank of an account on one list, or why it is not on it."""

    list: str
    rank: int | None
    why_not: Why
    why_not_in_words: InWords


class PastAlert(TypedDict):
    """An alert of the account, without its evidence."""

    alert_id: str
    type: AlertType
    at: Instant
    episode: int | None
    score: float
    level: Level
    previous_level: Level | None
    why_now: str
    why_now_at: Instant | None
    kinds_live: list[LiveKind]
    icp: str | None
    audience: Annotated[Audience, Field(description="The recipient.")]
    triage_reason: Annotated[NoAlertReason | None, Field(description="Of an inbound: why no rep could be alerted.")]
    recorded: Annotated[Recorded | None, Field(description="Why it was not sent.")]


class PastSignal(TypedDict):
    """A signal that was applied."""

    id: str
    kind: Kind
    at: Annotated[Instant, Field(description="When it happened.")]
    points: Annotated[float, Field(description="What it was worth then, in points, by itself.")]
    text: str
    source_url: NotRequired[str]
    alias: NotRequired[EvidenceAlias]


class DayScore(TypedDict):
    """The score at the last signal of a day."""

    day: Annotated[str, Field(json_schema_extra={"format": "date"})]
    score: float


class AccountPast(TypedDict):
    """The history of an account."""

    signals: Annotated[list[PastSignal], Field(description="Newest first, at most 50.")]
    scores: Annotated[list[DayScore], Field(description="The days with signals among the last 90.")]


class Explanation(TypedDict):
    """Score, parts and fit of an account, and why it is listed and alerted or not."""

    account_id: str
    name: str | None
    owner: str | None
    sdr: Annotated[str | None, Field(description="Who calls; the owner if the accounts file names no SDR.")]
    relation: Relation
    parent: str | None
    parent_relation: Relation | None
    segment: str | None
    crm_id: str | None
    suppressed: bool
    badge: Badge
    hand_raised_at: Annotated[
        Instant | None, Field(description="When someone raised a hand, if that pins the account.")
    ]
    pinned_until: Annotated[Instant | None, Field(description="When the pin expires; null if it is not pinned.")]
    claimed_by: str | None
    claimed_at: Instant | None
    score: float
    raw: Annotated[float, Field(description="The score before the ceiling of 100.")]
    parts: list[Part]
    kinds_live: list[LiveKind]
    multiplier: float
    level: Level
    since: Instant | None
    cools_at: Instant | None
    last_signal_at: Instant | None
    why_now: str | None
    why_now_at: Instant | None
    next_step: Annotated[str | None, Field(description="What whoever calls does, by the plays; null if nobody is to.")]
    people: list[Person]
    personas_live: Annotated[list[str], Field(description="Named personas with enough points to count.")]
    ids_evicted: Annotated[
        int, Field(description="Event ids that were forgotten early; their duplicates would count again.")
    ]
    fit: list[IcpDecision]
    lists: list[ListPlace]
    why_no_alert: Why
    why_no_alert_in_words: InWords
    actions: Annotated[list[ActionInForce], Field(description="What people decided that is in force.")]


class AccountNow(Explanation, ControlGroupShown):
    """One account, explained at an instant."""

    until: Annotated[Instant, Field(description="The instant at which the account is evaluated.")]
    config_version: str
    complete_until: Annotated[Instant | None, Field(description="All signal topics have been read up to this instant.")]
    stale: Annotated[
        bool, Field(description="Whether `complete_until` was more than 60 s ago at the time of the request.")
    ]


class AccountDocument(AccountNow):
    """One account, explained, with its past."""

    alerts: Annotated[list[PastAlert], Field(description="Newest first, at most 20.")]
    history: AccountPast
    outcomes: AccountOutcomes


class Alerts(TypedDict):
    """Alerts, newest first."""

    alerts: list[Alert]


class Live(TypedDict):
    """The process is running."""

    status: Literal["ok"]


class _PausedPlace(TypedDict):
    topic: str
    partition: int


class StoredPause(TypedDict):
    """A pause as the worker stored it; older releases stored fewer fields."""

    refused: NotRequired[Any]
    of: NotRequired[Any]
    reasons: NotRequired[Any]
    offset: NotRequired[Any]
    at: NotRequired[Any]
    unreadable: NotRequired[
        Annotated[
            str, Field(description="Why the batch at `offset` cannot be read; empty if too many records were rejected.")
        ]
    ]
    end: NotRequired[Annotated[int | None, Field(description="The offset after that batch.")]]


class PausedPartition(_PausedPlace, StoredPause):
    """A paused topic-partition."""


class Ready(TypedDict):
    """Whether requests can be answered, and what is wrong."""

    status: Annotated[Literal["ready", "degraded", "unready"], Field(description="`unready` comes with 503.")]
    redis: Literal["ok", "unreachable"]
    publication_age_seconds: Annotated[
        float | None, Field(description="Age of list `all`; null if it was never published.")
    ]
    read_until: Instant | None
    paused: list[PausedPartition]
    problems: Annotated[list[str], Field(description="In words.")]


class ParameterError(TypedDict):
    """What is wrong with one parameter; never its value."""

    parameter: NotRequired[str]
    detail: str


class ProblemDocument(TypedDict):
    """RFC 9457."""

    type: str
    title: str
    status: int
    detail: str
    errors: NotRequired[list[ParameterError]]


API_MODELS: Final[dict[str, Any]] = {
    "Lists": Lists,
    "ListDocument": ListDocument,
    "DayChanges": DayChanges,
    "FocusDocument": FocusDocument,
    "AccountDocument": AccountDocument,
    "ActionRequest": ActionRequest,
    "ActedDocument": ActedDocument,
    "ActionsDocument": ActionsDocument,
    "Alerts": Alerts,
    "DeliveryOverview": DeliveryOverview,
    "ReportDocument": Report,
    "Live": Live,
    "Ready": Ready,
    "ProblemDocument": ProblemDocument,
}
