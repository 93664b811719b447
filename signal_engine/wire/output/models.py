"""The outputs as models for the schemas (contract.md, section 2). Nothing is validated with them."""

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


EvidenceAlias: TypeAlias = Annotated[
    str,
    Field(description="The domain that the event named: an alias of the account; missing if it named the account."),
]


class Evidence(TypedDict):
    """One signal behind a score."""

    event_id: str
    kind: Kind
    text: Annotated[str, Field(max_length=160, description="What happened, in one line.")]
    points: Annotated[float, Field(description="What the signal is worth now, in points.")]
    occurred_at: Instant
    source_url: NotRequired[Annotated[str, Field(description="A page about it.")]]
    alias: NotRequired[EvidenceAlias]


class Part(TypedDict):
    """One part of a score. All parts add up to the score; the items of a part add up to the part."""

    part: Annotated[
        Literal[Kind, "stack", "ceiling"],
        Field(description="A kind; `stack`: what several live kinds add; `ceiling`: what the limit of 100 removes."),
    ]
    points: Points
    evidence: Annotated[list[Evidence], Field(description="Strongest first.")]
    others: NotRequired[
        Annotated[float, Field(ge=0, description="Of a kind: the points of its signals that are not listed.")]
    ]
    saturated: NotRequired[
        Annotated[
            float, Field(le=0, description="Of a kind: what its caps remove; evidence + others + saturated = points.")
        ]
    ]


class Person(TypedDict):
    """A persona seen at the account."""

    persona: Annotated[str, Field(description="Its name in the scoring file, or `other`.")]
    called: Annotated[str, Field(description="The latest title of a person with this persona.")]
    last_seen_at: Instant


class Signal(TypedDict):
    """A signal, mentioned alone."""

    event_id: str
    text: str
    occurred_at: Instant


class Claimed(TypedDict):
    """Who has claimed an account."""

    claimed_by: Annotated[str | None, Field(description="E-mail of who has claimed it, and gets its alerts.")]
    claimed_at: Instant | None


class AccountSummary(Claimed):
    """The fields that entries and alerts share."""

    badge: Annotated[Badge, Field(description="What to show first; `inbound`: someone asked to be called.")]
    pinned: Annotated[bool, Field(description="Whether a hand raise keeps it in the first block of the list.")]
    hand_raised_at: Annotated[Instant | None, Field(description="Of the hand raise that pins it.")]
    why_now: Annotated[str, Field(description="One sentence, never the score.")]
    why_now_at: Annotated[Instant | None, Field(description="When that signal happened.")]
    account_id: Annotated[str, Field(description="Registrable domain, lower case, IDNA A-labels.")]
    name: str | None
    score: Annotated[float, Field(ge=0, le=100)]
    priority: Annotated[
        float | None,
        Field(
            ge=0, description="Raw score times the weight of the tier, without the ceiling; null if no tier is chased."
        ),
    ]
    level: Level
    since: Annotated[Instant | None, Field(description="When the level began.")]
    fit: Annotated[float | None, Field(description="0..100; null if the fit is unknown.")]
    tier: str | None
    icp: Annotated[str | None, Field(description="The account's primary ICP; null if it is in no accounts file.")]
    icp_version: int | None
    owner: str | None
    sdr: Annotated[str | None, Field(description="Who calls; the owner if the accounts file names no SDR.")]
    relation: Relation
    segment: str | None
    crm_id: str | None
    parts: list[Part]
    kinds_live: Annotated[
        list[LiveKind], Field(description="The live kinds, including `buying_group`: those that count for the stack.")
    ]
    cools_at: Annotated[Instant | None, Field(description="When the level ends if there are no further signals.")]
    last_signal_at: Instant | None
    people: Annotated[list[Person], Field(description="Newest first, at most ten.")]
    personas_live: Annotated[list[str], Field(description="Named personas with enough points to count.")]


class ControlGroupDays(TypedDict):
    """The control group that an account is in: until when nobody but administrators sees it on lists."""

    since: Annotated[str, Field(description="The first day, YYYY-MM-DD, in the zone of the routes file.")]
    until: Annotated[str | None, Field(description="The last day; null: it goes on.")]


