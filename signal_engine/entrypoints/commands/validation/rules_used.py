"""The ICPs and the scoring file that a command on the past goes by: files, or what is published."""

from typing import NamedTuple

from signal_engine.adapters.terminal.screen import Warnings
from signal_engine.core.fit.icp import Icp
from signal_engine.engine.rules.log import RulesLog
from signal_engine.entrypoints.commands.validation.options import PastOptions
from signal_engine.entrypoints.wiring.connections import run_live
from signal_engine.entrypoints.wiring.inputs import read_icps, read_scoring
from signal_engine.entrypoints.wiring.options import DEFAULT_SCORING, refuse
from signal_engine.entrypoints.wiring.rules.published import published_scoring, rules_topic
from signal_engine.entrypoints.wiring.settings import read_settings
from signal_engine.wire.config import icp_file
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.instants import format_instant


class RulesUsed(NamedTuple):
    """The rules."""

    scoring: ScoringFile
    icps: tuple[Icp, ...]
    published: dict[str, str]
    """ICP -> when its version in force was published; empty of files."""
    log: RulesLog | None
    """All that is published; None of files."""


def rules_used(options: PastOptions, warnings: Warnings) -> RulesUsed:
    """The rules of the options. Raises `ConfigurationError`; exits with 2 where none are given nor published."""
    if options.icps:
        rules = read_scoring(options.scoring or DEFAULT_SCORING)
        return RulesUsed(rules, read_icps(options.icps, rules, warnings), {}, None)
    settings = read_settings()

    async def read() -> RulesLog:
        return RulesLog.of(await rules_topic(settings).read())

    log = run_live(read())
    in_force = log.icps_in_force()
    if not in_force:
        refuse(("no ICP has been published; give --icp",))
    scoring = published_scoring(settings, log) if options.scoring is None else read_scoring(options.scoring)
    profiles = tuple(icp_file.parse(one.rule.name, one.rule.text.encode())[0] for one in in_force.values())
    published = {name: format_instant(one.timestamp) for name, one in in_force.items()}
    return RulesUsed(scoring, profiles, published, log)
