"""The fit table is not in Kafka: whatever else of a partition is damaged, a rebuild takes the rows that are whole."""

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.engine.fit.handover import copy_fit
from signal_engine.engine.partition.damage import fit_is_whole
from signal_engine.engine.ports.controls import FIT, FIT_VERSION
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import T0, fit

KEYS = Keys.of("", 0, 0)
A, B = (fit_rows.encode(fit(account=name)) for name in ("a.com", "b.com"))
DAMAGED = {
    "the head is missing": [("DEL", KEYS.head)],
    "the head is of another type": [("DEL", KEYS.head), ("SET", KEYS.head, "somebody else's")],
    "the head holds no number": [("HSET", KEYS.head, "counter", "somebody else's")],
    "the states are of another type": [("DEL", KEYS.states), ("SET", KEYS.states, "somebody else's")],
}
LOST = {
    "missing": [("DEL", KEYS.fits)],
    "of another type": [("DEL", KEYS.fits), ("SET", KEYS.fits, "somebody else's")],
}


@pytest.fixture
async def generations(channel: Channel) -> RedisGenerations:
    """One partition that has taken over a row; another row is on its way."""
    made = RedisGenerations(channel)
    first = Transaction(
        partition=0, counter=0, fits={"a.com": A}, states={"a.com": b"1"}, reads=[TopicRead(FIT_VERSION, 0, 1)]
    )
    await made.store(0).apply(first)
    await made.fit_changes(0).write(0, 2, {"b.com": B})
    await made.controls(0).replace(FIT, None, FitInForce(2, T0, 2, (), ()).encode())
    return made


@pytest.mark.parametrize("what", DAMAGED)
async def test_rows_that_are_whole_go_with_a_rebuild(
    channel: Channel, generations: RedisGenerations, what: str
) -> None:
    await channel.calls(DAMAGED[what])
    assert await fit_is_whole(generations.store(0), generations.controls(0), 1)
    assert await copy_fit(generations, 0, 7, 1, lambda _: 0) is not None
    assert (await generations.fit_changes(7).read(0, 2)).rows == {"a.com": A, "b.com": B}


@pytest.mark.parametrize("how", LOST)
@pytest.mark.parametrize("what", DAMAGED)
async def test_rows_that_are_lost_too_are_told(
    channel: Channel, generations: RedisGenerations, what: str, how: str
) -> None:
    await channel.calls([*DAMAGED[what], *LOST[how]])
    assert not await fit_is_whole(generations.store(0), generations.controls(0), 1)
