"""The keys of the ledger, and what becomes of one that somebody wrote over with another type of value."""

from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from signal_engine.adapters.redis.connecting.channel import Argument, Channel, Command
from signal_engine.adapters.redis.connecting.keys import checked
from signal_engine.adapters.redis.connecting.scripts import PUT_AWAY, PUT_AWAY_TYPE, Script
from signal_engine.adapters.redis.connecting.troubles import is_of_wrong_type
from signal_engine.engine.ports.store import WrongServer

_Answer = TypeVar("_Answer")
_SETS: Final = frozenset({"finished", "due", "digest", "looks"})
"""Parts of a partition that are sorted sets, of all or of one destination; the others are hashes."""
_BELONG_TOGETHER: Final = frozenset({"rows", "alerts", "due", "digest"})
"""Parts without one of which rows are never sent, or say nothing: the partition is as if it were lost then."""


class LedgerKeys:
    """Commands over the ledger's own keys.

    With `put_away`, a key of another type is moved to one that begins with `unreadable`, and the command is sent again.
    Without it, as for readers, such a key is an error.
    """

    def __init__(self, channel: Channel, prefix: str, put_away: Callable[[str, str], None] | None) -> None:
        """`put_away` is told the key, and the key under which it is kept, without the prefix. Raises ValueError for a
        prefix with braces.
        """
        self._channel, self._put_away, self._prefix = channel, put_away, checked(prefix)
        self._root = f"{self._prefix}deliveries:"

    def of(self, partition: int, part: str) -> str:
        """The key of a part of a partition."""
        return f"{self._root}{{{partition}}}:{part}"

    def shared(self, part: str) -> str:
        """The key of what belongs to no partition."""
        return f"{self._root}{part}"

    async def call(self, *command: Argument) -> Any:
        """See `Channel`; the first argument is the key."""
        return (await self.calls([command]))[0]

    async def calls(self, commands: Sequence[Command]) -> list[Any]:
        """See `Channel`; commands are safe to repeat, and the first argument of each is a key."""
        keys = [str(command[1]) for command in commands]
        return await self._readable(keys, partial(self._channel.calls, commands))

    async def run(self, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """See `Channel`; the script can be made again where it has met a key of another type."""
        return await self._readable(keys, partial(self._channel.run, script, keys, arguments))

    @property
    def moves(self) -> bool:
        """Whether keys that cannot be read are moved away."""
        return self._put_away is not None

    async def put_away_head(self, partition: int, position: bytes) -> bool:
        """Move the head of a partition away, if it still says `position`."""
        key, kept = self.of(partition, "head"), self.of(partition, "unreadable_head")
        moved = bool(await self._channel.run(PUT_AWAY, [key, kept], ["position", position]))
        if moved:
            self._say(key, kept)
        return moved

    async def _readable(self, keys: Sequence[str], ask: Callable[[], Awaitable[_Answer]]) -> _Answer:
        try:
            return await ask()
        except WrongServer as trouble:
            if not self.moves or not is_of_wrong_type(trouble):
                raise
        for key in dict.fromkeys(keys):
            await self._put_away_if_wrong(key)
        return await ask()

    async def _put_away_if_wrong(self, key: str) -> None:
        place, part = self._place_of(key)
        type_, kept = self._type_of(place, part), f"{self._root}{place}unreadable_{part}"
        if not await self._channel.run(PUT_AWAY_TYPE, [key, kept], [type_]):
            return
        self._say(key, kept)
        if place and part.partition(":")[0] in _BELONG_TOGETHER:
            for other in ("head", "rows"):
                there, kept = f"{self._root}{place}{other}", f"{self._root}{place}unreadable_{other}"
                if there != key and await self._channel.run(PUT_AWAY_TYPE, [there, kept], [""]):
                    self._say(there, kept)

    def _place_of(self, key: str) -> tuple[str, str]:
        """`{7}:` and `due:ops`, or nothing and what belongs to no partition."""
        own = key.removeprefix(self._root)
        place, between, part = own.partition("}:")
        return (place + between, part) if own.startswith("{") and between else ("", own)

    def _type_of(self, place: str, part: str) -> str:
        """As Redis calls it."""
        if place:
            return "zset" if part.partition(":")[0] in _SETS else "hash"
        return {"partitions": "set", "disabled": "hash"}.get(part, "string")

    def _say(self, key: str, kept: str) -> None:
        if self._put_away is not None:
            self._put_away(key.removeprefix(self._prefix), kept.removeprefix(self._prefix))
