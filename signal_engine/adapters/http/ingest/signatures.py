"""Whether a delivery comes from whom it says it does: signatures of webhooks, compared in constant time."""

import base64
import binascii
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple
from urllib.parse import unquote

from signal_engine.core.errors import WRONG_USE, SignalEngineError
from signal_engine.wire.intake.hooks import (
    HMAC_SHA256,
    HUBSPOT_V3,
    SEGMENT,
    STANDARD_WEBHOOKS,
    TOKEN,
    Hook,
    Signature,
)

_TOLERANCE_S: Final = 300
_STANDARD_PREFIX: Final = "whsec_"
_MAX_SIGNATURES: Final = 10
"""Signatures in one header of Standard Webhooks that are looked at."""
_HUBSPOT_DECODES: Final = re.compile("%(?:3A|2F|3F|40|21|24|27|28|29|2A|2C|3B)", re.IGNORECASE)
"""What HubSpot decodes of an address before it signs it."""


class UnusableSecret(SignalEngineError):
    """A secret that its scheme cannot use; the message names the hook, never the secret."""

    exit_code = WRONG_USE


class Received(NamedTuple):
    """A delivery before anything of it is believed."""

    target: str
    """Path and query, as in the request."""
    headers: Mapping[str, str]
    """By name in lower case."""
    body: bytes
    at: float
    """Seconds since 1970."""


Verify = Callable[[Received], bool]


def verifier(hook: Hook, secrets: Sequence[bytes]) -> Verify:
    """What verifies the deliveries of a hook by any of its `secrets`. Raises `UnusableSecret`."""
    if not secrets or not all(secrets):
        raise UnusableSecret(f"hook {hook.name}: its secret is empty")
    signature = hook.signature
    keys = [_standard_key(hook.name, one) for one in secrets] if signature.scheme == STANDARD_WEBHOOKS else secrets
    verify: Callable[[Received, bytes], bool] = {
        STANDARD_WEBHOOKS: _standard_webhooks,
        HMAC_SHA256: lambda received, key: _hmac_sha256(signature, received, key),
        HUBSPOT_V3: lambda received, key: _hubspot_v3(hook.public_url, received, key),
        SEGMENT: _segment,
        TOKEN: lambda received, key: _token(signature, received, key),
    }[signature.scheme]
    # A list, not a generator: every key is tried, so that timing does not say which of them is in use.
    return lambda received: any([verify(received, key) for key in keys])  # noqa: C419


def why_refused(hook: Hook, received: Received) -> str:
    """Why a delivery is not verified, for whoever runs us; the sender is not told, and no value is quoted."""
    signature = hook.signature
    signed_in, dated_in, per_second = {
        STANDARD_WEBHOOKS: ("webhook-signature", "webhook-timestamp", 1),
        HMAC_SHA256: (signature.header, signature.timestamp_header, 1),
        HUBSPOT_V3: ("x-hubspot-signature-v3", "x-hubspot-request-timestamp", 1_000),
        SEGMENT: ("x-signature", "", 1),
        TOKEN: (signature.header, "", 1),
    }[signature.scheme]
    named_in = "webhook-id" if signature.scheme == STANDARD_WEBHOOKS else ""
    for header in filter(None, (signed_in, dated_in, named_in)):
        if not received.headers.get(header):
            return f"the header {header} is missing"
    if dated_in and not _is_fresh(received.headers[dated_in], received.at, signature.tolerance_s, per_second):
        return f"the instant in {dated_in} is not within {signature.tolerance_s} seconds of this machine's clock"
    if not received.headers[signed_in].startswith(signature.prefix):
        return f"the header {signed_in} does not begin with the prefix of the hooks file"
    return f"what {signed_in} holds does not come from this hook's secret and what was received"


def _standard_webhooks(received: Received, key: bytes) -> bool:
    named, sent_at = received.headers.get("webhook-id", ""), received.headers.get("webhook-timestamp", "")
    if not named or not _is_fresh(sent_at, received.at, _TOLERANCE_S):
        return False
    made = _hmac(key, f"{named}.{sent_at}.".encode() + received.body)
    signatures = received.headers.get("webhook-signature", "").split(" ")[:_MAX_SIGNATURES]
    return any(_same(made, _base64(one.removeprefix("v1,"))) for one in signatures if one.startswith("v1,"))


def _hmac_sha256(signature: Signature, received: Received, key: bytes) -> bool:
    given, sent_at = received.headers.get(signature.header, ""), ""
    if signature.timestamp_header:
        sent_at = received.headers.get(signature.timestamp_header, "")
        if not _is_fresh(sent_at, received.at, signature.tolerance_s):
            return False
    if not given.startswith(signature.prefix):
        return False
    before, _, behind = signature.signed.replace("{timestamp}", sent_at).partition("{body}")
    made = _hmac(key, before.encode() + received.body + behind.encode())
    given = given[len(signature.prefix) :]
    return _same(made, _hex(given) if signature.encoding == "hex" else _base64(given))


def _hubspot_v3(public_url: str, received: Received, key: bytes) -> bool:
    sent_at = received.headers.get("x-hubspot-request-timestamp", "")
    if not _is_fresh(sent_at, received.at, _TOLERANCE_S, per_second=1_000):
        return False
    address = _HUBSPOT_DECODES.sub(lambda found: unquote(found[0]), public_url + received.target)
    made = _hmac(key, b"POST" + address.encode() + received.body + sent_at.encode())
    return _same(made, _base64(received.headers.get("x-hubspot-signature-v3", "")))


def _segment(received: Received, key: bytes) -> bool:
    """Segment signs with SHA-1, and of a batch only the first event: a batch does not pass."""
    made = hmac.digest(key, received.body, hashlib.sha1)
    return _same(made, _hex(received.headers.get("x-signature", "")))


def _token(signature: Signature, received: Received, key: bytes) -> bool:
    given = received.headers.get(signature.header, "")
    if not given.startswith(signature.prefix):
        return False
    given = given[len(signature.prefix) :]
    return _same(hashlib.sha256(key).digest(), hashlib.sha256(given.encode()).digest())


def _is_fresh(sent_at: str, now: float, tolerance_s: int, per_second: int = 1) -> bool:
    """Whether an instant in digits is near enough to now; text that is none is not."""
    if not re.fullmatch("[0-9]{1,15}", sent_at):
        return False
    return abs(now - int(sent_at) / per_second) <= tolerance_s


def _hmac(key: bytes, signed: bytes) -> bytes:
    return hmac.digest(key, signed, hashlib.sha256)


def _same(made: bytes, given: bytes | None) -> bool:
    return given is not None and hmac.compare_digest(made, given)


def _hex(text: str) -> bytes | None:
    return bytes.fromhex(text) if re.fullmatch("(?:[0-9a-fA-F]{2})+", text) else None


def _base64(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _standard_key(hook: str, secret: bytes) -> bytes:
    key = _base64(secret.decode("utf-8", "replace").removeprefix(_STANDARD_PREFIX))
    if not key:
        raise UnusableSecret(f"hook {hook}: the secret of Standard Webhooks must be whsec_ and base64")
    return key
