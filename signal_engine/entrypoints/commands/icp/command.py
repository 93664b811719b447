"""`signal-engine icp`: the effect of an ICP file on a market, before it is in force."""

import click

from signal_engine.entrypoints.commands.icp.check import check
from signal_engine.entrypoints.commands.icp.diff import diff
from signal_engine.entrypoints.commands.icp.history import history, list_icps
from signal_engine.entrypoints.commands.icp.patterns import patterns
from signal_engine.entrypoints.commands.icp.publish import publish, retire, rollback
from signal_engine.entrypoints.commands.icp.show import show


@click.group()
def icp() -> None:
    """Learn, try, publish and look up customer profiles (ICPs)."""


for command in (check, diff, patterns, show, publish, list_icps, history, rollback, retire):
    icp.add_command(command)
