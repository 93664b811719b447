"""Where the demo sends messages: routes for whoever the accounts file names, all into the inbox of this machine."""

import base64
import re
import secrets
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Final

import orjson

from signal_engine.core.fit.icp import Fit, Icp

_NOT_IN_ADDRESSES: Final = re.compile(r"[^a-z0-9]+")
_LINK_KEY_BYTES: Final = 32
_SENDER: Final = "Signal Engine <signals@example.com>"


def people_of(icps: Iterable[Icp], fits: Mapping[str, Fit]) -> dict[str, str]:
    """Name -> e-mail address of whoever messages may be for: the owners of the rules, and who has accounts.

    Addresses of the latter are made up below example.com, where nobody is.
    """
    people = {icp.owner_name: icp.owner_email for icp in icps}
    taken = {email.lower() for email in people.values()}
    known = {name.casefold() for name in people}
    for name in sorted({name for fit in fits.values() for name in (fit.owner, fit.sdr) if name}):
        if name.casefold() in known:
            continue
        plain = _NOT_IN_ADDRESSES.sub(".", name.lower()).strip(".")[:50] or "person"
        email, number = f"{plain}@example.com", 2
        while email in taken:
            email, number = f"{plain}.{number}@example.com", number + 1
        taken.add(email)
        known.add(name.casefold())
        people[name] = email
    return people


def write_routes(folder: Path, people: Mapping[str, str]) -> Path:
    """The routes file of the demo, in `folder`, with the token that no Slack ever sees beside it."""
    token = folder / "slack-token"
    token.write_text("no token: messages stay on this machine")
    now = {"now": "always"}
    document = {
        "version": 1,
        "destinations": {
            "direct": {"slack": {"token_file": str(token), "direct": True}},
            "revops": {"slack": {"token_file": str(token), "channel": "#revenue-operations"}},
            "mail": {"email": {"from": _SENDER}},
        },
        "people": {name: {"email": email} for name, email in people.items()},
        "routes": [
            {"when": {"audience": "triage"}, "to": ["revops"], **now},
            {"when": {"type": "hand_raise"}, "to": ["direct", "mail"], **now},
            {"when": {"type": "cooled"}, "to": ["mail"], "digest": "weekly"},
            {"when": {"tier": "A"}, "to": ["direct"], **now},
            {"to": ["mail"], **now},
        ],
    }
    path = folder / "routes.yaml"
    path.write_bytes(orjson.dumps(document))  # JSON is YAML, too
    return path


def link_key() -> str:
    """A key by which the links in mails of one run are signed."""
    return f"demo:{base64.b64encode(secrets.token_bytes(_LINK_KEY_BYTES)).decode()}"
