"""`signal-engine scoring publish` and `rollback`: put a scoring file into force for everybody."""

from pathlib import Path
from typing import Any

import click

from signal_engine.adapters.terminal.rules.scoring_tables import show_publication
from signal_engine.adapters.terminal.screen import Warnings, print_json, stdout
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.progress import scoring_moved
from signal_engine.engine.rules.publishing import RuleRefused, publish_scoring
from signal_engine.engine.rules.rolling_back import earlier_scoring, with_version
from signal_engine.entrypoints.commands.publishing.asking import PublishOptions, confirm, publishing
from signal_engine.entrypoints.commands.publishing.writing import (
    NOTHING_WRITTEN,
    fail_unless_in_force,
    text_difference,
    write,
)
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.entrypoints.wiring.options import READABLE, failing_clearly
from signal_engine.entrypoints.wiring.rules.published import rules_topic
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config import icp_file, scoring_file
from signal_engine.wire.config.scoring_advice import oddities
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.output.operations.rules import ScoringPublication
from signal_engine.wire.rules.record import ScoringVersion


@click.command()
@click.argument("file", type=READABLE)
@publishing
def publish(file: str, **options: Any) -> None:
    """Put the scoring file FILE into force for all workers.

    Its version must be above the one in force. Once a scoring file is published, workers no longer read their own. If
    half-lives, rules or facets change, the workers read all topics again into a new view; until it is complete, the
    lists stay as they are and no alert is sent. Anything else takes effect within seconds.
    """
    asked = PublishOptions(**options)
    with failing_clearly():
        settings = read_settings()
        new = read_scoring(file)
        warnings = Warnings()
        for warning in oddities(new):
            warnings(warning)
        warnings.close()
    version = ScoringVersion(new.config_version, new.rules_hash, Path(file).name, _text(file), asked.signed())
    _done(run_live(_publish(settings, version, new, asked)), asked)


@click.command()
@click.option("--to", metavar="VERSION", help="Which earlier one, as `scoring history` names it.  [default: the last]")
@publishing
def rollback(to: str | None, **options: Any) -> None:
    """Publish an earlier scoring file as a new version."""
    asked = PublishOptions(**options)
    with failing_clearly():
        settings = read_settings()
    _done(run_live(_rollback(settings, to, asked)), asked)


async def _publish(
    settings: Settings, version: ScoringVersion, new: ScoringFile, asked: PublishOptions
) -> ScoringPublication:
    log = RulesLog.of(await rules_topic(settings).read())
    before = log.scoring_in_force()
    plan = publish_scoring(version, new.policy.version, lambda text: _version_of(version.name, text))
    wanted = plan(log)
    _check_icps(log, new)
    rebuild = before is not None and before.rule.rules_hash != version.rules_hash
    if rebuild and wanted and not asked.dry_run and not asked.yes:
        confirm(
            "it changes half-lives, rules or facets: all topics are read again into a new view, and until that is"
            " complete no alert is sent",
            "Publish it?",
        )
    outcome = NOTHING_WRITTEN if asked.dry_run else await write(settings, plan, scoring_moved, asked)
    return {
        **outcome,
        "config_version": version.config_version,
        "before": before.rule.config_version if before else None,
        "rebuild": rebuild,
        "difference": text_difference(before.rule.text if before else None, version.text),
    }


async def _rollback(settings: Settings, to: str | None, asked: PublishOptions) -> ScoringPublication:
    log = RulesLog.of(await rules_topic(settings).read())
    back = earlier_scoring(log, to).rule
    number = max(_version_of(one.rule.name, one.rule.text) for one in log.scorings.values()) + 1
    text = with_version(back.name, back.text, number)
    new = scoring_file.parse(back.name, text.encode())
    if new.rules_hash != back.rules_hash or new.policy.version != number:
        raise RuleRefused(f"{back.name}: cannot be published as version {number} as it stands; publish it from a file")
    version = ScoringVersion(new.config_version, new.rules_hash, back.name, text, asked.signed(), back.config_version)
    return await _publish(settings, version, new, asked)


def _check_icps(log: RulesLog, new: ScoringFile) -> None:
    """Raise `ConfigurationError` for an ICP in force that has no weight, or no tier, in the new scoring file."""
    for one in log.icps_in_force().values():
        icp_file.parse(one.rule.name, one.rule.text.encode(), new.policy)


def _version_of(name: str, text: str) -> int:
    return scoring_file.parse(name, text.encode()).policy.version


def _text(file: str) -> str:
    return Path(file).read_text("utf-8")  # it was read and checked a moment ago


def _done(told: ScoringPublication, asked: PublishOptions) -> None:
    if asked.as_json:
        print_json(told)
    else:
        show_publication(stdout(), told, dry_run=asked.dry_run)
    fail_unless_in_force(told)
