"""Links in mail by which the person who got it claims or snoozes the account: what they say, signed, for three days.

A token is `KEY.PAYLOAD.MAC`. Whoever has it may do this one thing under this one name until it expires: it belongs
into the person's mail and nowhere else, no log included.
"""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable
from typing import Final, Literal, NamedTuple
from uuid import UUID

import orjson

from signal_engine.core.alerting.alerts import COOLED
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE, SECOND
from signal_engine.wire.output.models import Alert

LinkAction = Literal["claim", "snooze"]
"""A link never kills."""
LIFETIME_MS: Final = 72 * HOUR
_SNOOZED_MS: Final = 7 * DAY
_CLOCKS_MS: Final = 5 * MINUTE
"""By how much the clock of whoever signed may be ahead of ours."""
_SHORTEST_KEY: Final = 32
"""Bytes."""
_KEY: Final = re.compile(r"([A-Za-z0-9_-]{1,16}):(\S+)")
_FOR_TOKENS: Final = b"signal-engine link 1 token\0"
_FOR_IDS: Final = b"signal-engine link 1 id\0"
_LONGEST_TOKEN: Final = 2_000


class LinkKey(NamedTuple):
    """A secret with the name by which tokens call it."""

    name: str
    secret: bytes


class ActionLink(NamedTuple):
    """What a link does."""

    action: LinkAction
    account: str
    person: str
    """E-mail address of who acts."""
    action_id: str
    """A UUID of 128 bits that nobody can guess: used twice, it is the same action."""
    expires: int
    """ms since 1970."""
    until: int | None = None
    """Of a snooze: its end, ms since 1970."""


LinkRefusal = Literal["invalid", "expired"]
"""Why a token does nothing."""


def link_keys(text: str) -> tuple[LinkKey, ...]:
    """Keys `NAME:BASE64`, one a line: the first signs, all are accepted. Raises ValueError, which quotes none."""
    keys: list[LinkKey] = []
    for number, line in enumerate(text.split(), 1):
        found = _KEY.fullmatch(line)
        secret = decoded(found[2]) if found else None
        if found is None or secret is None or len(secret) < _SHORTEST_KEY:
            raise ValueError(f"key {number} must be NAME:BASE64, of at least {_SHORTEST_KEY} random bytes")
        keys.append(LinkKey(found[1], secret))
    if len({key.name for key in keys}) < len(keys):
        raise ValueError("two keys have one name")
    return tuple(keys)


def action_link(
    action: LinkAction, account: str, person: str, delivery_id: str, key: LinkKey, at: int, alerted_at: int
) -> ActionLink:
    """The link of a delivery at `at` (ms) of an alert of `alerted_at` (ms).

    A mail that is sent again offers the same action: its `action_id` is that of the delivery, and a snooze ends seven
    days after the alert.
    """
    told = _FOR_IDS + orjson.dumps([action, account, person, delivery_id])
    action_id = str(UUID(bytes=hmac.digest(key.secret, told, "sha256")[:16]))
    until = alerted_at + _SNOOZED_MS if action == "snooze" else None
    return ActionLink(action, account, person, action_id, at + LIFETIME_MS, until)


def offered(alert: Alert, person: str) -> tuple[LinkAction, ...]:
    """What the person who gets the mail of an alert may want to do at once."""
    if alert["type"] == COOLED or alert["audience"] == "triage":
        return ()
    return ("snooze",) if (alert["claimed_by"] or "").lower() == person.lower() else ("claim", "snooze")


def token_of(link: ActionLink, key: LinkKey) -> str:
    """The part of a URL that says what the link does."""
    until = None if link.until is None else link.until // SECOND
    said = [link.action, link.account, link.person, UUID(link.action_id).hex, link.expires // SECOND, until]
    payload = f"{key.name}.{encoded(orjson.dumps(said))}"
    return f"{payload}.{encoded(_mac(key, payload))}"


def read_token(token: str, keys: Iterable[LinkKey], now: int) -> ActionLink | LinkRefusal:
    """What the token of a link says, if one of `keys` signed it and it has not expired at `now` (ms)."""
    payload, _, mac = token.rpartition(".")
    name, _, said = payload.partition(".")
    key = next((key for key in keys if key.name == name), None)
    given, content = decoded(mac), decoded(said)
    if key is None or given is None or content is None or len(token) > _LONGEST_TOKEN:
        return "invalid"
    if not hmac.compare_digest(given, _mac(key, payload)):
        return "invalid"
    action, account, person, action_id, expires, until = orjson.loads(content)
    link = ActionLink(action, account, person, str(UUID(action_id)), expires * SECOND, until and until * SECOND)
    if link.expires <= now:
        return "expired"
    return link if link.expires <= now + LIFETIME_MS + _CLOCKS_MS else "invalid"


def _mac(key: LinkKey, payload: str) -> bytes:
    return hmac.digest(key.secret, _FOR_TOKENS + payload.encode(), "sha256")


def encoded(raw: bytes) -> str:
    """Base64 of URLs, without padding."""
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def decoded(text: str) -> bytes | None:
    """Base64 of either alphabet, padded or not; None for anything else."""
    plain = text.rstrip("=").replace("-", "+").replace("_", "/")
    try:
        return base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True)
    except (binascii.Error, ValueError):
        return None
