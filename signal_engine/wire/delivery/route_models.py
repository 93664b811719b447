"""The routes file as models: what may stand in it. `schemas/routes.json` is made of them."""

import re
from datetime import date
from typing import Annotated, Final, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

from signal_engine.core.alerting.alerts import ALERT_TYPES
from signal_engine.core.delivery.routes import OnUncertain, RoutedField, WhenSent, WhileAway
from signal_engine.core.delivery.team import folded
from signal_engine.core.rules.relations import RELATIONS
from signal_engine.wire.delivery.destination_models import DestinationModel, EmailAddress, Name
from signal_engine.wire.delivery.duty_models import AccountsAWeek, Holdbacks, RunsOutAfter, TerritoryModel

DAYS: Final = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_DAY: Final = "|".join(DAYS)
_TIME: Final = "(?:[01][0-9]|2[0-3]):[0-5][0-9]|24:00"
SPAN: Final = re.compile(rf"({_DAY})(?:-({_DAY}))? ({_TIME})-({_TIME})")
DIGEST: Final = re.compile(rf"daily ({_TIME})|weekly(?: ({_DAY}))?(?: ({_TIME}))?")
_KNOWN_VALUES: Final = {
    "type": ALERT_TYPES,
    "audience": ("sdr", "owner", "triage"),
    "level": ("cold", "warm", "hot"),
    "relation": RELATIONS,
}
"""Field -> the values that alerts have there; the others are names of your own."""


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, LookupError):
        raise ValueError("must be a zone of the IANA database, such as Europe/Berlin") from None
    return name


def _hours(text: str) -> str:
    for part in text.split(","):
        found = SPAN.fullmatch(part.strip())
        if found is None or found[3] >= found[4]:
            raise ValueError(
                'must be days with hours, such as "Mon-Fri 08:00-18:00" or "Mon-Thu 08:00-17:00, Fri 08:00-13:00"'
            )
        if found[2] and DAYS.index(found[1]) > DAYS.index(found[2]):
            raise ValueError("must name days in the order of the week, such as Mon-Fri")
    return text


def _digest(text: str) -> str:
    found = DIGEST.fullmatch(text)
    if found is None or "24:00" in text:
        raise ValueError("must be `daily 08:30`, `weekly`, or `weekly Mon 08:00`")
    return text


def _range(text: str) -> str:
    first, slash, last = text.partition("/")
    try:
        if date.fromisoformat(first) <= date.fromisoformat(last if slash else first):
            return text
    except ValueError:
        pass
    raise ValueError("must be a day or a range of days, such as 2026-12-21/2027-01-03")


def _listed(value: object) -> object:
    """One value as a list of one; `{in: [...]}` as the list."""
    if isinstance(value, dict) and value.keys() == {"in"}:
        return value["in"]
    return [value] if isinstance(value, str) else value


_Zone = Annotated[str, Field(strict=True), AfterValidator(_zone)]
_Values = Annotated[
    list[Name],
    Field(min_length=1),
    BeforeValidator(_listed, json_schema_input_type=str | list[str] | dict[Literal["in"], list[str]]),
]


class _RoutesPart(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class PersonModel(_RoutesPart):
    """One person, named as owner or sdr in the accounts file."""

    email: EmailAddress
    zone: Annotated[_Zone | None, Field(description="IANA zone; without it, the zone of the file.")] = None
    hours: Annotated[
        Annotated[str, Field(strict=True), AfterValidator(_hours)] | None,
        Field(description="Working hours; without them, always."),
    ] = None
    holidays: Annotated[
        Name | None,
        Field(description="A calendar of the file, else a country (`US`) or a part of one (`DE-BY`), by ISO 3166."),
    ] = None
    away: Annotated[
        list[Annotated[str, Field(strict=True), AfterValidator(_range)]],
        Field(description="Days, or ranges of days with both ends included."),
    ] = []
    backup: Annotated[Name | None, Field(description="Who answers meanwhile.")] = None
    leaves: Annotated[date | None, Field(description="The last day.")] = None
    successor: Annotated[Name | None, Field(description="Who has the accounts after that.")] = None
    capacity: Annotated[
        AccountsAWeek | None,
        Field(description="`15/week`: accounts that the person can work on; the rest stands below a line."),
    ] = None
    manager: Annotated[Name | None, Field(description="Who is told when an alert waits for too long.")] = None


class RouteModel(_RoutesPart):
    """One route; the first whose `when` holds takes the alert."""

    when: Annotated[
        dict[RoutedField, _Values] | None, Field(description="Every field must have one of its values.")
    ] = None
    to: Annotated[
        list[Name] | None,
        Field(min_length=1, description="Destinations. With a digest it may be missing: then those of the last route."),
    ] = None
    now: Annotated[
        WhenSent | None, Field(description="`always`: at once; `hours` (the default): in the person's working hours.")
    ] = None
    away: Annotated[
        WhileAway | None, Field(description="While the person is away: to the `backup` (the default), or `hold`.")
    ] = None
    digest: Annotated[
        Annotated[str, Field(strict=True), AfterValidator(_digest)] | None,
        Field(description="`daily HH:MM` or `weekly [DAY] [HH:MM]`: kept for a digest."),
    ] = None
    on_uncertain: Annotated[
        OnUncertain | None,
        Field(description="A message that may have arrived: `resend` (the default of hand raises) or `hold` it."),
    ] = None
    clock: Annotated[
        RunsOutAfter | None,
        Field(
            description="`15m`, `4h`, `1d`: to the claim, and from the claim to the first touch; then somebody is told."
        ),
    ] = None

    @model_validator(mode="after")
    def _agrees(self) -> "RouteModel":
        if self.digest is not None and self.now is not None:
            raise ValueError("takes either now or digest")
        if self.to is None and self.digest is None:
            raise ValueError("must say where to: only a digest goes where the last route does")
        return self


class RoutesModel(_RoutesPart):
    """`config/routes.yaml`: which alerts go where, to whom, and when."""

    version: Literal[1] = 1
    zone: Annotated[_Zone, Field(description="Whose calendar holds where no person's does.")] = "UTC"
    calendars: Annotated[dict[Name, list[date]], Field(description="Name -> days off.")] = {}
    destinations: Annotated[dict[Name, DestinationModel], Field(min_length=1)]
    people: dict[Name, PersonModel] = {}
    routes: Annotated[list[RouteModel], Field(min_length=1)]
    assign: Annotated[
        list[TerritoryModel], Field(description="Accounts without an SDR: the first whose `when` holds has the pool.")
    ] = []
    holdback: Annotated[
        Holdbacks, Field(description="Control groups: nobody is told of these accounts. Past ones are kept as record.")
    ] = []


def unknown_values(field: RoutedField, values: list[str]) -> str | None:
    """What is wrong with the values that a route asks for; None where alerts may have them."""
    known = _KNOWN_VALUES.get(field)
    if known is None or {*map(folded, values)} <= {*known}:
        return None
    return f"must be of {', '.join(known)}"
