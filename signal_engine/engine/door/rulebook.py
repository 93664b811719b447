"""The ICPs and the fit table by which the door decides: those in force in the generation that is served."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.ports.store import Generations
from signal_engine.wire.storage.in_force import IcpInForce, TopicsInForce


class DoorRules(NamedTuple):
    """What is in force for a few accounts."""

    icps: Sequence[IcpInForce]
    fits: Mapping[str, Fit | None]
    """None: the account is in no accounts file."""


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """`engine.door.door.RulesSource`, of the store."""

    generations: Generations
    partitioner: Callable[[int], Callable[[str], int]]
    """Number of partitions -> account -> partition."""
    partitions: Callable[[], Awaitable[int]]
    """The number of partitions of Kafka's topics, for a store that no worker has used yet."""

    async def look(self, accounts: Sequence[str]) -> DoorRules:
        """See `engine.door.door.RulesSource`."""
        number = await self.generations.current() or 0
        controls = self.generations.controls(number)
        topics = await controls.read(TOPICS)
        partitions = TopicsInForce.decode(topics).partitions if topics else await self.partitions()
        versions = FitVersions(
            self.generations.store(number),
            controls,
            self.generations.fit_changes(number),
            partitions,
            self.partitioner(partitions),
        )
        in_force = await versions.in_force()
        fits = {account: await versions.fit(account) for account in accounts}
        return DoorRules(in_force.icps if in_force else (), fits)
