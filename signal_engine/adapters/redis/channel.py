"""One server to talk to: commands in, replies out, trouble told in the engine's words."""

from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Final, Self
from urllib.parse import quote

import hiredis
from redis.asyncio.connection import ConnectionPool
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import NoScriptError, RedisError, ResponseError

from signal_engine.adapters.redis.scripts import Script
from signal_engine.adapters.redis.troubles import trouble
from signal_engine.engine.step_store import StoreTrouble, WrongServer

Argument = str | bytes | int | float
Command = tuple[Argument, ...]
_pack: Final[Callable[[Command], bytes]] = hiredis.pack_command  # type: ignore[assignment]  # typed as a tuple of one

ANSWER_WITHIN: Final = 5.0
"""Seconds without an answer after which a server counts as unreachable."""


class Channel:
    """Connections to one server, of one event loop.

    Commands are packed by hiredis: of the time that an argument takes, redis-py's own packer is most. Nothing is tried
    twice here: the engine does that, where it also knows what to reload.
    """

    def __init__(self, url: str, answer_within: float = ANSWER_WITHIN) -> None:
        """Connects at the first call. Raises `WrongServer` for what is not a Redis URL."""
        try:
            self._pool = ConnectionPool.from_url(
                url,
                protocol=2,  # the same replies from every server
                retry=Retry(NoBackoff(), 0),
                socket_timeout=answer_within,
                socket_connect_timeout=answer_within,
            )
        except ValueError:  # its message can quote a part of the password
            advice = "redis://user:password@host:6379/0, with / @ : ? # in the password percent-encoded"
            raise WrongServer(f"the Redis URL cannot be read; it looks like {advice}") from None
        options = self._pool.connection_kwargs
        host = f"{options.get('host', 'localhost')}:{options.get('port', 6379)}"
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
        """Closes every connection."""
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
        """The reply of a script; it is sent whole only to a server that does not know it. Raises `StoreTrouble`."""
        (reply,) = await self.answers([("EVALSHA", script.sha, len(keys), *keys, *arguments)])
        if isinstance(reply, NoScriptError):
            return await self.call("EVAL", script.text, len(keys), *keys, *arguments)
        if isinstance(reply, Exception):
            raise self.trouble(reply) from None
        return reply

    async def answers(self, commands: Sequence[Command]) -> list[Any]:
        """As `calls`, with what the server refused as a value: ResponseError. Raises `StoreTrouble` for the rest."""
        packed = [_pack(command) for command in commands]
        try:
            connection = await self._acquire()
            try:
                await connection.send_packed_command(packed)
                return [await _reply(connection) for _ in commands]
            except BaseException:  # also when cancelled: the next caller must not get this one's replies
                await connection.disconnect(nowait=True)
                raise
            finally:
                await self._pool.release(connection)
        except (RedisError, OSError, TimeoutError) as error:
            raise self.trouble(error) from None  # the cause may quote the password

    def trouble(self, error: Exception) -> StoreTrouble:
        """What `error` means for the engine; to be raised `from None`."""
        return trouble(error, self.address, self._secrets)


async def _reply(connection: Any) -> Any:
    try:
        return await connection.read_response()
    except ResponseError as error:
        # With its frames it is garbage that only the collector finds, which in a worker runs seldom: 30 MB in ten
        # minutes, where a server that does not know WAITAOF is asked for it again and again.
        return error.with_traceback(None)
