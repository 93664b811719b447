"""Memory of `ingest` over minutes of steady load, with one body in twenty that is refused.

    PYTHONPATH=. python -m bench.intake.ingest_memory [--minutes M] [--rate EVENTS_A_SECOND]

Kafka of its own. Prints the resident memory of the process a line a minute.
"""

import argparse
import asyncio
import time
from itertools import count

import aiohttp

from bench.ingest_speed import body_of, memory_mb_of, serving
from testing.own_engine import own_engine

_REFUSED_EVERY = 20


def main() -> None:
    """Prints a line a minute."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--minutes", type=int, default=10)
    options.add_argument("--rate", type=int, default=200)
    given = options.parse_args()
    with own_engine(redis=False) as engine:
        engine.set(INGEST_RATE="0")
        with serving("ingest", engine, engine.folder) as (port, pid):
            asyncio.run(_load(port, pid, given.minutes, given.rate))


async def _load(port: int, pid: int, minutes: int, rate: int) -> None:
    url, began, numbers = f"http://127.0.0.1:{port}/v1/events", time.monotonic(), count()
    answers = {"taken": 0, "refused": 0}
    async with aiohttp.ClientSession(headers={"Content-Type": "application/json"}) as session:

        async def send() -> None:
            number = next(numbers)
            body = b'{"account_id": 7}' if number % _REFUSED_EVERY == 0 else body_of(0, number, 1)
            async with session.post(url, data=body) as answer:
                await answer.read()
                answers["taken" if answer.status == 202 else "refused"] += 1

        for minute in range(1, minutes + 1):
            while time.monotonic() < began + 60 * minute:
                second = time.monotonic()
                await asyncio.gather(*(send() for _ in range(rate)))
                await asyncio.sleep(max(0.0, 1 - (time.monotonic() - second)))
            print(f"minute {minute}: {memory_mb_of(pid):,.1f} MB, {answers}", flush=True)


if __name__ == "__main__":
    main()
