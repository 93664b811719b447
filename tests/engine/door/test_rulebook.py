"""The rules by which the door decides: of the generation that is served, or of the one that is built after a loss."""

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.store import MemoryGenerations
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.door.rulebook import RulesInForce
from signal_engine.engine.ports.controls import FIT, FIT_VERSION
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce
from tests.build import ACME, T0, fit

PARTITIONS, NEW = 3, 5
SAAS = IcpInForce("saas", 1, "Dana", "dana@example.com", "2027-01-01")


async def partitions() -> int:
    return PARTITIONS


def rules(generations: MemoryGenerations) -> RulesInForce:
    return RulesInForce(generations, partitioner, partitions)


async def in_force(generations: MemoryGenerations, generation: int) -> None:
    table = FitInForce(1, T0, 1, (SAAS,), ())
    assert await generations.controls(generation).replace(FIT, None, table.encode())


async def decided(generations: MemoryGenerations, generation: int, who: Fit) -> None:
    reads = [TopicRead(FIT_VERSION, 0, 1)]
    fits = {who.account: fit_rows.encode(who)}
    number = partitioner(PARTITIONS)(who.account)
    await generations.store(generation).apply(Transaction(partition=number, counter=0, reads=reads, fits=fits))


async def test_while_a_store_that_lost_everything_is_filled_again_what_is_not_decided_is_said_to_be() -> None:
    generations = MemoryGenerations(MemoryServer(lambda: T0))
    assert (await rules(generations).rules_for([ACME])).undecided == [ACME], "emptied a moment ago, or never used"
    building = Building(NEW, ends={}, needs_fit=True, moved=False, began_at=T0)
    assert await generations.begin(None, building)
    assert (await rules(generations).rules_for([ACME])).undecided == [ACME]
    await in_force(generations, NEW)
    known = await rules(generations).rules_for([ACME])
    assert (known.icps, known.undecided) == ((SAAS,), [ACME]), "its partition has not taken the table over"
    await decided(generations, NEW, fit())
    known = await rules(generations).rules_for([ACME])
    assert (known.fits, list(known.undecided)) == ({ACME: fit()}, [])


async def test_while_another_generation_is_built_the_one_that_is_served_decides() -> None:
    generations = MemoryGenerations(MemoryServer(lambda: T0))
    assert await generations.swap(None, 0)
    assert list((await rules(generations).rules_for([ACME])).undecided) == [], "nobody ever loaded accounts"
    await in_force(generations, 0)
    await decided(generations, 0, fit())
    assert await generations.begin(0, Building(NEW, ends={}, needs_fit=True, moved=False, began_at=T0))
    known = await rules(generations).rules_for([ACME])
    assert (known.icps, known.fits, list(known.undecided)) == ((SAAS,), {ACME: fit()}, [])
