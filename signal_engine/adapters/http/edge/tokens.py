"""Bearer tokens, of which only SHA-256 hashes are kept, and who acts with which of them.

Browsers send the token as the password of Basic authentication, for which they prompt.
"""

import base64
import binascii
import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping, Sequence
from typing import Final, NamedTuple

_READ: Final = "read"
ACT: Final = "act"
_WRITE: Final = "write"
ADMIN: Final = "admin"
SCOPES: Final = (_READ, ACT, ADMIN)
"""Of the API. `act` includes `read`, and `admin` includes `act`: it also sees accounts of a control group."""
WRITING_SCOPES: Final = (_READ, _WRITE)
"""Of `ingest`: with `read`, only its metrics can be asked for."""
_ENTRY: Final = re.compile(
    r"(?P<scope>read|act(?::(?P<actor>[^:@\s]+@[^:@\s]+))?|admin:(?P<admin>[^:@\s]+@[^:@\s]+)"
    r"|write:(?P<writer>[A-Za-z0-9._-]{1,64}))"
    r":(?P<digest>[0-9a-fA-F]{64})"
)
_FORMS: Final = {
    _READ: "read:SHA256",
    ACT: "act:EMAIL:SHA256",
    ADMIN: "admin:EMAIL:SHA256",
    _WRITE: "write:NAME:SHA256",
}


class Accepted(NamedTuple):
    """The holder of an accepted token."""

    actor: str | None
    """E-mail address of the person who acts with it; None: it only reads."""
    digest: bytes
    """Hash of the token, by which requests are counted."""
    writer: str | None = None
    """Name of the program that sends events with it; None: it sends none."""
    administers: bool = False
    """Whether it also sees accounts of a control group."""


class Tokens:
    """The accepted tokens."""

    def __init__(self, accepted: Mapping[bytes, Accepted], unnamed: int = 0) -> None:
        """SHA-256 of a token -> its holder; `unnamed` is the number of entries `act:SHA256`."""
        self._accepted = dict(accepted)
        self.unnamed = unnamed
        """How many tokens were meant to act but name nobody, and so only read."""

    @classmethod
    def parse(cls, text: str, scopes: Sequence[str] = SCOPES) -> "Tokens":
        """Parse entries of these scopes, separated by commas, blanks or lines. The ValueError quotes nothing."""
        accepted: dict[bytes, Accepted] = {}
        unnamed = 0
        for number, word in enumerate(text.replace(",", " ").split(), 1):
            match = _ENTRY.fullmatch(word)
            if match is None or match["scope"].partition(":")[0] not in scopes:
                forms = " or ".join(_FORMS[scope] for scope in scopes)
                raise ValueError(f"must be {forms}, 64 hexadecimal digits, each; token {number} is not")
            digest, named = bytes.fromhex(match["digest"]), match["actor"] or match["admin"]
            actor = named and named.lower()  # as actions and owners are stored and compared
            holder = Accepted(actor, digest, match["writer"], administers=match["admin"] is not None)
            if accepted.setdefault(digest, holder) != holder:
                raise ValueError(f"must name each token once; token {number} is there already, with other rights")
            unnamed += word.startswith(ACT) and actor is None
        return cls(accepted, unnamed)

    def __bool__(self) -> bool:
        return bool(self._accepted)

    def accepted(self, authorization: bytes | None) -> Accepted | None:
        """The holder of the token in an `Authorization` header; None if it is not accepted."""
        token = presented(authorization)
        if token is None:
            return None
        digest, found = hashlib.sha256(token).digest(), None
        for known, holder in self._accepted.items():  # compare with all, so that timing reveals nothing
            if hmac.compare_digest(known, digest):
                found = holder
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


def new_token(actor: str | None = None, writer: str | None = None, *, administers: bool = False) -> tuple[str, str]:
    """A new token, and its entry for the settings.

    It only reads unless `actor`, an e-mail address, acts with it (and `administers`), or `writer`, the name of a
    program, sends events.
    """
    token = secrets.token_urlsafe(32)
    scope = _READ if actor is None else f"{ADMIN if administers else ACT}:{actor}"
    if writer is not None:
        scope = f"{_WRITE}:{writer}"
    return token, f"{scope}:{hashlib.sha256(token.encode()).hexdigest()}"
