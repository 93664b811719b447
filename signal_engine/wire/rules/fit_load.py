"""The record `fit` of the topic `rules`: which load of accounts is whole, and how far `fit.accounts` holds it.

It is the last record of a load. Rows beyond its ends belong to a load that did not end, or to a later one.
"""

from typing import Annotated, Any, Final, Literal, NamedTuple, NotRequired, TypeAlias

import orjson
from pydantic import ConfigDict, Field, TypeAdapter, ValidationError, with_config
from typing_extensions import TypedDict  # typing's own tells pydantic too little before Python 3.12

from signal_engine.wire.actions.models import Instant
from signal_engine.wire.events.one_event import json_object, read_instant
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.events.validation_messages import describe
from signal_engine.wire.instants import format_instant

FIT_LOAD_KEY: Final = b"fit"
_CLOSED: Final = ConfigDict(extra="forbid", strict=True)
_MAX_TEXT: Final = 256 * 1024
_Count: TypeAlias = Annotated[int, Field(ge=0)]


@with_config(_CLOSED)
class LoadedIcpRecord(TypedDict):
    """An ICP file that a load named, before any rule was published."""

    name: Annotated[str, Field(min_length=1, max_length=255, description="Name of the file.")]
    text: Annotated[str, Field(min_length=1, max_length=_MAX_TEXT, description="The file, as it was written.")]


@with_config(_CLOSED)
class FitLoadRecord(TypedDict):
    """A whole load of accounts. Closed: a load that is only half understood must not come into force."""

    format: Annotated[Literal[1], Field(description="Of the record; another one is not read.")]
    load: Annotated[int, Field(ge=1, description="Number of the load; rises by one with each. 1 is the first.")]
    at: Annotated[Instant, Field(description="When it was loaded.")]
    accounts: Annotated[_Count, Field(description="How many accounts `fit.accounts` holds by it.")]
    ends: Annotated[
        list[_Count],
        Field(min_length=1, description="Partition of `fit.accounts` -> the offset behind the load's last row."),
    ]
    numbers: Annotated[
        dict[str, Literal["decimals", "thousands"]],
        Field(description="Column -> what the point of values such as 1.200 separates in the loaded file."),
    ]
    quiet: Annotated[bool, Field(description="Whether the alerts that it raises are recorded and not sent.")]
    aliases: NotRequired[Annotated[_Count, Field(description="How many aliases its rows name; missing if none.")]]
    icps: NotRequired[
        Annotated[list[LoadedIcpRecord], Field(description="By which it decides as long as no ICP is published.")]
    ]


class LoadedIcp(NamedTuple):
    """An ICP file that a load named."""

    name: str
    text: str


class AccountsLoad(NamedTuple):
    """A whole load of accounts."""

    number: int
    """1..; rises by one with each load."""
    loaded_at: int
    """ms."""
    accounts: int
    ends: tuple[int, ...]
    """Partition of `fit.accounts` -> the offset behind the load's last row."""
    quiet: bool = False
    """Whether the alerts that it raises are recorded and not sent."""
    numbers: tuple[tuple[str, str], ...] = ()
    """(column, `decimals` or `thousands`): what the point of values such as 1.200 separates in the loaded file."""
    icps: tuple[LoadedIcp, ...] = ()
    """By which it decides as long as no ICP is published."""
    aliases: int = 0
    """How many aliases its rows name."""


_validate: Final = TypeAdapter[Any](FitLoadRecord).validator.validate_python


def read_fit_load(value: bytes | None) -> AccountsLoad | Refusal:
    """The load that a record's value names, or why it cannot be read. Never raises."""
    read = json_object(value)
    if isinstance(read, Refusal):
        return read
    try:
        fields = _validate(read)
    except ValidationError as error:
        return Refusal("schema", describe(error))
    at = read_instant(fields["at"])
    if isinstance(at, str):
        return Refusal("schema", f"at {at}")
    return AccountsLoad(
        number=fields["load"],
        loaded_at=at,
        accounts=fields["accounts"],
        ends=tuple(fields["ends"]),
        quiet=fields["quiet"],
        numbers=tuple(sorted(fields["numbers"].items())),
        icps=tuple(LoadedIcp(icp["name"], icp["text"]) for icp in fields.get("icps", ())),
        aliases=fields.get("aliases", 0),
    )


def write_fit_load(load: AccountsLoad) -> bytes:
    """The record of `load`: what `read_fit_load` reads back as the same."""
    record: dict[str, Any] = {
        "format": 1,
        "load": load.number,
        "at": format_instant(load.loaded_at),
        "accounts": load.accounts,
        "ends": load.ends,
        "numbers": dict(load.numbers),
        "quiet": load.quiet,
    }
    if load.aliases:
        record["aliases"] = load.aliases
    if load.icps:
        record["icps"] = [icp._asdict() for icp in load.icps]
    return orjson.dumps(record)
