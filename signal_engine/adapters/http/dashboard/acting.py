"""What people may do to accounts on a page, and what they have decided: buttons, dialogs and sentences."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from signal_engine.adapters.http.dashboard.words import when
from signal_engine.core.actions.action import KEEPING, OUTCOMES, Outcome
from signal_engine.core.actions.in_force import NOTHING
from signal_engine.core.fit.icp import Fit
from signal_engine.core.score.wording import one_line
from signal_engine.engine.door.authority import DecidedAccount, owns
from signal_engine.engine.door.check import REVIEW_DAYS
from signal_engine.wire.actions.models import MAX_REASON
from signal_engine.wire.output.words import OUTCOME_IN_WORDS
from signal_engine.wire.storage.in_force import IcpInForce

_SNOOZES: Final = ((1, "1 day"), (3, "3 days"), (7, "1 week"), (14, "2 weeks"), (30, "30 days"), (90, "90 days"))
"""(days, in words)."""
_IN_WORDS: Final = {
    "kill": "Disqualified",
    "do_not_contact": "Not to be contacted",
    "snooze": "Snoozed",
    "claim": "Claimed",
    "assign": "Assigned",
}
HIDING: Final = ("kill", "do_not_contact", "snooze", "disposition")


class Viewer(NamedTuple):
    """Who looks at a page."""

    actor: str | None
    """E-mail address; None: somebody who only reads."""
    owned: frozenset[str] = frozenset()
    """The ICPs in force that are theirs."""
    administers: bool = False
    """Whether they see who is held back by a control group."""


READER: Final = Viewer(None)


def viewer_of(actor: str | None, icps: Sequence[IcpInForce], *, administers: bool = False) -> Viewer:
    """Who looks at a page, by the ICPs in force."""
    if actor is None:
        return READER
    return Viewer(actor, frozenset(icp.icp for icp in icps if owns(icp, actor)), administers)


def dialogs(viewer: Viewer, days: Mapping[Outcome, int]) -> dict[str, Any] | None:
    """The values of the dialogs; None for somebody who only reads. `days` are those of outcomes that leave the list."""
    if viewer.actor is None:
        return None
    return {
        "actor": viewer.actor,
        "snoozes": _SNOOZES,
        "review_days": REVIEW_DAYS,
        "max_reason": MAX_REASON,
        "outcomes": [(outcome, OUTCOME_IN_WORDS[outcome], _effect(outcome, days)) for outcome in OUTCOMES],
    }


def row_acts(entry: Mapping[str, Any], viewer: Viewer, now: int) -> dict[str, Any]:
    """Who has claimed the account of an entry, and what the viewer may do to it."""
    mine = [entry["icp"]] if entry["icp"] in viewer.owned else []
    return _acts(entry["claimed_by"], when(entry["claimed_at"], now), viewer, mine, everywhere=False)


def account_acts(
    account: str,
    decided: Sequence[Mapping[str, Any]],
    viewer: Viewer,
    fit: Fit | None,
    icps: Sequence[IcpInForce],
    now: int,
) -> dict[str, Any]:
    """The same for an account's page, with everything that is in force for it (`decided`, as the API tells it)."""
    admitting = [icp.icp for icp in DecidedAccount(fit, icps, NOTHING).admitting]
    mine = [icp for icp in admitting if icp in viewer.owned]
    everywhere = len(mine) == len(admitting) > 1
    claim: Mapping[str, Any] = next((one for one in decided if one["action"] == "claim"), {})
    hidden = [one for one in decided if one["action"] in HIDING and one["outcome"] not in KEEPING]
    return {
        "account": account,
        "name": one_line((fit.name if fit else None) or "") or account,
        "decided": [_described(one, viewer, now) for one in decided],
        "restorable": [one["icp"] or "" for one in hidden if _may_restore(one, viewer, mine, admitting)],
        **_acts(claim.get("by"), when(claim.get("applied_at"), now), viewer, mine, everywhere=everywhere),
    }


def _acts(claimer: str | None, since: Any, viewer: Viewer, kills: Sequence[str], *, everywhere: bool) -> dict[str, Any]:
    return {
        "may_act": viewer.actor is not None,
        "claimed_by": claimer or "",
        "claimed_at": since,
        "mine": claimer is not None and claimer == viewer.actor,
        "kills": [*kills, *([""] if everywhere else [])],
    }


def _may_restore(one: Mapping[str, Any], viewer: Viewer, mine: Sequence[str], admitting: Sequence[str]) -> bool:
    """As the door decides it, which has the last word."""
    if one["action"] == "do_not_contact":
        return False
    if one["icp"] is not None:
        return one["icp"] in viewer.owned
    if one["action"] != "kill" and one["by"] == viewer.actor:
        return True
    return bool(viewer.owned) and len(mine) == len(admitting)


def _described(one: Mapping[str, Any], viewer: Viewer, now: int) -> dict[str, Any]:
    """`Snoozed by you, 3 minutes ago, until 5 Mar 2026`."""
    what = _IN_WORDS.get(one["action"]) or OUTCOME_IN_WORDS[one["outcome"]]
    if one["icp"]:
        what += f" for {one['icp']}"
    if one["assignee"]:
        what += f" to {one['assignee']}"
    if one["inherited_from"]:
        what += f", inherited from {one['inherited_from']}"
    return {
        "what": what,
        "by": "you" if one["by"] == viewer.actor else one["by"],
        "at": when(one["applied_at"], now),
        "until": when(one["until"], now),
        "review_at": when(one["review_at"], now),
        "reason": one_line(one["reason"] or ""),
    }


def _effect(outcome: Outcome, days: Mapping[Outcome, int]) -> str:
    if outcome in KEEPING:
        return "stays on the list"
    away = f"off the lists for {days[outcome]} days"
    return f"{away}; proposes to the profile's owner to disqualify it" if outcome == "not_a_fit" else away
