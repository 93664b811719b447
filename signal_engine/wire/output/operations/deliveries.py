"""The documents of commands that deliver, and of the API about deliveries."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.delivery.ledger import RowStatus
from signal_engine.core.delivery.outcomes import AttemptEnd
from signal_engine.core.delivery.plan import Timing
from signal_engine.wire.output.models import Instant


class TriedDocument(TypedDict):
    """`notify try`."""

    destination: str
    delivery_id: str
    end: AttemptEnd
    said: str
    receiver_id: str | None
    retry_after_s: float | None


class DeliveryDocument(TypedDict):
    """One delivery of `deliveries list`."""

    delivery_id: str
    alert_id: str
    account_id: str
    type: AlertType
    destination: str
    person: str | None
    status: RowStatus
    timing: Timing
    alert_at: Instant
    changed_at: Instant
    due: Instant | None
    attempts: int
    said: str | None
    receiver_id: str | None
    maybe_twice: int
    into: Annotated[str | None, Field(description="The delivery whose message tells of it.")]
    tells_of: Annotated[int, Field(ge=0, description="Other deliveries in the ledger that its message tells of.")]
    late: Annotated[
        str | None,
        Field(description="`claim/manager`: tells that nobody responded. Of a clock: whom it told."),
    ]


class LedgerDocument(TypedDict):
    """`deliveries list`: the newest first."""

    deliveries: list[DeliveryDocument]


class RetriedDocument(TypedDict):
    """`deliveries retry`: the deliveries that are tried again, and the destinations that were enabled."""

    retried: list[str]
    enabled: list[str]


class LastByType(TypedDict):
    """What happened last."""

    last_success_at: Instant | None
    last_error_at: Instant | None
    last_error: str | None


class DestinationStats(TypedDict):
    """One destination of `deliveries stats`."""

    destination: str
    by_status: dict[str, int]
    by_type: dict[str, dict[str, int]]
    maybe_twice: int
    last_success_at: Instant | None
    last_error_at: Instant | None
    last_error: str | None
    last_by_type: Annotated[dict[str, LastByType], Field(description="The same by type of alert.")]
    disabled: str | None


class UnreachedStats(TypedDict):
    """Alerts that were meant for a person and went where those for triage go, for one reason."""

    why: Annotated[str, Field(description="unassigned, unknown, gone, absent, not_found.")]
    in_words: Annotated[str, Field(description="The same in words.")]
    mended_by: Annotated[str, Field(description="What to do about it.")]
    alerts: Annotated[int, Field(ge=1, description="Of those that are still in the ledger.")]
    accounts: Annotated[int, Field(ge=1, description="Whose they are.")]


class StatsDocument(TypedDict):
    """`deliveries stats`."""

    destinations: list[DestinationStats]
    unreached: list[UnreachedStats]


class WithheldDeliveries(TypedDict):
    """Deliveries of one destination that are not messages of their own, or wait, for one reason."""

    destination: str
    status: RowStatus
    why: Annotated[str, Field(description="In words.")]
    many: Annotated[int, Field(ge=1, description="Of those that are still in the ledger.")]


class DeliveryOverview(TypedDict):
    """What became of alerts on their way to people and systems."""

    at: Annotated[Instant, Field(description="When the ledger was read.")]
    began: Annotated[bool, Field(description="Whether `notify` has ever run.")]
    destinations: Annotated[list[DestinationStats], Field(description="By name; counts are of all time.")]
    unreached: Annotated[
        list[UnreachedStats], Field(description="Alerts for which nobody could be asked, the most first.")
    ]
    withheld: Annotated[list[WithheldDeliveries], Field(description="What was held, grouped or suppressed, and why.")]
    deliveries: Annotated[list[DeliveryDocument], Field(description="Those that changed last, newest first.")]
