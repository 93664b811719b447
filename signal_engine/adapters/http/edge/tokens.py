"""Who may ask: bearer tokens, of which only SHA-256 hashes are kept.

A browser that asks for a page sends the token as the password of Basic authentication, which browsers ask people for.
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
"""`act` may read, too."""
_HASHED: Final = re.compile(r"(read|act):([0-9a-fA-F]{64})")


class Accepted(NamedTuple):
    """Who asks with a token that is accepted."""

    scope: str
    digest: bytes
    """Of the token: whose requests are counted."""


class Tokens:
    """The tokens that are accepted."""

    def __init__(self, scopes: Mapping[bytes, str]) -> None:
        """SHA-256 of a token -> its scope."""
        self._scopes = dict(scopes)

    @classmethod
    def parse(cls, text: str) -> "Tokens":
        """`SCOPE:SHA256HEX`, several separated by commas, blanks or lines. Raises ValueError that quotes nothing."""
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
        """Whose token an `Authorization` header holds; None when it is not accepted."""
        token = presented(authorization)
        if token is None:
            return None
        digest, found = hashlib.sha256(token).digest(), None
        for known, scope in self._scopes.items():  # all of them: how long it takes tells nothing
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
    """A token, and the word by which the settings know it."""
    token = secrets.token_urlsafe(32)
    return token, f"{scope}:{hashlib.sha256(token.encode()).hexdigest()}"
