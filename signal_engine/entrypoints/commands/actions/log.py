"""`signal-engine account log`: every action of an account, from the topic itself, which is the audit log."""

import sys
from collections.abc import Sequence
from typing import Any

import click
import orjson

from signal_engine.adapters.kafka.action_topic import ActionTopic
from signal_engine.adapters.terminal.acting.tables import show_log
from signal_engine.adapters.terminal.screen import stdout
from signal_engine.entrypoints.commands.accounts.sources import account_named
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.output.actions import TakenAction, taken_action
from signal_engine.wire.topics import topic_names


@click.command()
@click.argument("accounts", nargs=-1, required=True, metavar="ACCOUNT...")
@click.option("--json", "as_json", is_flag=True, help="Print the actions as one JSON document.")
def log(accounts: tuple[str, ...], as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show who did what to accounts, newest first, from the beginning of the topic account.actions."""
    names = [account_named(account) for account in accounts]
    with failing_clearly():
        settings = read_settings()
    found, unreadable = run_live(_read(settings, names))
    if as_json:
        told: dict[str, Any] = {"actions": found, "unreadable": unreadable}
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    else:
        show_log(stdout(), found)
    if unreadable:
        click.echo(f"warning: {unreadable:,} records of the topic are no actions, of whichever account", err=True)


async def _read(settings: Settings, names: Sequence[str]) -> tuple[list[TakenAction], int]:
    """The actions, newest first, copies included; and how many records of all partitions are none.

    All partitions are read: a record that somebody else's producer put into another one is part of the log, too.
    """
    async with ActionTopic(kafka_connection(settings), topic_names(settings.prefix).actions) as topic:
        everything = topic.read(range(await topic.partitions()))
        found = [one async for one in everything if one.taken.action.account in names]
        unreadable = topic.unreadable
    newest_first = sorted(found, key=lambda one: (one.taken.now, one.partition, one.offset), reverse=True)
    return [taken_action(one.taken.now, one.taken.action) for one in newest_first], unreadable
