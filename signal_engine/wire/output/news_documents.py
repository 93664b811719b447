"""What `/v1/events` sends (contract.md, section 4). Nothing is validated."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.reasons import Recorded
from signal_engine.core.rules.policy import Level
from signal_engine.wire.output.models import Instant


class ListNews(TypedDict):
    """What `/v1/events` sends when a list has changed."""

    list: str
    version: int
    etag: str
    generated_at: Instant | None
    stale: bool


class AlertNews(TypedDict):
    """What `/v1/events` sends of a new alert; `GET /v1/alerts` has all of it."""

    alert_id: str
    type: AlertType
    at: Instant
    account_id: str
    name: str | None
    owner: str | None
    sdr: str | None
    claimed_by: str | None
    recorded: Annotated[Recorded | None, Field(description="Why it was recorded and not sent.")]
    level: Level
    why_now: str
