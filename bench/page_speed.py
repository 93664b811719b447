"""What the dashboard's pages cost next to a poll of the list, and what they do to whoever asks beside them.

    PYTHONPATH=. python bench/page_speed.py [--accounts N] [--live N] [--seconds S] [--rounds N] [--json FILE]

Redis of its own. Contenders take turns within one run; the figures are ratios to the poll. Account pages go through
200 different accounts, each with fifty past signals, twenty alerts and a score for every day; `the same account` asks
for one of them again and again.
"""

import argparse
import asyncio
import json
import os
import platform
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from bench.api.client import Polled, ask, poll
from bench.api.market import fill, name
from bench.api_speed import PARTITIONS, SCORING, publisher, running
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.core.rules.instants import DAY
from signal_engine.engine.ports.controls import FIT
from signal_engine.engine.ports.history import ALERTS_KEPT, DAYS_KEPT, SIGNALS_KEPT, History
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.wire.config import scoring_file
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage.kept_json import kept
from testing.servers.finding import redis_server
from testing.servers.process import free_port

ROOT = Path(__file__).resolve().parents[1]
PAGES: Final = 200
BESIDE: Final = 20.0
"""Account pages a second beside the probe."""


async def prepare(url: str, accounts: int, live: int) -> None:
    """A market whose lists are published, and a past for the accounts that are asked for."""
    scoring = scoring_file.parse("scoring.yaml", SCORING.read_bytes())
    now = time.time_ns() // 1_000_000
    async with Channel(url, 120) as channel:
        generations = RedisGenerations(channel)
        await fill(generations, scoring, SCORING.read_text(), PARTITIONS, accounts, live, now)
        store, partition_of = generations.store(0), partitioner(PARTITIONS)
        for number in range(PAGES):
            account = name(number)
            partition = partition_of(account)
            counter = (await store.positions(partition)).counter
            await store.apply(Transaction(partition=partition, counter=counter, history=_past(account, now)))
        await publisher(generations, scoring, await generations.controls(0).read(FIT) or b"").poll(now + 2_000)


def _past(account: str, now: int) -> History:
    today = now // DAY
    ago = [now - DAY * (SIGNALS_KEPT - one) for one in range(SIGNALS_KEPT)]
    signals = [kept((f"e-{at}", "intent", at, 4.2, "Researching CRM software (intent 85)", None)) for at in ago]
    alert = {
        "alert_id": "0", "type": "new_evidence", "episode": 1, "score": 71.5, "level": "hot", "previous_level": "hot",
        "why_now": "VP Sales looked at pricing", "kinds_live": ["intent"], "icp": "b2b",
    }  # fmt: skip
    alerts = [kept({**alert, "at": format_instant(at)}) for at in ago[-ALERTS_KEPT:]]
    scores = {today - day: {account: 50.0 + day % 40} for day in range(1, DAYS_KEPT)}
    return History(signals={account: signals}, alerts={account: alerts}, scores=scores)


def measure(redis: str, options: argparse.Namespace) -> tuple[dict[str, list[Polled]], dict[str, list[Polled]]]:
    """What came of each round: of the pages by turns, and of `/livez` alone and beside account pages."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    pages = [f"{url}/accounts/{name(number)}" for number in range(PAGES)]
    contenders: dict[str, str | list[str]] = {
        "poll of the list": f"{url}/v1/lists/all?limit=200",
        "account page": pages,
        "the same account": pages[0],
        "account as JSON": [page.replace("/accounts/", "/v1/accounts/") for page in pages],
        "list page": f"{url}/",
        "list page, filtered": f"{url}/?tier=A",
        "part of the list": f"{url}/part/list",
        "health figures": f"{url}/part/health",
    }
    found: dict[str, list[Polled]] = {contender: [] for contender in contenders}
    probes: dict[str, list[Polled]] = {"alone": [], f"beside {BESIDE:g} account pages/s": []}
    settings = {"REDIS_URL": redis, "API_PORT": str(port), "API_RATE": "0", "PREFIX": ""}
    with running([sys.executable, "-m", "signal_engine", "api"], f"{url}/livez", **settings):
        for _ in range(options.rounds):
            for contender, asked in contenders.items():
                found[contender].append(poll(asked, "", options.seconds, 2))
            probes["alone"].append(poll(f"{url}/livez", "", options.seconds, 2, 100.0))
            with _asking(pages):
                probes[f"beside {BESIDE:g} account pages/s"].append(poll(f"{url}/livez", "", options.seconds, 2, 100.0))
    return found, probes


@contextmanager
def _asking(pages: list[str]) -> Iterator[None]:
    """Somebody asks for account pages meanwhile."""
    command = [sys.executable, str(Path(__file__)), "--ask", ",".join(pages)]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE) as asking:
        try:
            if asking.stdout is None or not asking.stdout.readline():
                raise SystemExit("nobody asks for account pages")
            yield
        finally:
            asking.kill()


def main() -> None:
    """Measures, prints tables and, if asked, writes JSON."""
    options = _options()
    if options.ask:
        pages = options.ask.split(",")
        ask(pages, "", 0.5, BESIDE)
        print("asking", flush=True)
        ask(pages, "", 600.0, BESIDE)
        return
    with redis_server() as server:
        asyncio.run(prepare(server["url"], options.accounts, options.live))
        found, probes = measure(server["url"], options)
    title = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    console = Console(width=110)
    console.print(_pages(found, title))
    for beside, rounds in probes.items():
        p50, p99 = (statistics.median(getattr(one, field) for one in rounds) for field in ("p50", "p99"))
        console.print(f"/livez {beside}: p50 {p50:.2f} ms, p99 {p99:.2f} ms")
    if options.json:
        result = {what: {of: [one._asdict() for one in rounds] for of, rounds in some.items()}
                for what, some in (("pages", found), ("livez", probes))}  # fmt: skip
        options.json.write_text(json.dumps(result, indent=2) + "\n")


def _pages(found: dict[str, list[Polled]], title: str) -> Table:
    table = Table(title=f"Pages, next to a poll of the list: {title}")
    for column in ("", "status", "bytes", "ms each (median)", "of a poll"):
        table.add_column(column, justify="right" if column else "left")
    each = {
        contender: 1_000 / statistics.median(one.per_second for one in rounds) for contender, rounds in found.items()
    }
    first = next(iter(each.values()))
    for contender, rounds in found.items():
        table.add_row(
            contender, str(rounds[0].status), f"{rounds[0].size:,}", f"{each[contender]:.2f}",
            f"{each[contender] / first:.1f}",
        )  # fmt: skip
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", type=int, default=20_000)
    parser.add_argument("--live", type=int, default=5_000)
    parser.add_argument("--seconds", type=float, default=3.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--json", type=Path)
    parser.add_argument("--ask", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
