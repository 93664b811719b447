"""`signal-engine`: the command line. Exit 0 done, 1 failed, 2 wrong usage or configuration."""

import errno
import os
import sys
from importlib import import_module
from typing import Any, Final

import click

from signal_engine import __version__
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.process.native import offer_native_part
from signal_engine.entrypoints.wiring.process.shared_hosts import shared_hosts
from signal_engine.wire.events.account_names import use_shared_hosts

_CANNOT_WRITE: Final = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF}


_SECTIONS: Final = {
    "Look at it first": {
        "demo": "demo.command:demo",
        "try": "trial.command:try_command",
        "replay": "commands.replay:replay",
        "score": "commands.intake.score:score",
    },
    "Who fits": {
        "fit": "commands.fit.command:fit",
        "icp": "commands.icp.command:icp",
        "scoring": "commands.scoring.command:scoring",
        "match": "commands.intake.matching:match",
    },
    "Data in": {
        "import": "commands.intake.import_command:import_command",
        "mapping": "commands.intake.mapping:mapping",
        "ingest": "commands.intake.ingest:ingest",
    },
    "Run the engine": {
        "topics": "commands.topics:topics",
        "worker": "commands.worker:worker",
        "api": "commands.api:api",
        "rebuild": "commands.rebuild:rebuild",
        "dlq": "commands.dlq.command:dlq",
    },
    "Who is in-market, and what people decide": {
        "top": "commands.top:top",
        "explain": "commands.explain:explain",
        "compare": "commands.accounts.compare:compare",
        "account": "commands.actions.command:account",
        "report": "commands.reports.command:report",
    },
    "Out to people and systems": {
        "routes": "commands.delivery.routes:routes",
        "notify": "commands.delivery.notify:notify",
        "deliveries": "commands.delivery.deliveries:deliveries",
        "digest": "commands.delivery.digest:digest",
        "sync": "commands.sync.command:sync",
        "wiring": "commands.sync.wiring:wiring",
        "mcp": "commands.agents.command:mcp",
    },
    "Whether the score predicts": {
        "validate": "commands.validation.command:validate",
        "calibrate": "commands.validation.calibrate:calibrate",
        "review": "commands.validation.review:review",
    },
    "Settings and formats": {
        "config": "commands.config:config",
        "schemas": "commands.schemas:schemas",
    },
}
"""Heading of the help -> name of a command, in the order of use -> where it is. Imported when it is asked for: all of
them take twice as long as the worker alone, and every process pays that when it starts, a worker also when a rebuild
begins."""
_PLACES: Final = {name: place for its in _SECTIONS.values() for name, place in its.items()}


class _Commands(click.Group):
    """Commands under headings, that report output they cannot write, and then exit with 1."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        del ctx
        return [*_PLACES]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in self.commands and (place := _PLACES.get(cmd_name)) is not None:
            module, _, attribute = place.partition(":")
            self.add_command(getattr(import_module(f"signal_engine.entrypoints.{module}"), attribute), cmd_name)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        widest = max(map(len, _PLACES))
        limit = formatter.width - 6 - widest
        for heading, its in _SECTIONS.items():
            with formatter.section(heading):
                found = [(name, self.get_command(ctx, name)) for name in its]
                shown = [(f"{name:{widest}}", one.get_short_help_str(limit)) for name, one in found if one is not None]
                formatter.write_dl(shown)

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
        offer_native_part()
