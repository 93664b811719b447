"""Bearer tokens, of which only SHA-256 hashes are kept.

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

_READ: Final = "read"
_ACT: Final = "act"
SCOPES: Final = (_READ, _ACT)
"""`act` includes `read`."""
_HASHED: Final = re.compile(r"(read|act):([0-9a-fA-F]{64})")


class Accepted(NamedTuple):
    """The holder of an accepted token."""

    scope: str
    digest: bytes
    """Hash of the token, by which requests are counted."""


class Tokens:
    """The accepted tokens."""

    def __init__(self, scopes: Mapping[bytes, str]) -> None:
        """SHA-256 of a token -> its scope."""
        self._scopes = dict(scopes)

    @classmethod
    def parse(cls, text: str) -> "Tokens":
        """Parse `SCOPE:SHA256HEX` entries, separated by commas, blanks or lines. The ValueError quotes nothing."""
        scopes = {}
        for number, word in enumerate(text.replace(",", " ").split(), 1):
            match = _HASHED.fullmatch(word)
            if match is None:
                raise ValueError(f"token {number} is not read:SHA256 or act:SHA256, 64 hexadecimal digits")
            scopes[bytes.fromhex(match[2])] = match[1]
        return cls(scopes)

    def __bool__(self) -> bool:
        return bool(self._scopes)

    def accepted(self, authorization: bytes | None) -> Accepted | None:
        """The holder of the token in an `Authorization` header; None if it is not accepted."""
        token = presented(authorization)
        if token is None:
            return None
        digest, found = hashlib.sha256(token).digest(), None
        for known, scope in self._scopes.items():  # compare with all, so that timing reveals nothing
            if hmac.compare_digest(known, digest):
                found = Accepted(scope, digest)
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


def new_token(scope: str) -> tuple[str, str]:
    """A new token, and its entry for the settings."""
    token = secrets.token_urlsafe(32)
    return token, f"{scope}:{hashlib.sha256(token.encode()).hexdigest()}"
