"""A topic of rules in memory: one list of records, for publishers and tails alike."""

import asyncio
import re
from collections.abc import Sequence
from pathlib import Path

from signal_engine.engine.ports.rules_topic import Decide, RuleRecord, TakeRules, ToPublish, Written
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.publishing import Plan, WantedIcp, to_publish
from signal_engine.engine.rules.rolling_back import with_version
from signal_engine.wire.config import icp_file, scoring_file
from signal_engine.wire.rules.record import IcpName, IcpVersion, Rule, ScoringVersion, Signed, hash_of
from tests.build import T0

ROOT = Path(__file__).parents[3]
SHIPPED = (ROOT / "config" / "scoring.yaml").read_text("utf-8")
DANA, KIM = "dana@example.com", "kim@example.com"


def signed(by: str = DANA, reason: str = "They win.") -> Signed:
    return Signed(by, reason, T0)


def icp_text(icp: str = "saas", version: int = 1, owner: str = DANA, at_least: int = 100) -> str:
    return (
        f"icp: {icp}\nversion: {version}\nowner: {{name: Somebody, email: {owner}}}\nreview_by: 2027-02-20\n"
        f"must_have:\n  employee_count: {{gte: {at_least}}}\nbase: 60\ntiers: {{A: 60}}\ndecisions: {{A: chase}}\n"
    )


def wanted_icp(
    icp: str = "saas", version: int = 1, owner: str = DANA, by: str = DANA, at_least: int = 100
) -> WantedIcp:
    text = icp_text(icp, version, owner, at_least)
    profile, _ = icp_file.parse(f"{icp}.yaml", text.encode())
    named = IcpName(icp, version, hash_of(text))
    return WantedIcp(IcpVersion(named, f"{icp}.yaml", text, signed(by)), profile.owner_email)


def scoring_text(version: int = 1, cooldown: int = 5, half_life: int | None = None) -> str:
    """The shipped scoring file, changed in what is taken over in order, and in what takes a rebuild."""
    text = with_version("scoring.yaml", SHIPPED, version)
    text = re.sub(r"^( +cooldown_days:) \d+", rf"\1 {cooldown}", text, count=1, flags=re.MULTILINE)
    if half_life is not None:
        text = re.sub(r"^( +half_life_days:) \d+", rf"\1 {half_life}", text, count=1, flags=re.MULTILINE)
    return text


def wanted_scoring(version: int = 1, by: str = DANA, **changed: int) -> ScoringVersion:
    text = scoring_text(version, **changed)
    read = scoring_file.parse("scoring.yaml", text.encode())
    return ScoringVersion(read.config_version, read.rules_hash, "scoring.yaml", text, signed(by))


class MemoryRules:
    """`RulesPublisher` and `RulesTail`."""

    def __init__(self) -> None:
        self.records: list[RuleRecord] = []
        self.trouble: list[Exception] = []
        self.tries = 0

    @property
    def log(self) -> RulesLog:
        return RulesLog.of(self.records)

    def append(self, key: str, value: bytes | None) -> int:
        offset = len(self.records) + 1  # as if there had been something before: 0 is no offset in force
        self.records.append(RuleRecord(offset, T0 + offset, key.encode(), value))
        return offset

    def write(self, *rules: Rule) -> int:
        return [self.append(rule.key, rule.encode()) for rule in rules][-1]

    def plan(self, plan: Plan) -> Sequence[Rule]:
        """Decides and writes."""
        rules = plan(self.log)
        for one in to_publish(rules):
            self.append(one.key, one.value)
        return rules

    async def publish(self, decide: Decide) -> Written | None:
        self.tries += 1
        if self.trouble:
            raise self.trouble.pop()
        records: Sequence[ToPublish] = decide(self.records)
        offsets = [self.append(one.key, one.value) for one in records]
        return Written(offsets[-1], in_transaction=True) if offsets else None

    async def end(self) -> int:
        return len(self.records) + 1

    async def run(self, take: TakeRules) -> None:
        read = 0
        while True:
            new, read = self.records[read:], len(self.records)
            if new:
                await take(new)
            await take([])
            await asyncio.sleep(0.002)
