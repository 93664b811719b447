"""What an account takes in Redis, by family of keys, and what an event costs there in commands and CPU."""

import re
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

from bench.live.contenders import RunningOurs
from bench.live.ground import Field, Ground
from bench.live.loads import LOADS
from bench.live.operating import all_processed

FAMILIES: Final = {
    "states": "states of accounts",
    "fits": "fit rows",
    "ranks": "rank entries",
    "due": "due times",
    "outbox": "outboxes",
    "signals": "past signals of accounts (history)",
    "alerts": "past alerts of accounts (history)",
    "scores": "daily scores (history)",
    "feed": "alerts of partitions (history)",
    "raises": "hand raises of partitions (history)",
}
"""Family -> what it holds; others are told by the name in their keys."""
RARE: Final = 1e-3
"""Commands an event below which a command is not told."""
RARE_SHARE: Final = 0.5
"""Bytes an account below which a family is one of `other keys`."""


def redis_use(on: Ground, many: int, ways: Iterable[str]) -> dict[str, dict[str, Any]]:
    """Way -> bytes per live account of the load `five`, commands and Redis's CPU time per event. Raises `Failed`."""
    field = Field(on, LOADS["five"], many)
    field.prepare()
    field.feed()
    return {way: _redis_use(on, field, way) for way in ways}


def _redis_use(on: Ground, field: Field, way: str) -> dict[str, Any]:
    field.use(way)
    with on.redis() as client:
        field.start_anew(f"{way}-redis")
        empty = _empty_use(client)
        client.config_resetstat()
        running = RunningOurs(field)
        cpu = running.server_cpu()
        try:
            all_processed(field, running)
            live = _live_accounts(client, field)
            used = int(_info(client, "memory")["used_memory"]) - empty
            commands = Counter({name[8:]: int(one["calls"]) for name, one in _info(client, "commandstats").items()})
            commands["hmget"] -= running.looks
            families = _families(client, field)
            cpu = running.server_cpu() - cpu
        finally:
            running.end()
    calls = {name: many / field.many for name, many in commands.most_common() if many / field.many > RARE}
    return {
        "says": field.load.says(), "events": field.many, "live_accounts": live,
        "used_memory_per_account": used / live,
        "bytes_per_account": {name: size / live for name, size in families.most_common()},
        "commands_per_event": calls,
        "redis_cpu_per_million": cpu / field.many * 1e6,
    }  # fmt: skip


def _empty_use(client: Any) -> int:
    """Memory of the server without the fit table that has just been loaded: the table is part of what is measured."""
    held = sum(int(client.memory_usage(key, samples=0) or 0) for key in client.scan_iter(count=1000))
    return int(_info(client, "memory")["used_memory"]) - held


def _families(client: Any, field: Field) -> "Counter[str]":
    """Family -> bytes, keys and the server's own share included."""
    found: Counter[str] = Counter()
    for key in client.scan_iter(match=f"{field.live.prefix}*", count=1000):
        found[_family(key.decode(), field.live.prefix)] += int(client.memory_usage(key, samples=0) or 0)
    return found


def _family(key: str, prefix: str) -> str:
    """`hot.g0:{3}:ranks:all` -> `ranks`; documents of the whole engine are `documents`."""
    of_partition = re.fullmatch(r"g\d+:\{[^}]*\}:([^:]+)(?::.*)?", key.removeprefix(prefix))
    return of_partition[1] if of_partition else "documents"


def _live_accounts(client: Any, field: Field) -> int:
    keys: Iterable[bytes] = client.scan_iter(match=f"{field.live.prefix}*:states", count=1000)
    return sum(int(client.hlen(key)) for key in keys)


def _info(client: Any, section: str) -> dict[str, Any]:
    result: dict[str, Any] = client.info(section)
    return result
