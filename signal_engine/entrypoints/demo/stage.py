"""The servers, the worker and the API as supervised processes in temporary folders: all of it ends with us."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.embedded_servers.broker import EmbeddedBroker
from signal_engine.embedded_servers.server import LOOPBACK, free_port
from signal_engine.embedded_servers.supervised import ServerFailed, SupervisedProcess
from signal_engine.embedded_servers.valkey import EmbeddedValkey
from signal_engine.entrypoints.demo.delivering import link_key, write_routes
from signal_engine.wire.instants import format_instant

PARTITIONS: Final = 4
POLL_INTERVAL_S: Final = 0.5
"""Seconds between two list evaluations."""
_COMMAND_TIMEOUT_S: Final = 60.0
_RECHECK_S: Final = 0.05
_OURS: Final = "SIGNAL_ENGINE_"


class _OwnCommand(SupervisedProcess):
    """`signal-engine WORDS...` with settings of its own: none from the environment or a `.env` file."""

    def __init__(self, words: Sequence[str], settings: Mapping[str, str]) -> None:
        super().__init__()
        self.title = f"signal-engine {words[0]}"
        self._words = words
        self._settings = settings

    def command(self) -> Sequence[str]:
        """The command, run by this process's Python."""
        return [sys.executable, "-m", "signal_engine", *self._words]

    def environment(self) -> Mapping[str, str]:
        """This process's environment with the settings replaced."""
        kept = {name: value for name, value in os.environ.items() if not name.startswith(_OURS)}
        return {**kept, **self._settings}


