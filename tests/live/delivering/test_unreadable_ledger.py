"""Documents of the ledger that somebody wrote over while `notify` runs: named in the log, kept, and no end to it."""

from signal_engine.adapters.redis.connecting.channel import Channel
from testing.notify import an_alert, routes_to, webhook_receiver
from tests.live.delivering.test_notify import WITHIN_S, arrived, live, notify, produced
from tests.live.engine import Engine

__all__ = ["live"]  # a fixture


async def test_positions_counts_and_notes_that_cannot_be_read_end_no_process_and_nothing_is_sent_twice(
    live: Engine,
) -> None:
    async with webhook_receiver() as receiver, Channel(live.redis_url) as channel:
        live.set(ROUTES=str(routes_to(live.folder, {"ops": receiver.url})))
        process = notify(live)
        await process.started()
        first = await produced(live, [an_alert(f"a{number}.com") for number in range(8)])
        await arrived(live, receiver, first)
        root = f"{live.prefix}deliveries:"
        for partition in range(live.partitions):
            for part in ("counts", "notes"):
                for field in await channel.call("HKEYS", f"{root}{{{partition}}}:{part}"):
                    await channel.call("HSET", f"{root}{{{partition}}}:{part}", field, "{")
            await channel.call("HSET", f"{root}{{{partition}}}:head", "position", "x")

        async def named() -> bool:
            return process.words().count("ledger_key_unreadable") == live.partitions

        await live.until(named, WITHIN_S, "the positions were not named")
        assert await channel.call("HGET", f"{root}{{0}}:unreadable_head", "position") == b"x"
        later = await produced(live, [an_alert(f"b{number}.com") for number in range(8)])
        await arrived(live, receiver, later)
        assert sorted(receiver.came.values()) == [1] * len(first | later)
        assert process.end() == 0


async def test_keys_of_another_type_end_no_process_and_nothing_is_sent_twice(live: Engine) -> None:
    parts = ("head", "counts", "notes", "finished", "looks:ops")
    async with webhook_receiver() as receiver, Channel(live.redis_url) as channel:
        live.set(ROUTES=str(routes_to(live.folder, {"ops": receiver.url})))
        process = notify(live)
        await process.started()
        first = await produced(live, [an_alert(f"a{number}.com") for number in range(8)])
        await arrived(live, receiver, first)
        root = f"{live.prefix}deliveries:"
        for partition in range(live.partitions):
            await channel.calls([("SET", f"{root}{{{partition}}}:{part}", "x") for part in parts])
        later = await produced(live, [an_alert(f"b{number}.com") for number in range(8)])
        await arrived(live, receiver, later)

        async def named() -> bool:
            return process.words().count("ledger_key_unreadable") >= live.partitions * (len(parts) - 1)

        await live.until(named, WITHIN_S, "the keys were not named")
        assert await channel.call("GET", f"{root}{{0}}:unreadable_head") == b"x"
        assert sorted(receiver.came.values()) == [1] * len(first | later)
        assert process.end() == 0
