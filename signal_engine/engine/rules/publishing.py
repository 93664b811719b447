"""What a publication writes, decided against what the topic holds: who may, which version, how many. No I/O."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.fit.icp import MAX_ICPS
from signal_engine.core.sync.wiring import Downstream
from signal_engine.engine.ports.rules_topic import ToPublish
from signal_engine.engine.rules.log import RulesLog
from signal_engine.wire.config import icp_file
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.instants import format_instant
from signal_engine.wire.rules.record import (
    CurrentIcps,
    CurrentScoring,
    IcpName,
    IcpVersion,
    Rule,
    ScoringVersion,
    Signed,
    WiringConfirmed,
    read_rule,
)


class RuleRefused(SignalEngineError):
    """A publication that may not be; `lines` say why."""

    def __init__(self, *lines: str) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines

    def messages(self) -> tuple[str, ...]:
        """One per problem."""
        return self.lines


class RuleUnreadable(SignalEngineError):
    """A record that readers would pass over; compaction would then remove the last one that they can read."""


class WantedIcp(NamedTuple):
    """A version of an ICP that somebody publishes."""

    version: IcpVersion
    owner: str
    """E-mail of its owner, as the file says."""


Plan = Callable[[RulesLog], Sequence[Rule]]
"""What to write, given what there is; raises `RuleRefused`."""


def to_publish(rules: Sequence[Rule]) -> list[ToPublish]:
    """The records of `rules`. Raises `RuleUnreadable`."""
    records = [ToPublish(rule.key, rule.encode()) for rule in rules]
    for one in records:
        read = read_rule(one.key.encode(), one.value)
        if isinstance(read, Refusal):
            raise RuleUnreadable(f"{one.key} cannot be published, since nobody could read it: {read.detail}")
    return records


def publish_icps(wanted: Sequence[WantedIcp], signed: Signed, *, quiet: bool) -> Plan:
    """Put versions of ICPs into force beside the others; those that are in force already are left out."""

    def plan(log: RulesLog) -> Sequence[Rule]:
        named = _named(log)
        new = [one for one in wanted if named.get(one.version.named.icp) != one.version.named]
        problems = [problem for one in new for problem in _problems(log, one, signed.by)]
        after = {**named, **{one.version.named.icp: one.version.named for one in new}}
        if len(after) > MAX_ICPS:
            there = ", ".join(sorted(named))
            problems.append(
                f"at most {MAX_ICPS} ICPs are active, and {there} are: `signal-engine icp retire` takes one out"
            )
        if problems:
            raise RuleRefused(*problems)
        return [*(one.version for one in new), _current(log, after, signed, quiet=quiet)] if new else []

    return plan


def retire_icp(icp: str, signed: Signed, *, quiet: bool) -> Plan:
    """Take an ICP out of force."""

    def plan(log: RulesLog) -> Sequence[Rule]:
        named = _named(log)
        if icp not in named:
            raise RuleRefused(f"ICP {icp} is not in force; in force: {', '.join(sorted(named)) or 'none'}")
        if problem := _not_the_owner(log, icp, None, signed.by):
            raise RuleRefused(problem)
        if len(named) == 1:
            raise RuleRefused(f"ICP {icp} is the only one in force: without any, nobody fits")
        return [_current(log, {name: one for name, one in named.items() if name != icp}, signed, quiet=quiet)]

    return plan


def publish_scoring(wanted: ScoringVersion, version: int, version_in_force: Callable[[str], int]) -> Plan:
    """Put a scoring file of `version` into force; `version_in_force` reads the version out of a file's text."""

    def plan(log: RulesLog) -> Sequence[Rule]:
        current = log.current_scoring
        if current is not None and current.rule.config_version == wanted.config_version:
            return []
        before = log.scoring_in_force()
        if before is not None and (had := version_in_force(before.rule.text)) >= version:
            raise RuleRefused(
                f"{wanted.name}: is version {version}, and version {had} is in force: versions only go up"
            )
        number = current.rule.publication + 1 if current else 1
        return [wanted, CurrentScoring(number, wanted.config_version, wanted.signed)]

    return plan


def confirm_wiring(log: RulesLog, system: Downstream, icp: str | None, said: Signed) -> WiringConfirmed:
    """The record which says that the version of `icp` in force changed `system`, once a version; None: of the only ICP
    in force. Raises `RuleRefused`.
    """
    named = _named(log)
    there = ", ".join(sorted(named)) or "none"
    if icp is None and len(named) > 1:
        raise RuleRefused(f"several ICPs are published: {there}; --icp says which one changed {system}")
    one = next(iter(named.values()), None) if icp is None else named.get(icp)
    if one is None:
        what = "no ICP is published" if icp is None else f"ICP {icp} is not published; published: {there}"
        raise RuleRefused(f"{what}, so there is nothing to confirm")
    if (had := log.confirmed.get((one.icp, one.version, system))) is not None:
        when = format_instant(had.timestamp)
        raise RuleRefused(f"{system} was confirmed already for {one.icp} version {one.version}, at {when}")
    return WiringConfirmed(one.icp, one.version, system, said.by, said.reason, said.at)


def _problems(log: RulesLog, one: WantedIcp, by: str) -> list[str]:
    named, name = one.version.named, one.version.name
    problems = []
    known = log.icps_in_force().get(named.icp)
    had = (
        known.rule.named.version if known else max((it.rule.named.version for it in log.versions(named.icp)), default=0)
    )
    if named.version <= had:
        state = "is in force" if known else "was published before"
        problems.append(f"{name}: is version {named.version}, and version {had} {state}: versions only go up")
    if problem := _not_the_owner(log, named.icp, one.owner, by):
        problems.append(f"{name}: {problem}")
    return problems


def _not_the_owner(log: RulesLog, icp: str, owner: str | None, by: str) -> str | None:
    """Why `by` may not: its last version says who owns it, in force or retired; of a new ICP, `owner` of the file."""
    known = log.icps_in_force().get(icp) or max(log.versions(icp), key=lambda one: one.rule.named.version, default=None)
    if known is not None:
        profile, _ = icp_file.parse(known.rule.name, known.rule.text.encode())
        owner = profile.owner_email
    if owner is None or owner.lower() == by.lower():
        return None
    whose = "belongs" if known is not None else "is to belong"
    return f"ICP {icp} {whose} to {owner}, who alone publishes it; {by} may propose a version (`icp diff` shows it)"


def _named(log: RulesLog) -> dict[str, IcpName]:
    return {one.icp: one for one in (log.current_icps.rule.icps if log.current_icps else ())}


def _current(log: RulesLog, named: dict[str, IcpName], signed: Signed, *, quiet: bool) -> CurrentIcps:
    number = log.current_icps.rule.publication + 1 if log.current_icps else 1
    return CurrentIcps(number, tuple(sorted(named.values())), quiet, signed)
