"""What `calibrate` prints with `--json` (contract.md, section 5). Nothing is validated with them."""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.wire.output.models import Instant
from signal_engine.wire.output.reports.validation_documents import MissedDeal, RateFound


class PersonAlerts(TypedDict):
    """The alerts that one person would have got."""

    person: Annotated[str | None, Field(description="As the accounts file names them; null: nobody is named.")]
    a_week: float
    busiest_week: int


class ThresholdTried(TypedDict):
    """The past, replayed under one threshold."""

    enter: Annotated[float, Field(description="levels.hot.enter.")]
    exit: Annotated[float, Field(description="levels.hot.exit: as far below as in the file.")]
    alerts: int
    a_week: Annotated[float, Field(description="Alerts per week; with per_person: of the busiest person.")]
    busiest_week: int
    by_type: dict[str, int]
    people: list[PersonAlerts]
    caught: Annotated[RateFound, Field(description="Won deals whose account was alerted in its cycle before.")]
    lost: Annotated[RateFound, Field(description="Lost deals whose account was alerted in its cycle before.")]


class Calibration(TypedDict):
    """Thresholds that give about as many alerts as people can work on."""

    summary: str
    capacity: int
    per_person: bool
    since: Instant
    until: Instant
    weeks: float
    verdict: Literal["found", "too_many_at_any", "fewer_at_any"]
    in_force: Annotated[ThresholdTried, Field(description="As the scoring file says.")]
    found: ThresholdTried
    tried: Annotated[list[ThresholdTried], Field(description="All that were replayed, highest threshold first.")]
    missed: Annotated[list[MissedDeal], Field(description="Won without an alert under what was found.")]
    gained: Annotated[list[MissedDeal], Field(description="Of deals won: alerted under what was found only.")]
    given_up: Annotated[list[MissedDeal], Field(description="Of deals won: alerted under the file only.")]
