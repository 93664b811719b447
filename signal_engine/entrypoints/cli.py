"""`signal-engine`: the command line. Exit 0 done, 1 failed, 2 wrong usage or configuration."""

import errno
import os
import sys
from typing import Any, Final

import click

from signal_engine import __version__
from signal_engine.entrypoints.commands.accounts.compare import compare
from signal_engine.entrypoints.commands.actions.command import account
from signal_engine.entrypoints.commands.api import api
from signal_engine.entrypoints.commands.config import config
from signal_engine.entrypoints.commands.dlq.command import dlq
from signal_engine.entrypoints.commands.explain import explain
from signal_engine.entrypoints.commands.fit import fit
from signal_engine.entrypoints.commands.icp.command import icp
from signal_engine.entrypoints.commands.intake.import_command import import_command
from signal_engine.entrypoints.commands.intake.ingest import ingest
from signal_engine.entrypoints.commands.intake.mapping import mapping
from signal_engine.entrypoints.commands.intake.score import score
from signal_engine.entrypoints.commands.rebuild import rebuild
from signal_engine.entrypoints.commands.replay import replay
from signal_engine.entrypoints.commands.reports.command import report
from signal_engine.entrypoints.commands.schemas import schemas
from signal_engine.entrypoints.commands.scoring.command import scoring
from signal_engine.entrypoints.commands.top import top
from signal_engine.entrypoints.commands.topics import topics
from signal_engine.entrypoints.commands.worker import worker
from signal_engine.entrypoints.demo.command import demo
from signal_engine.entrypoints.trial.command import try_command
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.settings import shared_hosts
from signal_engine.wire.events.account_names import use_shared_hosts

_CANNOT_WRITE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


class _Commands(click.Group):
    """Commands that report output they cannot write, and then exit with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        if sys.stdout is None:
            raise click.ClickException("standard output is closed; use `> /dev/null` to discard it")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except OSError as error:
            if error.errno not in _CANNOT_WRITE or error.filename is not None:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python flushes again at exit
            raise click.ClickException(f"output cannot be written: {error.strerror}") from None
        return result


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="signal-engine")
def main() -> None:
    """Show which of the accounts that fit are in-market now, and why."""
    with failing_clearly():
        use_shared_hosts(shared_hosts())


for command in (
    worker, api, fit, icp, scoring, top, demo, try_command, import_command, ingest, mapping, replay, score, explain,
    compare, account, report, dlq, rebuild, topics, config, schemas,
):  # fmt: skip
    main.add_command(command)
