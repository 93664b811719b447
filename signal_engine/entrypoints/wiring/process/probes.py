"""Who may ask for the probes and metrics of a process whose work is not HTTP."""

import time
from typing import Final

from signal_engine.adapters.http.edge.access_control import AccessPolicy
from signal_engine.adapters.http.edge.rate_limit import RateLimit
from signal_engine.adapters.http.edge.tokens import Tokens
from signal_engine.entrypoints.wiring.api_access import accepted_hosts, is_loopback
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.entrypoints.wiring.settings_sources import variable
from signal_engine.wire.config.yaml_files import ConfigurationError

_OPEN_RATE: Final = 50.0
"""Requests a second and client where no token is asked for."""


def probing_policy(settings: Settings, field: str) -> AccessPolicy:
    """Whoever has a token of the API may read the metrics at the address of setting `field`; probes are open.

    Raises `ConfigurationError` where other machines reach the address and there are no tokens.
    """
    host: str = getattr(settings, field)
    tokens = Tokens.parse(settings.api_tokens.get_secret_value())
    if not tokens and not is_loopback(host):
        raise ConfigurationError([_strangers(field, host)])
    return _policy(tokens, accepted_hosts(host, ""), settings.api_rate)


def open_policy(host: str) -> AccessPolicy:
    """Everybody may read them: they tell nothing of accounts. On a loopback address, by this machine's names alone."""
    return _policy(Tokens.parse(""), accepted_hosts(host, "") if is_loopback(host) else frozenset(), _OPEN_RATE)


def _policy(tokens: Tokens, hosts: frozenset[bytes], rate: float) -> AccessPolicy:
    return AccessPolicy(
        tokens=tokens,
        hosts=hosts,
        origins=frozenset(),
        rate=RateLimit(rate, time.monotonic),
        refusals=RateLimit(rate, time.monotonic),
    )


def _strangers(field: str, host: str) -> str:
    return (
        f"{variable(field)}: {host} is reachable from other machines, and no tokens are set: set "
        f"{variable('api_tokens')} (`signal-engine api --new-token read` creates one)"
    )
