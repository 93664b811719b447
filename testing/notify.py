"""`notify` as a process, a receiver of its webhooks that enforces what real ones do, and alerts for its topic."""

import asyncio
import base64
import hashlib
import hmac
import json
import time
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final
from uuid import uuid4

import aiohttp
from aiohttp import web
from aiokafka import AIOKafkaProducer

from testing.processes import COMMAND
from testing.waiting import listens
from testing.worker import Worker

_STARTS_WITHIN_S: Final = 60.0
_POLL_S: Final = 0.05
_TOLERANCE_S: Final = 300
"""As Standard Webhooks have it."""
_LARGEST: Final = 256 * 1024
SECRET: Final = "whsec_" + base64.b64encode(b"a secret that only the tests know").decode()


class NotifyProcess(Worker):
    """`signal-engine notify` on a port, its log in a file."""

    def __init__(self, log: Path, environment: Mapping[str, str], port: int, command: Sequence[str] = ()) -> None:
        """`command` starts another one than `signal-engine notify`."""
        self.url: Final = f"http://127.0.0.1:{port}"
        self._port = port
        own = {"SIGNAL_ENGINE_NOTIFY_PORT": str(port), "SIGNAL_ENGINE_OUTGOING_ALLOW": "127.0.0.0/8"}
        super().__init__(log, {**environment, **own}, command or [*COMMAND, "notify"])

    async def started(self) -> None:
        """Waits until it has partitions. Raises `AssertionError`."""
        await self.is_ready(("ready", "degraded"))

    async def is_ready(self, states: Sequence[str]) -> dict[str, Any]:
        """Waits until `/readyz` says one of `states`; what it says then. Raises `AssertionError`."""
        deadline = time.monotonic() + _STARTS_WITHIN_S
        async with aiohttp.ClientSession() as client:
            while True:
                assert self.process.poll() is None, f"notify has ended:\n{self.log.read_text()[-3000:]}"
                assert time.monotonic() < deadline, f"notify is not {states}:\n{self.log.read_text()[-3000:]}"
                if listens(self._port):
                    async with client.get(f"{self.url}/readyz") as told:
                        document: dict[str, Any] = await told.json(content_type=None)
                        if document["status"] in states:
                            return document
                await asyncio.sleep(_POLL_S)

    async def metrics(self) -> str:
        """What `/metrics` says."""
        async with aiohttp.ClientSession() as client, client.get(f"{self.url}/metrics") as told:
            return await told.text()


