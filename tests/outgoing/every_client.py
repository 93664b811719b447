"""Every client that makes outgoing requests, as one table: each sends one request to an address of the caller's."""

import ast
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.adapters.outgoing.change_receiver import WebhookReceiver
from signal_engine.adapters.outgoing.crm.api_calls import ApiCalls
from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.adapters.outgoing.crm.salesforce import Salesforce
from signal_engine.adapters.outgoing.extra_media.teams_sender import TeamsSender
from signal_engine.adapters.outgoing.handshake import Handshake
from signal_engine.adapters.outgoing.posting import Poster
from signal_engine.adapters.outgoing.slack import SlackBot, send_to_incoming_webhook
from signal_engine.adapters.outgoing.webhook import send_webhook
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.delivery.destination_models import TeamsPlace
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.to_send import MessageToSend
from tests.wire.messages.test_content import CONTEXT, alert_of

Asked = Callable[[Poster, str, Path], Awaitable[Attempt]]
"""One request of a client to a URL, with a folder for its secrets; how it ended."""
KEYS = [b"key"]
ALERT = alert_of()
CONTENT = message(ALERT, CONTEXT)


def _attempt(found: Attempt | str | None) -> Attempt:
    assert isinstance(found, Attempt), found
    return found


async def _webhook(poster: Poster, url: str, _: Path) -> Attempt:
    return await send_webhook(poster, url, "d-1", 1, b"{}", KEYS)


async def _handshake(poster: Poster, url: str, _: Path) -> Attempt:
    return _attempt(await Handshake(poster).refusal(url, 1_000, KEYS))


async def _changes(poster: Poster, url: str, _: Path) -> Attempt:
    return await WebhookReceiver(poster, url, KEYS, lambda: 1_000).send("c-1", b"{}")


async def _slack_message(poster: Poster, url: str, _: Path) -> Attempt:
    return await SlackBot(poster, "xoxb", url.rstrip("/")).send("#west", {"text": "x"}, "d-1")


async def _slack_look_up(poster: Poster, url: str, _: Path) -> Attempt:
    return await SlackBot(poster, "xoxb", url.rstrip("/")).find("C0000001", "d-1", 0)


async def _slack_person(poster: Poster, url: str, _: Path) -> Attempt:
    return _attempt(await SlackBot(poster, "xoxb", url.rstrip("/")).person("ann@example.com"))


async def _slack_incoming(poster: Poster, url: str, _: Path) -> Attempt:
    return await send_to_incoming_webhook(poster, url, {"text": "x"})


async def _teams(poster: Poster, url: str, folder: Path) -> Attempt:
    (folder / "url").write_text(url)
    one = TeamsSender(poster, "destinations.chat", TeamsPlace(url_file=str(folder / "url")))
    return await one.send(MessageToSend(ALERT, CONTENT, CONTEXT, "d-1"), None)


def _calls(poster: Poster) -> ApiCalls:
    async def no_wait(_: float) -> None:
        return

    return ApiCalls(poster, MemorySyncLedger(MemoryServer(lambda: 1_000), "", "crm"), 100, 0.0, lambda: 1_000, no_wait)


async def _crm(asking: Awaitable[Any]) -> Attempt:
    try:
        await asking
    except SinkTrouble as trouble:
        return Attempt("failed", str(trouble))
    raise AssertionError


async def _hubspot(poster: Poster, url: str, _: Path) -> Attempt:
    return await _crm(HubSpot(_calls(poster), "token", url.rstrip("/")).missing())


async def _oauth(poster: Poster, url: str, _: Path) -> Attempt:
    return await _crm(Salesforce(_calls(poster), url.rstrip("/"), "v66.0", "id", "secret").missing())


CLIENTS: dict[str, Asked] = {
    "webhook": _webhook, "handshake": _handshake, "webhook of lists": _changes, "slack message": _slack_message,
    "slack look-up": _slack_look_up, "slack person": _slack_person, "slack incoming webhook": _slack_incoming,
    "teams": _teams, "hubspot": _hubspot, "salesforce oauth": _oauth,
}  # fmt: skip
CRMS = ("hubspot", "salesforce oauth")
"""Clients that raise instead of telling how an attempt ended."""
OUTGOING = Path(__file__).resolve().parents[2] / "signal_engine"
OPEN_CONNECTIONS = {"aiohttp": {"adapters/outgoing/posting.py"}, "aiosmtplib": {"adapters/outgoing/mailing.py"},
                    "apprise": {"adapters/outgoing/extra_media/apprise_sender.py"}}  # fmt: skip
"""Library by which requests leave -> the files that import it: the guard stands in these, and nowhere else."""


def who_imports(library: str) -> set[str]:
    """The files of the package that import it, as `adapters/outgoing/posting.py`, but what checks or resolves alone."""
    found = set()
    for path in OUTGOING.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [one.name for one in node.names] if isinstance(node, ast.Import) else []
            names += [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
            if any(name == library for name in names):
                found.add(path.relative_to(OUTGOING).as_posix())
    return found
