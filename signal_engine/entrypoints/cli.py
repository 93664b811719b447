"""`signal-engine`: the command line. Exit 0 done, 1 failed, 2 wrong usage or configuration."""

import errno
import os
import sys
from typing import Any, Final

import click

from signal_engine import __version__
from signal_engine.entrypoints.api_command import api
from signal_engine.entrypoints.config_command import config
from signal_engine.entrypoints.demo.command import demo
from signal_engine.entrypoints.dlq_command import dlq
from signal_engine.entrypoints.explain_command import explain
from signal_engine.entrypoints.fit_command import fit
from signal_engine.entrypoints.options import failing_clearly
from signal_engine.entrypoints.rebuild_command import rebuild
from signal_engine.entrypoints.replay_command import replay
from signal_engine.entrypoints.schemas_command import schemas
from signal_engine.entrypoints.settings import shared_hosts
from signal_engine.entrypoints.top_command import top
from signal_engine.entrypoints.topics_command import topics
from signal_engine.entrypoints.worker_command import worker
from signal_engine.wire.account_names import use_shared_hosts

_CANNOT_WRITE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


class _Commands(click.Group):
    """Whatever the command: where its output cannot be written, it says so and exits with 1."""

    def invoke(self, ctx: click.Context) -> Any:
        if sys.stdout is None:
            raise click.ClickException("standard output is closed; `> /dev/null` says that it is not wanted")
        try:
            result = super().invoke(ctx)
            sys.stdout.flush()
        except OSError as error:
            if error.errno not in _CANNOT_WRITE or error.filename is not None:
                raise
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # or Python tries it again at the end
            raise click.ClickException(f"output cannot be written: {error.strerror}") from None
        return result


@click.group(cls=_Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110})
@click.version_option(__version__, prog_name="signal-engine")
def main() -> None:
    """Who of those who fit is in the market now, and why."""
    with failing_clearly():
        use_shared_hosts(shared_hosts())


for command in (worker, api, fit, top, demo, replay, explain, dlq, rebuild, topics, config, schemas):
    main.add_command(command)
