"""What a sink was told, in Redis or Valkey: one hash a sink, its state beside it, a counter a day."""

from collections.abc import Mapping, Sequence
from typing import Final

from signal_engine.adapters.redis.connecting.channel import Argument, Channel, Command
from signal_engine.adapters.redis.connecting.keys import sync_keys
from signal_engine.adapters.redis.connecting.scripts import LEAVE_TURN, TAKE_TURN
from signal_engine.engine.sync.ledger import LedgerPage

_AT_ONCE: Final = 1_000
_COUNTED_S: Final = 2 * 86_400


class RedisSyncLedger:
    """`SyncLedger` of one sink."""

    def __init__(self, channel: Channel, prefix: str, sink: str) -> None:
        """Raises ValueError for a prefix with braces."""
        self._channel = channel
        self._keys = sync_keys(prefix, sink)

    async def rows(self, accounts: Sequence[str]) -> list[bytes | None]:
        """See `SyncLedger`."""
        found: list[bytes | None] = []
        for start in range(0, len(accounts), _AT_ONCE):
            found += await self._channel.call("HMGET", self._keys.rows, *accounts[start : start + _AT_ONCE])
        return found

    async def note(self, rows: Mapping[str, bytes | None], state: bytes | None = None) -> None:
        """See `SyncLedger`."""
        pairs: list[Argument] = []
        for account, row in rows.items():
            if row is not None:
                pairs += (account, row)
        gone = [account for account, row in rows.items() if row is None]
        commands: list[Command] = [("MULTI",)]
        if pairs:
            commands.append(("HSET", self._keys.rows, *pairs))
        if gone:
            commands.append(("HDEL", self._keys.rows, *gone))
        if state is not None:
            commands.append(("SET", self._keys.state, state))
        if len(commands) > 1:
            await self._channel.calls([*commands, ("EXEC",)])

    async def scan(self, cursor: int = 0, limit: int = 500) -> LedgerPage:
        """See `SyncLedger`."""
        on, found = await self._channel.call("HSCAN", self._keys.rows, cursor, "COUNT", limit)
        return LedgerPage(int(on), {found[i].decode(): found[i + 1] for i in range(0, len(found), 2)})

    async def state(self) -> bytes | None:
        """See `SyncLedger`."""
        found: bytes | None = await self._channel.call("GET", self._keys.state)
        return found

    async def put_state(self, value: bytes) -> None:
        """See `SyncLedger`."""
        await self._channel.call("SET", self._keys.state, value)

    async def take(self, holder: str, for_ms: int) -> bool:
        """See `SyncLedger`."""
        return bool(await self._channel.run(TAKE_TURN, [self._keys.turn], [holder, for_ms]))

    async def leave(self, holder: str) -> None:
        """See `SyncLedger`."""
        await self._channel.run(LEAVE_TURN, [self._keys.turn], [holder])

    async def spend(self, day: int, calls: int) -> int:
        """See `SyncLedger`."""
        key = self._keys.calls_of(day)
        counted, _ = await self._channel.calls([("INCRBY", key, calls), ("EXPIRE", key, _COUNTED_S)])
        return int(counted)
