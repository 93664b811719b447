"""What the topic `rules` holds, folded: every version that is known, and what is to be in force."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from signal_engine.core.sync.wiring import Downstream
from signal_engine.engine.ports.rules_topic import End, RuleRecord
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.rules.fit_load import FIT_LOAD_KEY, AccountsLoad, read_fit_load
from signal_engine.wire.rules.record import (
    CurrentIcps,
    CurrentScoring,
    IcpName,
    IcpVersion,
    ScoringVersion,
    WiringConfirmed,
    read_rule,
)

_Rule = TypeVar("_Rule")


class Logged(NamedTuple, Generic[_Rule]):
    """A record that was read."""

    offset: int
    timestamp: int
    """ms since 1970."""
    rule: _Rule


class UnreadableRule(NamedTuple):
    """A record that changes nothing, because it cannot be read."""

    offset: int
    detail: str

    @property
    def words(self) -> str:
        """For people."""
        return f"the record at offset {self.offset} of the topic of rules cannot be read: {self.detail}"


@dataclass(slots=True)
class RulesLog:
    """Records in the order of the topic. A version counts by the last record of its key."""

    icps: dict[IcpName, Logged[IcpVersion]] = field(default_factory=dict)
    scorings: dict[str, Logged[ScoringVersion]] = field(default_factory=dict)
    """By config_version."""
    current_icps: Logged[CurrentIcps] | None = None
    current_scoring: Logged[CurrentScoring] | None = None
    confirmed: dict[tuple[str, int, Downstream], Logged[WiringConfirmed]] = field(default_factory=dict)
    """(ICP, version, system) -> what a person says changed there."""
    load: Logged[AccountsLoad] | None = None
    """The last whole load of accounts."""
    unreadable: list[UnreadableRule] = field(default_factory=list)
    end: int = 0
    """The offset behind the last record that was read."""

    @classmethod
    def of(cls, records: Iterable[RuleRecord]) -> "RulesLog":
        """All of a topic."""
        log = cls()
        for record in records:
            log.take(record)
        return log

    def take(self, record: RuleRecord) -> None:
        """One more record."""
        self.end = record.offset + 1
        where = record.offset, record.timestamp
        if record.key == FIT_LOAD_KEY:
            self._take_load(record.value, *where)
            return
        rule = read_rule(record.key, record.value)
        match rule:
            case Refusal():
                self.unreadable.append(UnreadableRule(record.offset, rule.detail))
            case IcpVersion():
                self.icps[rule.named] = Logged(*where, rule)
            case ScoringVersion():
                self.scorings[rule.config_version] = Logged(*where, rule)
            case CurrentIcps():
                self.current_icps = Logged(*where, rule)
            case CurrentScoring():
                self.current_scoring = Logged(*where, rule)
            case WiringConfirmed():
                self.confirmed[rule.icp, rule.version, rule.system] = Logged(*where, rule)

    def _take_load(self, value: bytes | None, offset: int, timestamp: int) -> None:
        load = read_fit_load(value)
        if isinstance(load, Refusal):
            self.unreadable.append(UnreadableRule(offset, load.detail))
        else:
            self.load = Logged(offset, timestamp, load)

    async def knows(self, offset: int, end: End) -> bool:
        """Whether what is in force, from `offset`, is of this topic: also where that is behind what was read so far. If
        not, the topic was made anew since.
        """
        return offset < self.end or offset < await end()

    def icps_in_force(self) -> dict[str, Logged[IcpVersion]]:
        """ICP -> its version, of those that `current/icp` names and the topic has."""
        named = self.current_icps.rule.icps if self.current_icps else ()
        return {one.icp: self.icps[one] for one in named if one in self.icps}

    def scoring_in_force(self) -> Logged[ScoringVersion] | None:
        """The file that `current/scoring` names; None where there is none, or the topic does not have it."""
        return None if self.current_scoring is None else self.scorings.get(self.current_scoring.rule.config_version)

    def missing(self) -> Iterator[str]:
        """What `current` names and the topic does not have, in words."""
        for one in self.current_icps.rule.icps if self.current_icps else ():
            if one not in self.icps:
                yield f"version {one.version} of ICP {one.icp} is to be in force, but the topic of rules lacks it"
        if self.current_scoring is not None and self.scoring_in_force() is None:
            named = self.current_scoring.rule.config_version
            yield f"the scoring file {named} is to be in force, but the topic of rules lacks it"

    def versions(self, icp: str) -> list[Logged[IcpVersion]]:
        """All that is known of an ICP, oldest first."""
        return sorted(one for one in self.icps.values() if one.rule.named.icp == icp)
