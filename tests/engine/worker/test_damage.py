"""A worker notices within seconds that its store does not hold what its steps wrote, and goes no further."""

import asyncio
from typing import Any

import pytest

from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.engine.partition.damage import FITS, damages_of, fit_is_whole, note_begun
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.store import HEAD, Damaged
from signal_engine.engine.ports.transaction import PUBLISHER, Outbox, Outgoing, Transaction, parts
from signal_engine.engine.worker.live_engine import LiveEngine
from tests import build
from tests.engine.stand import HIRING, INTENT, Rec, Stand, event_bytes, fetch, until
from tests.transactions.places import MemoryPlace

FULL = Transaction(
    partition=1,
    counter=0,
    states={"gone.com": None},
    fits={"gone.com": None},
    due={"gone.com": None},
    views={"somebody's": b"1"},
    ranks={"all": {"x.com": 1.0}},
    counts={"received": 1},
    outbox={Outbox.ALERTS: [Outgoing("alerts", "x.com", b"{}")]},
)


class Quiet:
    async def poll(self, now: int) -> None:
        pass


@pytest.fixture
async def stand() -> Stand:
    stand = Stand()
    await stand.memory.apply(FULL)
    return stand


def place(stand: Stand) -> MemoryPlace:
    found = MemoryPlace()
    found.server = stand.server
    return found


async def fails(engine: LiveEngine) -> Damaged:
    """What ends the engine."""
    with pytest.raises(Damaged) as caught:
        async with asyncio.timeout(30):
            await engine.failed()
    await engine.stop()
    return caught.value


@pytest.mark.parametrize("part", [HEAD, *(part for part in parts(FULL) if part not in {"states", "fits", "due"})])
async def test_what_goes_missing_under_a_running_worker_ends_it(stand: Stand, part: str) -> None:
    engine = stand.engine(Quiet())
    await engine.start()
    await engine.take([1])
    await place(stand).lose(1, part)
    damaged = await fails(engine)
    assert damaged.partition == 1
    assert part in [damage.part for damage in damaged.damages]


@pytest.mark.parametrize("part", [HEAD, *parts(FULL)])
async def test_what_went_missing_while_nobody_ran_is_noticed_when_the_partition_is_taken(
    stand: Stand, part: str
) -> None:
    await place(stand).lose(1, part)
    engine = stand.engine(Quiet())
    await engine.start()
    assert await engine.take([1]) == [], "nothing is read"
    assert part in [damage.part for damage in (await fails(engine)).damages]


async def test_a_batch_on_a_damaged_partition_is_not_applied(stand: Stand) -> None:
    partition = await stand.partition(1)
    await place(stand).lose(1, "counts")
    with pytest.raises(Damaged, match="counts"):
        await process_batch(
            stand.context, partition, fetch(Rec(0, build.T0, event_bytes(account="x.com")), partition=1)
        )
    assert (await stand.memory.positions(1)).topics == {}


async def test_a_partition_of_which_nothing_is_left_is_told_from_one_never_begun(stand: Stand) -> None:
    engine = stand.engine(Quiet())
    await engine.start()
    await engine.take([1])
    await until(lambda: any(name == "partition:1" for _, _, name in stand.server.documents))
    del stand.server.partitions["", 0, 1]
    assert "all else" in str(await fails(engine))
    again = stand.engine(Quiet())
    await again.start()
    assert await again.take([1]) == []
    await fails(again)


async def test_the_publisher_notices_its_own(stand: Stand) -> None:
    record = Outgoing("priority.lists", "all", b"{}")
    lists = {Outbox.LISTS: [record]}
    await stand.memory.apply(Transaction(partition=PUBLISHER, counter=0, views={"lists": b"[]"}, outbox=lists))
    engine = stand.engine(Quiet())
    await engine.start()
    await engine.take([0])
    await place(stand).lose(PUBLISHER, "views")
    assert (await fails(engine)).partition == PUBLISHER


async def test_a_step_of_another_writer_is_no_damage(stand: Stand) -> None:
    engine = stand.engine(Quiet())
    await engine.start()
    await engine.take([1])
    counter = (await stand.memory.positions(1)).counter
    await stand.memory.apply(Transaction(partition=1, counter=counter, counts={"of somebody else": 1}))
    engine.receive(fetch(Rec(0, build.T0, event_bytes(account="x.com")), partition=1))
    await until(lambda: "transaction_refused" in stand.event_log.words)
    engine.receive(fetch(Rec(0, build.T0, event_bytes("hiring", account="x.com")), topic=HIRING, partition=1))
    await until(lambda: stand.data(1).topics.get(HIRING) == 1)
    assert INTENT not in stand.data(1).topics
    await engine.stop()


LOST: dict[str, tuple[str, ...]] = {
    "nothing": (),
    "another part": ("states",),
    "the head: the rows themselves are there, with their mark": (HEAD,),
    "the rows": (FITS,),
    "the head and the rows": (HEAD, FITS),
}


@pytest.mark.parametrize("what", LOST)
async def test_a_fit_table_is_taken_from_a_damaged_store_only_where_its_rows_are_all_there(
    stand: Stand, what: str
) -> None:
    controls: Any = MemoryControls(stand.server)
    for part in LOST[what]:
        await place(stand).lose(1, part)
    assert await fit_is_whole(stand.memory, controls, 2) is (FITS not in LOST[what])


async def test_a_partition_that_was_begun_and_is_gone_has_lost_its_rows_too(stand: Stand) -> None:
    assert await damages_of(stand.memory, stand.controls, 0) == []
    await note_begun(stand.controls, 0)
    assert [damage.part for damage in await damages_of(stand.memory, stand.controls, 0)] == [HEAD, FITS]
    assert not await fit_is_whole(stand.memory, stand.controls, 2)
