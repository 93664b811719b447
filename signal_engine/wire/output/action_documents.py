"""Account actions as command line and HTTP tell them, and what became of a wanted one."""

from typing import Annotated, Literal, NotRequired

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.actions.action import AccountAction, ActionName, Outcome, Via
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.models import Instant


class ActionAuthorityDocument(TypedDict):
    """The ICP by which whoever acted was entitled to."""

    icp: str
    version: int
    owner: Annotated[str, Field(description="E-mail.")]


class ActionDocument(TypedDict):
    """One action of an account."""

    action_id: Annotated[str, Field(description="A UUID; the same id is the same action.")]
    account_id: str
    action: ActionName
    applied_at: Annotated[Instant | None, Field(description="The record's timestamp, by which it counts; null: new.")]
    at: Annotated[Instant, Field(description="When the person acted.")]
    by: Annotated[str, Field(description="E-mail of who acted.")]
    via: Via
    reason: str | None
    until: Annotated[Instant | None, Field(description="When it ends by itself.")]
    icp: Annotated[str | None, Field(description="Of a kill or restore for one ICP; null: everywhere.")]
    outcome: Annotated[Outcome | None, Field(description="Of a disposition.")]
    assignee: Annotated[str | None, Field(description="Of an assign: e-mail of who calls.")]
    take_over: Annotated[bool, Field(description="Of a claim: it replaces a claim of somebody else.")]
    review_at: Annotated[Instant | None, Field(description="Of a kill: when it is to be looked at again.")]
    authority: ActionAuthorityDocument | None


class ActedDocument(TypedDict):
    """An action that Kafka has."""

    action: ActionDocument
    repeated: Annotated[bool, Field(description="Whether it had been written before, and was not written again.")]
    known: Annotated[bool, Field(description="Whether the account is in the accounts file in force.")]


class ActionsDocument(TypedDict):
    """The latest actions of an account."""

    account_id: str
    actions: Annotated[list[ActionDocument], Field(description="Newest first.")]


class WantedActionDocument(TypedDict):
    """What is asked for; the account is in the path, who acts is told by the token, and the header `Idempotency-Key` is
    the action_id."""

    action: Annotated[ActionName, Field(description="Which; disposition needs outcome, assign assignee, snooze until.")]
    reason: NotRequired[
        Annotated[str, Field(min_length=1, max_length=500, description="Why; kept for ever, so no personal data.")]
    ]
    until: NotRequired[Annotated[Instant, Field(description="When it ends by itself; in the future.")]]
    icp: NotRequired[Annotated[str, Field(description="Of kill and restore: for this ICP alone.")]]
    everywhere: NotRequired[Annotated[bool, Field(description="Of kill and restore: not for one ICP alone.")]]
    outcome: NotRequired[Annotated[Outcome, Field(description="Of a disposition.")]]
    assignee: NotRequired[Annotated[str, Field(description="Of an assign: e-mail of who calls.")]]
    take_over: NotRequired[Annotated[bool, Field(description="Of a claim: replace a claim of somebody else.")]]


class RefusedActionDocument(TypedDict):
    """A wanted action that was not written (`--json` of the commands)."""

    account: Annotated[str, Field(description="As it was given.")]
    fault: Literal["invalid", "forbidden", "conflict"]
    detail: str


def action_document(action: AccountAction, applied_at: int | None = None) -> ActionDocument:
    """The action as people are told of it; `applied_at` is its record's timestamp (ms)."""
    authority = action.authority
    return {
        "action_id": action.action_id,
        "account_id": action.account,
        "action": action.action,
        "applied_at": _instant(applied_at),
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
        "authority": None
        if authority is None
        else {"icp": authority.icp, "version": authority.version, "owner": authority.owner},
    }


def _instant(at: int | None) -> str | None:
    return None if at is None else format_instant(at)
