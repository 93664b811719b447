"""`signal-engine icp`: what an ICP file makes of a market, before it is in force."""

import click

from signal_engine.entrypoints.commands.icp.check import check
from signal_engine.entrypoints.commands.icp.diff import diff


@click.group()
def icp() -> None:
    """Try an ICP file on accounts and events before it is put in force."""


icp.add_command(check)
icp.add_command(diff)
