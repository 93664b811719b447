"""Ways of writing the past signals of a transaction's accounts, as commands between MULTI and EXEC."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from typing import Final
from zlib import crc32

from signal_engine.adapters.redis.connecting.channel import Command
from signal_engine.adapters.redis.connecting.keys import Keys

_BUCKETS: Final = 256
"""Lists of a partition which accounts share."""
_FIELDS_KEPT: Final = 10
"""Fields of an account that stay where old ones are removed."""
Signals = Sequence[tuple[bytes, Sequence[bytes]]]
"""Account, and its new signals."""


class Layout:
    """How it is written, and how often each account has been."""

    def __init__(self, write: Callable[["Layout", Keys, Signals], Iterable[Command]]) -> None:
        self._write = write
        self._times: dict[bytes, int] = {}

    def commands(self, keys: Keys, signals: Signals) -> list[Command]:
        """The commands that write `signals`."""
        return [*self._write(self, keys, signals)] if signals else []

    def next_number(self, account: bytes) -> int:
        """How often `account` was written before, as if a state said so."""
        number = self._times.get(account, 0)
        self._times[account] = number + 1
        return number


def _nothing(layout: Layout, keys: Keys, signals: Signals) -> Iterable[Command]:
    """What everything else in a transaction takes."""
    del layout, keys, signals
    return ()


def _lists(layout: Layout, keys: Keys, signals: Signals) -> Iterable[Command]:
    """One list an account, as the engine writes them; it trims them afterwards."""
    del layout
    return (("LPUSH", keys.signals + account.decode(), *some) for account, some in signals)


def _fields(layout: Layout, keys: Keys, signals: Signals) -> Iterable[Command]:
    """One field an account and transaction, in one hash; none is ever removed."""
    named = (_field(account, layout.next_number(account), some) for account, some in signals)
    yield ("HSET", _history(keys), *chain.from_iterable(named))


def _trimmed_fields(layout: Layout, keys: Keys, signals: Signals) -> Iterable[Command]:
    """The same; in the same transaction the field goes that has become one too many."""
    numbered = [(account, layout.next_number(account), some) for account, some in signals]
    yield ("HSET", _history(keys), *chain.from_iterable(_field(*one) for one in numbered))
    old = [(account, number - _FIELDS_KEPT) for account, number, _ in numbered]
    if gone := [_name(account, number) for account, number in old if number >= 0]:
        yield ("HDEL", _history(keys), *gone)


def _shared_lists(layout: Layout, keys: Keys, signals: Signals) -> Iterable[Command]:
    """One list for many accounts, each value with the account's name; none is ever removed."""
    del layout
    buckets: dict[int, list[bytes]] = {}
    for account, some in signals:
        buckets.setdefault(crc32(account) % _BUCKETS, []).append(account + b"\t" + b"\n".join(some))
    return (("RPUSH", f"{_history(keys)}:{bucket}", *values) for bucket, values in buckets.items())


def _field(account: bytes, number: int, some: Sequence[bytes]) -> tuple[bytes, bytes]:
    return _name(account, number), b"\n".join(some)


def _name(account: bytes, number: int) -> bytes:
    return b"%b\0%d" % (account, number)


def _history(keys: Keys) -> str:
    return f"{keys.root}history"


LAYOUTS: Final[dict[str, Callable[[Layout, Keys, Signals], Iterable[Command]]]] = {
    "none": _nothing,
    "lists": _lists,
    "fields": _fields,
    "fields, trimmed": _trimmed_fields,
    "shared lists": _shared_lists,
}
