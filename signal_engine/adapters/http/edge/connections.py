"""Limit open connections in total and per client, and evict idle ones when the limit is reached.

Clients that send nothing, or half a request, would hold connections for ever. So a new connection evicts the one that
has waited longest: a flood of incomplete requests evicts itself, and a probe in its midst is answered.
"""

import ipaddress
import resource
from functools import lru_cache
from typing import Final, Protocol

_MAX_CONNECTIONS: Final = 1_000
_MAX_CONNECTIONS_PER_CLIENT: Final = 250
"""Most connections of one client (see `network_of`); everybody behind one proxy is one client."""
RESERVED_FILE_DESCRIPTORS: Final = 256
"""File descriptors reserved for the store, the log and newly accepted connections."""
_WANTED_FILE_DESCRIPTORS: Final = 4_096
_MIN_CONNECTIONS: Final = 16
_V6_NETWORK_BITS: Final = 64
"""Prefix length of IPv6 addresses: the bits that a client cannot choose."""


class Connection(Protocol):
    """A connection as `Connections` sees it."""

    network: str
    """Whose it is."""

    @property
    def waiting(self) -> bool:
        """Whether it waits for a request, or for the rest of one."""

    def drop(self) -> None:
        """Ends it at once."""


class Connections:
    """The connections of one process."""

    def __init__(self, max_connections: int, max_connections_per_client: int = _MAX_CONNECTIONS_PER_CLIENT) -> None:
        """Both are at least 1."""
        self._max_connections = max_connections
        self._max_connections_per_client = max_connections_per_client
        self._of: dict[str, dict[Connection, None]] = {}
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def opened(self, one: Connection) -> bool:
        """Register a new connection; False if all open ones are being answered, so that it must be closed."""
        if len(self._of.get(one.network, ())) >= self._max_connections_per_client and not self._make_room(one.network):
            return False
        if self._count >= self._max_connections and not self._make_room_anywhere():
            return False
        self._of.setdefault(one.network, {})[one] = None
        self._count += 1
        return True

    def closed(self, one: Connection) -> None:
        """Unregister a connection; no effect if it was never registered."""
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
        """Evict a connection of the client that has most."""
        return any(self._make_room(network) for network in sorted(self._of, key=self._size, reverse=True))

    def _size(self, network: str) -> int:
        return len(self._of[network])


@lru_cache(maxsize=4_096)
def network_of(address: str) -> str:
    """The client of an address: IPv4 the address itself, IPv6 its /64 network, all of which belongs to a client."""
    try:
        known = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:  # Unix sockets have no address
        return address
    if known.version == 4:
        return address
    if known.ipv4_mapped is not None:
        return str(known.ipv4_mapped)
    return str(ipaddress.ip_network((known, _V6_NETWORK_BITS), strict=False))


def room_for_connections() -> int:
    """Number of connections that file descriptors allow; raises the process's limit if possible."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < _WANTED_FILE_DESCRIPTORS:
        wanted = _WANTED_FILE_DESCRIPTORS if hard == resource.RLIM_INFINITY else min(hard, _WANTED_FILE_DESCRIPTORS)
        if wanted > soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
            soft = wanted
    if soft == resource.RLIM_INFINITY:
        return _MAX_CONNECTIONS
    return max(_MIN_CONNECTIONS, min(_MAX_CONNECTIONS, soft - RESERVED_FILE_DESCRIPTORS))
