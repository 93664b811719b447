"""What a scenario is, and what a run of it says."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from faults.harness.stage import Stage


class Verdict(NamedTuple):
    """What the judge found, in records and alerts."""

    received: int
    """Records in the signal topics, copies that the engine itself sent on left out."""
    lost: int = 0
    """Events that should have been applied and were not, alerts that should have been sent and were not."""
    doubled: int = 0
    """Events applied twice, alerts sent that should not have been or that were there twice and differed."""
    repeats: int = 0
    """Alerts that were there again byte for byte, as around a kill they may be."""
    differs: tuple[str, ...] = ()
    """What else was not as in the replay."""

    @property
    def good(self) -> bool:
        """Nothing lost, nothing doubled, nothing else."""
        return not (self.lost or self.doubled or self.differs)


@dataclass(slots=True)
class Outcome:
    """What one run says: the judge's verdict and what was measured on the way."""

    verdict: Verdict
    recoveries: list[float] = field(default_factory=list)
    """Seconds until the first event was applied after a fault."""
    faults: int = 1
    """How many faults were injected."""
    measured: dict[str, Any] = field(default_factory=dict)
    """Anything else worth telling."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Scenario:
    """One way in which things break, and what must hold then."""

    name: str
    promise: str
    """What must hold, as a sentence for people."""
    fault: str
    """What is done to the engine, as a sentence for people."""
    play: Callable[[Stage], Awaitable[Outcome]]
    runs: int = 1
    """Runs in the long form."""
    short_runs: int = 1
    """Runs in the short form; 0 leaves it out."""
    within: float = 240.0
    """Seconds after which a run counts as hung."""
    accounts: int = 1_500
    """About how many accounts the market has."""
    apache: bool = False
    """Whether it needs Apache Kafka."""
    recovers_from: str = "the kill"
    """From when its recovery times are counted."""
