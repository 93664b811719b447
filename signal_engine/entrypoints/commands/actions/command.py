"""`signal-engine account`: what people decide about accounts, written to the topic `account.actions`."""

from typing import Any

import click

from signal_engine.core.actions.action import (
    ASSIGN,
    CLAIM,
    DISPOSITION,
    DO_NOT_CONTACT,
    KILL,
    LIFT,
    MUTE,
    OUTCOMES,
    RELEASE,
    RESTORE,
    SNOOZE,
    ActionName,
)
from signal_engine.engine.door.wanted import WantedAction
from signal_engine.entrypoints.commands.actions.asking import Asked, acting, for_icp, until_option
from signal_engine.entrypoints.commands.actions.log import log
from signal_engine.entrypoints.commands.actions.writing import act


@click.group()
def account() -> None:
    """Claim, snooze or disqualify accounts; show who decided what.

    The ICPs in force say who may do what: an ICP's owner kills and restores for its list; only whoever holds a claim,
    or the ICP's owner, releases it. Anyone may do the rest under their own name.
    """


def _act(action: ActionName, common: dict[str, Any], **more: Any) -> None:
    asked = Asked(**common)

    def make(given: str, action_id: str) -> WantedAction:
        return WantedAction(given, action, asked.by, "cli", action_id, asked.reason, **more)

    act(asked, make)


@account.command()
@acting
@for_icp
def kill(icp: str | None, everywhere: bool, **common: Any) -> None:  # noqa: FBT001 (click passes it by name)
    """Disqualify accounts for one ICP, or for all of them.

    They leave its list, or every list. Only the ICP's owner can; anybody can propose it with `disposition --outcome
    not_a_fit`. A kill holds until `restore`, and is to be reviewed after 180 days.
    """
    _act(KILL, common, icp=icp, everywhere=everywhere)


@account.command()
@acting
@for_icp
def restore(icp: str | None, everywhere: bool, **common: Any) -> None:  # noqa: FBT001 (click passes it by name)
    """End a kill, a snooze or a disposition.

    The accounts are decided anew. The ICP's owner can end all of these; whoever snoozed an account or gave its
    disposition can take that back.
    """
    _act(RESTORE, common, icp=icp, everywhere=everywhere)


@account.command(name="do-not-contact")
@acting
@click.option("--lift", is_flag=True, help="Allow contact again; only the privacy owner of the settings does this.")
def do_not_contact(lift: bool, **common: Any) -> None:  # noqa: FBT001 (click passes it by name)
    """Take accounts off every list and stop all their alerts.

    This overrides every other action. It does not include companies that belong to the accounts.
    """
    _act(LIFT if lift else DO_NOT_CONTACT, common)


@account.command()
@acting
@until_option("When they come back.", required=True)
def snooze(until: int, **common: Any) -> None:
    """Take accounts off the lists for a while.

    A hand raise or a trigger brings them back before --until.
    """
    _act(SNOOZE, common, until=until)


@account.command()
@acting
@until_option("When the claim ends.  [default: 14d]")
@click.option("--take-over", is_flag=True, help="Claim an account even if somebody else has.")
def claim(until: int | None, take_over: bool, **common: Any) -> None:  # noqa: FBT001 (click passes it by name)
    """Claim accounts: say that you are working on them.

    They stay on the lists under your name, and their alerts name you.
    """
    _act(CLAIM, common, until=until, take_over=take_over)


@account.command()
@acting
def release(**common: Any) -> None:
    """End a claim.

    Your own; as the owner of an ICP that admits the account, anybody's.
    """
    _act(RELEASE, common)


@account.command()
@acting
@click.option("--outcome", type=click.Choice(OUTCOMES), required=True, help="What came of it.")
@until_option("When they come back.  [default: days of the outcome, by the settings]")
def disposition(outcome: Any, until: int | None, **common: Any) -> None:
    """Say what came of calling the accounts. Answers a hand raise.

    `contacted` and `meeting_booked` keep them on the lists; with the others they leave for the days of the outcome, and
    come back earlier on a hand raise, a trigger or a new signal type. The log keeps `not_a_fit` as a proposal to the
    ICP's owner to kill them.
    """
    _act(DISPOSITION, common, outcome=outcome, until=until)


@account.command()
@acting
@click.option("--to", "assignee", required=True, metavar="EMAIL", help="Who calls them from now on.")
def assign(assignee: str, **common: Any) -> None:
    """Say who calls the accounts, instead of the file's `sdr`."""
    _act(ASSIGN, common, assignee=assignee)


@account.command()
@acting
@until_option("When your alerts come again.", required=True)
def mute(until: int, **common: Any) -> None:
    """Stop your own alerts about accounts for a while.

    Others still get theirs; a hand raise goes to your backup.
    """
    _act(MUTE, common, until=until)


account.add_command(log)
