"""Who may kill, restore and release: the owners of ICPs that admit the account (decisions, "Account actions")."""

from collections.abc import Sequence
from typing import NamedTuple

from signal_engine.core.actions.action import Authority
from signal_engine.core.actions.in_force import InForce
from signal_engine.core.fit.icp import IGNORE, Fit
from signal_engine.engine.door.wanted import FORBIDDEN, ActionRefusal
from signal_engine.wire.storage.in_force import IcpInForce


class DecidedAccount(NamedTuple):
    """What the door knows of an account."""

    fit: Fit | None
    """By the table in force; None: it is in no accounts file."""
    icps: Sequence[IcpInForce]
    """Those in force."""
    in_force: InForce
    """People's actions in force now."""
    is_decided: bool = True
    """False: while everything is read again it is not known yet which ICPs admit the account."""

    @property
    def admitting(self) -> list[IcpInForce]:
        """The ICPs that do not ignore the account."""
        if self.fit is None:
            return []
        decisions = {one.icp: one.decision for one in self.fit.decisions}
        return [icp for icp in self.icps if decisions.get(icp.icp, IGNORE) != IGNORE]

    def icp(self, name: str) -> IcpInForce | None:
        """The ICP in force with this id."""
        return next((icp for icp in self.icps if icp.icp == name), None)


def owns(icp: IcpInForce, by: str) -> bool:
    """Whether `by`, an e-mail address, is the owner; its case does not matter."""
    return icp.owner_email.lower() == by.lower()


def authority_of(icp: IcpInForce) -> Authority:
    """What the record says of the right by which somebody acted."""
    return Authority(icp.icp, icp.version, icp.owner_email)


def not_yours(icps: Sequence[IcpInForce], instead: str = "") -> ActionRefusal:
    """The refusal of somebody who does not own all of `icps`; `instead` says what they may do."""
    owners = "; ".join(f"{icp.owner_name} <{icp.owner_email}> owns {icp.icp}" for icp in icps)
    if not icps:
        owners = "no ICP in force admits the account, so nobody can"
    return ActionRefusal(FORBIDDEN, f"only the owner of an ICP that admits the account may do this: {owners}{instead}")
