"""Settings of the API's access that are valid one by one and contradict each other, or cannot be meant."""

import ipaddress
from collections.abc import Iterator
from typing import Final
from urllib.parse import urlsplit

from signal_engine.adapters.http.edge.tokens import Tokens
from signal_engine.entrypoints.wiring.settings_sources import variable

_LOOPBACK_NAMES: Final = ("localhost", "127.0.0.1", "[::1]")


def actor_problems(actor: str, host: str, hosts: str, tokens: str, *, is_open: bool) -> Iterator[str]:
    """Yield a problem for each setting with which `SIGNAL_ENGINE_API_ACTOR` would let others act, or is unused.

    The arguments are the values of the settings `api_actor`, `api_host`, `api_hosts`, `api_tokens` and `api_open`.
    """
    if not actor:
        return
    named = variable("api_actor")
    instead = f"use {variable('api_tokens')} instead"
    if not is_loopback(host):
        yield f"{named}: whoever reaches {variable('api_host')} {host} would act; {instead}"
    if is_open:
        yield f"{named}: with {variable('api_open')} anybody would act; {instead}"
    if hosts:
        yield f"{named}: with {variable('api_hosts')} others can reach the API and would act; {instead}"
    if tokens:
        yield f"{named}: is not used with {variable('api_tokens')}, which say who acts"


def token_warnings(tokens: str) -> Iterator[str]:
    """Yield a warning if tokens that were meant to act name nobody. `tokens` is a valid value of the setting."""
    if unnamed := Tokens.parse(tokens).unnamed:
        yield (
            f"{variable('api_tokens')}: entries act:SHA256 name nobody and only read ({unnamed}); "
            "write act:EMAIL:SHA256 for the person who acts"
        )


def is_loopback(host: str) -> bool:
    """Whether only this machine reaches the address."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def accepted_hosts(host: str, hosts: str, public_url: str = "") -> frozenset[bytes]:
    """`Host` headers that a server on the address `host` accepts; empty: any.

    Those of the setting `hosts`, on a loopback address this machine's own names, and with either of them the host under
    which people reach it.
    """
    named = hosts.split(",") if hosts else []
    if is_loopback(host):
        named += [*_LOOPBACK_NAMES, f"[{host}]" if ":" in host else host]
    if named and public_url and (public := urlsplit(public_url).hostname):
        named.append(f"[{public}]" if ":" in public else public)
    return frozenset(one.strip().lower().encode() for one in named)
