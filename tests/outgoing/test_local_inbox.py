"""Senders whose receivers are the inbox on this machine: the same as with real ones, and no connection is opened."""

import socket
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest

from signal_engine.adapters.memory.inbox import MemoryInbox
from signal_engine.adapters.outgoing.local_inbox import InboxMailer, InboxPoster, SenderToInbox, answer_url, person_id
from signal_engine.adapters.outgoing.senders import IncomingWebhookSender, MailLinks, MailSender, WebhookSender
from signal_engine.adapters.outgoing.slack import SLACK_API
from signal_engine.adapters.outgoing.slack_people import ClickingPeople
from signal_engine.adapters.outgoing.slack_sender import SlackBotSender
from signal_engine.core.delivery.team import TeamMember
from signal_engine.wire.delivery.destination_models import DestinationModel, EmailPlace, SlackPlace, WebhookPlace
from signal_engine.wire.messages.answers.action_links import link_keys
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.mail import Mail, mail_message
from signal_engine.wire.messages.since_then import with_since_then
from signal_engine.wire.messages.to_send import MessageToSend
from testing.notify import SECRET
from tests.wire.messages.test_content import CONTEXT, alert_of

NOW = 1_800_000_000_000
ANN = TeamMember("Ann Roe", "ann@example.com", CONTEXT.zone)
KEY = link_keys("k:" + "A" * 43 + "=")[0]


@pytest.fixture(autouse=True)
def no_connection(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise AssertionError("something leaves this machine")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket.socket, "connect_ex", refuse)


@pytest.fixture
def inbox() -> MemoryInbox:
    return MemoryInbox()


@pytest.fixture
def poster(inbox: MemoryInbox) -> InboxPoster:
    return InboxPoster(inbox, lambda: NOW)


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("none")
    return path


def to_send(delivery_id: str = "d-1") -> MessageToSend:
    alert = alert_of()
    return MessageToSend(alert, message(alert, CONTEXT), CONTEXT, delivery_id)


def bot(poster: InboxPoster, token: Path, **place: Any) -> SlackBotSender:
    there = SlackPlace(token_file=str(token), **place)
    return SlackBotSender(poster, "west", there, SLACK_API, takes_clicks=True)


@pytest.mark.parametrize(("place", "to"), [({"channel": "#west"}, "#west"), ({"direct": True}, ANN.email)])
async def test_a_message_in_slack_is_found_again_and_edited_in_place(
    inbox: MemoryInbox, poster: InboxPoster, token: Path, place: dict[str, Any], to: str
) -> None:
    sender = bot(poster, token, **place)
    first = await sender.send(to_send(), ANN)
    await sender.send(to_send("d-2"), ANN)
    found = await bot(poster, token, **place).find("d-1", ANN, 0)
    missing = await sender.find("d-9", ANN, 0)
    assert (first.end, found.end, found.receiver_id, missing.end) == ("sent", "sent", first.receiver_id, "failed")
    assert first.receiver_id is not None
    it = to_send()
    edited = await sender.update(first.receiver_id, it._replace(content=with_since_then(it.content, "claimed by Bo")))
    assert edited.end == "sent"
    kept = await inbox.read(first.receiver_id)
    assert kept is not None
    assert (kept.to, kept.at, kept.changed_at, len(await inbox.newest(9))) == (to, NOW, NOW, 2)
    assert "claimed by Bo" in str(kept.content["blocks"])
    assert (await sender.update("C1/2", it)).end == "failed"


async def test_what_is_said_of_a_message_is_where_it_is(poster: InboxPoster, token: Path) -> None:
    sender = SenderToInbox(bot(poster, token, channel="#west"))
    sent = await sender.send(to_send(), None)
    assert sent.receiver_id is not None
    for attempt in (sent, await sender.update(sent.receiver_id, to_send()), await sender.find("d-1", None, 0)):
        assert (attempt.end, attempt.said) == ("sent", "it is in the inbox on this machine")
    assert sender.capabilities.edits
    gone = await sender.update("C1/2", to_send())
    assert (gone.end, gone.said) == ("failed", "Slack answered message_not_found")


async def test_who_clicks_is_known_and_told(inbox: MemoryInbox, poster: InboxPoster, token: Path) -> None:
    sent = await bot(poster, token, channel="#west").send(to_send(), None)
    assert sent.receiver_id is not None
    west = DestinationModel.model_validate({"slack": {"token_file": str(token), "channel": "#west"}})
    people = ClickingPeople(poster, lambda: {"west": west}, SLACK_API)
    assert await people.email("west", person_id("Ann@Example.com")) == "ann@example.com"
    await people.tell(answer_url(sent.receiver_id), "You have claimed acme.com.")
    kept = await inbox.read(sent.receiver_id)
    assert kept is not None
    assert kept.answered == "You have claimed acme.com."


async def test_webhooks_are_kept_without_their_address(inbox: MemoryInbox, poster: InboxPoster, tmp_path: Path) -> None:
    (tmp_path / "url").write_text("https://hooks.example.com/secret")
    (tmp_path / "secret").write_text(SECRET)
    place = WebhookPlace(url_file=str(tmp_path / "url"), secret_file=str(tmp_path / "secret"), verify=True)
    sender = WebhookSender(poster, "ops", place, lambda: NOW)
    assert [(await sender.send(to_send(), None)).end for _ in range(2)] == ["sent", "sent"]
    (tmp_path / "url").write_text("https://hooks.slack.com/services/secret")
    incoming = IncomingWebhookSender(poster, "west", str(tmp_path / "url"))
    assert (await incoming.send(to_send(), None)).end == "sent"
    kept = await inbox.newest(9)
    assert sorted((one.medium, one.to) for one in kept) == [("slack", "#incoming-webhook"), ("webhook", "")]
    assert b"secret" not in orjson.dumps([one._asdict() for one in kept])


async def test_a_mail_is_kept_once_with_its_links(inbox: MemoryInbox) -> None:
    links = MailLinks(KEY, "http://127.0.0.1:1")
    place = EmailPlace.model_validate({"from": "Signal Engine <signals@example.com>"})
    sender = MailSender(InboxMailer(inbox, lambda: NOW), place, lambda: NOW, links)
    assert [(await sender.send(to_send(), ANN)).end for _ in range(2)] == ["sent", "sent"]
    (kept,) = await inbox.newest(9)
    assert (kept.medium, kept.to, kept.content["sender"]) == ("mail", ANN.email, "Signal Engine <signals@example.com>")
    assert kept.content["subject"].startswith("Hot: ")
    assert "http://127.0.0.1:1/a/k." in kept.content["html"]
    assert kept.content["unsubscribe"] is None


async def test_a_mail_says_how_it_is_unsubscribed_from(inbox: MemoryInbox) -> None:
    at = datetime.fromtimestamp(NOW / 1000, UTC)
    url = "https://signals.example.com/u/token"
    made = mail_message(Mail("s", "t", "<p>h</p>"), "x", "d-1", "a@example.com", (ANN.email,), at, url)
    await InboxMailer(inbox, lambda: NOW).send(made)
    (kept,) = await inbox.newest(9)
    assert kept.content["unsubscribe"] == url
