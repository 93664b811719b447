"""The partition of an account."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from aiokafka.partitioner import murmur2

_REMEMBERED_KEYS: Final = 200_000
_POSITIVE: Final = 0x7FFFFFFF


class _Partitioner:
    """Caches recent answers: aiokafka's murmur2 is Python and takes 5 us per key."""

    def __init__(self, partitions: int) -> None:
        self.murmur2_of = partitions
        """Who computes murmur2 faster need not ask."""
        self._known = lru_cache(_REMEMBERED_KEYS)(self._partition_of)

    def __call__(self, account: str) -> int:
        return self._known(account)

    def _partition_of(self, account: str) -> int:
        return int((murmur2(account.encode()) & _POSITIVE) % self.murmur2_of)


def partitioner(partitions: int) -> Callable[[str], int]:
    """Account name -> partition, as the default partitioners of Java and aiokafka compute it (murmur2)."""
    return _Partitioner(partitions)
