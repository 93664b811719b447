"""Where a benchmark runs: an Apache Kafka and a Redis of its own, and for each load its topics, files and records."""

import asyncio
import json
import pickle
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import redis
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from ruamel.yaml import YAML

from bench.live.loads import Load, Made, account_name, events
from bench.ours.ways import OURS, WAYS, Way
from signal_engine.wire.instants import format_instant
from testing.processes import ROOT
from testing.servers.kafka import ApacheKafka
from testing.servers.redis import RedisServer, ValkeyServer
from tests.live.engine import Engine

PEERS_PYTHON: Final = ROOT / ".cache" / "peers" / "bin" / "python"
SCORING: Final = ROOT / "config" / "scoring.yaml"
PARTITIONS: Final = 4
PROBES: Final = 4_000
"""Accounts beside those of a load, all of them chased: what is waited for is that of an account never seen before."""
_OURS: Final = ("alerts", "priority.lists", "priority.accounts", "signals.dlq")
ICP: Final[dict[str, Any]] = {
    "icp": "b2b", "version": 1, "owner": {"name": "The bench", "email": "bench@example.com"},
    "review_by": "2099-01-01", "base": 50,
    "points": [
        {"when": {"industry": {"in": ["B2B"]}}, "points": 20, "label": "sells to businesses"},
        {"when": {"country": {"eq": "us"}}, "points": 15, "label": "in our market"},
    ],
    "tiers": {"A": 80, "B": 70, "C": 40}, "decisions": {"A": "chase", "B": "chase", "C": "deprioritize"},
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ground:
    """The servers, and a folder that goes away."""

    kafka: str
    redis_url: str
    redis_title: str
    folder: Path
    ways: Mapping[str, Way]
    """How Signal Engine can be run."""

    def redis(self) -> "redis.Redis":
        """A client of its own, for looking."""
        return redis.Redis.from_url(self.redis_url)


@contextmanager
def ground(server: str, ways: Mapping[str, Way] = WAYS) -> Iterator[Ground]:
    """Servers of our own; `server` is `redis` (the installed one) or `valkey` (out of its wheel)."""
    with ExitStack() as stack:
        kafka = stack.enter_context(ApacheKafka())
        installed = server == "redis" and shutil.which("redis-server") is not None
        store = stack.enter_context(RedisServer() if installed else ValkeyServer())
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="signal-engine-bench-")))
        with redis.Redis.from_url(store.url) as client:
            result: Any = client.info("server")
        version = result.get("valkey_version") or result["redis_version"]
        yield Ground(kafka.address, store.url, f"{'Redis' if installed else 'Valkey'} {version}", folder, ways)


