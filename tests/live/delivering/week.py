"""A market whose clock moves by days: real processes on servers of their own, and nothing leaves the machine."""

import asyncio
import base64
import json
import sys
import time
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final

import aiohttp
from aiohttp import web

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.deliveries.inbox import RedisInbox
from signal_engine.embedded_servers.broker import EmbeddedBroker
from signal_engine.embedded_servers.valkey import EmbeddedValkey
from signal_engine.wire.instants import format_instant
from signal_engine.wire.messages.inbox import InboxMessage
from testing import processes
from testing.clocked import put_ahead
from testing.crm.hubspot import HubSpotShaped
from testing.processes import ROOT
from testing.records import ToProduce
from testing.servers.process import free_port
from testing.worker import Worker
from tests.live.engine import Engine, engine

PARTITIONS: Final = 2
REP: Final = "sdr.west@example.com"
_DAY_S: Final = 86_400
_WITHIN_S: Final = 120.0
_ROUTES: Final = """\
version: 1
destinations:
  direct: {slack: {token_file: TOKEN, direct: true}}
  revops: {slack: {token_file: TOKEN, channel: "#revops"}}
  mail: {email: {from: Signal Engine <signals@example.com>}}
people:
  SDR West: {email: sdr.west@example.com}
routes:
  - {when: {audience: triage}, to: [revops], now: always}
  - {when: {type: cooled}, to: [mail], now: always}
  - {when: {tier: A}, to: [direct], now: always}
  - {to: [mail], digest: weekly Mon 08:00}
"""
_SYNC: Final = "version: 1\nevery: 1\nsinks:\n  crm: {hubspot: {token_file: TOKEN, create: true}}\n"
_FIELDS: Final = (
    "decision", "tier", "icp", "icp_version", "reason", "rule_owner", "score", "level", "badge", "why_now",
    "hot_until", "last_signal",
)  # fmt: skip


