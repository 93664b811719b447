"""CPU and memory of Redis for transactions whose past signals are written in several ways.

    python -m bench.history [--load hot,wide,five] [--events N] [--rounds N] [--json FILE]

The engine judges the events of a load in this process; its transactions are then written to a Redis of its own (the
installed one, else Valkey), with an append-only file, in turn by each way. Medians of the rounds count.
"""

import asyncio
import dataclasses
import json
import shutil
import statistics
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from rich.console import Console
from rich.table import Table

from bench.history.layouts import LAYOUTS, Layout
from bench.live.ground import SCORING
from bench.live.loads import LOADS, Load
from bench.live.native_speed import Engine, asked, batches, fit_rows_of
from signal_engine.adapters.redis.connecting.channel import Channel, Command
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.transactions.packing import PackedTransaction, trims
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.entrypoints.wiring.inputs import read_scoring
from testing.servers.redis import RedisServer, ValkeyServer

_WHOLE: Final = "lists"
"""The way that the others are compared with."""


class Used(NamedTuple):
    """What writing the transactions took."""

    cpu: float
    """Seconds of the server's main thread."""
    memory: int
    """Bytes at the end, the server's own included."""


def main() -> None:
    """Measures, prints a table and, if asked, writes JSON."""
    options = asked(__doc__, "hot,wide,five", 100_000)
    found = {name: _measured(LOADS[name], options.events, options.rounds) for name in options.load.split(",")}
    table = Table(title=f"Redis, {options.events:,} events, {options.rounds} rounds")
    for column in ("load", "past signals", "CPU us an event", f"of {_WHOLE}", "MB"):
        table.add_column(column, justify="left" if column in ("load", "past signals") else "right")
    for load, ways in found.items():
        for way, used in ways.items():
            share = used.cpu / ways[_WHOLE].cpu
            cpu = used.cpu / options.events * 1e6
            table.add_row(load, way, f"{cpu:.2f}", f"{share:.2f}", f"{used.memory / 1e6:.1f}")
        table.add_section()
    Console(width=100).print(table)
    if options.json:
        told = {load: {way: used._asdict() for way, used in ways.items()} for load, ways in found.items()}
        options.json.write_text(json.dumps(told, indent=2) + "\n")


def _measured(load: Load, many: int, rounds: int) -> dict[str, Used]:
    engine = Engine(read_scoring(str(SCORING)).policy, fit_rows_of(load), None)
    made = [engine.step(batch) for batch in batches(load, many)]
    used: dict[str, list[Used]] = {way: [] for way in LAYOUTS}
    with ValkeyServer() if shutil.which("redis-server") is None else RedisServer() as server:
        for _ in range(rounds):
            for way, its in used.items():
                its.append(asyncio.run(_written(server.url, made, Layout(LAYOUTS[way]))))
    return {way: Used(*map(statistics.median, zip(*its, strict=True))) for way, its in used.items()}


async def _written(url: str, transactions: Sequence[Transaction], layout: Layout) -> Used:
    """Writes them one after the other into an empty server, as `adapters.redis.transactions.transaction` does."""
    async with Channel(url) as channel:
        await channel.call("FLUSHALL")
        before, counters = (await _used(channel)).cpu, dict.fromkeys((one.partition for one in transactions), 0)
        for one in transactions:
            counter = counters[one.partition]
            await _write(channel, dataclasses.replace(one, counter=counter, reads=()), layout)
            counters[one.partition] = counter + 1
        after = await _used(channel)
    return Used(after.cpu - before, after.memory)


async def _write(channel: Channel, transaction: Transaction, layout: Layout) -> None:
    keys = Keys.of("", 0, transaction.partition)
    packed = PackedTransaction(transaction, keys)
    async with channel.connected() as connection:
        begin: list[Command] = [("WATCH", keys.head), ("HMGET", keys.head, *packed.conflict), ("MULTI",)]
        _, conflict, _ = await connection.answers(begin)
        *others, close = (one for one in packed.commands(conflict) if not _is_of_signals(one, keys))
        signals = [(account.encode(), some) for account, some in transaction.history.signals.items()]
        commands = [*others, *layout.commands(keys, signals), close]
        *_, done = await connection.answers([*commands, ("EXEC",)])
        if not isinstance(done, list) or done[-1] != [b"applied"] or any(isinstance(one, Exception) for one in done):
            raise SystemExit(f"a transaction was not applied: {done if not isinstance(done, list) else done[-1]}")
        if too_long := trims(keys, commands, done):
            await connection.answers(too_long)


def _is_of_signals(command: Command, keys: Keys) -> bool:
    return command[0] == "LPUSH" and str(command[1]).startswith(keys.signals)


async def _used(channel: Channel) -> Used:
    told: dict[str, Any] = {}
    for section in ("cpu", "memory"):
        reply: bytes = await channel.call("INFO", section)
        told |= dict(line.split(":", 1) for line in reply.decode().splitlines() if ":" in line)
    cpu = float(told["used_cpu_user_main_thread"]) + float(told["used_cpu_sys_main_thread"])
    return Used(cpu, int(told["used_memory"]))


if __name__ == "__main__":
    main()
