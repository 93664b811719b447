"""Turn what somebody asks for into the action that is written, or say why not. Pure: `now` is an argument."""

from collections.abc import Callable, Mapping
from typing import Final, NamedTuple, TypeAlias

from signal_engine.core.actions.action import (
    CLAIM,
    DISPOSITION,
    KEEPING,
    KILL,
    LIFT,
    RELEASE,
    RESTORE,
    AccountAction,
    ActionName,
    Outcome,
)
from signal_engine.core.rules.instants import days
from signal_engine.engine.door.authority import DecidedAccount, authority_of, not_yours, owns
from signal_engine.engine.door.places import kill_place, restore_place
from signal_engine.engine.door.wanted import CONFLICT, FORBIDDEN, INVALID, UNAVAILABLE, ActionRefusal, WantedAction
from signal_engine.wire.actions.record import read_action, write_action
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import format_instant

CLAIM_DAYS: Final = 14
REVIEW_DAYS: Final = 180
"""After a kill."""
DISPOSITION_DAYS: Final[Mapping[Outcome, int]] = {
    "no_response": 30,
    "not_now": 90,
    "no_budget": 90,
    "wrong_person": 14,
    "competitor": 180,
    "not_a_fit": 180,
}
"""Days for which an account leaves its lists, by outcome; the others keep it."""


class Terms(NamedTuple):
    """What the settings say of actions."""

    privacy_owner: str = ""
    """E-mail of the one person who lifts a `do_not_contact`; empty: nobody does."""
    disposition_days: Mapping[Outcome, int] = DISPOSITION_DAYS


Checked: TypeAlias = AccountAction | ActionRefusal
_Rule: TypeAlias = Callable[[AccountAction, WantedAction, DecidedAccount, Terms], Checked]


def check_action(account: str, wanted: WantedAction, known: DecidedAccount, terms: Terms, now: int) -> Checked:
    """The action as it is written, with its authority and its terms, if `wanted.by` may do it at `now` (ms).

    `account` is the registrable domain of `wanted.account`.
    """
    if wanted.until is not None and wanted.until <= now:
        return ActionRefusal(INVALID, "until is in the past")
    if (fault := _misplaced(wanted)) is not None:
        return ActionRefusal(INVALID, fault)
    known = known._replace(in_force=known.in_force.at(now))
    action = AccountAction(
        account=account,
        action_id=wanted.action_id,
        action=wanted.action,
        at=now,
        by=wanted.by.lower(),
        via=wanted.via,
        reason=wanted.reason,
        until=wanted.until,
        icp=wanted.icp,
        outcome=wanted.outcome,
        assignee=wanted.assignee,
        take_over=wanted.take_over,
        request=wanted.digest,
    )
    if not known.is_decided and wanted.action in _BY_RIGHT:
        return _NOT_DECIDED
    rule = _RULES.get(wanted.action)
    checked = action if rule is None else rule(action, wanted, known, terms)
    return checked if isinstance(checked, ActionRefusal) else _as_the_engine_reads_it(checked)


def _as_the_engine_reads_it(action: AccountAction) -> Checked:
    """The action as its record says it. Whatever the engine would refuse is refused here."""
    read = read_action(write_action(action), action.at)
    return ActionRefusal(INVALID, read.detail) if isinstance(read, Refusal) else read


def _misplaced(wanted: WantedAction) -> str | None:
    if wanted.everywhere and wanted.action not in {KILL, RESTORE}:
        return f"everywhere does not belong to {wanted.action}"
    if wanted.everywhere and wanted.icp is not None:
        return "icp and everywhere exclude each other"
    return None


def _kill(action: AccountAction, wanted: WantedAction, known: DecidedAccount, _: Terms) -> Checked:
    place = kill_place(wanted, known)
    if isinstance(place, ActionRefusal):
        return place
    return action._replace(
        icp=place.icp, authority=authority_of(place.by_right_of), review_at=action.at + days(REVIEW_DAYS)
    )


def _restore(action: AccountAction, wanted: WantedAction, known: DecidedAccount, _: Terms) -> Checked:
    place = restore_place(wanted, known)
    if isinstance(place, ActionRefusal):
        return place
    if place.by_right_of is None:
        return action._replace(icp=place.icp)
    return action._replace(icp=place.icp, authority=authority_of(place.by_right_of))


def _lift(action: AccountAction, wanted: WantedAction, known: DecidedAccount, terms: Terms) -> Checked:
    if not terms.privacy_owner:
        return ActionRefusal(
            FORBIDDEN, "only the privacy owner lifts do_not_contact, and the setting PRIVACY_OWNER names nobody"
        )
    if wanted.by.lower() != terms.privacy_owner.lower():
        return ActionRefusal(FORBIDDEN, f"only the privacy owner lifts do_not_contact: {terms.privacy_owner}")
    if known.in_force.do_not_contact is None:
        return ActionRefusal(CONFLICT, "no do_not_contact is in force")
    return action


def _claim(action: AccountAction, wanted: WantedAction, known: DecidedAccount, _: Terms) -> Checked:
    if not known.in_force.takes_claim(action) and (held := known.in_force.claim) is not None:
        until = "" if held.until is None else f" until {format_instant(held.until)}"
        return ActionRefusal(CONFLICT, f"{held.by} has claimed the account{until}; take_over claims it all the same")
    return action if wanted.until is not None else action._replace(until=action.at + days(CLAIM_DAYS))


def _release(action: AccountAction, _: WantedAction, known: DecidedAccount, __: Terms) -> Checked:
    held = known.in_force.claim
    if held is None:
        return ActionRefusal(CONFLICT, "nobody has claimed the account")
    if held.by.lower() == action.by:
        return action
    for icp in known.admitting:
        if owns(icp, action.by):
            return action._replace(authority=authority_of(icp))
    refused = not_yours(known.admitting)
    return refused._replace(detail=f"{held.by} has claimed the account and can release it; else {refused.detail}")


def _disposition(action: AccountAction, wanted: WantedAction, _: DecidedAccount, terms: Terms) -> Checked:
    outcome = action.outcome
    if outcome is None:
        return action
    if outcome in KEEPING:
        kept = f"the outcome {outcome} keeps the account on its lists and takes no until"
        return action if wanted.until is None else ActionRefusal(INVALID, kept)
    away = terms.disposition_days[outcome]
    return action if wanted.until is not None else action._replace(until=action.at + days(away))


_RULES: Final[dict[ActionName, _Rule]] = {
    KILL: _kill,
    RESTORE: _restore,
    LIFT: _lift,
    CLAIM: _claim,
    RELEASE: _release,
    DISPOSITION: _disposition,
}
"""Anybody may do the others as they asked: do_not_contact, snooze, assign, mute."""
_BY_RIGHT: Final[frozenset[ActionName]] = frozenset({KILL, RESTORE, RELEASE})
"""Whose right to them depends on the ICPs that admit the account."""
_NOT_DECIDED: Final = ActionRefusal(
    UNAVAILABLE,
    "which ICPs admit the account is not known at the moment: the engine has not decided it since Redis was emptied or "
    "first used; try again in a while",
)
