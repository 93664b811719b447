"""What leaves the engine, as models for the schemas (contract.md, section 2). Nothing is validated with them."""

from typing import Annotated, Any, Final, Literal, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict  # typing's own tells pydantic too little before Python 3.12

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.eligibility import Audience
from signal_engine.core.fit.ranking import Badge
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.rules.kinds import Kind
from signal_engine.core.rules.policy import Level
from signal_engine.core.rules.relations import Relation
from signal_engine.wire.events.rejections import Reason
from signal_engine.wire.output.distribution import Distribution

Instant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
LiveKind: TypeAlias = Literal[Kind, "buying_group"]
Points: TypeAlias = Annotated[float, Field(description="In points, rounded to 2 decimals.")]


class Evidence(TypedDict):
    """One signal behind a score."""

    event_id: str
    kind: Kind
    text: Annotated[str, Field(max_length=160, description="What happened, in one line.")]
    points: Annotated[float, Field(description="What the signal is worth now.")]
    occurred_at: Instant
    source_url: NotRequired[Annotated[str, Field(description="Where it can be read.")]]


class Part(TypedDict):
    """One part of a score; all parts add up to it, and what a kind's part lists adds up to the part."""

    part: Annotated[
        Literal[Kind, "stack", "ceiling"],
        Field(description="A kind; `stack`, what several live kinds add; `ceiling`, what the limit of 100 takes away."),
    ]
    points: Points
    evidence: Annotated[list[Evidence], Field(description="Strongest first.")]
    others: NotRequired[
        Annotated[float, Field(ge=0, description="Of a kind: the points of its signals that are not listed.")]
    ]
    saturated: NotRequired[
        Annotated[
            float, Field(le=0, description="Of a kind: what its caps take away; evidence + others + this = points.")
        ]
    ]


class Person(TypedDict):
    """A persona seen at the account."""

    persona: Annotated[str, Field(description="Its name in the scoring file, or `other`.")]
    called: Annotated[str, Field(description="The latest title under which it was seen.")]
    last_seen_at: Instant


class Signal(TypedDict):
    """A signal that is told of by itself."""

    event_id: str
    text: str
    occurred_at: Instant


class Claimed(TypedDict):
    """Who has claimed an account."""

    claimed_by: Annotated[str | None, Field(description="E-mail of who has claimed it, and gets its alerts.")]
    claimed_at: Instant | None


class AccountSummary(Claimed):
    """What entries and alerts both tell of an account."""

    badge: Annotated[Badge, Field(description="What to show first; `inbound`: somebody asked to be called.")]
    pinned: Annotated[bool, Field(description="Whether it stands in the first block, for a hand raise.")]
    hand_raised_at: Annotated[Instant | None, Field(description="Of the hand raise that pins it.")]
    why_now: Annotated[str, Field(description="One sentence, never the score.")]
    why_now_at: Annotated[Instant | None, Field(description="When that very signal happened.")]
    account_id: Annotated[str, Field(description="Registrable domain, lower case, IDNA A-labels.")]
    name: str | None
    score: Annotated[float, Field(ge=0, le=100)]
    priority: Annotated[
        float | None,
        Field(ge=0, description="Raw score by the weight of the tier, not capped; null where no tier is chased."),
    ]
    level: Level
    since: Annotated[Instant | None, Field(description="When the level began.")]
    fit: Annotated[float | None, Field(description="0..100; null when fit is unknown.")]
    tier: str | None
    icp: Annotated[str | None, Field(description="The ICP by which the account is seen; null where it is in no file.")]
    icp_version: int | None
    owner: str | None
    sdr: Annotated[str | None, Field(description="Who calls; the owner where the accounts file names nobody.")]
    relation: Relation
    segment: str | None
    crm_id: str | None
    parts: list[Part]
    kinds_live: Annotated[list[LiveKind], Field(description="Kinds, and `buying_group`, that count for the stack.")]
    cools_at: Annotated[Instant | None, Field(description="When the level ends if no further signal comes.")]
    last_signal_at: Instant | None
    people: Annotated[list[Person], Field(description="Newest first, at most ten.")]
    personas_live: Annotated[list[str], Field(description="Named personas with enough points to count.")]


class Entry(AccountSummary):
    """One account on a list."""

    rank: Annotated[int, Field(ge=1)]
    previous_rank: Annotated[
        int | None, Field(ge=1, description="At the last 00:00 UTC; null when it was not on the list then.")
    ]


