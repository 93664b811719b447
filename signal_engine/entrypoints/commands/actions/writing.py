"""Check a command's actions at the door, write them, and tell what became of each."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from uuid import uuid4

import click

from signal_engine.adapters.files.text_files import UnreadableInput
from signal_engine.adapters.terminal.acting.tables import show_written
from signal_engine.adapters.terminal.clean import clean
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.core.errors import FAILED, WRONG_USE
from signal_engine.engine.door.door import Admitted, Answer, Door
from signal_engine.engine.door.wanted import INVALID, ActionRefusal, WantedAction
from signal_engine.entrypoints.commands.actions.asking import Asked, NamedAccount, named_accounts, warn_of_personal_data
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.door import command_door
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.output.actions import CheckedAction, taken_action
from signal_engine.wire.output.operations.account_actions import CommandActions

MakeAction = Callable[[str, str], WantedAction]
"""Account, action_id -> what is wanted of it."""
WantedOf = Callable[[Door], Awaitable[Sequence[WantedAction]]]
"""What is wanted, by what the door knows."""


def act(asked: Asked, make: MakeAction) -> None:
    """Act on every account of `asked`. Exits with 1 or 2 if one is refused; nothing is written then, unless the others
    are wanted."""
    with failing_clearly():
        settings = read_settings()
        try:
            named = named_accounts(asked)
        except UnreadableInput as error:
            raise click.UsageError(str(error)) from None
    warn_of_personal_data(asked.reason)
    wanted = [make(one.account, str(uuid4())) for one in named]

    async def these(_: Door) -> Sequence[WantedAction]:
        return wanted

    act_as(these, asked, settings, {one.account: one.place for one in named})


def act_as(wanted_of: WantedOf, asked: Asked, settings: Settings, places: Mapping[str, str] = {}) -> None:
    """As `act`, with what the door's knowledge makes of the accounts; `places` says where each was named."""
    wanted, answers, written = run_live(_act(settings, wanted_of, asked))
    refused = [
        (NamedAccount(one.account, places.get(one.account, "")), answer)
        for one, answer in zip(wanted, answers, strict=True)
        if isinstance(answer, ActionRefusal)
    ]
    _print_outcome(answers if written or asked.dry_run else [], refused, asked)
    for one, answer in refused:
        where = f"{one.place}: " if one.place else ""
        click.echo(clean(f"error: {where}{one.account}: {answer.detail}"), err=True)
    if refused and not written and not asked.dry_run:
        click.echo("Nothing was written; --skip-refused acts on the others.", err=True)
    if refused:
        raise SystemExit(WRONG_USE if any(answer.fault == INVALID for _, answer in refused) else FAILED)


async def _act(
    settings: Settings, wanted_of: WantedOf, asked: Asked
) -> tuple[Sequence[WantedAction], list[Answer], bool]:
    """What is wanted, the answers, and whether they were written."""
    async with command_door(settings) as door:
        wanted = await wanted_of(door)
        answers = await door.check(wanted)
        refused = any(isinstance(answer, ActionRefusal) for answer in answers)
        if asked.dry_run or (refused and not asked.skip_refused):
            return wanted, answers, False
        return wanted, await door.write(answers), True


def _print_outcome(
    answers: Sequence[Answer], refused: Sequence[tuple[NamedAccount, ActionRefusal]], asked: Asked
) -> None:
    document: CommandActions = {
        "dry_run": asked.dry_run,
        "actions": [
            {"action": _document(one), "repeated": not one.is_new, "known": one.is_known}
            for one in answers
            if isinstance(one, Admitted)
        ],
        "refused": [{"account": one.account, "fault": why.fault, "detail": why.detail} for one, why in refused],
    }
    if asked.as_json:
        print_json(document)
    else:
        show_written(stdout(), document)


def _document(one: Admitted) -> CheckedAction:
    document = taken_action(one.action.at if one.applied_at is None else one.applied_at, one.action)
    return {**document, "applied_at": None if one.applied_at is None else document["applied_at"]}
