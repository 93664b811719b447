"""The ranks of every half-hour of two days are kept, through restarts and other publishers, and found again."""

import orjson
import pytest

from signal_engine.core.rules.instants import MINUTE
from signal_engine.engine.ports.transaction import PUBLISHER, Transaction
from signal_engine.engine.ports.views import MAX_SNAPSHOTS, MIDNIGHT_RANKS
from signal_engine.engine.publishing.past_ranks import ranks_since, snapshot_instant
from signal_engine.engine.publishing.publisher import Publisher
from tests.build import DAY, HOUR, after, fit
from tests.engine.publishing.market import NOON, A, B, Market, X

HALF = 30 * MINUTE


async def known(market: Market, at: int) -> tuple[int, list[str]] | None:
    found = await ranks_since(market.stand.memory, at)
    if found is None:
        return None
    ranks = found.ranks["all"]
    assert sorted(ranks.values()) == [*range(1, len(ranks) + 1)]
    return found.at, sorted(ranks, key=ranks.__getitem__)


async def test_of_an_instant_the_last_half_hour_before_it_is_found_and_before_all_of_them_the_first(
    market: Market,
) -> None:
    await market.poll(NOON + 2_000)
    await market.signal(B, 70, at=NOON + 10 * MINUTE)
    await market.poll(NOON + 20 * MINUTE)
    await market.poll(NOON + HALF + 5)
    assert await known(market, NOON + HALF - 1) == (NOON, [A, X])
    for at in (NOON + HALF, NOON + 10 * HOUR):
        assert await known(market, at) == (NOON + HALF, [A, B, X])
    assert (await ranks_since(market.stand.memory, after(-3))).at == after(0), "midnight, which is kept for the arrows"  # type: ignore[union-attr]


async def test_ranks_are_kept_for_fifty_hours_in_as_many_places(market: Market) -> None:
    for number in range(2 * MAX_SNAPSHOTS + 7):
        await market.poll(NOON + number * HALF)
    last = NOON + (2 * MAX_SNAPSHOTS + 6) * HALF
    first = last - (MAX_SNAPSHOTS - 1) * HALF
    for at in range(first, last + 1, HALF):
        found = await known(market, at)
        assert found is not None
        assert found[0] == at
    found = await known(market, first - 1)
    assert found is not None
    assert found[0] == first
    views = market.stand.server.partitions["", 0, PUBLISHER].views
    assert sum(name.startswith("ranks:") for name in views) == MAX_SNAPSHOTS
    assert sum(len(view) for name, view in views.items() if name.startswith("ranks")) < 100 * MAX_SNAPSHOTS


async def test_another_publisher_goes_on_and_takes_none_again(market: Market) -> None:
    await market.poll(NOON + 2_000)
    await market.signal(B, 95, at=NOON + 3_000)
    other = Publisher(market.stand.context, 2)
    await market.poll(NOON + 4_000, publisher=other)
    assert await known(market, NOON) == (NOON, [A, X]), "as it was before the signal"
    await market.poll(NOON + HALF, publisher=other)
    for _ in range(2):  # the first publisher is refused once: it did not know what the other has published
        await market.poll(NOON + 2 * HALF)
    assert [(await known(market, NOON + number * HALF) or (0,))[0] for number in range(3)] == [
        NOON, NOON + HALF, NOON + 2 * HALF,
    ]  # fmt: skip


@pytest.mark.parametrize("point", ["before_publication", "during_publication"])
async def test_a_kill_between_two_half_hours_loses_none(market: Market, point: str) -> None:
    await market.poll(NOON + 2_000)
    await market.signal(B, 95, at=NOON + HALF - 1)
    market.stand.context.reached = lambda reached: (_ for _ in ()).throw(SystemExit) if reached == point else None
    with pytest.raises(SystemExit):
        await market.poll(NOON + HALF + 2_000)
    market.stand.context.reached = lambda _: None
    await market.signal(B, 95, at=NOON + HALF + 3_000, kind_="hiring")
    await market.poll(NOON + HALF + 4_000, publisher=Publisher(market.stand.context, 2))
    assert await known(market, NOON) == (NOON, [A, X])
    assert await known(market, NOON + HALF) == (NOON + HALF, [B, A, X])


async def test_what_has_not_been_read_up_to_is_not_kept(market: Market) -> None:
    await market.poll(NOON + HALF + 60_000, read_until=NOON + HALF - 1)
    assert (await known(market, NOON + HOUR) or (0,))[0] == NOON
    await market.poll(NOON + HALF + 61_000, read_until=NOON + HALF)
    assert (await known(market, NOON + HOUR) or (0,))[0] == NOON + HALF


async def new() -> Market:
    """One that has published nothing yet."""
    market = await Market().begin(fit(account=A), fit(account=X))
    await market.signal(A, 90)
    await market.signal(X, 60)
    return market


async def test_nothing_is_known_before_the_first() -> None:
    market = await new()
    assert await known(market, NOON) is None
    await market.poll(NOON, read_until=after(-1))
    assert (await known(market, NOON) or (0,))[0] == after(-1)


async def test_the_midnight_that_an_older_release_kept_is_read() -> None:
    market = await new()
    counter = (await market.stand.memory.positions(PUBLISHER)).counter
    kept = orjson.dumps({"at": after(0), "ranks": {"all": {X: 1, A: 2}, "saas": {X: 1}}})
    await market.stand.memory.apply(Transaction(partition=PUBLISHER, counter=counter, views={MIDNIGHT_RANKS: kept}))
    assert await known(market, NOON) == (after(0), [X, A])
    await market.poll(NOON + 2_000)
    assert [entry["previous_rank"] for entry in market.served()["entries"]] == [2, 1]
    assert await known(market, NOON - 1) == (after(0), [X, A])
    assert await known(market, NOON) == (NOON, [A, X])


async def test_a_clock_that_was_far_ahead_and_comes_back_keeps_nothing_again_and_again(market: Market) -> None:
    await market.poll(NOON + 9 * DAY)
    before = (await market.stand.memory.positions(PUBLISHER)).counter
    await market.poll(NOON + 60_000)
    published = (await market.stand.memory.positions(PUBLISHER)).counter
    await market.poll(NOON + 60_001)
    assert (await market.stand.memory.positions(PUBLISHER)).counter == published >= before
    assert snapshot_instant(NOON + 60_000) == NOON
