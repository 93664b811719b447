"""`signal-engine account log`: every action of an account, from the topic itself, which is the audit log."""

from collections.abc import Sequence

import click

from signal_engine.adapters.kafka.action_topic import ActionTopic
from signal_engine.adapters.terminal.acting.tables import show_log
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.engine.context.aliases import AliasesLost, aliases_in_force
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.entrypoints.commands.accounts.sources import account_named
from signal_engine.entrypoints.wiring.connections import run_live, served_view
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.output.actions import TakenAction, taken_action
from signal_engine.wire.output.operations.account_actions import ActionLogDocument
from signal_engine.wire.topics import topic_names


@click.command()
@click.argument("accounts", nargs=-1, required=True, metavar="ACCOUNT...")
@click.option("--json", "as_json", is_flag=True, help="Print the actions as one JSON document.")
def log(accounts: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show who did what to accounts, newest first.

    Reads the topic account.actions from its beginning.
    """
    names = [account_named(account) for account in accounts]
    with failing_clearly():
        settings = read_settings()
    found, unreadable = run_live(_read(settings, names))
    if as_json:
        document: ActionLogDocument = {"actions": found, "unreadable": unreadable}
        print_json(document)
    else:
        show_log(stdout(), found)
    if unreadable:
        click.echo(f"warning: {unreadable:,} records of the topic are no actions, of whichever account", err=True)


async def _read(settings: Settings, names: Sequence[str]) -> tuple[list[TakenAction], int]:
    """The actions, newest first, copies included; and how many records of all partitions are none.

    All partitions are read: a record that somebody else's producer put into another one is part of the log, too.
    """
    aliases = await _aliases(settings)
    wanted = {aliases.latest(name) for name in names}
    async with ActionTopic(kafka_connection(settings), topic_names(settings.prefix).actions) as topic:
        everything = topic.read(range(await topic.partitions()))
        found = [one async for one in everything if aliases.latest(one.taken.action.account) in wanted]
        unreadable = topic.unreadable
    newest_first = sorted(found, key=lambda one: (one.taken.now, one.partition, one.offset), reverse=True)
    return [taken_action(one.taken.now, one.taken.action) for one in newest_first], unreadable


async def _aliases(settings: Settings) -> Aliases:
    """Those in force. The log is in Kafka alone and can be read without Redis; then as it was written."""
    try:
        async with served_view(settings) as view:
            return await aliases_in_force(view.controls)
    except (StoreTrouble, AliasesLost) as error:
        click.echo(f"warning: aliases are not resolved, actions are shown as they were written: {error}", err=True)
        return NO_ALIASES
