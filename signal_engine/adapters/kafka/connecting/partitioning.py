"""The partition of an account."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from aiokafka.partitioner import murmur2

_REMEMBERED_KEYS: Final = 200_000
_POSITIVE: Final = 0x7FFFFFFF


def partitioner(partitions: int) -> Callable[[str], int]:
    """Account name -> partition, as the default partitioners of Java and aiokafka compute it (murmur2).

    Caches recent answers: aiokafka's murmur2 is Python and takes 5 us per key.
    """

    @lru_cache(_REMEMBERED_KEYS)
    def partition_of(account: str) -> int:
        return int((murmur2(account.encode()) & _POSITIVE) % partitions)

    return partition_of
