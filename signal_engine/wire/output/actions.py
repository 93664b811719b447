"""Account actions as people are told of them: what is in force, and the latest ones.

The documents are of the HTTP API, like those of `api_documents`.
"""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.actions.action import (
    ASSIGN,
    CLAIM,
    DISPOSITION,
    DO_NOT_CONTACT,
    KILL,
    SNOOZE,
    AccountAction,
    ActionName,
    Authority,
    Outcome,
    Via,
)
from signal_engine.core.actions.in_force import EVERYWHERE, InForce, StandingAction
from signal_engine.core.actions.log import ActionLog
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.models import Instant


class _ActionAuthority(TypedDict):
    """The ICP by which whoever acted was entitled to."""

    icp: str
    version: int
    owner: str


class _DecisionFields(TypedDict):
    """What a person decided, without when it counted."""

    action: ActionName
    icp: Annotated[str | None, Field(description="Of a kill for one ICP.")]
    by: Annotated[str, Field(description="E-mail of who acted.")]
    reason: str | None
    until: Annotated[Instant | None, Field(description="When it ends by itself.")]
    review_at: Annotated[Instant | None, Field(description="Of a kill: when it is due for review.")]
    outcome: Annotated[Outcome | None, Field(description="Of a disposition.")]
    assignee: Annotated[str | None, Field(description="Of an assign: e-mail of who calls.")]


class ActionInForce(_DecisionFields):
    """A person's action that is in force for an account."""

    applied_at: Instant
    inherited_from: Annotated[
        str | None, Field(description="Of a do_not_contact that an ancestor has: that account. Lifted there.")
    ]


class _RecordFields(TypedDict):
    """What the record of an action has besides."""

    action_id: Annotated[str, Field(description="A UUID; the same id is the same action.")]
    account_id: str
    at: Annotated[Instant, Field(description="When the person acted.")]
    via: Via
    take_over: bool
    authority: _ActionAuthority | None


class CheckedAction(_DecisionFields, _RecordFields):
    """An action that passed the door."""

    applied_at: Annotated[Instant | None, Field(description="Null as long as Kafka does not have it.")]


class TakenAction(_DecisionFields, _RecordFields):
    """One of the latest actions of an account, in force or not."""

    applied_at: Instant


class ActedDocument(TypedDict):
    """An action that Kafka has."""

    action: TakenAction
    repeated: Annotated[bool, Field(description="Whether it had been written before, and was not written again.")]
    known: Annotated[bool, Field(description="Whether the account is in the accounts file in force.")]


class ActionsDocument(TypedDict):
    """The latest actions of an account."""

    account_id: str
    in_force: Annotated[list[ActionInForce], Field(description="The strongest first.")]
    actions: Annotated[list[TakenAction], Field(description="Newest first.")]


def in_force(actions: InForce) -> list[ActionInForce]:
    """What is in force, the strongest first."""
    named: list[tuple[ActionName, StandingAction | None]] = [
        (DO_NOT_CONTACT, actions.do_not_contact),
        (SNOOZE, actions.snooze),
        (DISPOSITION, actions.disposition),
        (CLAIM, actions.claim),
        (ASSIGN, actions.assigned),
    ]
    kills = [_in_force(KILL, kill, icp) for icp, kill in sorted(actions.kills.items())]
    ones = [_in_force(action, one) for action, one in named if one is not None]
    return [*ones[: actions.do_not_contact is not None], *kills, *ones[actions.do_not_contact is not None :]]


def taken(log: ActionLog) -> list[TakenAction]:
    """The latest actions, newest first."""
    return [taken_action(one.now, one.action) for one in reversed(log.latest)]


def taken_action(now: int, action: AccountAction) -> TakenAction:
    """An action whose record has the timestamp `now` (ms)."""
    return {
        "action_id": action.action_id,
        "account_id": action.account,
        "action": action.action,
        "applied_at": format_instant(now),
        "at": format_instant(action.at),
        "by": action.by,
        "via": action.via,
        "reason": action.reason,
        "until": _instant(action.until),
        "icp": action.icp,
        "outcome": action.outcome,
        "assignee": action.assignee,
        "take_over": action.take_over,
        "review_at": _instant(action.review_at),
        "authority": _authority(action.authority),
    }


def _authority(authority: Authority | None) -> _ActionAuthority | None:
    return None if authority is None else {"icp": authority.icp, "version": authority.version, "owner": authority.owner}


def _in_force(action: ActionName, one: StandingAction, icp: str = EVERYWHERE) -> ActionInForce:
    return {
        "action": action,
        "icp": icp or None,
        "by": one.by,
        "applied_at": format_instant(one.at),
        "reason": one.reason,
        "until": _instant(one.until),
        "review_at": _instant(one.review_at),
        "outcome": one.outcome,
        "assignee": one.assignee,
        "inherited_from": one.inherited_from,
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)
