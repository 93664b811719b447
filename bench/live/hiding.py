"""How soon an account that somebody disqualifies is gone: from the API's answer until the served list lacks it, and
until readers of `priority.accounts` have its tombstone. decisions.md, section 1, promises 2 s at the 99th percentile.

    PYTHONPATH=. python -m bench.live.hiding [--kills N] [--rates N,N,...]

Kafka and Redis of their own, two workers, `api`, and events that come in at each rate (events/s) meanwhile. One kill
follows the other. The market is made up: every account fits and is on the list.
"""

import argparse
import asyncio
import hashlib
import json
import os
import statistics
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from ruamel.yaml import YAML

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.wire.instants import format_instant
from testing.processes import COMMAND, ROOT
from testing.records import ToProduce
from testing.servers.finding import kafka_server, redis_server
from testing.servers.process import free_port
from tests.live.engine import Engine, engine

_ICP: Final = {
    "icp": "b2b", "version": 1, "owner": {"name": "Bench", "email": "bench@example.com"}, "review_by": "2099-01-01",
    "must_have": {"industry": {"in": ["Software"]}}, "base": 80, "points": [], "tiers": {"A": 80, "B": 40},
    "decisions": {"A": "chase", "B": "chase"},
}  # fmt: skip
_TOKEN: Final = "bench"
_WHAT: Final = ("off the list of the API", "tombstone read")
_WITHIN_S: Final = 30.0


def main() -> None:
    """Prints a line for each rate."""
    arguments = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    arguments.add_argument("--kills", type=int, default=200)
    arguments.add_argument("--rates", default="0,500,2000")
    options = arguments.parse_args()
    rates = [int(rate) for rate in options.rates.split(",")]
    with (
        tempfile.TemporaryDirectory() as folder,
        kafka_server() as kafka,
        redis_server() as store,
        engine(kafka["address"], store["url"], "hiding.", Path(folder)) as live,
    ):
        asyncio.run(_measure(live, options.kills, rates))


async def _measure(live: Engine, kills: int, rates: list[int]) -> None:
    accounts = [f"company{n}.com" for n in range(kills * len(rates) + 50)]
    _prepare(live, accounts)
    await live.produce([_event(account, f"first-{account}", live.partitions) for account in accounts])
    live.worker()
    live.worker()
    await live.caught_up()
    with _api(live) as url:
        await live.until(lambda: _all_listed(url, len(accounts)), 90, "the accounts are not on the list")
        async with _tombstones(live) as gone:
            for number, rate in enumerate(rates):
                fed = asyncio.create_task(_feed(live, accounts[-50:], rate))
                taken = [await _kill(url, one, gone) for one in accounts[number * kills : (number + 1) * kills]]
                fed.cancel()
                await asyncio.gather(fed, return_exceptions=True)
                for what, found in zip(_WHAT, zip(*taken, strict=True), strict=True):
                    print(f"{rate:,} events/s, {kills} kills, {what}: {_shown(found)}", flush=True)


def _prepare(live: Engine, accounts: list[str]) -> None:
    scoring = YAML(typ="safe").load(ROOT / "config" / "scoring.yaml")
    scoring["lists"] |= {"size": len(accounts), "min_level": "cold", "min_score": 0.1}
    (live.folder / "scoring.json").write_text(json.dumps(scoring))
    (live.folder / "b2b.json").write_text(json.dumps(_ICP))
    table = live.folder / "accounts.csv"
    table.write_text("domain,industry\n" + "".join(f"{account},Software\n" for account in accounts))
    live.set(SCORING=str(live.folder / "scoring.json"), PUBLISH_SECONDS="2")  # the default; tests look more often
    live.run("topics", "create")
    live.run("fit", "load", str(table), "--icp", str(live.folder / "b2b.json"), "--yes")


