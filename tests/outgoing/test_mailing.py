"""Mail over SMTP: encrypted, to addresses that may be gone to, in time; what is refused for good or for now."""

import email
import re
import ssl
from datetime import UTC, datetime
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.outgoing.mailing import Mailer, MailServer
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.mail import Mail, mail, mail_message
from testing.receivers.certificates import Certified, certificate
from testing.receivers.mail import MailReceiver, receiving_mail
from tests.outgoing.receivers import HERE
from tests.outgoing.test_posting import Resolver
from tests.wire.messages.test_content import CONTEXT, alert_of
from tests.wire.messages.test_hostile_text import NASTY

AT = datetime(2026, 11, 30, 9, tzinfo=UTC)
CONTENT = Mail("Hot: Acme", "why", "<p>why</p>")
ANN, BO = "ann@example.com", "bo@example.com"


def a_mail(*recipients: str, content: Mail = CONTENT, **more: Any) -> EmailMessage:
    sender = more.pop("sender", "Signals <signals@example.com>")
    return mail_message(content, "acme.com", "d-1", sender, recipients or (ANN,), AT, **more)


def server(receiver: MailReceiver, **changed: Any) -> MailServer:
    return MailServer("127.0.0.1", receiver.port, "none")._replace(**changed)


async def sent(receiver: MailReceiver, made: EmailMessage, **changed: Any) -> Attempt:
    return await Mailer(server(receiver, **changed), HERE).send(made)


@pytest.fixture(scope="module")
def certified(tmp_path_factory: pytest.TempPathFactory) -> Certified:
    return certificate(tmp_path_factory.mktemp("certificate"))


async def test_a_mail_arrives_as_it_was_made() -> None:
    async with receiving_mail(MailReceiver()) as receiver:
        assert await sent(receiver, a_mail()) == Attempt("sent", "the mail server took it")
    (came,) = receiver.taken
    assert (came.mail_from, came.rcpt_tos) == ("signals@example.com", [ANN])
    read = email.message_from_bytes(came.content, policy=default)
    assert read["Message-ID"] == "<d-1@example.com>"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    assert "List-Unsubscribe" not in read


async def test_mails_about_one_account_are_one_thread_and_a_repetition_has_the_same_id() -> None:
    first, again = a_mail(), a_mail()
    assert (first["Message-ID"], first["References"]) == (again["Message-ID"], again["References"])
    other = mail_message(Mail("s", "t", "h"), "other.com", "d-2", "s@example.com", (ANN,), AT)
    assert other["References"] != first["References"]


