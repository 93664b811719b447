"""Check whether writes have reached the server's disk."""

from typing import Final

from redis.exceptions import ResponseError

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.engine.ports.store import Durability

NO_AOF: Final = (
    "Redis has no append-only file (appendonly no): after a crash it loses everything since its last snapshot, and"
    " alerts sent since then may be decided again, differently"
)
NO_SYNC: Final = (
    "Redis lets the system decide when to write its append-only file to disk (appendfsync no): set everysec, or a"
    " power cut loses up to half a minute, and alerts sent in it may be decided again, differently"
)
_EVICTS: Final = (
    "Redis evicts any key when its memory is full (maxmemory-policy {policy}), including states and positions: set"
    " maxmemory-policy noeviction"
)
EVICTS_HISTORY: Final = (
    "Redis evicts keys with an expiry when its memory is full (maxmemory-policy {policy}), and accounts lose their past"
    " scores: set maxmemory-policy noeviction"
)


async def on_disk(channel: Channel, mark: str, timeout_ms: int) -> bool | None:
    """Whether everything readable now is on disk, after at most `timeout_ms`; None if the server cannot tell.

    `WAITAOF` waits only for writes of its own connection, and the sender of records need not have written them. So
    `mark` is written first: once it is on disk, everything readable before it is, too.
    """
    marked, synced = await channel.answers([("SET", mark, ""), ("WAITAOF", 1, 0, timeout_ms)])
    if isinstance(marked, ResponseError):  # without the mark, the second reply means nothing
        raise channel.trouble(marked) from None
    if isinstance(synced, ResponseError) or (not synced[0] and await _never_synced(channel)):
        return None
    return bool(synced[0])


async def _never_synced(channel: Channel) -> bool:
    """Whether the server leaves syncing to the system, in which case `WAITAOF` waits in vain."""
    (setting,) = await channel.answers([("CONFIG", "GET", "appendfsync")])
    return bool(setting == [b"appendfsync", b"no"])  # an error if the server does not let settings be read


async def durability(channel: Channel) -> Durability:
    """The server's durability settings. Raises `StoreTrouble`."""
    persistence, memory, known = await channel.calls(
        [("INFO", "persistence"), ("INFO", "memory"), ("COMMAND", "INFO", "WAITAOF")]
    )
    on_disk = _info(persistence).get("aof_enabled") == "1"
    policy = _info(memory).get("maxmemory_policy", "noeviction")
    bounded = _info(memory).get("maxmemory", "0") != "0"
    warnings = [] if on_disk else [NO_AOF]
    if on_disk and await _never_synced(channel):
        warnings.append(NO_SYNC)
    evicts = bounded and policy.startswith("allkeys-")
    if bounded and policy.startswith("volatile-"):
        warnings.append(EVICTS_HISTORY.format(policy=policy))
    can_tell = on_disk and NO_SYNC not in warnings and known[0] is not None
    return Durability(on_disk, can_tell, tuple(warnings), _EVICTS.format(policy=policy) if evicts else None)


def _info(reply: bytes) -> dict[str, str]:
    """The fields of a reply to INFO."""
    lines = (line.partition(":") for line in reply.decode().splitlines())
    return {name: value for name, colon, value in lines if colon}
