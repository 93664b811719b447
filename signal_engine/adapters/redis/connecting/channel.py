"""The connection to one server: commands in, replies out, errors as `StoreTrouble`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import hiredis
from redis._parsers.hiredis import NOT_ENOUGH_DATA
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import (
    ConnectionError,  # noqa: A004 (redis-py's)
    MasterDownError,
    NoPermissionError,
    NoScriptError,
    ReadOnlyError,
    RedisError,
    ResponseError,
)

from signal_engine.adapters.redis.connecting.scripts import Script
from signal_engine.adapters.redis.connecting.troubles import trouble
from signal_engine.engine.ports.store import StoreTrouble, WrongServer

Argument = str | bytes | int | float
Command = tuple[Argument, ...]
_pack: Final[Callable[[Command], bytes]] = hiredis.pack_command  # type: ignore[assignment]  # typed as a tuple of one

_ELSEWHERE: Final = (ReadOnlyError, MasterDownError, NoPermissionError)

_MOST_CONNECTIONS: Final = 100
"""At once; whoever comes then waits for one: ten thousand alerts, or as many requests, are no outage."""
_ANSWER_TIMEOUT_S: Final = 5.0
"""Seconds without an answer after which a server counts as unreachable."""


class Channel:
    """Connections to one server, bound to one event loop.

    Commands are packed by hiredis, since redis-py's own packer takes most of the time of a command. Nothing is retried
    here: the engine does that, because it knows what to reload.
    """

    def __init__(self, url: str, answer_within: float = _ANSWER_TIMEOUT_S) -> None:
        """Connects at the first call. Raises `WrongServer` if `url` is not a Redis URL."""
        try:
            self._pool = ConnectionPool.from_url(
                url,
                max_connections=_MOST_CONNECTIONS,
                protocol=2,  # the same replies from every server
                retry=Retry(NoBackoff(), 0),
                socket_timeout=answer_within,
                socket_connect_timeout=answer_within,
            )
        except ValueError:  # its message can quote part of the password
            advice = "redis://user:password@host:6379/0, with / @ : ? # in the password percent-encoded"
            raise WrongServer(f"the Redis URL is invalid; it must look like {advice}") from None
        options = self._pool.connection_kwargs
        host = f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"
        self._room = asyncio.Semaphore(_MOST_CONNECTIONS)
        self._acquire: Callable[[], Awaitable[Any]] = self._pool.get_connection
        self.address = f"{options.get('path') or host}/{options.get('db', 0)}"
        """Where the server is, for messages."""
        password = options.get("password")
        self._secrets = (password, quote(password, safe="")) if password else ()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close all connections."""
        await self._pool.aclose()

    async def call(self, *command: Argument) -> Any:
        """The reply to one command. Raises `StoreTrouble`."""
        return (await self.calls([command]))[0]

    async def calls(self, commands: Sequence[Command]) -> list[Any]:
        """The replies to `commands`, sent together over one connection; not atomic. Raises `StoreTrouble`."""
        replies = await self.answers(commands)
        for reply in replies:
            if isinstance(reply, Exception):
                raise self.trouble(reply) from None
        return replies

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """The reply of a script, whose text is sent only if the server does not know it. Raises `StoreTrouble`."""
        (reply,) = await self.answers([("EVALSHA", script.sha, len(keys), *keys, *arguments)])
        if isinstance(reply, NoScriptError):
            return await self.call("EVAL", script.text, len(keys), *keys, *arguments)
        if isinstance(reply, Exception):
            raise self.trouble(reply) from None
        return reply

    async def answers(self, commands: Sequence[Command]) -> list[Any]:
        """Like `calls`, but error replies are values (ResponseError). Raises `StoreTrouble` for other failures."""
        async with self.connected() as connection:
            return await connection.answers(commands)

    @asynccontextmanager
    async def connected(self) -> "AsyncIterator[Connected]":
        """One connection for a sequence of commands. Raises `StoreTrouble`.

        An exception inside the block closes it, and so ends an open transaction.
        """
        cancellations = _cancellations()
        try:
            async with self._room:
                connection = await self._acquire()
                try:
                    _raise_later_one(cancellations)
                    mine = Connected(connection)
                    yield mine
                    if mine.is_to_be_made_anew:
                        await connection.disconnect(nowait=True)
                except BaseException:  # also on cancellation: the next caller must not get these replies
                    await connection.disconnect(nowait=True)
                    raise
                finally:
                    await self._pool.release(connection)
        except (RedisError, OSError, TimeoutError) as error:
            raise self.trouble(error) from None  # the cause may quote the password

    def trouble(self, error: Exception) -> StoreTrouble:
        """The `StoreTrouble` for `error`; raise it `from None`."""
        return trouble(error, self.address, self._secrets)


class Connected:
    """One connection of a `Channel`."""

    def __init__(self, connection: Any) -> None:
        self._connection = connection
        self.is_to_be_made_anew = False
        """Whether the server said it cannot serve us (any more): its name may lead to another server by now."""

    async def answers(self, commands: Sequence[Command]) -> list[Any]:
        """The replies; error replies are values (ResponseError). Raises the client's exceptions for other failures."""
        cancellations = _cancellations()
        await self._connection.send_packed_command([_pack(command) for command in commands])
        _raise_later_one(cancellations)
        replies = await _replies(self._connection, len(commands))
        if any(isinstance(reply, _ELSEWHERE) for reply in replies):
            self.is_to_be_made_anew = True
        return replies


def _cancellations() -> int:
    """How often the task that runs has been cancelled."""
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()


def _raise_later_one(before: int) -> None:
    """Raises CancelledError where the task was cancelled since it had been `before` times.

    redis-py sends by `asyncio.wait_for`, which up to Python 3.11 swallows a cancellation that comes while it ends: who
    calls Redis for ever would do so after its only cancellation, and its process would have to be ended by force.
    """
    if _cancellations() > before:
        raise asyncio.CancelledError


async def _replies(connection: Any, number: int) -> list[Any]:
    """Read `number` replies, taking those that have already arrived from redis-py's reader without waiting.

    A transaction has one extra reply per command, and redis-py creates a timeout for each: most of a small transaction.
    """
    replies: list[Any] = []
    while len(replies) < number:
        replies.append(await _reply(connection))
        come = connection._parser._reader.gets  # noqa: SLF001 (pinned by a test)
        while len(replies) < number and (reply := come()) is not NOT_ENOUGH_DATA:
            if isinstance(reply, ConnectionError):
                raise reply
            replies.append(reply)
    return replies


async def _reply(connection: Any) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        # With its frames it is garbage that only the collector finds, which in a worker runs seldom: 30 MB in ten
        # minutes, where a server that does not know WAITAOF is asked for it again and again.
        return error.with_traceback(None)
