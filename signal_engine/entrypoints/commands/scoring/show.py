"""`signal-engine scoring show`: a published scoring file, as it was published."""

import click

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.screen import print_json
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.publishing import RuleRefused
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.options import failing_clearly
from signal_engine.entrypoints.wiring.rules.published import rules_topic
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations.rules import ShownScoring


@click.command()
@click.argument("version", required=False)
@click.option("--json", "as_json", is_flag=True, help="Print it as one JSON document.")
def show(version: str | None, as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Print a published scoring file.

    The one in force, unless VERSION (from `scoring history`) names another. Who published it, when and why goes to
    stderr, so that stdout is the file.
    """
    with failing_clearly():
        settings = read_settings()
    told = run_live(_read(settings, version))
    if as_json:
        print_json(told)
        return
    state = "in force" if told["in_force"] else "not in force"
    said = f"{told['config_version']}, {state}: published {told['at']} by {told['by']}: {told['reason']}"
    click.echo(one_line(said), err=True)
    click.echo(told["text"], nl=not told["text"].endswith("\n"))


async def _read(settings: Settings, version: str | None) -> ShownScoring:
    log = RulesLog.of(await rules_topic(settings).read())
    current = log.scoring_in_force()
    found = current if version is None else log.scorings.get(version)
    if found is None:
        known = ", ".join(sorted(log.scorings)) or "none"
        raise RuleRefused("no scoring file has been published" if version is None else f"{version} is none of {known}")
    rule = found.rule
    return {
        "config_version": rule.config_version,
        "in_force": found == current,
        "at": format_instant(found.timestamp),
        "by": rule.signed.by,
        "reason": rule.signed.reason,
        "rollback_to": rule.rollback_to,
        "text": rule.text,
    }
