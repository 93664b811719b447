"""From an alert's record to its receiver: `notify` next to a bare consumer that posts each record.

    PYTHONPATH=. python -m bench.live.notify_speed [--alerts N] [--rate R] [--at-once N]

Kafka and Redis of its own, one webhook receiver in this process. The bare consumer is aiokafka with one aiohttp session
and eight requests at a time: it plans nothing, remembers nothing, and loses what it had in hand when it dies. First
`--alerts` one after the other at `--rate` a second: p50 and p99 of the time from producing a record until the receiver
has it. Then `--at-once` together: seconds until the last has arrived.
"""

import argparse
import asyncio
import statistics
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

from testing import processes
from testing.engine import Engine
from testing.notify import NotifyProcess, WebhookReceiver, an_alert, produce_alerts, routes_to, webhook_receiver
from testing.own_engine import own_engine
from testing.servers.process import free_port

_WITHIN_S: Final = 900.0
_BARE: Final = """
import asyncio, base64, hashlib, hmac, json, sys, time
import aiohttp
from aiokafka import AIOKafkaConsumer
kafka, topic, url, secret = sys.argv[1:]
key = base64.b64decode(secret.removeprefix("whsec_"))
async def main():
    consumer = AIOKafkaConsumer(topic, bootstrap_servers=kafka, group_id="bare", auto_offset_reset="latest")
    await consumer.start()
    while not consumer.assignment():
        await asyncio.sleep(0.05)
    for place in consumer.assignment():
        await consumer.position(place)
    print("ready", flush=True)
    gate = asyncio.Semaphore(8)
    async with aiohttp.ClientSession() as session:
        async def post(value):
            name, at = json.loads(value)["alert_id"], str(int(time.time()))
            signed = base64.b64encode(hmac.digest(key, f"{name}.{at}.".encode() + value, "sha256")).decode()
            headers = {"webhook-id": name, "webhook-timestamp": at, "webhook-signature": f"v1,{signed}"}
            try:
                async with session.post(url, data=value, headers=headers) as answer:
                    await answer.read()
            finally:
                gate.release()
        tasks = set()
        async for record in consumer:
            await gate.acquire()
            tasks.add(task := asyncio.create_task(post(record.value)))
            task.add_done_callback(tasks.discard)
asyncio.run(main())
"""


class Run(NamedTuple):
    """Of one contender."""

    p50_ms: float
    p99_ms: float
    at_once_s: float


def main() -> None:
    """Prints a line for each contender."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--alerts", type=int, default=300)
    options.add_argument("--rate", type=float, default=10)
    options.add_argument("--at-once", type=int, default=10_000)
    given = options.parse_args()
    with own_engine() as engine:
        for name in ("bare", "notify"):
            run = asyncio.run(_run(engine, name, given))
            print(
                f"{name:7} p50 {run.p50_ms:,.0f} ms, p99 {run.p99_ms:,.0f} ms; "
                f"{given.at_once:,} at once in {run.at_once_s:,.1f} s ({given.at_once / run.at_once_s:,.0f}/s)"
            )


async def _run(engine: Engine, name: str, given: Any) -> Run:
    async with webhook_receiver() as receiver:
        with _contender(engine, name, receiver.url) as process:
            await _ready(process)
            produced: dict[str, float] = {}
            for number in range(given.alerts):
                alert = an_alert(f"slow-{number}.com")
                produced[alert["alert_id"]] = time.time()
                await asyncio.gather(_produce(engine, [alert]), asyncio.sleep(1 / given.rate))
            await _arrived(receiver, produced)
            waits = sorted(1_000 * (receiver.alerts[one] - at) for one, at in produced.items())
            many = [an_alert(f"many-{number}.com") for number in range(given.at_once)]
            began = time.time()
            await _produce(engine, many)
            await _arrived(receiver, [one["alert_id"] for one in many])
            took = max(receiver.alerts[one["alert_id"]] for one in many) - began
            return Run(statistics.median(waits), waits[int(0.99 * (len(waits) - 1))], took)


async def _produce(engine: Engine, alerts: list[dict[str, Any]]) -> None:
    await produce_alerts(engine.kafka, f"{engine.prefix}alerts", engine.partitions, alerts)


async def _arrived(receiver: WebhookReceiver, ids: Any) -> None:
    deadline = time.monotonic() + _WITHIN_S
    while not receiver.alerts.keys() >= {*ids}:
        assert time.monotonic() < deadline, f"{len({*ids} - receiver.alerts.keys()):,} never arrived"
        assert not receiver.refused, receiver.refused[:3]
        await asyncio.sleep(0.05)


async def _ready(process: Any) -> None:
    if isinstance(process, NotifyProcess):
        await process.started()
        return
    deadline = time.monotonic() + _WITHIN_S
    while b"ready" not in process.read_bytes():
        assert time.monotonic() < deadline, "the bare consumer is not ready"
        await asyncio.sleep(0.05)


@contextmanager
def _contender(engine: Engine, name: str, url: str) -> Iterator[Any]:
    log = engine.folder / f"{name}.log"
    if name == "notify":
        engine.set(ROUTES=str(routes_to(engine.folder, {"ops": url})), NOTIFY_GROUP="bench-notify")
        notify = NotifyProcess(log, engine.environment, free_port())
        try:
            yield notify
        finally:
            notify.end()
        return
    secret = (routes_to(engine.folder, {"ops": url}).parent / "secret").read_text()
    words = [sys.executable, "-c", _BARE, engine.kafka, f"{engine.prefix}alerts", url, secret]
    with log.open("wb") as out:
        bare = processes.start(words, env=engine.environment, out=out)
    try:
        yield log
    finally:
        bare.kill()
        bare.wait()


if __name__ == "__main__":
    main()