class Field:
    """One load on a ground: an engine of its own, its fit table, its events in files."""

    def __init__(self, on: Ground, load: Load, many: int, name: str = "", probes: int = 0) -> None:
        """`many` events; `probes` accounts more in the fit table, see `probe_name`."""
        self.ground, self.load, self.many, self.partitions = on, load, many, PARTITIONS
        self._probes = probes
        self.folder = on.folder / (name or load.name)
        self.folder.mkdir()
        self.now = int(time.time() * 1000)
        self.live = Engine(on.kafka, on.redis_url, f"{name or load.name}.", self.folder, PARTITIONS)
        self.live.set(PUBLISH_SECONDS="2")
        self.live.within = 900.0  # a fit table of 200,000 accounts
        self.way = on.ways[OURS]
        self.use(OURS)
        self.records = self.folder / "records.pickle"
        """What the feeder reads."""
        self.accounts, self.icp = self.folder / "accounts.csv", self.folder / "icp.json"
        self.scoring = self.folder / "scoring.json"

    def use(self, way: str) -> None:
        """Which Signal Engine is started from now on."""
        for name in self.way.environment:
            self.live.environment.pop(name, None)
        self.way = self.ground.ways[way]
        self.live.environment |= self.way.environment
        self.live.program = self.way.program

    def prepare(self) -> None:
        """Topics, tables and files; nothing is fed yet."""
        self.accounts.write_text("domain,industry,country\n" + "".join(_rows(self.load.accounts, self._probes)))
        self.icp.write_text(json.dumps(ICP))
        self.scoring.write_text(json.dumps(YAML(typ="safe").load(SCORING)))
        self.write(self.records, events(self.load, self.many, self.partitions, self.now))
        self.live.run("topics", "create")
        asyncio.run(self._make(f"{self.live.prefix}peer.alerts", f"{self.live.prefix}peer.dlq"))

    def write(self, path: Path, made: Iterable[Made]) -> None:
        """Records into a file for the feeder."""
        feed = iter(made)
        with path.open("wb") as file:
            while some := [(self.live.topic(one.kind), *one[1:]) for one in islice(feed, 2_000)]:
                pickle.dump(some, file)

    def made(self) -> Iterator[Made]:
        """The events again."""
        return events(self.load, self.many, self.partitions, self.now)

    def lines(self, path: Path) -> None:
        """The events as a file to replay, every one of them received at `now`."""
        received = b'"received_at":"%b",' % format_instant(self.now).encode()
        path.write_bytes(b"".join(_line(one, received) for one in self.made()))

    def lines_by_time(self, path: Path) -> None:
        """The events as a file to replay, in the order in which they happened, as an archive has them."""
        happened = sorted((_order(one), number, _line(one, b"")) for number, one in enumerate(self.made()))
        path.write_bytes(b"".join(line for *_, line in happened))

    def feed(self, path: Path | None = None) -> None:
        """Puts a file of records on Kafka, flat out."""
        done = subprocess.run(self.feeder(path), cwd=ROOT, capture_output=True, text=True, check=False, timeout=600)
        if done.returncode:
            raise SystemExit(f"the records cannot be fed\n{done.stderr[-2000:]}")

    def feeder(self, path: Path | None = None, *pace: str) -> list[str]:
        """The command that feeds; `pace` is events a second and seconds."""
        return [str(PEERS_PYTHON), "-m", "bench.peers.feeder", self.ground.kafka, str(path or self.records), *pace]

    def start_anew(self, group: str) -> None:
        """The engine as if it had never run on these topics: an empty Redis, a new group, nothing told yet."""
        with self.ground.redis() as client:
            client.flushall()
        asyncio.run(self._remake())
        self.live.run("topics", "create")
        self.live.set(GROUP=f"{self.live.prefix}{group}")
        self.live.run("fit", "load", str(self.accounts), "--icp", str(self.icp), "--yes")

    def close(self) -> None:
        """The files go, and with them the states of peers; what is in Kafka stays."""
        shutil.rmtree(self.folder)

    async def _make(self, *topics: str) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.ground.kafka)
        await admin.start()
        try:
            await admin.create_topics([NewTopic(topic, self.partitions, 1) for topic in topics])
        finally:
            await admin.close()

    async def _remake(self) -> None:
        admin = AIOKafkaAdminClient(bootstrap_servers=self.ground.kafka)
        await admin.start()
        try:
            await admin.delete_topics([f"{self.live.prefix}{topic}" for topic in _OURS])
            while {f"{self.live.prefix}{topic}" for topic in _OURS} & set(await admin.list_topics()):  # noqa: ASYNC110 (the broker tells nobody)
                await asyncio.sleep(0.05)
        finally:
            await admin.close()


def probe_name(number: int) -> str:
    """The account of a probe: it fits, and has no signal yet."""
    return f"probe-{number}.com"


def _line(one: Made, more: bytes) -> bytes:
    """A line of an event file: the record's value, with its kind and with `more` fields where it is an object."""
    value = one.value
    if value.endswith(b"}") and value.startswith(b"{"):
        kind = b"" if b'"kind":' in value else b'"kind":"%b",' % one.kind.encode()
        value = b"{" + kind + more + value[1:]
    return value + b"\n"


def _order(one: Made) -> tuple[str, str]:
    """By time and id, where they can be read."""
    try:
        result = json.loads(one.value)
    except ValueError:
        return "", ""
    return str(result.get("occurred_at", "")), str(result.get("event_id", ""))


def _rows(accounts: int, probes: int) -> Iterator[str]:
    """A third of the accounts fits, in two tiers."""
    for number in range(accounts):
        yield f"{account_name(number)},{('B2B', 'Retail', 'Games')[number % 3]},{('us', 'fr')[number % 2]}\n"
    for number in range(probes):
        yield f"{probe_name(number)},B2B,us\n"