class Stage:
    """Servers, topics, fit table and worker. A context manager; entering starts the servers and creates the topics.

    Raises `ServerFailed` if one of them fails.
    """

    def __init__(
        self,
        scoring: str,
        say: Callable[[str], None],
        actor: str,
        people: Mapping[str, str] | None = None,
        plays: str | None = None,
    ) -> None:
        """`scoring` is the path of the scoring file; `say` gets a line per step; `actor` is the e-mail address of who
        acts on the dashboard: whoever sits at this machine. `people` (name -> e-mail address) are those whose messages
        are delivered to the inbox of this machine, with next steps by the plays file `plays`; None: nothing is
        delivered, and there are no plays.
        """
        self._people = people
        self._plays = None if plays is None else _absolute(plays)
        self._link_key = link_key()
        self._delivering: list[_OwnCommand] = []
        self._actor = actor
        self._scoring = _absolute(scoring)
        self._say = say
        self._broker = EmbeddedBroker()
        self._valkey = EmbeddedValkey()
        self._worker: _OwnCommand | None = None
        self._api: _OwnCommand | None = None
        self._port = free_port()

    @property
    def url(self) -> str:
        """URL of the dashboard, which is up soon after the servers."""
        return f"http://{LOOPBACK}:{self._port}/"

    @property
    def connection(self) -> KafkaConnection:
        """The connection to the broker."""
        return KafkaConnection(self._broker.address)

    @property
    def redis_url(self) -> str:
        """URL of Valkey."""
        return self._valkey.url

    @property
    def addresses(self) -> dict[str, str]:
        """The settings with which other commands reach the same servers."""
        return {f"{_OURS}KAFKA_BOOTSTRAP_SERVERS": self._broker.address, f"{_OURS}REDIS_URL": self._valkey.url}

    async def __aenter__(self) -> Self:
        self._say(f"Starting {self._valkey.title} and {self._broker.title} in temporary folders")
        try:
            await self._start(self._valkey, self._broker)
            if self._people is not None:
                write_routes(self._valkey.folder, self._people)
            self._api = _OwnCommand(["api"], self._api_settings())
            await self._start(self._api)
            await self._run("topics", "create")
        except BaseException:
            await self._stop()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._stop()

    async def load_fit(self, accounts: str, accounts_as: str | None, icps: Sequence[str]) -> None:
        """Load the fit table. No worker runs yet, so it takes the table over before any event."""
        self._say("Loading the fit table")
        words = [word for icp in icps for word in ("--icp", _absolute(icp))]
        if accounts_as is not None:
            words += ["--as", accounts_as]
        await self._run("fit", "load", _absolute(accounts), *words, "--yes")

    async def start_worker(self) -> None:
        """Start the worker. Events already in the topics are a backlog, processed in order of time."""
        self._say("Starting the worker (a group takes some seconds to form)")
        self._worker = _OwnCommand(["worker"], self._settings())
        await self._start(self._worker)
        self.check()

    async def deliver(self, since: int) -> None:
        """Deliver alerts from `since` (ms) on, and everybody's digest now, to the inbox; returns before either is."""
        if self._people is None:
            return
        self._delivering = [
            _OwnCommand(["notify", "--since", format_instant(since)], self._settings()),
            _OwnCommand(["digest", "--send", "--yes"], self._settings()),
        ]
        await self._start(*self._delivering)

    def check(self) -> None:
        """Raise `ServerFailed` if one of the processes has ended by itself."""
        for process in (self._valkey, self._broker, self._worker, self._api, *self._delivering[:1]):
            if process is not None and (code := process.exit_code()) is not None:
                raise ServerFailed(f"{process.title} ended by itself (exit code {code}){process.last_words()}")

    def _settings(self) -> dict[str, str]:
        return {
            **self.addresses,
            **self._delivery_settings(),
            **({} if self._plays is None else {f"{_OURS}PLAYS": self._plays}),
            f"{_OURS}SCORING": self._scoring,
            f"{_OURS}PARTITIONS": str(PARTITIONS),
            f"{_OURS}PUBLISH_SECONDS": str(POLL_INTERVAL_S),
            f"{_OURS}LOG": "text",
        }

    def _delivery_settings(self) -> dict[str, str]:
        """Every message stays on this machine, whatever else is set."""
        if self._people is None:
            return {}
        return {
            f"{_OURS}LOCAL_INBOX": "true",
            f"{_OURS}ROUTES": str(self._valkey.folder / "routes.yaml"),
            f"{_OURS}LINK_KEYS": self._link_key,
            f"{_OURS}PUBLIC_URL": self.url.rstrip("/"),
            f"{_OURS}NOTIFY_PORT": "0",
        }

    def _api_settings(self) -> dict[str, str]:
        return {**self._settings(), f"{_OURS}API_PORT": str(self._port), f"{_OURS}API_ACTOR": self._actor}

    async def _run(self, *words: str) -> None:
        """Run a command to its end. Raises `ServerFailed` with its last output if it fails."""
        command = _OwnCommand(words, self._settings())
        try:
            await self._start(command)
            if code := await self._exit_code(command):
                raise ServerFailed(f"{command.title} failed (exit code {code}){command.last_words()}")
        finally:
            await asyncio.to_thread(command.stop)

    async def _exit_code(self, command: _OwnCommand) -> int:
        """Wait for the command, as long as its servers are up."""
        until = time.monotonic() + _COMMAND_TIMEOUT_S
        while (code := command.exit_code()) is None:
            self.check()
            if time.monotonic() > until:
                raise ServerFailed(f"{command.title} did not end within {_COMMAND_TIMEOUT_S:g} s{command.last_words()}")
            await asyncio.sleep(_RECHECK_S)
        return code

    async def _start(self, *processes: SupervisedProcess) -> None:
        started = await asyncio.gather(
            *(asyncio.to_thread(process.start) for process in processes), return_exceptions=True
        )
        for outcome in started:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _stop(self) -> None:
        # These first: they would retry their servers.
        own = [command for command in (self._worker, self._api, *self._delivering) if command is not None]
        await asyncio.gather(*(asyncio.to_thread(command.stop) for command in own))
        await asyncio.gather(*(asyncio.to_thread(server.stop) for server in (self._broker, self._valkey)))


def _absolute(path: str) -> str:
    return str(Path(path).resolve())
