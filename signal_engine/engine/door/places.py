"""For which ICP, or everywhere, a kill or a restore counts, and by whose right."""

from typing import Final, NamedTuple

from signal_engine.core.actions.in_force import EVERYWHERE, StandingAction
from signal_engine.engine.door.authority import DecidedAccount, not_yours, owns
from signal_engine.engine.door.wanted import CONFLICT, INVALID, ActionRefusal, WantedAction
from signal_engine.wire.storage.in_force import IcpInForce

_PROPOSE: Final = "; you may propose it by the disposition not_a_fit"


class KillPlace(NamedTuple):
    """Where a kill counts."""

    icp: str | None
    """None: everywhere."""
    by_right_of: IcpInForce


class RestorePlace(NamedTuple):
    """Where a restore counts."""

    icp: str | None
    """None: everywhere, with snooze and disposition."""
    by_right_of: IcpInForce | None
    """None: what it ends was the person's own."""


def kill_place(wanted: WantedAction, known: DecidedAccount) -> KillPlace | ActionRefusal:
    """An owner kills for an ICP of theirs that admits the account, and everywhere where all those are theirs."""
    admitting = known.admitting
    mine = [icp for icp in admitting if owns(icp, wanted.by)]
    if wanted.icp is not None:
        named = known.icp(wanted.icp)
        if named is None:
            return _unknown(known)
        if named not in admitting:
            return ActionRefusal(CONFLICT, f"{named.icp} does not admit the account: there is nothing to kill")
        return KillPlace(named.icp, named) if named in mine else not_yours([named], _PROPOSE)
    if not mine or (wanted.everywhere and len(mine) < len(admitting)):
        return not_yours([icp for icp in admitting if icp not in mine], _PROPOSE)
    if wanted.everywhere:
        return KillPlace(None, mine[0])
    return KillPlace(mine[0].icp, mine[0]) if len(mine) == 1 else _say_which(mine)


def restore_place(wanted: WantedAction, known: DecidedAccount) -> RestorePlace | ActionRefusal:
    """An owner restores what was killed for an ICP of theirs; whoever snoozed an account or gave its disposition takes
    that back."""
    kills = known.in_force.kills
    if wanted.icp is not None:
        return _restored_for(wanted.icp, wanted, known)
    mine = [icp for icp in known.icps if icp.icp in kills and owns(icp, wanted.by)]
    if not wanted.everywhere and mine and not _hidden_everywhere(known):
        return RestorePlace(mine[0].icp, mine[0]) if len(mine) == 1 else _say_which(mine)
    return _restored_everywhere(wanted, known)


def _restored_for(name: str, wanted: WantedAction, known: DecidedAccount) -> RestorePlace | ActionRefusal:
    named = known.icp(name)
    if named is None:
        return _unknown(known)
    if not owns(named, wanted.by):
        return not_yours([named])
    if name not in known.in_force.kills:
        return ActionRefusal(CONFLICT, f"the account is not killed for {name}")
    return RestorePlace(name, named)


def _restored_everywhere(wanted: WantedAction, known: DecidedAccount) -> RestorePlace | ActionRefusal:
    hidden = _hidden_everywhere(known)
    if not hidden:
        killed = ", ".join(sorted(known.in_force.kills))
        owners = [icp for icp in known.icps if icp.icp in known.in_force.kills]
        if killed and not any(owns(icp, wanted.by) for icp in owners):
            return not_yours(owners)
        return ActionRefusal(CONFLICT, f"it is killed for {killed} alone" if killed else "the account is not hidden")
    owned = known.admitting or list(known.icps)  # a kill outlives the admission by which it was made
    mine = [icp for icp in owned if owns(icp, wanted.by)]
    if mine and (len(mine) == len(owned) or not known.admitting):
        return RestorePlace(None, mine[0])
    if EVERYWHERE not in known.in_force.kills and all(one.by.lower() == wanted.by.lower() for one in hidden):
        return RestorePlace(None, None)
    return not_yours([icp for icp in owned if icp not in mine])


def _hidden_everywhere(known: DecidedAccount) -> list[StandingAction]:
    """What a restore everywhere ends."""
    in_force = known.in_force
    said = in_force.disposition if in_force.disposition is not None and in_force.disposition.hides else None
    return [one for one in (in_force.kills.get(EVERYWHERE), in_force.snooze, said) if one is not None]


def _unknown(known: DecidedAccount) -> ActionRefusal:
    there = ", ".join(icp.icp for icp in known.icps) or "none"
    return ActionRefusal(INVALID, f"icp names no ICP in force; in force: {there}")


def _say_which(mine: list[IcpInForce]) -> ActionRefusal:
    named = " or ".join(icp.icp for icp in mine)
    return ActionRefusal(INVALID, f"icp is missing: say {named}, or everywhere")
