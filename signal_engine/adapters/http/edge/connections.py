"""How many connections may be open, in all and of one client, and which of them goes when there is no room.

A client that connects and says nothing, or half of something, holds a connection as surely as one that is being
answered. So a newcomer is let in at the cost of the one that has waited longest: a flood of half requests pushes out
itself, and a probe that comes in the middle of it is answered.
"""

import ipaddress
import resource
from functools import lru_cache
from typing import Final, Protocol

MAX_CONNECTIONS: Final = 1_000
MAX_CONNECTIONS_OF_ONE: Final = 250
"""Of one client, as `network_of` tells them apart: everybody behind one proxy is one."""
FILES_KEPT_BACK: Final = 256
"""File descriptors that connections may not take: the store, the log, and those accepted at once."""
_FILES_WANTED: Final = 4_096
_FEWEST: Final = 16
_V6_NETWORK: Final = 64
"""Bits of an IPv6 address that a client does not choose for itself."""


class Connection(Protocol):
    """What is asked of a connection."""

    network: str
    """Whose it is."""

    @property
    def waiting(self) -> bool:
        """Whether it waits for a request, or for the rest of one."""

    def drop(self) -> None:
        """Ends it at once."""


class Connections:
    """Those of one process."""

    def __init__(self, most: int, most_of_one: int = MAX_CONNECTIONS_OF_ONE) -> None:
        """Both are at least 1."""
        self._most = most
        self._most_of_one = most_of_one
        self._of: dict[str, dict[Connection, None]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def opened(self, one: Connection) -> bool:
        """Takes a newcomer; False when all that are open are being answered, and it has to go."""
        if len(self._of.get(one.network, ())) >= self._most_of_one and not self._make_room(one.network):
            return False
        if self._count >= self._most and not self._make_room_anywhere():
            return False
        self._of.setdefault(one.network, {})[one] = None
        self._count += 1
        return True

    def closed(self, one: Connection) -> None:
        """It has ended; one that was never taken counts for nothing."""
        mine = self._of.get(one.network, {})
        if one in mine:
            del mine[one]
            self._count -= 1
            if not mine:
                del self._of[one.network]

    def _make_room(self, network: str) -> bool:
        oldest = next((one for one in self._of[network] if one.waiting), None)
        if oldest is None:
            return False
        self.closed(oldest)
        oldest.drop()
        return True

    def _make_room_anywhere(self) -> bool:
        """From who has most."""
        return any(self._make_room(network) for network in sorted(self._of, key=self._size, reverse=True))

    def _size(self, network: str) -> int:
        return len(self._of[network])


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """Which client an address stands for: itself; of IPv6 its /64 network, of which a client has all addresses."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:  # a socket of this machine has none
        return address
    if known.version == 4:
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, _V6_NETWORK), strict=False))


def room_for_connections() -> int:
    """How many connections this process has file descriptors for; asks the system for more where it gives them."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _FILES_WANTED:
        wanted = _FILES_WANTED if hard == resource.RLIM_INFINITY else min(hard, _FILES_WANTED)
        if wanted > soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    if soft == resource.RLIM_INFINITY:
        return MAX_CONNECTIONS
    return max(_FEWEST, min(MAX_CONNECTIONS, soft - FILES_KEPT_BACK))
