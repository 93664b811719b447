"""The reports on people's work: `capacity`, `response` and `wiring` (contract.md, section 5)."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.sync.wiring import ENOUGH_CHANGED, Downstream, WiringStatus
from signal_engine.wire.output.models import Instant
from signal_engine.wire.output.reports.reported_account import ReportHead


class PersonsCapacity(TypedDict):
    """What is hot for one person, next to what they can work on."""

    person: Annotated[
        str | None,
        Field(description="As the routes file names them, else as the account does; null: accounts of nobody."),
    ]
    capacity: Annotated[int | None, Field(description="Accounts a week; null if the routes file does not say.")]
    hot: Annotated[int, Field(description="Hot accounts on the lists that are theirs.")]
    claimed: Annotated[int, Field(description="Of those, accounts that they have claimed.")]
    over: Annotated[int | None, Field(description="Hot accounts beyond the capacity; null without one.")]
    threshold: Annotated[
        float | None,
        Field(description="The lowest score that at most `capacity` of them reach; null if there is room for all."),
    ]


class Capacity(ReportHead):
    """By how much hot accounts exceed what people can work on, the most first."""

    hot: Annotated[int, Field(description="Hot accounts of everybody who has a capacity.")]
    capacity: Annotated[int, Field(description="Accounts a week of everybody who has a capacity.")]
    over: Annotated[int, Field(description="Hot accounts beyond somebody's capacity, summed over people.")]
    hot_from: Annotated[float, Field(description="The threshold of hot in force.")]
    threshold: Annotated[
        float | None,
        Field(description="The lowest score at which nobody would have too many; null if nobody has."),
    ]
    rows: list[PersonsCapacity]


class ResponseTimesOf(TypedDict):
    """How soon one person responds to one type of alert."""

    person: Annotated[str | None, Field(description="Who calls the account now; null: nobody.")]
    type: AlertType
    alerts: Annotated[int, Field(description="Of the last 30 days, of accounts that nobody had claimed.")]
    claimed: Annotated[int, Field(description="Of those, alerts whose account somebody has claimed since.")]
    to_claim_s: Annotated[
        int | None, Field(description="Median seconds from alert to claim; null if half are not claimed.")
    ]
    touched: Annotated[
        int, Field(description="Claims after which a disposition was given, or sales were active as the CRM says.")
    ]
    to_touch_s: Annotated[
        int | None,
        Field(
            description="Median seconds from the claim to the disposition, else to the last activity; null if half "
            "have neither."
        ),
    ]


class ResponseTimes(ReportHead):
    """How soon people respond; first where alerts are not claimed."""

    rows: list[ResponseTimesOf]


class ChangedSystem(TypedDict):
    """What the version of an ICP in force changed in one system."""

    icp: str
    version: int
    system: Downstream
    changed_at: Annotated[
        Instant | None, Field(description="When it first changed: seen by `sync`, or confirmed. Null: not yet.")
    ]
    last_changed_at: Annotated[Instant | None, Field(description="The same of the last change.")]
    added: Annotated[
        int | None, Field(description="Accounts that came in, as `sync` counted. Null: it changed nothing.")
    ]
    removed: Annotated[int | None, Field(description="Accounts that went out.")]
    sinks: Annotated[list[str], Field(description="The sinks of the sync file that changed it.")]
    confirmed_by: Annotated[str | None, Field(description="E-mail of the person who confirmed the change.")]
    note: Annotated[str | None, Field(description="What they say changed.")]


class VersionReach(TypedDict):
    """How far the version of an ICP in force has reached the systems downstream."""

    icp: str
    version: int
    published_at: Instant
    due_at: Annotated[Instant, Field(description="60 days after its publication.")]
    in_time: Annotated[int, Field(description="Systems that changed before `due_at`.")]
    systems: Annotated[int, Field(description="All systems.")]
    status: Annotated[
        WiringStatus,
        Field(
            description=f"`green`: {ENOUGH_CHANGED} have changed in time; `amber`: not yet, and there is time; `red`:"
            " not in time."
        ),
    ]


class Wiring(ReportHead):
    """Which systems downstream each published ICP has changed; no rows where no ICP is published."""

    versions: list[VersionReach]
    rows: list[ChangedSystem]