class Alert(AccountSummary):
    """Whom to call now, and why."""

    alert_id: Annotated[
        str, Field(json_schema_extra={"format": "uuid"}, description="The same decision always has the same id.")
    ]
    type: AlertType
    at: Annotated[Instant, Field(description="When it was due, not when it was noticed.")]
    episode: Annotated[int | None, Field(description="Null when the alert belongs to no hot episode.")]
    rank: Annotated[int | None, Field(description="Null: an alert is not a list.")]
    previous_rank: int | None
    tipped_by: Annotated[
        Signal | None, Field(description="The signal by which it came about, where that is not `why_now`.")
    ]
    previous_level: Level | None
    threshold: Annotated[float | None, Field(description="The score that was crossed.")]
    audience: Annotated[Audience, Field(description="Whom it is for.")]
    raised_by: Annotated[str | None, Field(description="The persona of a hand raise or an inbound.")]
    triage_reason: Annotated[NoAlertReason | None, Field(description="Of an inbound: why no rep may be alerted.")]
    recorded: Annotated[
        Recorded | None, Field(description="Why it is kept but was not sent; null in the topic `alerts`.")
    ]
    config_version: str


Entries: TypeAlias = list[Entry]


class PriorityList(TypedDict):
    """The whole of one list, as it is now."""

    list: str
    version: Annotated[int, Field(ge=0, description="Only rises.")]
    generated_at: Annotated[Instant, Field(description="Every score, level and priority is evaluated at this instant.")]
    complete_until: Annotated[Instant, Field(description="Every signal topic has been read up to this instant.")]
    stale: Annotated[bool, Field(description="Whether that is more than 60 s ago.")]
    truncated: NotRequired[
        Annotated[Literal[True], Field(description="Evidence was left out, from the lowest rank up, to fit a record.")]
    ]
    config_version: str
    entries: Annotated[Entries, Field(description="By rank.")]


_DECIMAL: Final = r"^[0-9]+$"

DeadLetterHeaders = TypedDict(
    "DeadLetterHeaders",
    {
        "dlq.reason": Reason,
        "dlq.detail": Annotated[str, Field(description="The field and what was wrong with it; never a value.")],
        "dlq.topic": Annotated[str, Field(description="Where the record was refused.")],
        "dlq.partition": Annotated[str, Field(pattern=_DECIMAL)],
        "dlq.offset": Annotated[str, Field(pattern=_DECIMAL)],
        "dlq.at": Annotated[Instant, Field(description="When it was refused.")],
        "dlq.truncated": NotRequired[
            Annotated[
                str, Field(description="The record was too large to pass on: it has no value, but these headers.")
            ]
        ],
        "dlq.sha256": NotRequired[Annotated[str, Field(description="Of the value left out, in hexadecimal digits.")]],
        "dlq.size": NotRequired[
            Annotated[str, Field(pattern=_DECIMAL, description="Of the value left out, in bytes.")]
        ],
    },
)
DeadLetterHeaders.__doc__ = (
    """Headers that a refused record has besides its own. Topic, partition, offset identify it."""
)


class Counts(TypedDict):
    """received = applied + duplicate + ignored + expired + rejected."""

    received: int
    applied: int
    duplicate: int
    ignored: int
    expired: int
    rejected: int


class RejectedLine(TypedDict):
    """A refused line of an event file."""

    file: NotRequired[Annotated[str, Field(description="When several files were given.")]]
    line: Annotated[int, Field(ge=1)]
    reason: Reason
    detail: str


class ActionCounts(TypedDict):
    """received = applied + duplicate + the number of refused ones."""

    received: int
    applied: int
    duplicate: Annotated[int, Field(description="The action_id of an action that had been applied.")]
    refused: Annotated[list[RejectedLine], Field(description="Lines of the file of actions.")]


class ReplayResult(TypedDict):
    """What `replay --json` prints."""

    until: Instant | None
    config_version: str
    counts: Counts
    lists: Annotated[dict[str, list[Entry]], Field(description="By name.")]
    distribution: NotRequired[
        Annotated[Distribution, Field(description="How signals spread over the accounts that fit. `demo` has none.")]
    ]
    actions: NotRequired[Annotated[ActionCounts, Field(description="With `--actions`.")]]
    alerts: list[Alert]
    rejected: list[RejectedLine]


OUTPUT_MODELS: Final[dict[str, Any]] = {
    "entry": Entry,
    "alert": Alert,
    "priority-list": PriorityList,
    "dead-letter-headers": DeadLetterHeaders,
    "replay-result": ReplayResult,
}
"""Name of the schema file without `.json` -> model. A model's docstring becomes the schema's description."""
