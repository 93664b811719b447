"""The ICPs and the fit table by which the door decides: those in force in the generation that is served.

Where none is, since Redis has lost everything, those of the one that is built; it decides account by account.
"""

from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.aliases import NO_ALIASES
from signal_engine.engine.context.aliases import aliases_in_force
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.ports.controls import TOPICS
from signal_engine.engine.ports.store import Generations
from signal_engine.wire.storage.in_force import IcpInForce, TopicsInForce


class DoorRules(NamedTuple):
    """What is in force for a few accounts."""

    icps: Sequence[IcpInForce]
    fits: Mapping[str, Fit | None]
    """Of the accounts that are meant; None: the account is in no accounts file, or undecided."""
    undecided: Collection[str] = ()
    """Those of which the generation does not know yet whether they are in a file."""
    aliases: Mapping[str, str] = NO_ALIASES.owners()
    """Those of the accounts asked for that are aliases -> the account that is meant."""


@dataclass(frozen=True, slots=True)
class RulesInForce:
    """`engine.door.door.RulesSource`, of the store."""

    generations: Generations
    partitioner: Callable[[int], Callable[[str], int]]
    """Number of partitions -> account -> partition."""
    partitions: Callable[[], Awaitable[int]]
    """The number of partitions of Kafka's topics, for a store that no worker has used yet."""

    async def rules_for(self, accounts: Sequence[str]) -> DoorRules:
        """See `engine.door.door.RulesSource`."""
        marks = await self.generations.marks()
        number = marks.worked_on or 0 if marks.served is None else marks.served
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
        known = await aliases_in_force(controls)
        aliases = {account: meant for account in accounts if (meant := known.latest(account)) != account}
        names = {aliases.get(one, one) for one in accounts}
        fits = {account: await versions.fit(account) for account in names}
        undecided: Collection[str] = ()
        if marks.served is None:
            undecided = [account for account in names if not await versions.is_decided(account)]
        return DoorRules(in_force.icps if in_force else (), fits, undecided, aliases)
