"""The documents of `icp` and `scoring` commands that publish rules, or read what is published."""

from typing import TypedDict

from signal_engine.core.sync.wiring import Downstream
from signal_engine.wire.output.models import Instant
from signal_engine.wire.output.reports.icp_documents import IcpDiff


class PublicationOutcome(TypedDict):
    """What became of a publication."""

    published: bool
    """False: a dry run, or everything was in force already."""
    in_transaction: bool | None
    """None where nothing was written."""
    in_force: str | None
    """`12 of 12 partitions`; None where nothing was written or waited for."""
    waiting_for: str | None
    """What it waits for to be in force everywhere."""


class ScoringPublication(PublicationOutcome):
    """`scoring publish`, `scoring rollback`."""

    config_version: str
    before: str | None
    """The one that was published before."""
    rebuild: bool
    """Whether it takes a rebuild."""
    difference: list[str]
    """Lines of a unified diff of the two files."""


class PublishedScoring(TypedDict):
    """One version of the scoring file."""

    config_version: str
    in_force: bool
    """Whether it is the one that is to be in force."""
    at: Instant
    by: str
    reason: str
    rollback_to: str | None


class ShownScoring(PublishedScoring):
    """`scoring show`."""

    text: str
    """The file."""


class ScoringHistory(TypedDict):
    """`scoring history`."""

    versions: list[PublishedScoring]
    """Newest first."""
    unreadable: list[str]
    """Records of the topic that cannot be read, in words."""


class PlayToLookAt(TypedDict):
    """A play that is for the ICP alone."""

    kind: str | None
    """The occasion; None: any."""
    segment: str | None
    text: str


class IcpDifference(TypedDict):
    """One ICP of a publication."""

    icp: str
    version: int | None
    """None: it is taken out of force."""
    before: int | None
    """The version that was published before."""
    difference: list[str]
    """Lines of a unified diff of the two files."""
    accounts: IcpDiff | None
    """What becomes of the accounts as loaded; None where none are in Kafka."""
    plays: list[PlayToLookAt]
    """To be looked at, too."""


class IcpPublication(PublicationOutcome):
    """`icp publish`, `icp rollback`, `icp retire`."""

    icps: list[IcpDifference]
    """Those that change."""


class PublishedIcp(TypedDict):
    """One version of an ICP."""

    icp: str
    version: int
    in_force: bool
    """Whether it is one that is to be in force."""
    owner: str
    review_by: str
    annual_review_by: str | None
    at: Instant
    by: str
    reason: str
    rollback_to: int | None


class WiringConfirmation(TypedDict):
    """`wiring confirm`."""

    icp: str
    version: int
    system: Downstream
    by: str
    note: str
    at: Instant


class IcpVersions(TypedDict):
    """`icp list`: those in force; `icp history`: every version, newest first."""

    versions: list[PublishedIcp]
    unreadable: list[str]
    """Records of the topic that cannot be read, in words."""
