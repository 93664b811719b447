"""Which addresses a request may go to: globally routable unicast alone, however an address is written."""

import socket
from collections.abc import Iterable, Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final
from unicodedata import normalize

from signal_engine.core.errors import SignalEngineError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_NAT64: Final = IPv6Network("64:ff9b::/96")
_GLOBAL_UNICAST: Final = IPv6Network("2000::/3")
_NOT_HOSTS: Final[Sequence[Network]] = tuple(
    ip_network(text)
    for text in (
        "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
        "2001::/23", "2001:db8::/32", "3fff::/20", "5f00::/16",
    )
)  # fmt: skip
"""Ranges for protocols, tests and documentation, whatever this Python's tables say of them."""
_NOT_WITHOUT_TLS: Final = "without TLS only networks of SIGNAL_ENGINE_OUTGOING_ALLOW are spoken to"
_NOT_PUBLIC: Final = "the address is not public, and not in SIGNAL_ENGINE_OUTGOING_ALLOW"
_LOW_32: Final = 0xFFFFFFFF
_ISATAP: Final = 0x00005EFE
_ISATAP_BITS: Final = 0xFCFFFFFF
"""What stands before the IPv4 address to which a network with ISATAP unpacks a packet, but for the two bits that say
whether that address is unique, and a group's (RFC 5214, section 6.1)."""


class NotAllowedToGoThere(SignalEngineError, OSError):
    """The address is none that a connection may go to. Its message names no address."""

    def __init__(self, *, only_allowed: bool) -> None:
        """`only_allowed`: not even a public address is good enough, since nothing is encrypted."""
        super().__init__(_NOT_WITHOUT_TLS if only_allowed else _NOT_PUBLIC)


def networks(texts: Iterable[str]) -> tuple[Network, ...]:
    """Networks such as `10.2.0.0/16`. Raises ValueError for one that is none."""
    return tuple(ip_network(text) for text in texts)


def is_public(address: Address) -> bool:
    """Whether it is globally routable unicast, after what it carries inside (IPv4-mapped, NAT64, 6to4) is taken out.

    Of ISATAP both have to be: the network in front decides whether a packet ever gets to the address inside.
    """
    inner = _carried(address)
    if inner is not None:
        return is_public(inner)
    if any(address in network for network in _NOT_HOSTS if network.version == address.version):
        return False
    if isinstance(address, IPv6Address):
        number = int(address)
        if address not in _GLOBAL_UNICAST:
            return False
        if (number >> 32) & _ISATAP_BITS == _ISATAP and not is_public(IPv4Address(number & _LOW_32)):
            return False
    return address.is_global and not address.is_multicast


def _carried(address: Address) -> IPv4Address | None:
    """The IPv4 address inside an IPv6 one; None where there is none."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped is not None:
        return address.ipv4_mapped
    if address.sixtofour is not None:
        return address.sixtofour
    return IPv4Address(int(address) & _LOW_32) if address in _NAT64 else None


def is_written_address(host: str) -> bool:
    """Whether a host is an address, in whatever spelling, and no name: what it leads to never changes."""
    text = normalize("NFKC", host).rstrip(".")
    try:
        ip_address(text.partition("%")[0])
    except ValueError:
        try:
            socket.inet_aton(text)  # also `127.1`, `0x7f000001` and `2130706433`, as resolvers read them
        except (OSError, ValueError):
            return False
    return True


def may_be_asked(text: str, allowed: Sequence[Network], *, only_allowed: bool = False) -> bool:
    """Whether a request may go to the address `text`: to a public one, or to one of the `allowed` networks."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _carried(address) or address
    if any(inner in network for network in allowed if network.version == inner.version):
        return True
    return not only_allowed and is_public(address)
