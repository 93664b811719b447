"""A publisher that starts: what it reads back of what was told, and the ranks of yesterday."""

import json

from signal_engine.engine.ports.transaction import PUBLISHER
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import DAY, HOUR, T0, after, fit
from tests.engine.publishing.market import NOON, A, B, C, Market, X
from tests.engine.stand import TOPICS, FakeOutput


class TestAPublisherThatKnowsNothing:
    """In a new generation: what was told is read back from the topics."""

    async def started_over(self, market: Market) -> Market:
        """The same topics, and a store that holds nothing but what signals make."""
        await market.signal(B, 70)
        await market.poll(NOON + 2_000)
        await market.sent()
        new = await Market().begin(fit(account=A), fit(account=X), fit(account=B))
        new.stand.producer = new.stand.context.producer = market.stand.producer
        new.stand.context.output = FakeOutput(new.stand)
        return new

    async def test_only_who_left_gets_a_tombstone(self, market: Market) -> None:
        new = await self.started_over(market)
        await new.signal(A, 90)
        await new.signal(C, 99)
        await new.poll(NOON + 4_000)
        gone = [key for _, key, value in await new.sent() if value is None]
        assert gone == ["all/b.com", "all/xeno.com", "saas/b.com", "saas/xeno.com"]
        await new.poll(NOON + 6_000)
        assert await new.sent() == []

    async def test_versions_rise_whatever_the_clock_does(self, market: Market) -> None:
        new = await self.started_over(market)
        await new.signal(A, 90)
        await new.poll(NOON - HOUR)
        assert new.served()["version"] == market.served()["version"] + 1

    async def test_also_above_what_was_served_and_not_sent(self, market: Market) -> None:
        new = await self.started_over(market)
        served = {**market.served(), "version": NOON + DAY}
        await new.stand.controls.serve("all", NOON + DAY, json.dumps(served).encode())
        await new.signal(A, 90)
        await new.poll(NOON + 4_000)
        assert new.served()["version"] == NOON + DAY + 1

    async def test_what_was_served_and_not_sent_is_put_right_at_once(self, market: Market) -> None:
        """A worker died in between; nothing has changed since what was sent, so it would be told after a minute."""
        new = await self.started_over(market)
        for account, points in ((A, 90), (X, 60), (C, 99), (B, 70)):
            await new.signal(account, points, at=NOON)
        for name in ("all", "saas"):
            await new.stand.controls.serve(
                name, market.served(name)["version"], json.dumps(market.served(name)).encode()
            )
        nobody = {**market.served("saas"), "version": NOON + 2_200, "entries": []}
        await new.stand.controls.serve("saas", NOON + 2_200, json.dumps(nobody).encode())
        assert await new.poll(NOON + 2_500) == {"saas"}
        assert new.listed("saas") == [A, B, X]
        assert {key for topic, key, _ in await new.sent() if topic == TOPICS.lists} == {"saas"}

    async def test_what_nobody_serves_is_told_at_once_and_what_is_served_as_ever(self, market: Market) -> None:
        new = await self.started_over(market)
        for account, points in ((A, 90), (X, 60), (B, 70)):
            await new.signal(account, points, at=NOON)
        assert await new.poll(NOON + 2_500) == {"all", "saas"}
        await new.sent()
        del new.stand.server.partitions["", 0, PUBLISHER]
        assert await new.poll(NOON + 3_000, publisher=Publisher(new.stand.context, 2)) == set(), "nothing has changed"

    async def test_a_list_whose_profile_is_gone_is_retired_with_all_its_entries(self, market: Market) -> None:
        new = await self.started_over(market)
        new.stand.context.fit = FitInForce(1, T0, 4, (), ())
        await new.poll(NOON + 4_000)
        gone = {key for _, key, value in await new.sent() if value is None}
        assert {"saas", "saas/a.com", "saas/b.com", "saas/xeno.com"} <= gone


class TestYesterdaysRanks:
    """`previous_rank` is the rank at the last 00:00 UTC."""

    async def test_they_are_those_of_midnight_all_day_and_after_a_restart(self, market: Market) -> None:
        await market.poll(after(1))
        await market.signal(B, 95, at=after(1.1))
        for publisher in (market.publisher, Publisher(market.stand.context, 2)):
            await market.poll(after(1.2), publisher=publisher)
            ranks = {e["account_id"]: (e["rank"], e["previous_rank"]) for e in market.served()["entries"]}
            assert ranks == {B: (1, None), A: (2, 1), X: (3, 2)}
            market.stand.now += 60_000
        for _ in range(2):  # the first one is refused: it did not know what the other has published
            await market.poll(after(2))
        assert [e["previous_rank"] for e in market.served()["entries"]] == [1, 2, 3]

    async def test_of_a_midnight_that_has_not_been_read_up_to_nothing_is_known(self, market: Market) -> None:
        await market.poll(after(1.5), read_until=after(0.9))
        assert [e["previous_rank"] for e in market.served()["entries"]] == [None, None]
        await market.poll(after(1.5) + 60_000)
        assert [e["previous_rank"] for e in market.served()["entries"]] == [1, 2]