class Week:
    """What somebody who lives through it may do."""

    def __init__(self, live: Engine, portal: HubSpotShaped, portal_url: str, clock: Path) -> None:
        self.live, self.portal = live, portal
        self._portal_url, self._clock = portal_url, clock
        self.url = f"http://127.0.0.1:{free_port()}"
        self._monday = _next_monday()
        self.go_to(0, 7, 30)
        self._configure()

    def go_to(self, day: int, hour: int, minute: int = 0) -> None:
        """The clock of every process, to this time (UTC) of a day; 0 is the first Monday."""
        at = self._monday + timedelta(days=day, hours=hour, minutes=minute)
        put_ahead(self._clock, at.timestamp() - time.time())

    def now(self) -> int:
        """ms since 1970, by that clock."""
        return round((time.time() + float(self._clock.read_text())) * 1000)

    def start(self, *words: str, module: str = "signal_engine") -> Worker:
        """A process that goes on."""
        return self.live.worker([sys.executable, "-u", "-m", "testing.clocked", str(self._clock), module, *words])

    async def run(self, *words: str) -> str:
        """What a command prints."""
        return await self._ran("signal_engine", *words)

    async def sync(self, *words: str) -> str:
        """What `sync` prints whose CRM is on this machine."""
        return await self._ran("faults.harness.dying.sync_process", json.dumps({"hubspot": self._portal_url}), *words)

    async def _ran(self, module: str, *words: str) -> str:
        command = [sys.executable, "-u", "-m", "testing.clocked", str(self._clock), module, *words]
        done = await asyncio.to_thread(processes.run, command, env=self.live.environment, timeout=_WITHIN_S)
        assert done.returncode == 0, (words, done.stdout[-2000:], done.stderr[-2000:])
        return done.stdout

    async def signals(self, account: str, *events: Mapping[str, Any]) -> None:
        """Signals of an account that arrive now, each of its `kind`."""
        at, place = self.now(), partitioner(PARTITIONS)(account)
        records = []
        for number, one in enumerate(events):
            told = {"event_id": f"{account}-{at}-{number}", "account_id": account, "occurred_at": format_instant(at)}
            event = {**told, **one}
            value = json.dumps(event).encode()
            records.append(ToProduce(str(one["kind"]), place, account.encode(), value, event, timestamp=at))
        await self.live.produce(records)

    async def messages(self) -> list[InboxMessage]:
        """What people got, newest first."""
        async with Channel(self.live.redis_url) as channel:
            return await RedisInbox(channel, self.live.prefix).newest(100)

    async def message(self, medium: str, *words: str) -> InboxMessage:
        """The newest message of a medium that says all of this, once it is there."""
        found: list[InboxMessage] = []

        async def there() -> bool:
            every = [one for one in await self.messages() if one.medium == medium]
            found[:] = [one for one in every if all(word in json.dumps(one.content) for word in words)]
            return bool(found)

        await self.live.until(there, _WITHIN_S, f"no {medium} says {words}")
        return found[0]

    async def press(self, message: InboxMessage, element: int) -> None:
        """A button of a message, by its place."""
        headers = {"Origin": self.url, "Content-Type": "application/json"}
        body = json.dumps({"message": message.message_id, "element": element})
        url = f"{self.url}/inbox/clicks"
        async with aiohttp.ClientSession() as client, client.post(url, data=body, headers=headers) as answer:
            assert answer.status == 202, await answer.text()

    async def in_the_crm(self, account: str) -> dict[str, str]:
        """The company of an account, after a look of `sync`."""
        await self.sync("run", "crm", "--yes")
        (company,) = [one for one in self.portal.companies.values() if one.get("se_account_id") == account]
        return company

    def _configure(self) -> None:
        folder = self.live.folder
        token = folder / "token"
        token.write_text("pat-test")
        for name, text in (("routes.yaml", _ROUTES), ("sync.yaml", _SYNC)):
            (folder / name).write_text(text.replace("TOKEN", str(token)))
        self.live.set(
            SCORING=str(ROOT / "config" / "scoring.yaml"),
            PLAYS=str(ROOT / "config" / "plays.yaml"),
            ROUTES=str(folder / "routes.yaml"),
            SYNC=str(folder / "sync.yaml"),
            LOCAL_INBOX="true",
            LINK_KEYS=f"week:{base64.b64encode(bytes(range(32))).decode()}",
            PUBLIC_URL=self.url,
            API_PORT=self.url.rpartition(":")[2],
            API_ACTOR=REP,
            NOTIFY_PORT="0",
            DIGEST_PORT="0",
            OUTGOING_ALLOW="127.0.0.0/8",
        )


@asynccontextmanager
async def a_week(folder: Path) -> AsyncIterator[Week]:
    """Servers, topics, a CRM that has nobody yet; no process of ours runs."""
    async with AsyncExitStack() as stack:
        servers = [EmbeddedValkey(), EmbeddedBroker()]
        for server in servers:
            await asyncio.to_thread(server.start)
            stack.push_async_callback(asyncio.to_thread, server.stop)
        portal = HubSpotShaped(calls_per_ten_seconds=10_000)
        portal.properties |= {f"se_{name}": {"name": f"se_{name}"} for name in _FIELDS}
        portal.properties["se_account_id"] = {"name": "se_account_id", "hasUniqueValue": True}
        runner = web.AppRunner(portal.application(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        live = stack.enter_context(engine(servers[1].address, servers[0].url, "week.", folder, PARTITIONS))
        week = Week(live, portal, f"http://127.0.0.1:{runner.addresses[0][1]}", folder / "clock")
        await week.run("topics", "create")
        yield week


def icp(folder: Path, version: int) -> str:
    """The shipped profile of the mid-market as this version of it."""
    text = (ROOT / "config" / "icp" / "midmarket-saas.yaml").read_text()
    path = folder / f"midmarket-{version}.yaml"
    path.write_text(text.replace("version: 3", f"version: {version}"))
    return str(path)


def _next_monday() -> datetime:
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)
    return today + timedelta(days=7 - today.weekday())


def researching(*people: str) -> Iterator[dict[str, Any]]:
    """What a company that looks for a CRM does: two topics, and these people on the price list."""
    for topic, score in (("CRM", 91), ("sales forecasting", 84)):
        yield {"kind": "intent", "topic": topic, "score": score}
    for persona in people:
        yield {"kind": "engagement", "activity": "pricing_view", "persona": persona, "page": "/pricing"}
