"""The documents of `dlq list`, `dlq show`, `dlq replay` and `dlq resume`."""

from typing import TypeAlias, final

from typing_extensions import TypedDict

from signal_engine.wire.output.models import Instant


@final
class _TextContent(TypedDict):
    """Content that is UTF-8."""

    text: str


@final
class _Base64Content(TypedDict):
    """Any other content."""

    base64: str


Content: TypeAlias = _TextContent | _Base64Content | None


class DeadLetterPosition(TypedDict):
    """Where a dead letter lies in its own topic."""

    partition: int
    offset: int


class DeadLetterSummary(TypedDict):
    """A dead letter without its content."""

    place: str
    reason: str
    detail: str
    at: Instant
    truncated: str
    replayed: bool
    size: int
    sha256: str
    dead_letter: DeadLetterPosition


class DeadLetterDocument(DeadLetterSummary):
    """A dead letter with its content."""

    key: Content
    headers: list[tuple[str, Content]]
    value: Content


class DeadLetterCounts(TypedDict):
    """How many dead letters a filter accepts."""

    total: int
    by_reason: dict[str, int]
    by_topic: dict[str, int]


class PauseDocument(TypedDict):
    """A paused topic-partition, and the command that resumes it (`then`)."""

    topic: str
    partition: int
    at: Instant
    refused: int
    of: int
    reasons: dict[str, int]
    offset: int
    unreadable: str
    end: int | None
    then: str


class SkippedBatch(TypedDict):
    """A batch of the dead-letter topic that was skipped; offsets from `offset` up to but not including `end`."""

    partition: int
    offset: int
    end: int | None
    why: str


class DeadLetterList(TypedDict):
    """`dlq list`: the newest dead letters, counts, and what is paused."""

    letters: list[DeadLetterSummary]
    counts: DeadLetterCounts
    asked_for: bool
    """Whether a filter was given. Not printed."""
    paused: list[PauseDocument]
    unreadable: list[SkippedBatch]


class RedriveOutcomeDocument(TypedDict):
    """What became of one dead letter."""

    place: str
    reason: str
    outcome: str
    why: str
    sent: bool


class RedriveDocument(TypedDict):
    """`dlq replay`."""

    dry_run: bool
    letters: list[RedriveOutcomeDocument]
    counts: dict[str, int]
    sent: int


class HookDeliveries(TypedDict):
    """What became of the kept deliveries of one hook."""

    deliveries: int
    events: int
    """That they give now."""
    refused_again: int
    """Deliveries that still cannot be mapped, wholly or in part."""
    why: str | None
    """Of the last of them."""


class DeliveriesDocument(TypedDict):
    """`dlq replay --topic ingest.dlq`."""

    dry_run: bool
    sent: int
    """Events."""
    hooks: dict[str, HookDeliveries]


class LiftedPause(PauseDocument):
    """The pause that was lifted, and the offset from which it reads, if one was given."""

    skipped_to: int | None


class ResumeDocument(TypedDict):
    """`dlq resume`."""

    resumed: LiftedPause | None
