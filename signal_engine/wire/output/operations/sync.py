"""What `sync run` and `sync status` print with `--json`."""

from typing_extensions import TypedDict

from signal_engine.wire.output.models import Instant


class SyncWrite(TypedDict):
    """One of the first 20 writes."""

    account_id: str
    what: str
    fields: dict[str, str | int | None]


class SyncRunDocument(TypedDict):
    """One run of one sink."""

    sink: str
    kind: str
    dry_run: bool
    counts: dict[str, int]
    ambiguous: list[str]
    """The first accounts that have several records in a CRM."""
    unmatched: list[str]
    """The first that have none."""
    writes: list[SyncWrite]
    notes: list[str]
    problem: str | None


class VersionChanges(TypedDict):
    """What a version of an ICP has changed in a system."""

    icp: str
    version: int
    added: int
    removed: int
    first_at: Instant
    last_at: Instant


class SinkStatus(TypedDict):
    """What became of a sink."""

    sink: str
    kind: str
    confirmed_at: Instant | None
    ran_at: Instant | None
    whole_at: Instant | None
    counts: dict[str, int]
    problem: str | None
    problem_at: Instant | None
    disabled: bool
    """Whether nothing is sent until somebody runs it by hand."""
    rests_until: Instant | None
    """Until when the system asks to be left alone."""
    changes: list[VersionChanges]
