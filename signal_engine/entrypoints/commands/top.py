"""`signal-engine top`: show the current list."""

from typing import Final

import click

from signal_engine.adapters.terminal.screen import print_json, stderr, stdout, warn_if_stale
from signal_engine.adapters.terminal.tables import show_list
from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.ports.controls import FIT
from signal_engine.engine.read_model.list_cache import is_stale
from signal_engine.entrypoints.commands.accounts.sources import live_accounts
from signal_engine.entrypoints.wiring.connections import clock, run_live, served_view
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.reviews import warn_of_reviews
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import accounts_alerted_just_now
from signal_engine.wire.output.api_documents import ListDocument
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce

_MAX_ALERTS: Final = 1_000
"""Alerts of the last minutes to read at most."""


@click.command()
@click.option("--list", "name", default="all", show_default=True, help="`all` or the id of an ICP.")
@click.option("-n", "most", type=click.IntRange(1), default=20, show_default=True, help="Rows to show.")
@click.option("--json", "as_json", is_flag=True, help="Print the published list as JSON.")
@click.option(
    "--control-group", "administers", is_flag=True, help="Include accounts that the control group holds back."
)
def top(name: str, most: int, as_json: bool, administers: bool) -> None:  # noqa: FBT001 (click passes them by name)
    """Show who is in-market now: the list as last published."""
    with failing_clearly():
        settings = read_settings()
    listed, icps, alerted = run_live(_read(settings, name, administers=administers))
    names = [ALL, *(icp.icp for icp in icps)]
    if listed is None and name not in names:
        refuse((f"unknown list {name}; the lists are {', '.join(names)}",))
    warn_of_reviews(icps, clock())
    if as_json:
        empty = {"list": name, "version": 0, "generated_at": None, "entries": []}
        shown = empty if listed is None else {**listed, "entries": listed["entries"][:most]}
        print_json(shown)
    elif listed is None or (now := listed["generated_at"]) is None:
        stderr().print("No list has been published yet: is a worker running, and is a fit table loaded?")
    else:
        show_list(stdout(), name, listed["entries"], now, most, alerted=alerted)
        warn_if_stale(listed)


async def _read(
    settings: Settings, name: str, *, administers: bool
) -> tuple[ListDocument | None, tuple[IcpInForce, ...], set[str]]:
    """The list, the ICPs in force, and the accounts alerted within minutes before it."""
    async with served_view(settings) as view:
        live, partitions = await live_accounts(view)
        listed, alerted = await live.served(name, administers=administers), set[str]()
        if listed is not None:
            listed["stale"] = is_stale(listed, clock())
        if listed is not None and (now := listed["generated_at"]) is not None:
            recent = await live.feed(
                partitions, parse_instant(now) - words.JUST_NOW_MS, _MAX_ALERTS, administers=administers
            )
            alerted = accounts_alerted_just_now(recent, now)
        fit = await view.controls.read(FIT)
        return listed, FitInForce.decode(fit).icps if fit else (), alerted
