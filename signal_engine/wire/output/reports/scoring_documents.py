"""What `scoring diff` prints with `--json` (contract.md, section 5). Nothing is validated with it."""

from typing import Annotated, Any, Literal, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.rules.policy import Level
from signal_engine.wire.output.reports.icp_documents import MarketDifference


class ChangedSetting(TypedDict):
    """A value of the scoring file that is another one."""

    setting: Annotated[str, Field(description="Its path: `kinds.intent.half_life_days`.")]
    before: Annotated[Any, Field(description="Null where the old file does not set it.")]
    after: Annotated[Any, Field(description="Null where the new file does not set it.")]


class _RankChange(TypedDict):
    """An account that both versions list, at another rank."""

    account_id: str
    before: int
    after: int


_RankChanges: TypeAlias = list[_RankChange]


class ListMoves(TypedDict):
    """Who would stand elsewhere on a list at `until`, best first."""

    list: str
    stay: Annotated[int, Field(description="Accounts on it under both versions.")]
    moved: _RankChanges


class WeekLoad(TypedDict):
    """The alerts that reach one person in one week."""

    week: Annotated[str, Field(description="Its Monday, UTC: 2026-11-23.")]
    before: int
    after: int


class PersonLoad(TypedDict):
    """The alerts that reach one person, week by week."""

    person: Annotated[str | None, Field(description="Null: triage, or the accounts file names nobody.")]
    before: Annotated[int, Field(description="In all of the weeks.")]
    after: int
    weeks: Annotated[list[WeekLoad], Field(description="Weeks with an alert under either version, oldest first.")]


class Load(TypedDict):
    """Alerts to act on: sent ones, `cooled` apart."""

    capacity: Annotated[int | None, Field(description="What one person can work on in a week; null when not given.")]
    people: Annotated[list[PersonLoad], Field(description="By alerts under the new version, most first.")]
    over_before: Annotated[int | None, Field(description="Weeks of a person above capacity; null without capacity.")]
    over_after: int | None


class AccountPlace(TypedDict):
    """Where an account stands at `until` under one version."""

    score: float
    level: Level
    rank: Annotated[int | None, Field(description="On the list `all`; null when it is not on it.")]


class PartDifference(TypedDict):
    """What one part of the score contributes to the change."""

    part: Annotated[str, Field(description="A kind; `stack`, what several live kinds add; `ceiling`.")]
    before: float
    after: float
    difference: float


class AccountChange(TypedDict):
    """An account whose score changes, and by which parts: their differences sum to that of the score."""

    account_id: str
    name: str | None
    before: AccountPlace
    after: AccountPlace
    difference: float
    parts: Annotated[list[PartDifference], Field(description="Parts that change, most first.")]


Takeover = Annotated[
    Literal["publish", "rebuild"],
    Field(description="What `scoring publish` of the new version does: taken over in order, or by a rebuild."),
]


class ScoringDiff(TypedDict):
    """What changes with a new version of the scoring file."""

    versions: Annotated[list[str], Field(min_length=2, max_length=2, description="Their `config_version`: old, new.")]
    settings: list[ChangedSetting]
    takeover: Takeover
    market: MarketDifference
    moves: list[ListMoves]
    load: Load
    changed: Annotated[int, Field(description="Chased accounts whose score, level or rank is another one at `until`.")]
    accounts: Annotated[list[AccountChange], Field(max_length=10, description="Those that change most.")]
