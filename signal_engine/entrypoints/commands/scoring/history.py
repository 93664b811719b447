"""`signal-engine scoring history`: which scoring files were published, by whom and why."""

import click

from signal_engine.adapters.terminal.rules.scoring_tables import show_history
from signal_engine.adapters.terminal.screen import print_json, stdout
from signal_engine.engine.rules.log import RulesLog
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.rules.published import rules_topic
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations.rules import ScoringHistory


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print the versions as one JSON document.")
def history(as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show the published scoring files, newest first."""
    with failing_clearly():
        settings = read_settings()
    told = run_live(_read(settings))
    if as_json:
        print_json(told)
    else:
        show_history(stdout(), told)
    for problem in told["unreadable"]:
        click.echo(f"warning: {problem}", err=True)


async def _read(settings: Settings) -> ScoringHistory:
    log = RulesLog.of(await rules_topic(settings).read())
    current = log.scoring_in_force()
    return {
        "versions": [
            {
                "config_version": one.rule.config_version,
                "in_force": one == current,
                "at": format_instant(one.timestamp),
                "by": one.rule.signed.by,
                "reason": one.rule.signed.reason,
                "rollback_to": one.rule.rollback_to,
            }
            for one in sorted(log.scorings.values(), key=lambda one: one.offset, reverse=True)
        ],
        "unreadable": [*(one.words for one in log.unreadable), *log.missing()],
    }
