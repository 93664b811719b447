"""The documents of `fit load` and `fit show`."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.actions.in_force import Hiding
from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.fit.icp import Decision
from signal_engine.core.rules.relations import Relation
from signal_engine.wire.output.api_documents import IcpDecision
from signal_engine.wire.output.distribution import Distribution


class PrimaryDecision(TypedDict):
    """What an account's primary ICP decides."""

    decision: Decision
    icp: str
    tier: str | None
    fit: float | None


class FitChange(TypedDict):
    """An account whose decision or tier changes."""

    account_id: str
    change: Literal["enters", "leaves", "tier"]
    before: PrimaryDecision | None
    after: PrimaryDecision | None
    why: str


class ListChanges(TypedDict):
    """The accounts that enter and leave one list."""

    enter: Sequence[str]
    leave: Sequence[str]


class FitPlan(TypedDict):
    """What a load changes."""

    fit_version: int
    accounts: int
    rows_changed: int
    alerts: Mapping[AlertType, int]
    changes: list[FitChange]
    lists: dict[str, ListChanges]


class AliasChanges(TypedDict):
    """Further domains of the same companies."""

    aliases: int
    added: int
    removed: int
    waiting_signals: int
    """Signals that came under the aliases' own names: the next rebuild moves them to the accounts."""
    since: str | None
    """The changes hold for what arrives from then on; null before the load, without changes, and on the first load,
    whose aliases hold for everything that is read after it."""


class FitLoad(FitPlan):
    """`fit load`."""

    loaded: bool
    aliases: AliasChanges
    taken_over: str | None
    distribution: Distribution


class FitShow(TypedDict):
    """`fit show`."""

    account_id: str
    fit_version: int | None
    known: bool
    suppressed: bool
    owner: str | None
    sdr: str | None
    relation: Relation
    parent: str | None
    parent_relation: Relation | None
    hidden: Annotated[Hiding | None, Field(description="By which action of a person it is on no list; null: by none.")]
    fit: Annotated[list[IcpDecision], Field(description="As people's actions leave it: killed for an ICP is `ignore`.")]
