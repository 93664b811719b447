"""The table of addresses: what is no public unicast address is refused, however it is written."""

from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.adapters.outgoing.addresses import is_public, may_be_asked, networks

PUBLIC = [
    "1.1.1.1", "93.184.215.14", "2606:4700:4700::1111", "::ffff:1.1.1.1", "64:ff9b::101:101", "2002:101:101::1",
    "2606:4700::200:5efe:101:101",
]  # fmt: skip
REFUSED = {
    "this host": "0.0.0.0", "loopback": "127.0.0.1", "all of loopback": "127.255.255.254", "private 10": "10.0.0.1",
    "private 172": "172.16.0.1", "private 192": "192.168.1.1", "link local": "169.254.1.1",
    "cloud metadata": "169.254.169.254", "shared": "100.64.0.1", "protocols": "192.0.0.8", "6to4 relay": "192.88.99.1",
    "benchmarks": "198.18.0.1", "documentation": "192.0.2.1", "documentation 2": "198.51.100.1",
    "documentation 3": "203.0.113.1", "multicast": "224.0.0.1", "reserved": "240.0.0.1", "broadcast": "255.255.255.255",
    "v6 unspecified": "::", "v6 loopback": "::1", "v6 unique local": "fd00::1", "v6 cloud metadata": "fd00:ec2::254",
    "v6 link local": "fe80::1", "v6 link local with zone": "fe80::1%eth0", "v6 site local": "fec0::1",
    "v6 multicast": "ff02::1", "v6 documentation": "2001:db8::1", "v6 documentation 2": "3fff::1", "teredo": "2001::1",
    "orchid": "2001:20::1", "discard": "100::1", "segment routing": "5f00::1", "local NAT64": "64:ff9b:1::7f00:1",
    "mapped loopback": "::ffff:127.0.0.1", "mapped private": "::ffff:10.0.0.1", "mapped metadata": "::ffff:a9fe:a9fe",
    "compatible": "::7f00:1", "NAT64 loopback": "64:ff9b::7f00:1", "NAT64 private": "64:ff9b::a00:1",
    "6to4 loopback": "2002:7f00:1::1", "6to4 private": "2002:c0a8:101::1",
    "multicast in 6to4": "2002:e000:1::", "6to4 metadata": "2002:a9fe:a9fe::", "NAT64 broadcast": "64:ff9b::ffff:ffff",
    "ISATAP private": "2606:4700::5efe:a00:1", "ISATAP metadata": "2606:4700:1:2:200:5efe:169.254.169.254",
    "v6 translated": "::ffff:0:127.0.0.1", "v6 unallocated": "4000::1", "v6 dummy": "100:0:0:1::1",
    "no address": "localhost", "empty": "",
}  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses_are_asked(address: str) -> None:
    assert may_be_asked(address, ())


@pytest.mark.parametrize("address", REFUSED.values(), ids=REFUSED)
def test_everything_else_is_refused(address: str) -> None:
    assert not may_be_asked(address, ())


def test_networks_of_ones_own_are_allowed_by_name_alone() -> None:
    own = networks(["10.2.0.0/16", "fd00:1::/32"])
    assert may_be_asked("10.2.3.4", own)
    assert may_be_asked("::ffff:10.2.3.4", own)
    assert may_be_asked("fd00:1::5", own)
    assert not may_be_asked("10.3.0.1", own)
    assert may_be_asked("1.1.1.1", own)
    assert not may_be_asked("1.1.1.1", own, only_allowed=True)
    assert may_be_asked("10.2.3.4", own, only_allowed=True)


@given(st.ip_addresses(v=4))
def test_what_a_v6_address_carries_decides(address: IPv4Address) -> None:
    inside = int(address)
    for base in (0xFFFF << 32, 0x64FF9B << 96, (0x2002 << 112) | (inside << 80) | 1):
        carrier = IPv6Address(base if base >> 112 == 0x2002 else base | inside)
        assert is_public(carrier) == is_public(address)
