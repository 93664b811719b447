"""Whether a published ICP has reached the systems downstream: the fields and audiences that `sync` writes, and the work
of people that the engine cannot see.

A rule that changes no system is a slide. So each version in force is given 60 days to change five of the seven.
"""

from collections.abc import Sequence
from typing import Final, Literal, NamedTuple, get_args

from signal_engine.core.rules.instants import DAY

Downstream = Literal[
    "crm_fields",
    "crm_routing",
    "paid_audience",
    "cadence_list",
    "content_plan",
    "enablement_plays",
    "win_loss_targets",
]
DOWNSTREAMS: Final[tuple[Downstream, ...]] = get_args(Downstream)
"""In the order in which people read them."""
WiringStatus = Literal["green", "amber", "red"]
_TIME_TO_CHANGE: Final = 60 * DAY
"""ms from the publication of a version."""
ENOUGH_CHANGED: Final = 5
"""Systems of `DOWNSTREAMS`."""


class VersionInForce(NamedTuple):
    """A version of an ICP that is in force by a publication."""

    icp: str
    version: int
    at: int
    """When (ms) it was published."""


class SeenChange(NamedTuple):
    """What a version changed in a system that `sync` writes to."""

    icp: str
    version: int
    downstream: Downstream
    sink: str
    """Its name in the sync file."""
    added: int
    """Accounts."""
    removed: int
    first_at: int
    """ms."""
    last_at: int
    """ms."""


class Confirmation(NamedTuple):
    """What a person says of a system that the engine cannot see."""

    icp: str
    version: int
    downstream: Downstream
    by: str
    """E-mail."""
    note: str
    at: int
    """When (ms) it was said."""


class WiringFacts(NamedTuple):
    """What is known of the systems downstream."""

    published: Sequence[VersionInForce] = ()
    seen: Sequence[SeenChange] = ()
    """Of any version."""
    confirmed: Sequence[Confirmation] = ()
    """Of any version; one at most a version and system."""


NO_WIRING: Final = WiringFacts()


class DownstreamChange(NamedTuple):
    """What one version changed in one system."""

    downstream: Downstream
    seen: tuple[SeenChange, ...]
    """Of each sink that changed it."""
    confirmed: Confirmation | None

    @property
    def first_at(self) -> int | None:
        """When (ms) it first changed, as far as the engine saw it or a person said so; None: not yet."""
        return min(self._instants(first=True), default=None)

    @property
    def last_at(self) -> int | None:
        """The same of the last change."""
        return max(self._instants(first=False), default=None)

    def _instants(self, *, first: bool) -> list[int]:
        said = [] if self.confirmed is None else [self.confirmed.at]
        return [*(one.first_at if first else one.last_at for one in self.seen), *said]


class VersionWiring(NamedTuple):
    """How far one version has reached the systems downstream."""

    published: VersionInForce
    due_at: int
    """ms: from then on it has had its time."""
    changes: tuple[DownstreamChange, ...]
    """One of each of `DOWNSTREAMS`, in their order."""
    in_time: int
    """Systems that changed before `due_at`."""
    status: WiringStatus
    """`green`: enough have changed in time. `amber`: not yet, and there is time. `red`: not enough in time; a change
    after `due_at` does not mend it."""


def wiring_of(published: VersionInForce, facts: WiringFacts, now: int) -> VersionWiring:
    """How far a version has come at `now` (ms)."""
    due_at = published.at + _TIME_TO_CHANGE
    changes = tuple(_change(published, downstream, facts) for downstream in DOWNSTREAMS)
    in_time = sum(one.first_at is not None and one.first_at < due_at for one in changes)
    return VersionWiring(published, due_at, changes, in_time, _status(in_time, due_at, now))


def _status(in_time: int, due_at: int, now: int) -> WiringStatus:
    if in_time >= ENOUGH_CHANGED:
        return "green"
    return "amber" if now < due_at else "red"


def _change(published: VersionInForce, downstream: Downstream, facts: WiringFacts) -> DownstreamChange:
    its = published.icp, published.version, downstream
    seen = (one for one in facts.seen if (one.icp, one.version, one.downstream) == its)
    said = (one for one in facts.confirmed if (one.icp, one.version, one.downstream) == its)
    return DownstreamChange(downstream, tuple(one for one in seen if one.added or one.removed), next(said, None))