class ControlGroupShown(TypedDict, total=False):
    """What only administrators are shown."""

    control_group: Annotated[ControlGroupDays, Field(description="Only in answers to administrators: it is held back.")]


class Entry(AccountSummary):
    """One account on a list."""

    rank: Annotated[int, Field(ge=1)]
    previous_rank: Annotated[
        int | None, Field(ge=1, description="At the last 00:00 UTC; null if it was not on the list then.")
    ]


class HeldEntry(Entry):
    """One that a control group keeps off a list, as administrators see it."""

    control_group: ControlGroupDays


class Alert(AccountSummary):
    """Whom to call now, and why."""

    alert_id: Annotated[
        str, Field(json_schema_extra={"format": "uuid"}, description="Always the same for the same decision.")
    ]
    type: AlertType
    at: Annotated[Instant, Field(description="When the alert was due, not when it was noticed.")]
    episode: Annotated[
        int | None, Field(description="The number of the hot episode; null if the alert belongs to none.")
    ]
    rank: Annotated[int | None, Field(description="Always null: an alert is not on a list.")]
    previous_rank: int | None
    tipped_by: Annotated[
        Signal | None, Field(description="The signal that caused the alert, if that is not `why_now`.")
    ]
    previous_level: Level | None
    threshold: Annotated[float | None, Field(description="The score that was crossed.")]
    audience: Annotated[Audience, Field(description="Whom it is for.")]
    raised_by: Annotated[str | None, Field(description="The persona of a hand raise or an inbound.")]
    triage_reason: Annotated[NoAlertReason | None, Field(description="Of an inbound: why no rep may be alerted.")]
    recorded: Annotated[
        Recorded | None, Field(description="Why it was recorded but not sent; null in the topic `alerts`.")
    ]
    config_version: str


Entries: TypeAlias = list[Entry]


class PriorityList(TypedDict):
    """One complete list."""

    list: str
    version: Annotated[int, Field(ge=0, description="Only rises.")]
    generated_at: Annotated[
        Instant, Field(description="All scores, levels and priorities are evaluated at this instant.")
    ]
    complete_until: Annotated[Instant, Field(description="All signal topics have been read up to this instant.")]
    stale: Annotated[bool, Field(description="Whether `complete_until` is more than 60 s ago.")]
    truncated: NotRequired[
        Annotated[
            Literal[True],
            Field(description="Evidence was left out, from the lowest rank up, so that the list fits a record."),
        ]
    ]
    config_version: str
    entries: Annotated[Entries, Field(description="By rank.")]


_DECIMAL: Final = r"^[0-9]+$"

DeadLetterHeaders = TypedDict(
    "DeadLetterHeaders",
    {
        "dlq.reason": Reason,
        "dlq.detail": Annotated[str, Field(description="The field and what was wrong with it; never a value.")],
        "dlq.topic": Annotated[str, Field(description="The topic in which the record was rejected.")],
        "dlq.partition": Annotated[str, Field(pattern=_DECIMAL)],
        "dlq.offset": Annotated[str, Field(pattern=_DECIMAL)],
        "dlq.at": Annotated[Instant, Field(description="When it was rejected.")],
        "dlq.truncated": NotRequired[
            Annotated[str, Field(description="The parts of the record that were left out because it was too large.")]
        ],
        "dlq.sha256": NotRequired[
            Annotated[str, Field(description="SHA-256 of the value that was left out, in hexadecimal digits.")]
        ],
        "dlq.size": NotRequired[
            Annotated[str, Field(pattern=_DECIMAL, description="Size in bytes of the value that was left out.")]
        ],
    },
)
DeadLetterHeaders.__doc__ = (
    """Headers of a rejected record in addition to its own. Topic, partition and offset identify it."""
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
    """A rejected line of an event file."""

    file: NotRequired[Annotated[str, Field(description="Only if several files were given.")]]
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
    lists: Annotated[dict[str, list[Entry]], Field(description="Name of the list -> entries.")]
    distribution: NotRequired[
        Annotated[
            Distribution,
            Field(description="How signals spread over the accounts that fit. Not in the output of `demo`."),
        ]
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
