"""Whoever calls Redis for ever ends after one cancellation, whenever it comes."""

import asyncio

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel

_WITHIN_S = 5.0


@pytest.mark.parametrize("turns", range(24))
async def test_a_loop_of_calls_ends_after_its_only_cancellation(valkey_url: str, turns: int) -> None:
    async with Channel(valkey_url) as channel:
        called = asyncio.Event()

        async def for_ever() -> None:
            while True:
                await channel.call("PING")
                called.set()

        task = asyncio.create_task(for_ever())
        await called.wait()
        for _ in range(turns):  # of the loop: the cancellation comes at every step of a call
            await asyncio.sleep(0)
        task.cancel()
        ended, _ = await asyncio.wait([task], timeout=_WITHIN_S)
        task.cancel()  # so that a failure leaves nothing behind
        assert ended
        assert task.cancelled()