def _event(account: str, event_id: str, partitions: int) -> ToProduce:
    now = format_instant(time.time_ns() // 1_000_000)
    told = {"event_id": event_id, "account_id": account, "occurred_at": now, "activity": "pricing_view"}
    value = json.dumps({**told, "source": "bench"}).encode()
    return ToProduce("engagement", partitioner(partitions)(account), account.encode(), value, told)


async def _feed(live: Engine, accounts: list[str], rate: int) -> None:
    """Events of accounts that nobody disqualifies, until it is cancelled."""
    number = 0
    while rate:
        began = time.monotonic()
        many = max(1, rate // 4)
        made = [_event(accounts[(number + n) % len(accounts)], str(uuid.uuid4()), live.partitions) for n in range(many)]
        number += many
        await live.produce(made)
        await asyncio.sleep(max(0.0, many / rate - (time.monotonic() - began)))


@contextmanager
def _api(live: Engine) -> Iterator[str]:
    port = free_port()
    token = f"act:bench@example.com:{hashlib.sha256(_TOKEN.encode()).hexdigest()}"
    settings = {"API_PORT": str(port), "API_RATE": "0", "API_TOKENS": token}
    environment = {**live.environment, **{f"SIGNAL_ENGINE_{name}": value for name, value in settings.items()}}
    with subprocess.Popen([*COMMAND, "api"], env=environment, cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        try:
            url, deadline = f"http://127.0.0.1:{port}", time.monotonic() + _WITHIN_S
            while True:
                try:
                    urllib.request.urlopen(f"{url}/livez", timeout=5).close()
                    break
                except OSError:
                    assert time.monotonic() < deadline, "the API does not answer"
                    time.sleep(0.1)
            yield url
        finally:
            process.terminate()


def _asked(url: str, body: dict[str, Any] | None = None) -> Any:
    headers = {"Authorization": f"Bearer {_TOKEN}", "Content-Type": "application/json"}
    if body is not None:
        headers["Idempotency-Key"] = str(uuid.uuid4())
    request = urllib.request.Request(url, None if body is None else json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return json.loads(answer.read())


async def _listed(url: str) -> set[str]:
    found = await asyncio.to_thread(_asked, f"{url}/v1/lists/all?limit=1000")
    return {entry["account_id"] for entry in found["entries"]}


async def _all_listed(url: str, many: int) -> bool:
    try:
        return len(await _listed(url)) >= min(many, 1000)
    except urllib.error.HTTPError:
        return False


class _tombstones:  # noqa: N801 (used as a function)
    """Accounts whose tombstone a reader of `priority.accounts` has seen -> when (monotonic)."""

    def __init__(self, live: Engine) -> None:
        self._live = live

    async def __aenter__(self) -> dict[str, float]:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=self._live.kafka, isolation_level="read_committed")
        await self._consumer.start()
        places = [TopicPartition(f"{self._live.prefix}priority.accounts", n) for n in range(self._live.partitions)]
        self._consumer.assign(places)
        await self._consumer.seek_to_end(*places)
        self._seen: dict[str, float] = {}
        self._reading = asyncio.create_task(self._read())
        return self._seen

    async def _read(self) -> None:
        async for record in self._consumer:
            if record.value is None and record.key.startswith(b"all/"):
                self._seen.setdefault(record.key.decode()[4:], time.monotonic())

    async def __aexit__(self, *_: object) -> None:
        self._reading.cancel()
        await self._consumer.stop()


async def _kill(url: str, account: str, gone: dict[str, float]) -> tuple[float, float]:
    """Seconds from the API's answer until the list lacks the account, and until its tombstone was read."""
    action = {"action": "do_not_contact", "reason": "Measured."}
    await asyncio.to_thread(_asked, f"{url}/v1/accounts/{account}/actions", action)
    began = time.monotonic()
    while account in await _listed(url):
        assert time.monotonic() - began < _WITHIN_S, f"{account} is still on the list"
        await asyncio.sleep(0.01)
    off = time.monotonic() - began
    while account not in gone:
        assert time.monotonic() - began < _WITHIN_S, f"{account} has no tombstone"
        await asyncio.sleep(0.005)
    return off, max(0.0, gone[account] - began)


def _shown(seconds: tuple[float, ...]) -> str:
    cuts = statistics.quantiles(seconds, n=100, method="inclusive")
    return f"p50 {cuts[49]:.2f} s, p99 {cuts[98]:.2f} s, longest {max(seconds):.2f} s ({os.cpu_count()} cores)"


if __name__ == "__main__":
    main()
