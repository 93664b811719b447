"""How fast the API answers polls, next to the same framework that returns a constant of the same size; and what
publishing a list costs as the market grows.

    PYTHONPATH=. python bench/api_speed.py [--accounts N] [--live N] [--grow N,N,...] [--seconds S] [--rounds N]
                                           [--clients N] [--worker-events N] [--json FILE]

Redis of its own (Debian's, or Valkey out of its wheel); with --worker-events a Kafka of its own and a worker too. The
constant is served by Starlette on uvicorn with the same settings, without anything of ours. Contenders take turns.
"""

import argparse
import asyncio
import json
import os
import platform
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bench.api.client import Polled, poll
from bench.api.market import ICP, fill, name
from bench.live_speed import _events, _fit_table, _worker
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.logging.event_log import StderrEventLog
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.core.flow import ScoringContext
from signal_engine.engine.context.engine_context import EngineContext, Rules
from signal_engine.engine.ports.controls import FIT
from signal_engine.engine.publishing.publisher import Publisher
from signal_engine.wire.config import scoring_file
from signal_engine.wire.storage.in_force import FitInForce
from signal_engine.wire.topics import topic_names
from testing.servers.finding import kafka_server, redis_server
from testing.servers.process import free_port
from tests.live.engine import engine

ROOT = Path(__file__).resolve().parents[1]
SCORING = ROOT / "config" / "scoring.yaml"
PARTITIONS = 12
LOOKS = 15
CONSTANT = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
body = open(sys.argv[2], "rb").read()
async def whole(request): return Response(body, media_type="application/json")
async def unchanged(request): return Response(status_code=304, headers={"ETag": '"1"', "Cache-Control": "max-age=1"})
app = Starlette(routes=[Route("/v1/lists/{name}", whole), Route("/unchanged/{name}", unchanged)])
uvicorn.run(app, port=int(sys.argv[1]), http="httptools", loop="asyncio", ws="none", access_log=False, log_config=None)
"""


async def publishing(url: str, live: int, accounts: int) -> dict[str, float]:
    """Fills an empty Redis, looks at its lists again and again; ms a look (median), accounts loaded a look."""
    scoring = scoring_file.parse("scoring.yaml", SCORING.read_bytes())
    async with Channel(url, 120) as channel:
        await channel.call("FLUSHALL")
        generations = RedisGenerations(channel)
        now = time.time_ns() // 1_000_000
        await fill(generations, scoring, SCORING.read_text(), PARTITIONS, accounts, live, now)
        looking = publisher(generations, scoring, await generations.controls(0).read(FIT) or b"")
        taken, loaded = [], []
        for look in range(LOOKS + 2):
            began, before = time.perf_counter(), looking._top.loaded  # noqa: SLF001 (what a look costs)
            await looking.poll(now + 2_000 * (look + 1))
            taken.append((time.perf_counter() - began) * 1_000)
            loaded.append(looking._top.loaded - before)  # noqa: SLF001
        used = (await channel.call("INFO", "memory")).decode().partition("used_memory:")[2].partition("\r")[0]
    return {
        "ms": statistics.median(taken[2:]),
        "loaded": statistics.median(loaded[2:]),
        "bytes_an_account": int(used) / accounts,
    }


def publisher(generations: RedisGenerations, scoring: scoring_file.ScoringFile, fit: bytes) -> Publisher:
    """Looks at the lists of generation 0."""
    nobody: Any = None
    context = EngineContext(
        store=generations.store(0), controls=generations.controls(0), fit_changes=generations.fit_changes(0),
        producer=nobody, reading=nobody, event_log=StderrEventLog("text"), clock=lambda: 0,
        partition_of=partitioner(PARTITIONS), topics=topic_names(), largest_dead_letter=0,
        rules=Rules(ScoringContext(scoring.policy), scoring.config_version, 1), fit=FitInForce.decode(fit),
    )  # fmt: skip
    return Publisher(context, PARTITIONS)


@contextmanager
def running(command: list[str], url: str, **settings: str) -> Iterator[None]:
    """A server in a process of its own, answering."""
    environment = {**os.environ, **{f"SIGNAL_ENGINE_{setting}": value for setting, value in settings.items()}}
    with subprocess.Popen(command, cwd=ROOT, env=environment, stderr=subprocess.DEVNULL) as process:
        try:
            deadline = time.monotonic() + 30
            while True:
                try:
                    urllib.request.urlopen(url, timeout=5).close()
                    break
                except OSError:
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise SystemExit(f"{command[:4]} does not answer at {url}") from None
                    time.sleep(0.1)
            yield
        finally:
            process.terminate()


def polling(redis: str, options: argparse.Namespace) -> dict[str, list[Polled]]:
    """Contender -> what came of each round."""
    ports = free_port(), free_port()
    ours, constant = (f"http://127.0.0.1:{port}" for port in ports)
    target = "v1/lists/all?limit=200"
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        settings = {"REDIS_URL": redis, "API_PORT": str(ports[0]), "API_RATE": "0", "PREFIX": ""}
        stack.enter_context(running([sys.executable, "-m", "signal_engine", "api"], f"{ours}/livez", **settings))
        with urllib.request.urlopen(f"{ours}/{target}", timeout=10) as answer:
            etag, body = answer.headers["ETag"], answer.read()
        (folder / "body").write_bytes(body)
        (folder / "constant.py").write_text(CONSTANT)
        command = [sys.executable, str(folder / "constant.py"), str(ports[1]), str(folder / "body")]
        stack.enter_context(running(command, f"{constant}/{target}"))
        contenders = {
            "constant of the same size": (f"{constant}/{target}", ""),
            "the list": (f"{ours}/{target}", ""),
            "constant 304": (f"{constant}/unchanged/all?limit=200", '"1"'),
            "the list, If-None-Match": (f"{ours}/{target}", etag),
        }
        found: dict[str, list[Polled]] = {contender: [] for contender in contenders}
        for _ in range(options.rounds):
            for contender, (url, tag) in contenders.items():
                found[contender].append(poll(url, tag, options.seconds, options.clients))
        return found


def beside_a_worker(options: argparse.Namespace) -> dict[str, list[float]]:
    """Events a second of a worker alone, and while the list is polled at a pace."""
    speeds: dict[str, list[float]] = {"worker alone": [], "worker, polled": []}
    with ExitStack() as stack:
        kafka = stack.enter_context(kafka_server())["address"]
        redis = stack.enter_context(redis_server())["url"]
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        live = stack.enter_context(engine(kafka, redis, "", folder))
        live.set(PUBLISH_SECONDS="2")  # the default; tests look more often
        live.run("topics", "create")
        table = _fit_table(folder, 5_000)
        asyncio.run(live.produce(_events(options.worker_events, 5_000, live.partitions)))
        port = free_port()
        url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "signal_engine", "api"]
        for round_ in range(2 * options.rounds):
            if round_ % 2 == 0:
                work = _worker(live, round_, options.worker_events, table)
                speeds["worker alone"].append(asyncio.run(work))
                continue
            with running(command, f"{url}/livez", REDIS_URL=redis, API_PORT=str(port), API_RATE="0", PREFIX=""):
                polls = [sys.executable, str(Path(__file__)), "--poll", f"{url}/v1/lists/all?limit=200"]
                polls += ["--pace", str(options.pace), "--seconds", "600"]
                with subprocess.Popen(polls, cwd=ROOT, start_new_session=True) as polled:
                    try:
                        work = _worker(live, round_, options.worker_events, table)
                        speeds["worker, polled"].append(asyncio.run(work))
                    finally:
                        os.killpg(polled.pid, signal.SIGKILL)
    return speeds


def main() -> None:
    """Measures, prints tables and, if asked, writes JSON."""
    options = _options()
    if options.poll:
        poll(options.poll, "", options.seconds, 2, options.pace)
        return
    console, result = Console(width=110), {}
    title = f"{os.cpu_count()} cores, Python {platform.python_version()}"
    with redis_server() as server:
        growth = {}
        for live in map(int, options.grow.split(",") if options.grow else ()):
            growth[live] = asyncio.run(publishing(server["url"], live, live))
        if growth:
            console.print(_growth(growth, title))
        whole = asyncio.run(publishing(server["url"], options.live, options.accounts))
        console.print(f"{options.accounts:,} accounts, {options.live:,} live: {whole['ms']:.1f} ms a look")
        polled = polling(server["url"], options)
        console.print(_polls(polled, title))
        result = {
            "growth": growth,
            "whole": whole,
            "polls": {contender: [one._asdict() for one in rounds] for contender, rounds in polled.items()},
        }
    if options.worker_events:
        result["worker"] = speeds = beside_a_worker(options)
        alone, beside = (statistics.median(found) for found in speeds.values())
        console.print(f"worker {alone:,.0f} events/s; polled {options.pace:g} times a second {beside:,.0f}: ", end="")
        console.print(f"{beside / alone:.3f}")
    if options.json:
        options.json.write_text(json.dumps(result, indent=2) + "\n")


def _growth(growth: dict[int, dict[str, float]], title: str) -> Table:
    table = Table(title=f"Publishing the top 200 of lists all and {ICP} ({name(0)}, ...): {title}")
    for column in ("live accounts", "ms a look (median)", "of the first", "accounts loaded a look"):
        table.add_column(column, justify="right")
    first = next(iter(growth.values()))["ms"]
    for live, one in growth.items():
        table.add_row(f"{live:,}", f"{one['ms']:.1f}", f"{one['ms'] / first:.2f}", f"{one['loaded']:,.0f}")
    return table


def _polls(polled: dict[str, list[Polled]], title: str) -> Table:
    table = Table(title=f"Polling GET /v1/lists/all?limit=200: {title}")
    for column in ("", "status", "bytes", "requests/s (median)", "of the constant", "p99 ms (median)", "of it"):
        table.add_column(column, justify="right" if column else "left")
    speeds = {contender: statistics.median(one.per_second for one in rounds) for contender, rounds in polled.items()}
    p99 = {contender: statistics.median(one.p99 for one in rounds) for contender, rounds in polled.items()}
    contenders = list(polled)
    for number, (contender, rounds) in enumerate(polled.items()):
        constant = contenders[number - number % 2]
        table.add_row(
            contender, str(rounds[0].status), f"{rounds[0].size:,}", f"{speeds[contender]:,.0f}",
            f"{speeds[contender] / speeds[constant]:.2f}", f"{p99[contender]:.2f}",
            f"{p99[contender] / p99[constant]:.2f}",
        )  # fmt: skip
    return table


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", type=int, default=1_000_000)
    parser.add_argument("--live", type=int, default=100_000)
    parser.add_argument("--grow", default="1000,10000,100000,1000000", help="live accounts, one after the other")
    parser.add_argument("--seconds", type=float, default=5.0)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--worker-events", type=int, default=0, help="also measure a worker beside the polls")
    parser.add_argument("--pace", type=float, default=100.0, help="polls a second beside the worker")
    parser.add_argument("--json", type=Path)
    parser.add_argument("--poll", help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
