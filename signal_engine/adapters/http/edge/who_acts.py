"""Who acts with a request, and whether the request is that person's own doing.

A browser adds Basic credentials to whatever any page asks of us, and anybody on this machine can ask without a token.
Such a request acts only if the browser says that our own page made it.
"""

import re
from typing import Final

from starlette.types import Scope

from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.edge.tokens import is_bearer

INBOX_CLICKS: Final = "/inbox/clicks"
INBOX_MAIL: Final = "/inbox/mail/"
"""What the path of a mail in the inbox begins with: it is shown in a frame."""
ACTING_PATH: Final = re.compile(rf"/v1/accounts/.+/actions|{INBOX_CLICKS}", re.DOTALL)
"""The only paths that take a POST, but for replies."""
REPLY_PATH: Final = re.compile(r"/[au]/[^/]+|/slack/interactions")
"""Paths of replies to messages: what comes there is signed, and nobody needs a token."""
ACTOR: Final = "signal_engine.actor"
"""Key in the scope of an accepted request: the e-mail address of the person who may act with it, or None."""
ADMINISTERS: Final = "signal_engine.administers"
"""Key in the scope of an accepted request: whether it also sees accounts of a control group."""
_JSON: Final = b"application/json"
_OWN_PAGE: Final = b"same-origin"


def administers(scope: Scope) -> bool:
    """Whether whoever asks is an administrator: sees who is held back by a control group."""
    return bool(scope.get(ADMINISTERS, False))


def check_post(scope: Scope, actor: str | None, *, by_token: bool) -> None:
    """Raise `HttpProblem` unless a POST is JSON, comes from the person's own program or from our own page, and somebody
    acts with it. `by_token`: a token was accepted; a Bearer header counts for nothing where none is asked for."""
    headers = dict(scope["headers"])
    if headers.get(b"content-type", b"").partition(b";")[0].strip().lower() != _JSON:
        raise HttpProblem(415, "an action is sent as application/json")
    own_program = by_token and is_bearer(headers.get(b"authorization"))
    if not own_program and not _is_from_our_page(headers):
        raise HttpProblem(403, "an action without a Bearer token is accepted only from this server's own pages")
    if actor is None:
        raise HttpProblem(403, "nobody is named who acts: an action needs a token that says who (act:EMAIL:SHA256)")


def _is_from_our_page(headers: dict[bytes, bytes]) -> bool:
    """Whether the browser says so. `Sec-Fetch-Site` decides where it is sent: it cannot be set by a page, and knows of
    ports and schemes that a proxy in front hides from us."""
    site = headers.get(b"sec-fetch-site")
    if site is not None:
        return site == _OWN_PAGE
    scheme, _, authority = headers.get(b"origin", b"").partition(b"://")
    return scheme in {b"http", b"https"} and authority != b"" and authority.lower() == headers.get(b"host", b"").lower()
