"""The published scoring file, moved into force."""

from collections.abc import Callable

from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.controls import SCORING, Controls
from signal_engine.engine.ports.rules_topic import End
from signal_engine.engine.rules.log import Logged, RulesLog
from signal_engine.engine.rules.publishing import RuleRefused
from signal_engine.wire.config import scoring_file
from signal_engine.wire.rules.record import CurrentScoring, ScoringVersion, Signed
from signal_engine.wire.storage.in_force import PublishedBy, ScoringInForce


class RebuildNeeded(SignalEngineError):
    """The published scoring file changes what stored states depend on: they are read again behind the view served."""

    def __init__(self, wanted: ScoringInForce) -> None:
        super().__init__(
            f"the published scoring file {wanted.config_version} changes rules, half-lives or facets: the topics are"
            " read again into a new view"
        )
        self.wanted = wanted
        """The document of the new generation."""


def _published_scoring(log: RulesLog, sequence: int) -> ScoringInForce | None:
    """The document of the published scoring file; None while there is none.

    Its hashes are those of this release, which may read the file otherwise than the one that published it. Raises
    `ConfigurationError` if it cannot read it.
    """
    current, version = log.current_scoring, log.scoring_in_force()
    if current is None or version is None:
        return None
    rule, by = version.rule, _by(current)
    own = scoring_file.parse(rule.name, rule.text.encode())
    return ScoringInForce(sequence, own.config_version, own.rules_hash, rule.name, rule.text, by)


async def move_scoring(
    controls: Controls, log: RulesLog, end: End, reached: Callable[[str], None] = lambda _: None
) -> None:
    """Bring the published scoring file into force, unless it is, or a later one.

    `end` is the topic's. `reached` is called at named points, where the fault harness kills.

    Raises `RebuildNeeded`, `StoreTrouble`, and `ConfigurationError` for a file that this release cannot read.
    """
    while (current := log.current_scoring) is not None:
        stored = await controls.read(SCORING)
        before = None if stored is None else ScoringInForce.decode(stored)
        by = None if before is None else before.published
        if by is not None and current.offset <= by.offset and await log.knows(by.offset, end):
            return  # before it is parsed, which takes 50 ms and is asked every second
        if (wanted := _published_scoring(log, 1)) is None:
            return
        if before is not None:
            reached("before_rules_move")
            if before.rules_hash != wanted.rules_hash:
                raise RebuildNeeded(wanted)
            same = before.config_version == wanted.config_version
            wanted = wanted._replace(sequence=before.sequence + (not same))
        if await controls.replace(SCORING, stored, wanted.encode()):
            return


def first_scoring(in_force: ScoringInForce, signed: Signed, log: RulesLog) -> tuple[ScoringVersion, CurrentScoring]:
    """What the first start publishes: the scoring file in force. Raises `RuleRefused` if one is published."""
    if log.current_scoring is not None:
        raise RuleRefused("a scoring file is published already")
    version = ScoringVersion(
        in_force.config_version, in_force.rules_hash, in_force.name.rpartition("/")[2], in_force.text, signed
    )
    return version, CurrentScoring(1, in_force.config_version, signed)


def _by(current: Logged[CurrentScoring]) -> PublishedBy:
    by = current.rule.signed
    return PublishedBy(current.offset, current.rule.publication, by.by, by.reason, current.timestamp)
