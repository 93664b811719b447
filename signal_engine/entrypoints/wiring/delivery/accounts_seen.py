"""What is known of accounts beside their alerts, out of the generation that is served."""

from collections.abc import Callable

from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.core.delivery.answering import ActionsSeen, actions_seen
from signal_engine.core.rules.instants import SECOND
from signal_engine.core.rules.policy import HOT
from signal_engine.engine.ports.controls import FIT
from signal_engine.engine.ports.delivery.alert_topic import WhyItFits
from signal_engine.engine.ports.store import Loaded
from signal_engine.engine.sync.activity import SalesActivity
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.wire.storage import actions, fit_rows, state
from signal_engine.wire.storage.in_force import FitInForce

_LOOK_MS = 5 * SECOND
"""For so long what was served still counts as served."""


class ServedAccounts:
    """`engine.ports.delivery.alert_topic.AccountsSeen`."""

    def __init__(
        self, generations: RedisGenerations, partition_of: Callable[[str], int], activity: SalesActivity
    ) -> None:
        """`partition_of`: account -> partition of its signals."""
        self._generations = generations
        self._activity = activity
        self._partition_of = partition_of
        self._generation = 0
        self._looked_at: int | None = None
        self._buying_groups: dict[tuple[str, int], tuple[str, ...]] = {}
        """ICP and version -> its buying group, of those in force."""

    async def seen(self, account: str, now: int) -> ActionsSeen:
        """See `AccountsSeen`. Of mutes, the latest 20 actions are known."""
        loaded = await self._load(account, now)
        kept, quiet = actions.decode(loaded.actions[0]), _is_quiet(loaded.states[0])
        active_at, read_at = await self._activity.of(account)
        seen = actions_seen(kept.in_force, kept.log.latest, now, quiet=quiet)
        return seen._replace(active_at=active_at, read_at=read_at)

    async def why_it_fits(self, account: str, icp: str, version: int) -> WhyItFits:
        """See `AccountsSeen`."""
        row = (await self._load(account, clock())).fits[0]
        group = self._buying_groups.get((icp, version), ())
        try:
            decision = None if row is None else fit_rows.decode(row).by(icp)
        except fit_rows.UnknownRowVersion:  # a message without reasons is better than none
            decision = None
        return WhyItFits(() if decision is None or decision.version != version else decision.reasons, group)

    async def _load(self, account: str, now: int) -> Loaded:
        if self._looked_at is None or now - self._looked_at >= _LOOK_MS:
            generation = await self._generations.current() or 0
            stored = await self._generations.controls(generation).read(FIT)
            icps = () if stored is None else FitInForce.decode(stored).icps
            self._buying_groups = {(icp.icp, icp.version): icp.buying_group for icp in icps}
            self._generation, self._looked_at = generation, now
        return await self._generations.store(self._generation).load(self._partition_of(account), [account])


def _is_quiet(stored: bytes | None) -> bool:
    """Whether an account is known, and not hot. A state of another version says nothing."""
    try:
        return stored is not None and state.decode(stored).level != HOT
    except state.UnknownStateVersion:
        return False
