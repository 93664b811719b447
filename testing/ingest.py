"""`ingest` as a process, and senders that remember what they were answered."""

import asyncio
import itertools
import json
import time
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import aiohttp

from testing.processes import COMMAND
from testing.waiting import listens
from testing.worker import Worker

_STARTS_WITHIN_S: Final = 60.0
_POLL_S: Final = 0.05


class IngestProcess(Worker):
    """`signal-engine ingest` on a port, its log in a file."""

    def __init__(self, log: Path, environment: Mapping[str, str], port: int) -> None:
        self.url: Final = f"http://127.0.0.1:{port}"
        self._port = port
        super().__init__(log, {**environment, "SIGNAL_ENGINE_INGEST_PORT": str(port)}, [*COMMAND, "ingest"])

    async def started(self) -> None:
        """Waits until it listens and takes events. Raises `AssertionError`."""
        deadline = time.monotonic() + _STARTS_WITHIN_S
        async with aiohttp.ClientSession() as client:
            while True:
                assert self.process.poll() is None, f"ingest has ended:\n{self.log.read_text()[-2000:]}"
                assert time.monotonic() < deadline, f"ingest takes no events:\n{self.log.read_text()[-2000:]}"
                if listens(self._port):
                    async with client.get(f"{self.url}/readyz") as told:
                        if told.status == 200:
                            return
                await asyncio.sleep(_POLL_S)


class Senders:
    """Programs that send events one request after the other, each until it is answered for, under the same id."""

    def __init__(self, url: str, many: int = 8, events: int = 20, accounts: int = 50) -> None:
        """`many` at once, each with so many `events` a request, of so many `accounts`."""
        self._url = f"{url}/v1/events"
        self._many, self._events, self._accounts = many, events, accounts
        self._numbers = itertools.count()
        self._ending = False
        self._tasks: list[asyncio.Task[None]] = []
        self.accepted: Final[set[str]] = set()
        """Ids for which `ingest` has answered."""
        self.given: Final[set[str]] = set()
        """Ids that were sent at all."""
        self.statuses: Final[dict[int, int]] = {}
        """How often each was answered; 0: no answer."""

    def start(self) -> None:
        """Begins to send."""
        self._tasks = [asyncio.create_task(self._send()) for _ in range(self._many)]

    async def end(self) -> None:
        """Ends once everything that was begun is answered for."""
        self._ending = True
        await asyncio.gather(*self._tasks)

    async def _send(self) -> None:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=30)) as client:
            while not self._ending:
                left = {one["event_id"]: one for one in self._new()}
                self.given.update(left)
                while left:
                    for accepted in await self._answered(client, list(left.values())):
                        self.accepted.add(accepted)
                        left.pop(accepted, None)

    async def _answered(self, client: aiohttp.ClientSession, events: list[dict[str, Any]]) -> list[str]:
        """The ids that were accepted."""
        try:
            async with client.post(self._url, json=events) as told:
                self._count(told.status)
                document = json.loads(await told.read())
        except (aiohttp.ClientError, TimeoutError, OSError):
            self._count(0)
            await asyncio.sleep(_POLL_S)
            return []
        if told.status == 503:
            assert told.headers["Retry-After"].isdigit()
            await asyncio.sleep(_POLL_S)
        return [one["event_id"] for one in document.get("results", ()) if one["status"] == "accepted"]

    def _count(self, status: int) -> None:
        self.statuses[status] = self.statuses.get(status, 0) + 1

    def _new(self) -> Iterator[dict[str, Any]]:
        for number in itertools.islice(self._numbers, self._events):
            yield {
                "kind": "engagement",
                "event_id": f"sent-{number}",
                "account_id": f"account-{number % self._accounts}.com",
                "occurred_at": datetime.now(UTC).isoformat(),
                "activity": "page_view",
            }
