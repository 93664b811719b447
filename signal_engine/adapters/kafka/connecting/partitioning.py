"""Which partition an account belongs to."""

from collections.abc import Callable
from functools import lru_cache
from typing import Final

from aiokafka.partitioner import murmur2

_REMEMBERED: Final = 200_000
_POSITIVE: Final = 0x7FFFFFFF


def partitioner(partitions: int) -> Callable[[str], int]:
    """Account name -> partition, as the default partitioners of Java's and aiokafka's producers have it for its key.

    Remembers the answers for the accounts asked about most recently: aiokafka's murmur2 is Python and takes 5 us a key.
    """

    @lru_cache(_REMEMBERED)
    def partition_of(account: str) -> int:
        return int((murmur2(account.encode()) & _POSITIVE) % partitions)

    return partition_of
