"""Alerts as mails: links that act, the person who is asked, and whoever the server does not know."""

import email
import re
from datetime import UTC
from email.policy import default
from typing import Any

import pytest

from signal_engine.adapters.outgoing.mailing import Mailer, MailServer
from signal_engine.adapters.outgoing.senders import MailLinks, MailSender
from signal_engine.core.delivery.flood import Summary
from signal_engine.core.delivery.team import TeamMember
from signal_engine.wire.delivery.destination_models import EmailPlace
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.messages.answers.action_links import ActionLink, LinkKey, read_token
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.to_send import Composing, MessageToSend, composed
from testing.receivers.mail import MailReceiver, receiving_mail
from tests.outgoing.receivers import HERE
from tests.outgoing.test_mailing import ANN, BO, server
from tests.wire.messages.test_content import CONTEXT, alert_of

PERSON = TeamMember("Ann Roe", ANN, UTC)


@pytest.mark.parametrize(
    ("to", "alert", "labels"),
    [
        (None, {}, ["Claim", "Snooze"]),
        (None, {"claimed_by": ANN}, ["Snooze"]),
        (None, {"type": "cooled"}, []),
        ([BO], {}, []),
    ],
)
async def test_only_a_mail_to_a_person_has_links_that_act_and_they_act_as_that_person(
    to: list[str] | None, alert: dict[str, Any], labels: list[str]
) -> None:
    key, at = LinkKey("1", b"k" * 32), parse_instant("2026-11-30T11:00:00Z")
    told = alert_of(**alert)
    place = EmailPlace.model_validate({"from": "s@example.com", "to": to})
    async with receiving_mail(MailReceiver()) as receiver:
        links = MailLinks(key, "https://signals.example.com")
        sender = MailSender(Mailer(server(receiver), HERE), place, lambda: at, links)
        attempt = await sender.send(MessageToSend(told, message(told, CONTEXT), CONTEXT, "d-1"), PERSON)
        assert attempt.end == "sent"
    (came,) = receiver.taken
    assert came.rcpt_tos == (to or [ANN])
    text = email.message_from_bytes(came.content, policy=default).get_body(("plain",)).get_content().replace("\r", "")
    found = re.findall(r"^(\w+): https://signals\.example\.com/a/(\S+)$", text, re.MULTILINE)
    assert [label for label, _ in found] == labels
    for label, token in found:
        link = read_token(token, [key], at)
        assert isinstance(link, ActionLink)
        assert (link.action, link.account, link.person) == (label.lower(), "acme.com", ANN)


@pytest.mark.parametrize(
    ("to", "answer", "knows"),
    [(None, "550 5.1.1 no such user", False), (None, "452 4.2.2 full", True), ([ANN], "550 5.1.1 no such user", True)],
)
async def test_a_person_whom_the_mail_server_refuses_is_not_known_there(
    to: list[str] | None, answer: str, knows: bool
) -> None:
    place, told = EmailPlace.model_validate({"from": "s@example.com", "to": to}), alert_of()
    async with receiving_mail(MailReceiver(refused={ANN: answer})) as receiver:
        sender = MailSender(Mailer(server(receiver), HERE), place, lambda: 0, None)
        attempt = await sender.send(MessageToSend(told, message(told, CONTEXT), CONTEXT, "d-1"), PERSON)
    assert (attempt.end != "sent", attempt.knows_person) == (True, knows)


async def test_a_mail_that_tells_of_other_alerts_alone_says_nothing_of_its_own() -> None:
    key, at = LinkKey("1", b"k" * 32), parse_instant("2026-11-30T11:00:00Z")
    summary = Summary("d-1", 0, accounts=("beta.com",), earlier=1)
    told = composed(Composing(alert_of(), "Ann Roe", "d-1", summary, tells_own=False), CONTEXT)
    place = EmailPlace.model_validate({"from": "s@example.com"})
    async with receiving_mail(MailReceiver()) as receiver:
        links = MailLinks(key, "https://signals.example.com")
        sender = MailSender(Mailer(server(receiver), HERE), place, lambda: at, links)
        assert (await sender.send(told, PERSON)).end == "sent"
    (came,) = receiver.taken
    said = came.content.decode()
    assert "beta.com" in said
    assert not [one for one in ("acme", "Acme", "/a/") if one in said], said


async def test_a_mail_for_nobody_in_particular_needs_an_address() -> None:
    place = EmailPlace.model_validate({"from": "s@example.com"})
    mailer = Mailer(MailServer("127.0.0.1", 9, "none"), HERE)
    told = alert_of()
    it = MessageToSend(told, message(told, CONTEXT), CONTEXT, "d-1")
    assert (await MailSender(mailer, place, lambda: 0, None).send(it, None)).end == "failed"
