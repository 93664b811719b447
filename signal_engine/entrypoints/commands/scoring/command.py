"""`signal-engine scoring`: the effect of a scoring file on a market, before it is in force."""

import click

from signal_engine.entrypoints.commands.scoring.diff import diff


@click.group()
def scoring() -> None:
    """Try a scoring file on accounts and events before it is in force."""


scoring.add_command(diff)
