"""What the routes file says of people's duties, as models: how much, how soon, and whom nobody is told of."""

import re
from datetime import date
from typing import Annotated, Any, Final

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, model_validator

CAPACITY: Final = re.compile(r"([1-9][0-9]{0,3})/week")
CLOCK: Final = re.compile(r"([1-9][0-9]{0,2})([mhd])")
SHARE: Final = re.compile(r"([0-9]{1,2}(?:\.[0-9])?)%")
_MOST: Final = 50.0
"""Percent: a larger group would teach nothing more, and cost more."""


def _capacity(text: str) -> str:
    if CAPACITY.fullmatch(text) is None:
        raise ValueError("must be accounts a week, such as 15/week")
    return text


def _clock(text: str) -> str:
    if CLOCK.fullmatch(text) is None:
        raise ValueError("must be minutes, hours or days, such as 15m, 4h or 1d")
    return text


def _share(text: str) -> str:
    found = SHARE.fullmatch(text)
    if found is None or not 0 < float(found[1]) <= _MOST:
        raise ValueError(f"must be a share of at most {_MOST:g}%, such as 10%")
    return text


def _listed(value: object) -> object:
    """One group as a list of one; a share alone is one without a first day."""
    if isinstance(value, str):
        value = {"share": value}
    return [value] if isinstance(value, dict) else value


AccountsAWeek = Annotated[str, Field(strict=True), AfterValidator(_capacity)]
RunsOutAfter = Annotated[str, Field(strict=True), AfterValidator(_clock)]


class HoldbackModel(BaseModel):
    """One control group."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    share: Annotated[
        Annotated[str, Field(strict=True), AfterValidator(_share)], Field(description="`10%` of all accounts.")
    ]
    since: Annotated[
        date | None,
        Field(description="The first day. Another one draws other accounts; without one it holds on every day."),
    ] = None
    until: Annotated[date | None, Field(description="The last day; without it, it goes on.")] = None
    salt: Annotated[str, Field(strict=True, max_length=100, description="Another one draws other accounts.")] = ""

    @model_validator(mode="after")
    def _in_order(self) -> "HoldbackModel":
        if self.until is not None and self.since is not None and self.until < self.since:
            raise ValueError("must not end before it begins")
        return self


Holdbacks = Annotated[
    list[HoldbackModel], BeforeValidator(_listed, json_schema_input_type=str | HoldbackModel | list[HoldbackModel])
]


class TerritoryModel(BaseModel):
    """Who calls accounts without an SDR."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    when: Annotated[
        dict[str, Any],
        Field(min_length=1, description="Predicates over the accounts file's fields, as in an ICP file."),
    ]
    pool: Annotated[
        list[Annotated[str, Field(strict=True, min_length=1, max_length=100)]],
        Field(min_length=1, description="People, weighted by their capacity."),
    ]
