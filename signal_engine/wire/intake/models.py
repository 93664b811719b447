"""A mapping file as pydantic reads it: shorthands written out, unknown keys refused."""

import re
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field

from signal_engine.wire.instants import time_zone
from signal_engine.wire.intake.mapping import NAMED_FORMATS

Text = Annotated[str, Field(min_length=1)]
_MS: Final = {"m": 60_000, "h": 3_600_000, "d": 86_400_000}
_CALENDAR: Final = ("day", "week", "month", "quarter")
_SOME_DATE: Final = datetime(2026, 11, 28, 17, 30, 59)  # noqa: DTZ001 (any date would do)


class Strict(BaseModel):
    """No other keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _names(value: Any) -> Any:
    return [value] if isinstance(value, str) else value


def _from_text(value: Any) -> Any:
    return {"from": value} if isinstance(value, str) else value


def _bucket(value: str) -> str | int:
    if value in _CALENDAR:
        return value
    if not (found := re.fullmatch(r"([1-9][0-9]{0,3})([mhd])", value)):
        raise ValueError(f"must be {', '.join(_CALENDAR)}, or a length of time such as 10m, 6h or 2d")
    return int(found[1]) * _MS[found[2]]


def _format(value: str) -> str:
    if value in NAMED_FORMATS:
        return value
    try:
        datetime.strptime(_SOME_DATE.strftime(value), value)  # noqa: DTZ007
    except ValueError:
        value = ""
    if "%" not in value:
        raise ValueError(f"must be a pattern such as %d/%m/%Y, or one of {', '.join(NAMED_FORMATS)}")
    return value


def zone(value: str) -> str:
    """The name of a time zone, checked."""
    return time_zone(value).name


def _zone(value: str) -> str | None:
    if value == "required":
        return None
    try:
        return zone(value)
    except ValueError as error:
        raise ValueError(str(error).replace("must be", "must be `required` or")) from None


class From(Strict):
    """A reference; text alone is its name."""

    names: Annotated[list[Text], BeforeValidator(_names), Field(alias="from", min_length=1)]
    optional: bool = False
    hint: Text | None = None


class MappedColumn(Strict):
    """A column by its other names; a list alone is those."""

    also: Annotated[list[Text], BeforeValidator(_names)] = []
    optional: bool = False
    hint: Text | None = None


def _column(value: Any) -> Any:
    return value if isinstance(value, dict) else {"also": value}


class _FieldFrom(From):
    """A field."""

    number: bool = False
    decimal: Literal["point", "comma"] | None = None
    boolean: bool = False
    split: Text | None = None


class AccountFrom(From):
    """The account, by domain, by a name or CRM id that is looked up, or by an e-mail address."""

    through: Literal["accounts.name", "accounts.crm_id"] | None = None
    email: bool = False


class PartFrom(From):
    """A part of a natural key."""

    bucket: Annotated[str, AfterValidator(_bucket)] | None = None


class InstantFrom(From):
    """The instant of the event."""

    formats: list[Annotated[str, AfterValidator(_format)]] = []
    zone: Annotated[str, AfterValidator(_zone)] | None = None
    days_before: Annotated[int, Field(ge=0, le=3_650)] = 0


class Id(Strict):
    """The sender's id, or else the natural key."""

    given: Annotated[From, BeforeValidator(_from_text)] | None = None
    key: Annotated[list[Annotated[PartFrom, BeforeValidator(_from_text)]], Field(min_length=1)] | None = None


def _accounts(value: Any) -> Any:
    if value == "given":
        return []
    return [_from_text(one) for one in value] if isinstance(value, list) else [_from_text(value)]


def _id(value: Any) -> Any:
    if isinstance(value, list):
        return {"key": value}
    value = _from_text(value)
    if isinstance(value, dict) and "from" in value:
        return {
            "given": {name: item for name, item in value.items() if name != "or"},
            **({"key": value["or"]} if "or" in value else {}),
        }
    return value


FieldMap = dict[str, Annotated[_FieldFrom, BeforeValidator(_from_text)]]


class ProductionDefaults(Strict):
    """What a production may say, and what it else takes from the top of the file."""

    account: Annotated[list[AccountFrom], BeforeValidator(_accounts)] | None = None
    event_id: Annotated[Id, BeforeValidator(_id)] | None = None
    scope: Literal["source", "any"] | None = None
    occurred_at: Annotated[InstantFrom, BeforeValidator(_from_text)] | None = None
    fields: FieldMap = {}
    constants: dict[str, Any] = {}
    values: dict[str, dict[str, Any]] = {}
    when: dict[str, Any] | None = None


class ProductionPart(ProductionDefaults):
    """One of several productions."""

    kind: Text


class File(ProductionDefaults):
    """The whole file."""

    mapping: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9-]{0,63}$")]
    produces: Any
    columns: dict[Text, Annotated[MappedColumn, BeforeValidator(_column)]] = {}
    match: list[Annotated[list[Text], BeforeValidator(_names)]] = []
    reads: Literal["columns", "json"] = "columns"
    each: Text | None = None
    blank: list[str] = []
    state_feed: bool = False
    only_first: bool = False
