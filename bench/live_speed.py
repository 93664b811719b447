"""How fast one worker does its whole job, next to a stock Faust agent that only parses and sums the same events.

    python bench/live_speed.py [--events N] [--accounts N] [--rounds N] [--kafka HOST:PORT] [--redis URL] [--json FILE]

Real Kafka and real Redis of its own (or the ones named: their data of the prefix is lost). The events are the real ones
of ../shared/data, told of N accounts, in six topics; both read the same records, in turn, several rounds, and medians
count. The worker's time runs from the first events that its counters show to the last, alerts and lists included; the
agent's from its first event to its last. Neither's start counts.
"""

import argparse
import asyncio
import json
import os
import platform
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from testing.engine import OUTCOMES
from testing.records import ToProduce
from testing.servers.finding import kafka_server, redis_server
from testing.topics import KINDS
from tests.live.engine import Engine, engine
from tests.live.feed import real_events

ROOT = Path(__file__).resolve().parents[1]
SPAN_DAYS = 60
STOCK_READS = 30_000
"""Events that the agent reads: its speed is known after that."""


def main() -> None:
    """Measures, prints a table and, if asked, writes JSON."""
    options = _options()
    with ExitStack() as stack:
        kafka = options.kafka or stack.enter_context(kafka_server())["address"]
        redis = options.redis or stack.enter_context(redis_server())["url"]
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        live = stack.enter_context(engine(kafka, redis, "speed.", folder))
        seconds = asyncio.run(_measure(live, options))
    _tell(seconds, options)


async def _measure(live: Engine, options: argparse.Namespace) -> dict[str, list[float]]:
    """Contender -> events a second, a figure a round."""
    live.set(PUBLISH_SECONDS="2")  # the default; tests look more often
    live.run("topics", "create")
    accounts, icp = _fit_table(live.folder, options.accounts)
    sent = await live.produce(_events(options.events, options.accounts, live.partitions))
    speeds: dict[str, list[float]] = {"stock agent: parse and sum": [], "worker: the whole job": []}
    for round_ in range(options.rounds):
        speeds["stock agent: parse and sum"].append(_stock(live, round_, min(STOCK_READS, len(sent))))
        speeds["worker: the whole job"].append(await _worker(live, round_, len(sent), (accounts, icp)))
    return speeds


def _events(many: int, accounts: int, partitions: int) -> list[ToProduce]:
    dice, partition_of = random.Random(1), partitioner(partitions)
    real = real_events(int(time.time() * 1000), SPAN_DAYS, many, 1)
    made = []
    for number in range(many):
        event = real[number * len(real) // many]
        account = f"account-{dice.randrange(accounts)}.com"
        result = {**event, "account_id": account, "event_id": f"{number}-{event['event_id']}"[:128]}
        made.append(
            ToProduce(event["kind"], partition_of(account), account.encode(), json.dumps(result).encode(), result)
        )
    return made


def _fit_table(folder: Path, accounts: int) -> tuple[str, str]:
    """A third of the accounts fits, in two tiers."""
    rows = (f"account-{n}.com,{('B2B', 'Retail', 'Games')[n % 3]},{('us', 'fr')[n % 2]}\n" for n in range(accounts))
    (folder / "accounts.csv").write_text("domain,industry,country\n" + "".join(rows))
    icp: dict[str, Any] = {
        "icp": "b2b", "version": 1, "owner": {"name": "The bench", "email": "bench@example.com"},
        "review_by": "2099-01-01", "base": 50,
        "points": [
            {"when": {"industry": {"in": ["B2B"]}}, "points": 20, "label": "sells to businesses"},
            {"when": {"country": {"eq": "us"}}, "points": 15, "label": "in our market"},
        ],
        "tiers": {"A": 80, "B": 70, "C": 40}, "decisions": {"A": "chase", "B": "chase", "C": "deprioritize"},
    }  # fmt: skip
    (folder / "b2b.yaml").write_text(json.dumps(icp))
    return str(folder / "accounts.csv"), str(folder / "b2b.yaml")


def _stock(live: Engine, round_: int, events: int) -> float:
    topics = ",".join(live.topic(kind) for kind in KINDS)
    command = [sys.executable, str(ROOT / "bench" / "live" / "stock_agent.py"), live.kafka, f"stock-{round_}", topics]
    done = subprocess.run([*command, str(events)], capture_output=True, text=True, timeout=300, check=False)
    result = [line.split() for line in done.stdout.splitlines() if line.startswith("stock ")]
    if not result:
        raise SystemExit(f"the stock agent failed\n{done.stdout}{done.stderr}")
    return (int(result[0][1]) - 1) / float(result[0][2])


async def _worker(live: Engine, round_: int, events: int, table: tuple[str, str]) -> float:
    async with Channel(live.redis_url) as channel:
        await channel.call("FLUSHALL")
    live.set(GROUP=f"speed-{round_}")
    live.run("fit", "load", table[0], "--icp", table[1], "--yes")
    worker = live.worker()
    try:
        first: tuple[int, float] | None = None
        async with live.store() as store:
            while True:
                counts = [await store.counts(number) for number in range(live.partitions)]
                applied, now = sum(one.get(o, 0) for one in counts for o in OUTCOMES), time.perf_counter()
                if first is None and applied:
                    first = applied, now
                if first and applied >= events:
                    return (applied - first[0]) / (now - first[1])
                if worker.process.poll() is not None:
                    raise SystemExit(f"the worker ended\n{live.log_tails()}")
                await asyncio.sleep(0.02)
    finally:
        worker.end(signal.SIGTERM)


def _tell(speeds: dict[str, list[float]], options: argparse.Namespace) -> None:
    medians = {name: statistics.median(found) for name, found in speeds.items()}
    stock = medians["stock agent: parse and sum"]
    title = f"{options.events:,} events, {options.accounts:,} accounts, {options.rounds} rounds, {os.cpu_count()} cores"
    table = Table(title=f"{title}, Python {platform.python_version()}")
    for column in ("", "events/s (median)", "from", "to", "of the stock agent"):
        table.add_column(column, justify="right" if column else "left")
    for name, found in speeds.items():
        table.add_row(
            name, f"{medians[name]:,.0f}", f"{min(found):,.0f}", f"{max(found):,.0f}", f"{medians[name] / stock:.2f}"
        )
    Console(width=110).print(table)
    if options.json:
        result = {"events": options.events, "accounts": options.accounts, "events_per_second": speeds}
        options.json.write_text(json.dumps(result, indent=2) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=int, default=200_000)
    parser.add_argument("--accounts", type=int, default=5_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--kafka", help="a broker to use; default one of its own")
    parser.add_argument("--redis", help="a server to use, all its data is lost; default one of its own")
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
