"""Links by which a person ends their digests with one click (RFC 8058): what they say, signed by a key.

A token is `KEY.PAYLOAD.MAC`. All that it can do is stop one person's digests at one destination; a command undoes it.
"""

import hmac
from collections.abc import Iterable
from typing import Final, NamedTuple

import orjson

from signal_engine.wire.messages.answers.action_links import LinkKey, decoded, encoded

_FOR_TOKENS: Final = b"signal-engine unsubscribe 1 token\0"
_LONGEST_TOKEN: Final = 2_000


class DigestsOf(NamedTuple):
    """Whose digests, at which destination."""

    email: str
    destination: str


def unsubscribe_token(of: DigestsOf, key: LinkKey) -> str:
    """The part of a URL that says whose digests end."""
    payload = f"{key.name}.{encoded(orjson.dumps([*of]))}"
    return f"{payload}.{encoded(_mac(key, payload))}"


def read_unsubscribe_token(token: str, keys: Iterable[LinkKey]) -> DigestsOf | None:
    """Whose digests the token of a link ends; None where none of `keys` signed it."""
    payload, _, mac = token.rpartition(".")
    name, _, said = payload.partition(".")
    key = next((key for key in keys if key.name == name), None)
    given, content = decoded(mac), decoded(said)
    if key is None or given is None or content is None or len(token) > _LONGEST_TOKEN:
        return None
    if not hmac.compare_digest(given, _mac(key, payload)):
        return None
    email, destination = orjson.loads(content)
    return DigestsOf(email, destination)


def _mac(key: LinkKey, payload: str) -> bytes:
    return hmac.digest(key.secret, _FOR_TOKENS + payload.encode(), "sha256")
