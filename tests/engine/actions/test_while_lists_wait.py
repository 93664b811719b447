"""While partitions take over new rules no list is published, but whoever people hide leaves those that are."""

import json

import pytest

from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.ports.transaction import PUBLISHER, Outbox
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce
from tests.build import ACME, T0, fit, fit_decision
from tests.engine.actions.test_hiding_at_once import Hiding
from tests.engine.stand import TOPICS, fetch

ICPS = tuple(IcpInForce(one, 1, "Dana", "dana@example.com", "2027-01-01") for one in "ab")
BOTH = Fit(ACME, (fit_decision(fit=90.0, icp="a"), fit_decision(fit=70.0, icp="b")))


async def waiting(who: Fit | None = None, icps: tuple[IcpInForce, ...] = ()) -> Hiding:
    """A published list, and a fit table that the partition has not taken over."""
    hiding = await Hiding().begin(who)
    hiding.stand.context.fit = FitInForce(1, T0, 1, icps, ())
    assert await hiding.listed() == [ACME]
    hiding.stand.context.fit = FitInForce(2, T0, 1, icps, ())
    return hiding


async def told(hiding: Hiding) -> list[tuple[str, bool]]:
    """Key, and whether it is a tombstone, of what waits in the outbox of lists."""
    waits = await hiding.stand.memory.waiting(PUBLISHER, Outbox.LISTS, 100)
    return [(one.record.key, one.record.value is None) for one in waits]


@pytest.mark.parametrize("applied", [False, True])
async def test_who_is_hidden_leaves_the_lists_while_a_fit_table_rolls_out(applied: bool) -> None:
    hiding = await waiting()
    version = json.loads(await hiding.stand.controls.served(ALL) or b"")["version"]
    assert await hiding.listed() == [ACME], "lists wait"
    before = await told(hiding)
    async with hiding.tailing():
        kill = hiding.record("kill")
        if applied:  # before the publisher saw that it was seen
            fetched = fetch(kill, topic=TOPICS.actions, start=0)
            assert await process_batch(hiding.stand.context, hiding.partition, fetched) == []
        else:
            await hiding.sees(kill)
        assert await hiding.listed() == []
        after = json.loads(await hiding.stand.controls.served(ALL) or b"")
        assert after["version"] > version
        assert (await told(hiding))[len(before) :] == [(ALL, False), (f"{ALL}/{ACME}", True)]
        told_once = await told(hiding)
        assert await hiding.listed() == []
        assert await told(hiding) == told_once, "it is taken off once"


async def test_lists_go_on_from_the_shorter_one_also_with_another_publisher() -> None:
    hiding = await waiting()
    async with hiding.tailing():
        await hiding.sees(hiding.record("kill"))
        assert await hiding.listed() == []
        shorter = json.loads(await hiding.stand.controls.served(ALL) or b"")["version"]
        hiding.publisher = Publisher(hiding.stand.context, 1)
        assert await hiding.listed() == []
        await hiding.sees(hiding.record("restore"))
        assert await hiding.listed() == [], "nobody comes back while lists wait"
        hiding.stand.context.fit = FitInForce(1, T0, 1, (), ())
        assert await hiding.listed() == [ACME]
        assert json.loads(await hiding.stand.controls.served(ALL) or b"")["version"] > shorter


async def test_a_kill_for_one_icp_leaves_the_list_of_that_one_alone() -> None:
    hiding = await waiting(BOTH, ICPS)
    assert await hiding.listed("b") == [ACME]
    async with hiding.tailing():
        await hiding.sees(hiding.record("kill", icp="b"))
        assert await hiding.listed("b") == []
        assert await hiding.listed("a") == [ACME]
        assert await hiding.listed() == [ACME], "the account is on it by its other ICP"


async def test_a_claim_takes_nobody_off() -> None:
    hiding = await waiting()
    async with hiding.tailing():
        await hiding.sees(hiding.record("claim", until=T0 + 10**9))
        assert await hiding.listed() == [ACME]


async def test_an_account_that_is_hidden_when_the_table_rolls_out_in_the_middle_of_a_poll_leaves_at_once() -> None:
    hiding = await Hiding().begin()
    assert await hiding.listed() == [ACME]
    context = hiding.stand.context
    async with hiding.tailing():
        await hiding.sees(hiding.record("kill"))
        find = hiding.publisher._held.of

        async def and_then(name: str, at: int):  # type: ignore[no-untyped-def]
            context.fit = FitInForce(2, T0, 1, (), ())
            return await find(name, at)

        hiding.publisher._held.of = and_then  # type: ignore[method-assign]
        assert await hiding.listed() == []


async def test_without_actions_nobody_is_taken_off() -> None:
    hiding = await waiting(fit())
    hiding.stand.context.takes_actions = False
    assert await hiding.listed() == [ACME]
