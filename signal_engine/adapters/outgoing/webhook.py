"""Standard Webhooks: a body signed with every secret, so that a secret can be replaced while messages go on."""

import base64
import hmac
from collections.abc import Sequence
from typing import Final

from signal_engine.adapters.outgoing.posting import Poster, Unanswered
from signal_engine.core.delivery.outcomes import Attempt, by_status

_PREFIX: Final = "whsec_"


def standard_key(secret: str) -> bytes:
    """The key of a secret, `whsec_` and base64, the prefix optional. Raises ValueError, which never quotes it."""
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except ValueError:  # also for letters outside ASCII
        key = b""
    if not key:
        raise ValueError("must be base64, with whsec_ before it or without")
    return key


def signed_headers(delivery_id: str, at: int, body: bytes, keys: Sequence[bytes]) -> dict[str, str]:
    """The headers of a delivery at `at` (s since 1970). Sent again it has the same id and another timestamp."""
    text = f"{delivery_id}.{at}.".encode() + body
    signatures = [base64.b64encode(hmac.digest(key, text, "sha256")).decode() for key in keys]
    return {
        "content-type": "application/json",
        "webhook-id": delivery_id,
        "webhook-timestamp": str(at),
        "webhook-signature": " ".join(f"v1,{one}" for one in signatures),
    }


async def send_webhook(
    poster: Poster, url: str, delivery_id: str, at: int, body: bytes, keys: Sequence[bytes]
) -> Attempt:
    """One attempt at `at` (s since 1970)."""
    answer = await poster.post(url, body, signed_headers(delivery_id, at, body, keys))
    return unanswered(answer) if isinstance(answer, Unanswered) else by_status(answer.status, answer.retry_after_s)


def unanswered(one: Unanswered) -> Attempt:
    """The end of an attempt that nobody answered, at a receiver that may get the same again."""
    return Attempt("failed" if one.refused else "retry", one.said)