async def test_a_digest_is_left_with_one_click() -> None:
    made = a_mail(unsubscribe="https://signals.example.com/u/token")
    assert made["List-Unsubscribe"] == "<https://signals.example.com/u/token>"
    assert made["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"


async def test_ids_and_urls_are_never_encoded_however_long_they_are() -> None:
    """Mail programs read them as they stand: an encoded one ends no digest, and begins no thread."""
    url, domain = f"https://signals.example.com/u/1.{'t' * 300}", "notifications.eu.subsidiary-holding.example.com"
    async with receiving_mail(MailReceiver()) as receiver:
        await sent(receiver, a_mail(unsubscribe=url, sender=f"Signals <signals@{domain}>"))
    (came,) = receiver.taken
    lines = came.content.decode().split("\r\n")
    assert f"List-Unsubscribe: <{url}>" in lines
    assert f"Message-ID: <d-1@{domain}>" in lines
    (thread,) = [line for line in lines if line.startswith("References:")]
    assert re.fullmatch(rf"References: <[0-9a-f-]{{36}}@{re.escape(domain)}>", thread)
    assert max(map(len, lines)) <= 998


async def test_a_page_whose_address_is_not_ascii_stops_no_mail() -> None:
    async with receiving_mail(MailReceiver()) as receiver:
        attempt = await sent(receiver, a_mail(unsubscribe="https://b\u00fccher.example/u/token"))
    assert attempt.end == "sent"
    assert receiver.taken[0].content.isascii()


@pytest.mark.parametrize("nasty", NASTY)
async def test_hostile_text_reaches_neither_headers_nor_envelope(nasty: str) -> None:
    alert = alert_of(name=nasty, why_now=nasty, owner=nasty, sdr=nasty, segment=nasty)
    made = a_mail(content=mail(message(alert, CONTEXT._replace(person=nasty))))
    async with receiving_mail(MailReceiver()) as receiver:
        assert (await sent(receiver, made)).end == "sent"
    (came,) = receiver.taken
    assert came.rcpt_tos == [ANN]
    assert came.content.isascii()
    assert max(map(len, came.content.splitlines())) <= 998
    read = email.message_from_bytes(came.content, policy=default)
    assert "Bcc" not in read
    assert {*map(str.lower, read.keys())} == {
        "subject", "from", "to", "date", "message-id", "references", "auto-submitted", "mime-version", "content-type",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("refused", "end", "said"),
    [
        ({ANN: "550 5.1.1 no such user <ann@example.com>"}, "failed", "every address: 550"),
        ({ANN: "450 4.2.1 mailbox busy"}, "retry", "every address: 450"),
        ({ANN: "452 4.2.2 mailbox full"}, "retry", "every address: 452"),
        ({ANN: "550 no", BO: "450 later"}, "retry", "every address: 450"),
        ({ANN: "550 no", BO: "553 no"}, "failed", "every address: 550"),
        ({ANN: "550 no"}, "sent", "took it for 1 of 2 addresses"),
    ],
)
async def test_refused_addresses(refused: dict[str, str], end: str, said: str) -> None:
    recipients = (ANN,) if len(refused) == 1 and end != "sent" else (ANN, BO)
    async with receiving_mail(MailReceiver(refused=refused)) as receiver:
        attempt = await sent(receiver, a_mail(*recipients))
    assert attempt.end == end
    assert said in attempt.said
    assert "@" not in attempt.said
    assert [one.rcpt_tos for one in receiver.taken] == ([[BO]] if end == "sent" else [])


@pytest.mark.parametrize(
    ("answers", "end", "said"),
    [
        ({"sender_answer": "550 5.7.1 not you"}, "failed", "the sender: 550"),
        ({"sender_answer": "451 4.3.0 later"}, "retry", "the sender: 451"),
        ({"sender_answer": "530 5.7.0 authentication required"}, "disabled", "the sender: 530"),
        ({"data_answer": "554 5.7.1 looks like spam"}, "failed", "the message: 554"),
        ({"data_answer": "451 4.7.1 greylisted"}, "retry", "the message: 451"),
        ({"data_answer": "552 5.3.4 too big"}, "failed", "the message: 552"),
    ],
)
async def test_what_a_server_refuses_for_good_and_for_now(answers: dict[str, Any], end: str, said: str) -> None:
    async with receiving_mail(MailReceiver(**answers)) as receiver:
        attempt = await sent(receiver, a_mail())
    assert (attempt.end, attempt.said) == (end, f"the mail server refused {said}")
    assert receiver.taken == []


@pytest.mark.parametrize(("password", "end"), [("right", "sent"), ("wrong", "disabled")])
async def test_the_login_goes_over_an_encrypted_connection(certified: Certified, password: str, end: str) -> None:
    trust = str(certified.trusted_by)
    async with receiving_mail(MailReceiver(password="right"), starttls=certified.context) as receiver:
        attempt = await sent(receiver, a_mail(), tls="starttls", user="signals", password=password, cafile=trust)
    assert attempt.end == end
    assert password not in attempt.said


async def test_tls_from_the_start(certified: Certified) -> None:
    async with receiving_mail(MailReceiver(), tls=certified.context) as receiver:
        trust = str(certified.trusted_by)
        assert (await sent(receiver, a_mail(), tls="tls", host="localhost", cafile=trust)).end == "sent"


@pytest.mark.parametrize("way", ["tls", "starttls"])
async def test_a_certificate_that_nobody_vouches_for_gets_no_mail(certified: Certified, way: str) -> None:
    given: dict[str, ssl.SSLContext] = {way: certified.context}
    async with receiving_mail(MailReceiver(), **given) as receiver:
        attempt = await sent(receiver, a_mail(), tls=way)
    assert attempt == Attempt("retry", "the mail server's certificate is not valid")
    assert receiver.taken == []


async def test_a_certificate_for_another_name_gets_no_mail(tmp_path: Path) -> None:
    other = certificate(tmp_path, "DNS:elsewhere.example")
    async with receiving_mail(MailReceiver(), starttls=other.context) as receiver:
        attempt = await sent(receiver, a_mail(), tls="starttls", cafile=str(other.trusted_by))
    assert attempt == Attempt("retry", "the mail server's certificate is not valid")


async def test_a_server_that_does_not_encrypt_gets_no_mail() -> None:
    async with receiving_mail(MailReceiver()) as receiver:
        attempt = await sent(receiver, a_mail(), tls="starttls")
    assert attempt.end == "retry"
    assert "does not offer the encryption" in attempt.said
    assert receiver.taken == []


async def test_a_slow_server_is_not_waited_for_beyond_the_deadline() -> None:
    async with receiving_mail(MailReceiver(slow=True)) as receiver:
        attempt = await Mailer(server(receiver), HERE, timeout_s=1.0).send(a_mail())
        assert receiver.began.is_set()
    assert attempt == Attempt("retry", "the mail server did not answer within 1 seconds")


async def test_nobody_there() -> None:
    async with receiving_mail(MailReceiver()) as receiver:
        pass
    attempt = await sent(receiver, a_mail())
    assert attempt == Attempt("retry", "the mail server cannot be reached (ConnectionRefusedError)")


@pytest.mark.parametrize(
    ("tls", "said"), [("none", "without TLS only networks of"), ("starttls", "the address is not public")]
)
async def test_a_server_is_only_gone_to_where_requests_may_go(tls: Any, said: str) -> None:
    """A name may be bound to another address at any time: what counts is where the connection goes."""
    async with receiving_mail(MailReceiver()) as receiver:
        bound = Resolver("127.0.0.1")
        attempt = await Mailer(server(receiver, tls=tls, host="mail.example"), (), bound).send(a_mail())
    assert attempt.end == "retry"
    assert said in attempt.said
    assert bound.asked == 1
    assert receiver.taken == []


@pytest.mark.parametrize(
    ("sender", "name"),
    [
        ("signals@example.com", ""), ("Signals <signals@example.com>", "Signals"),
        ("A, B <signals@example.com>", "A, B"),
        ('"A; B" <signals@example.com>', "A; B"), ("Änn <signals@example.com>", "Änn"),
    ],
)  # fmt: skip
async def test_a_sender_has_any_name(sender: str, name: str) -> None:
    async with receiving_mail(MailReceiver()) as receiver:
        assert (await sent(receiver, a_mail(sender=sender))).end == "sent"
    (came,) = receiver.taken
    (read,) = email.message_from_bytes(came.content, policy=default)["From"].addresses
    assert (read.display_name, read.addr_spec, came.mail_from) == (name, "signals@example.com", "signals@example.com")
