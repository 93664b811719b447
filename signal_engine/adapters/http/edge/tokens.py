"""Bearer tokens, of which only SHA-256 hashes are kept, and who acts with which of them.

Browsers send the token as the password of Basic authentication, for which they prompt.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from typing import Final, NamedTuple

READ: Final = "read"
ACT: Final = "act"
SCOPES: Final = (READ, ACT)
"""`act` includes `read`."""
_ENTRY: Final = re.compile(r"(?:read|act(?::(?P<actor>[^:@\s]+@[^:@\s]+))?):(?P<digest>[0-9a-fA-F]{64})")
_FORMS: Final = "read:SHA256 or act:EMAIL:SHA256, 64 hexadecimal digits"


class Accepted(NamedTuple):
    """The holder of an accepted token."""

    actor: str | None
    """E-mail address of the person who acts with it; None: it only reads."""
    digest: bytes
    """Hash of the token, by which requests are counted."""


class Tokens:
    """The accepted tokens."""

    def __init__(self, actors: Mapping[bytes, str | None], unnamed: int = 0) -> None:
        """SHA-256 of a token -> who acts with it; `unnamed` is the number of entries `act:SHA256`."""
        self._actors = dict(actors)
        self.unnamed = unnamed
        """How many tokens were meant to act but name nobody, and so only read."""

    @classmethod
    def parse(cls, text: str) -> "Tokens":
        """Parse entries separated by commas, blanks or lines. The ValueError quotes nothing."""
        actors: dict[bytes, str | None] = {}
        unnamed = 0
        for number, word in enumerate(text.replace(",", " ").split(), 1):
            match = _ENTRY.fullmatch(word)
            if match is None:
                raise ValueError(f"must be {_FORMS} each; token {number} is not")
            digest, actor = bytes.fromhex(match["digest"]), match["actor"]
            if actors.setdefault(digest, actor) != actor:
                raise ValueError(f"must name each token once; token {number} is there already, with other rights")
            unnamed += word.startswith(ACT) and actor is None
        return cls(actors, unnamed)

    def __bool__(self) -> bool:
        return bool(self._actors)

    def accepted(self, authorization: bytes | None) -> Accepted | None:
        """The holder of the token in an `Authorization` header; None if it is not accepted."""
        token = presented(authorization)
        if token is None:
            return None
        digest, found = hashlib.sha256(token).digest(), None
        for known, actor in self._actors.items():  # compare with all, so that timing reveals nothing
            if hmac.compare_digest(known, digest):
                found = Accepted(actor, digest)
        return found


def presented(authorization: bytes | None) -> bytes | None:
    """The token that a header presents: `Bearer TOKEN`, or `Basic` with it as the password."""
    scheme, _, rest = (authorization or b"").partition(b" ")
    match scheme.lower():
        case b"bearer":
            return rest.strip() or None
        case b"basic":
            try:
                _, _, password = base64.b64decode(rest, validate=True).partition(b":")
            except binascii.Error:
                return None
            return password or None
    return None


def is_bearer(authorization: bytes | None) -> bool:
    """Whether a header presents its token as `Bearer`, which a browser never adds by itself."""
    return (authorization or b"").partition(b" ")[0].lower() == b"bearer"


def new_token(actor: str | None = None) -> tuple[str, str]:
    """A new token, and its entry for the settings; it only reads unless `actor`, an e-mail address, acts with it."""
    token = secrets.token_urlsafe(32)
    scope = READ if actor is None else f"{ACT}:{actor}"
    return token, f"{scope}:{hashlib.sha256(token.encode()).hexdigest()}"
