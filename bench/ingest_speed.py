"""Events a second of `ingest`, as a ratio to the same framework that only reads the body and produces it.

    PYTHONPATH=. python -m bench.ingest_speed [--seconds S] [--rounds N] [--clients N]

Kafka of its own. The bare server is Starlette on uvicorn with the same producer (acks=all, idempotent): it validates
nothing, and produces the body, or each of its lines, as it came. Two shapes: one event a request, and 100 lines a
request. Contenders take turns. Clients are in this process, so events a second are those of server and clients
together; CPU seconds are the server's own, and their ratio is what `ingest` costs.
"""

import argparse
import asyncio
import json
import statistics
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Final, NamedTuple

import aiohttp

from bench.live.measuring import cpu_seconds
from testing import processes
from testing.engine import Engine
from testing.own_engine import own_engine
from testing.processes import COMMAND
from testing.servers.process import free_port
from testing.waiting import listens

_JSON: Final = "application/json"
_LINES: Final = "application/x-ndjson"
_BARE: Final = """
import sys, uvicorn, asyncio, contextlib
from aiokafka import AIOKafkaProducer
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
port, kafka, topic = int(sys.argv[1]), sys.argv[2], sys.argv[3]
@contextlib.asynccontextmanager
async def producing(app):
    app.state.kafka = AIOKafkaProducer(bootstrap_servers=kafka, acks="all", enable_idempotence=True, linger_ms=2)
    await app.state.kafka.start()
    yield
    await app.state.kafka.stop()
async def take(request):
    body = await request.body()
    lines = body.splitlines() if request.headers["content-type"] == "application/x-ndjson" else [body]
    await asyncio.gather(*[await request.app.state.kafka.send(topic, line) for line in lines])
    return Response(status_code=202)
app = Starlette(routes=[Route("/v1/events", take, methods=["POST"])], lifespan=producing)
uvicorn.run(app, port=port, http="httptools", loop="asyncio", ws="none", access_log=False, log_config=None)
"""


class Speed(NamedTuple):
    """Of one contender in one round."""

    events_s: float
    cpu_us: float
    """Of the server, an event."""
    memory_mb: float


def main() -> None:
    """Prints a line for each shape."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--seconds", type=float, default=8)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--clients", type=int, default=16)
    given = options.parse_args()
    with own_engine(redis=False) as engine:
        engine.set(INGEST_RATE="0")
        for shape, many in (("one event a request", 1), ("100 lines a request", 100)):
            runs: dict[str, list[Speed]] = {"ingest": [], "bare": []}
            for _ in range(given.rounds):
                for name, speeds in runs.items():
                    with serving(name, engine, engine.folder) as (port, pid):
                        speeds.append(asyncio.run(_measure(port, pid, many, given.seconds, given.clients)))
            ours, bare = (_median(speeds) for speeds in runs.values())
            print(
                f"{shape}: ingest {ours.events_s:,.0f} events/s, {ours.cpu_us:,.0f} us of CPU an event, "
                f"{ours.memory_mb:,.0f} MB; bare {bare.events_s:,.0f} events/s, {bare.cpu_us:,.0f} us; "
                f"ratio {ours.events_s / bare.events_s:.2f} of the events/s, {bare.cpu_us / ours.cpu_us:.2f} by CPU"
            )


@contextmanager
def serving(name: str, engine: Engine, folder: Path) -> Iterator[tuple[int, int]]:
    """A server, `ingest` or `bare`: its port and its process."""
    port = free_port()
    command: Sequence[str] = [*COMMAND, "ingest"]
    if name == "bare":
        command = [sys.executable, "-c", _BARE, str(port), engine.kafka, engine.topic("engagement")]
    with (folder / f"{name}.log").open("ab") as out:
        process = processes.start(command, env={**engine.environment, "SIGNAL_ENGINE_INGEST_PORT": str(port)}, out=out)
    try:
        deadline = time.monotonic() + 60
        while not listens(port):
            if time.monotonic() > deadline or process.poll() is not None:
                raise SystemExit(f"{name} does not listen: {(folder / f'{name}.log').read_text()[-2000:]}")
            time.sleep(0.05)
        yield port, process.pid
    finally:
        process.send_signal(15)
        process.wait(20)


async def _measure(port: int, pid: int, many: int, seconds: float, clients: int) -> Speed:
    url, taken, warm_until = f"http://127.0.0.1:{port}/v1/events", 0, time.monotonic() + 2
    ends = warm_until + seconds
    used = began = 0.0

    async def send(client: int) -> None:
        nonlocal taken, used, began
        headers = {"Content-Type": _JSON if many == 1 else _LINES}
        async with aiohttp.ClientSession(headers=headers) as session:
            number = 0
            while (now := time.monotonic()) < ends:
                body = body_of(client, number, many)
                number += 1
                async with session.post(url, data=body) as told:
                    await told.read()
                    counts = told.status == 202
                if now >= warm_until:
                    if not began:
                        used, began = cpu_seconds(pid), time.monotonic()
                    taken += many * counts

    await asyncio.gather(*(send(client) for client in range(clients)))
    took, cpu = time.monotonic() - began, cpu_seconds(pid) - used
    return Speed(taken / took, cpu / max(1, taken) * 1e6, memory_mb_of(pid))


def body_of(client: int, number: int, many: int) -> bytes:
    """The body of a request with `many` events."""
    at = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    lines = (
        {
            "kind": "engagement", "event_id": f"{client}-{number}-{n}", "occurred_at": at,
            "account_id": f"account-{(number + n) % 5000}.com", "activity": "pricing_view", "page": "/pricing",
            "source": "bench", "persona": "VP Sales",
        }
        for n in range(many)
    )  # fmt: skip
    return b"\n".join(json.dumps(line).encode() for line in lines)


def memory_mb_of(pid: int) -> float:
    """Resident memory of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) / 1_024 for line in lines if line.startswith("VmRSS"))


def _median(speeds: Sequence[Speed]) -> Speed:
    return Speed(*(statistics.median(column) for column in zip(*speeds, strict=True)))


if __name__ == "__main__":
    main()
