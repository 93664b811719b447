"""`signal-engine icp`: the effect of an ICP file on a market, before it is in force."""

import click

from signal_engine.entrypoints.commands.icp.check import check
from signal_engine.entrypoints.commands.icp.diff import diff


@click.group()
def icp() -> None:
    """Try an ICP file on accounts and events before loading it."""


icp.add_command(check)
icp.add_command(diff)