class WebhookReceiver:
    """Takes Standard Webhooks: checks signature, age and size, and knows deliveries by their id."""

    def __init__(self) -> None:
        self.url = ""
        self.came: Counter[str] = Counter()
        """Delivery id -> requests that it accepted."""
        self.alerts: dict[str, float] = {}
        """Alert id -> when it came first (s since 1970)."""
        self.bodies: dict[str, dict[str, Any]] = {}
        """Alert id -> what came of it last."""
        self.late: dict[str, set[str]] = defaultdict(set)
        """Alert id -> ids of the deliveries that told that nobody responded to it."""
        self.refused: list[str] = []
        """What was wrong with requests that it refused."""
        self.busy = 0
        """How many of the next requests are answered with 429 and `retry_after_s`."""
        self.retry_after_s = 1
        self.status = 200
        """What it answers; another one than 200 accepts nothing."""
        self.requests = 0
        self.asked: dict[str, list[int]] = defaultdict(list)
        """Delivery id -> the senders' timestamps (s) of all its requests, refused ones too."""
        self.ahead_s = 0.0
        """Seconds by which the senders' clocks are ahead of this one's."""

    async def take(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        self.requests += 1
        if stamp := request.headers.get("webhook-timestamp"):
            self.asked[request.headers.get("webhook-id", "")].append(int(stamp))
        if self.busy:
            self.busy -= 1
            return web.Response(status=429, headers={"Retry-After": str(self.retry_after_s)})
        if self.status != 200:
            return web.Response(status=self.status)
        body = await request.read()
        if problem := _problem(request.headers, body, time.time() + self.ahead_s):
            self.refused.append(problem)
            return web.Response(status=400, text=problem)
        self.came[request.headers["webhook-id"]] += 1
        told = json.loads(body)
        if told["type"] == "alert.late":
            self.late[told["alert_id"]].add(told["delivery_id"])
        self.alerts.setdefault(told["alert_id"], time.time())
        self.bodies[told["alert_id"]] = told
        return web.Response(status=200)


@asynccontextmanager
async def webhook_receiver() -> AsyncIterator[WebhookReceiver]:
    """A receiver on a free port of this machine."""
    receiver = WebhookReceiver()
    app = web.Application(client_max_size=4 * _LARGEST)
    app.router.add_route("*", "/{rest:.*}", receiver.take)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/hook"
    try:
        yield receiver
    finally:
        await runner.cleanup()


def _problem(headers: Mapping[str, str], body: bytes, now: float) -> str | None:
    """What is wrong with a delivery by the rules of Standard Webhooks, at `now` (s since 1970)."""
    if len(body) > _LARGEST:
        return "too large"
    key = base64.b64decode(SECRET.removeprefix("whsec_"))
    text = f"{headers.get('webhook-id')}.{headers.get('webhook-timestamp')}.".encode() + body
    right = base64.b64encode(hmac.new(key, text, hashlib.sha256).digest()).decode()
    if f"v1,{right}" not in headers.get("webhook-signature", "").split():
        return "wrong signature"
    if abs(now - int(headers["webhook-timestamp"])) > _TOLERANCE_S:
        return "too old or from the future"
    return None


def routes_to(
    folder: Path, urls: Mapping[str, str], routes: Sequence[str] = (), others: Mapping[str, str] | None = None
) -> Path:
    """A routes file whose destinations are these webhooks; without `routes`, everything goes to all of them at once.

    `others` are further destinations, as YAML.
    """
    (folder / "secret").write_text(SECRET)
    lines = ["version: 1", "destinations:"]
    for name, url in urls.items():
        (folder / f"{name}.url").write_text(url)
        files = f"url_file: {folder / f'{name}.url'}, secret_file: {folder / 'secret'}"
        lines.append(f"  {name}: {{webhook: {{{files}}}}}")
    lines += [f"  {name}: {{{what}}}" for name, what in (others or {}).items()]
    every = ", ".join((*urls, *(others or {})))
    lines += ["routes:", f"  - {{when: {{audience: triage}}, to: [{every}]}}"]
    lines += routes or [f"  - {{to: [{every}], now: always}}"]
    path = folder / "routes.yaml"
    path.write_text("\n".join(lines) + "\n")
    return path


def an_alert(account: str, **changed: Any) -> dict[str, Any]:
    """A whole alert as the topic has it, with an id of its own."""
    at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {
        "alert_id": str(uuid4()), "type": "entered_hot", "at": at, "episode": 1, "rank": None, "previous_rank": None,
        "badge": "hot", "pinned": False, "hand_raised_at": None, "why_now": "Hiring: VP Sales", "why_now_at": at,
        "claimed_by": None, "claimed_at": None, "account_id": account, "name": account, "score": 72.5,
        "priority": 72.5, "level": "hot", "since": at, "fit": 85.0, "tier": "A", "icp": "b2b", "icp_version": 1,
        "owner": "Bo Lind", "sdr": "Ann Roe", "relation": "prospect", "segment": None, "crm_id": None, "parts": [],
        "kinds_live": ["hiring"], "cools_at": at, "last_signal_at": at, "people": [], "personas_live": [],
        "tipped_by": None, "previous_level": "warm", "threshold": 60.0, "audience": "sdr", "raised_by": None,
        "triage_reason": None, "recorded": None, "config_version": "1-f425335f",
        **changed,
    }  # fmt: skip


async def produce_alerts(kafka: str, topic: str, partitions: int, alerts: Sequence[dict[str, Any] | bytes]) -> None:
    """Append alerts to the topic, an account's to one partition."""
    producer = AIOKafkaProducer(bootstrap_servers=kafka, linger_ms=5)
    await producer.start()
    try:
        for number, alert in enumerate(alerts):
            value = alert if isinstance(alert, bytes) else json.dumps(alert).encode()
            account = str(number) if isinstance(alert, bytes) else alert["account_id"]
            place = int.from_bytes(hashlib.sha256(account.encode()).digest()[:4], "big") % partitions
            await producer.send(topic, value, key=account.encode(), partition=place)
        await producer.flush()
    finally:
        await producer.stop()
