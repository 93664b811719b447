"""Every command of the command line, imported: for tests that look them over, and to fork those that tests start."""

from collections.abc import Mapping
from typing import Final

import click

from signal_engine.entrypoints.cli import main


def commands_of(group: click.Group) -> Mapping[str, click.Command]:
    """Word -> command, of one level."""
    context = click.Context(group)
    found = {word: group.get_command(context, word) for word in group.list_commands(context)}
    return {word: command for word, command in found.items() if command is not None}


EVERY: Final = commands_of(main)
"""The first level."""
