"""`signal-engine scoring`: the effect of a scoring file on a market, and its publication."""

import click

from signal_engine.entrypoints.commands.scoring.diff import diff
from signal_engine.entrypoints.commands.scoring.history import history
from signal_engine.entrypoints.commands.scoring.publish import publish, rollback
from signal_engine.entrypoints.commands.scoring.show import show


@click.group()
def scoring() -> None:
    """Try, publish and look up scoring files."""


for command in (diff, show, publish, history, rollback):
    scoring.add_command(command)
