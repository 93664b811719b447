"""Each digest once: among several that try, after one that died, and with the list that was last read."""

import email
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.policy import default
from typing import Any

import pytest

from signal_engine.adapters.memory.sent_digests import MemorySentDigests
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.outgoing.digests import MailDigestSender, SlackDigestSender
from signal_engine.adapters.outgoing.mailing import Mailer, MailServer
from signal_engine.core.delivery.outcomes import Attempt, by_slack_error
from signal_engine.core.delivery.team import TeamMember
from signal_engine.engine.digests.record import record_since
from signal_engine.engine.digests.sending import DigestEnd, DigestSender, last_of, send_once
from signal_engine.engine.digests.stopping import StoppedDigests
from signal_engine.engine.digests.telling import LastDigest
from signal_engine.wire.delivery.destination_models import EmailPlace, SlackPlace
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf
from signal_engine.wire.messages.digest import DigestFacts, digest
from signal_engine.wire.storage.documents import UnreadableDocument
from signal_engine.wire.storage.sent_digests import decode
from testing.receivers.mail import MailReceiver, receiving_mail
from testing.receivers.slack import SlackShaped
from tests.engine.digests.scene import FACTS, WEST, names
from tests.engine.digests.stopped import StoppedInMemory
from tests.outgoing.receivers import HERE, poster, receiving

DUE = 1_000_000
SENT = Attempt("sent", "taken")


@dataclass
class Receiver:
    """A sender that answers as it is told, and kills whoever sends when it is told so."""

    answers: list[Attempt] = field(default_factory=list)
    idempotent: bool = False
    got: list[str] = field(default_factory=list)
    dies: bool = False
    meanwhile: Callable[[], Awaitable[Any]] | None = None

    async def send(self, facts: DigestFacts, delivery_id: str, member: TeamMember) -> Attempt:
        self.got.append(delivery_id)
        if self.meanwhile is not None:
            await self.meanwhile()
        if self.dies:
            raise KeyboardInterrupt
        return self.answers.pop(0) if self.answers else SENT


class Person:
    """One person, and what is kept of them."""

    def __init__(self) -> None:
        self.rows = MemorySentDigests(MemoryServer())
        self.stopped = StoppedDigests(self.rows, StoppedInMemory())
        self.now = DUE
        self.since: list[LastDigest | None] = []
        self.takes = 0
        """ms to make a digest."""

    async def send(self, receiver: DigestSender, due: int = DUE) -> DigestEnd:
        async def facts_since(last: LastDigest | None) -> DigestFacts:
            self.since.append(last)
            self.now += self.takes
            return FACTS._replace(at=self.now)

        return await send_once(self.rows, self.stopped, receiver, WEST, "direct", due, lambda: self.now, facts_since)

    async def last(self) -> LastDigest | None:
        stored = await self.rows.read("west@example.com:direct")
        return None if stored is None else last_of(decode(stored))


@pytest.mark.parametrize(
    ("name", "stored"),
    [
        ("west@example.com:direct", b'{"v": 2}'),
        ("west@example.com:direct", b'{"v": 1, "due": 1}'),
        ("stopped:west@example.com:direct", b'{"v": 2}'),
        ("stopped:west@example.com:direct", b"{"),
        ("since", b'{"v": 2, "since": 0}'),
    ],
    ids=["of a newer version", "without its list", "without an instant", "no JSON", "a record of a newer version"],
)
async def test_a_row_that_cannot_be_read_sends_nothing_and_is_no_end_of_those_of_others(
    name: str, stored: bytes
) -> None:
    """`digest --follow` says so, and goes on with the next person, as after every `SignalEngineError`."""
    person, receiver = Person(), Receiver()
    assert await person.rows.replace(name, None, stored)
    with pytest.raises(UnreadableDocument):
        await person.send(receiver)
    assert receiver.got == []


async def test_it_is_sent_once_and_the_next_is_compared_with_it() -> None:
    person, receiver = Person(), Receiver()
    assert await person.send(receiver) == DigestEnd("sent", "taken")
    assert await person.send(receiver) == DigestEnd("skipped")
    person.now += 86_400_000
    assert (await person.send(receiver, DUE + 86_400_000)).end == "sent"
    assert person.since == [None, LastDigest(DUE, (*names(FACTS.listed),))]
    assert len(set(receiver.got)) == 2


async def test_of_two_that_try_one_sends() -> None:
    person, second = Person(), Receiver()
    first = Receiver(meanwhile=lambda: person.send(second))
    assert (await person.send(first)).end == "sent"
    assert (len(first.got), second.got) == (1, [])


@pytest.mark.parametrize("idempotent", [True, False])
async def test_one_that_died_is_sent_again_only_where_its_id_is_known(idempotent: bool) -> None:
    person, dying = Person(), Receiver(dies=True, idempotent=idempotent)
    with pytest.raises(KeyboardInterrupt):
        await person.send(dying)
    after = Receiver(idempotent=idempotent)
    assert (await person.send(after)).end == "skipped", "whoever sends may still be at it"
    person.now += 120_000
    assert (await person.send(after)).end == ("sent" if idempotent else "uncertain")
    assert after.got == (dying.got if idempotent else [])
    assert (await person.send(after)).end == "skipped"
    assert (await person.last() is not None) is idempotent


async def test_whoever_takes_long_to_make_one_is_left_alone_while_it_is_sent() -> None:
    """The part of a rule's owner reads all accounts as loaded."""
    person, second = Person(), Receiver(idempotent=True)
    person.takes = 300_000

    async def another() -> None:
        person.takes = 0
        assert (await person.send(second)).end == "skipped"

    assert (await person.send(Receiver(meanwhile=another, idempotent=True))).end == "sent"
    assert second.got == []
    assert await person.last() is not None


async def test_a_token_that_cannot_be_read_is_tried_again(tmp_path: Any) -> None:
    """Nothing was sent: once the file is there again, it is."""
    person, token = Person(), tmp_path / "token"
    shaped = SlackShaped("xoxb-secret", {WEST.email: "U1"}, set())
    place = SlackPlace(token_file=str(token), direct=True)
    async with receiving(shaped) as receiver:
        sender = SlackDigestSender(poster(), "destinations.direct", place, receiver.url, digest)
        waits = await person.send(sender)
        assert (waits.end, "destinations.direct.slack.token_file" in waits.said) == ("retry", True)
        token.write_text("xoxb-secret")
        assert (await person.send(sender)).end == "sent"
    assert len(shaped.posted) == 1


async def test_what_did_not_arrive_is_not_compared_with() -> None:
    person, receiver = Person(), Receiver([Attempt("retry", "busy"), Attempt("failed", "no"), SENT])
    assert await person.send(receiver) == DigestEnd("retry", "busy")
    assert await person.send(receiver) == DigestEnd("failed", "no")
    assert (await person.send(receiver)).end == "skipped"
    assert await person.last() is None
    assert (await person.send(receiver, DUE + 1)).end == "sent"
    assert person.since == [None, None, None]


@pytest.mark.parametrize("idempotent", [True, False])
async def test_after_redis_lost_everything_none_of_before_is_sent_again(idempotent: bool) -> None:
    """Nor where mail would have the same Message-ID: what it said is not known any more."""
    person, receiver = Person(), Receiver(idempotent=idempotent)
    assert (await person.send(receiver)).end == "sent"
    person.rows, person.now = MemorySentDigests(MemoryServer()), DUE + 60_000
    lost = await person.send(receiver)
    assert (lost.end, lost.said) == (
        "uncertain",
        "it was due before 1970-01-01T00:17:40Z, from when on Redis knows what was sent: it may have arrived",
    )
    assert (await person.send(receiver)).end == "skipped", "it is said once"
    assert len(receiver.got) == 1
    person.now = DUE + 86_400_000
    assert (await person.send(receiver, DUE + 86_400_000)).end == "sent"
    assert person.since == [None, None], "the next one is a first one"


async def test_whoever_comes_new_gets_the_one_of_the_day_where_redis_knows_what_was_sent() -> None:
    person, receiver = Person(), Receiver()
    assert (await record_since(person.rows, DUE - 1)).begun
    person.now += 3_600_000
    assert (await person.send(receiver)).end == "sent"


async def test_nothing_is_sent_before_it_is_on_disk_that_it_is_being_sent() -> None:
    """Redis that dies would forget it, and whoever comes after would send it again."""
    person, receiver = Person(), Receiver()
    disk: list[bool | None] = [False, True, None]

    class Slow(MemorySentDigests):
        async def on_disk(self) -> bool | None:
            return disk.pop(0)

    person.rows = Slow(MemoryServer())
    waits = await person.send(receiver)
    assert (waits.end, receiver.got, "disk" in waits.said) == ("retry", [], True)
    assert (await person.send(receiver)).end == "sent"
    assert (await person.send(receiver, DUE + 1)).end == "sent", "a server that cannot tell holds nobody up"
    assert disk == []


async def test_slack_takes_it_as_a_direct_message(tmp_path: Any) -> None:
    shaped = SlackShaped("xoxb-secret", {WEST.email: "U1"}, set())
    token = tmp_path / "token"
    token.write_text("xoxb-secret")
    place = SlackPlace(token_file=str(token), direct=True)
    async with receiving(shaped) as receiver:
        sender = SlackDigestSender(poster(), "destinations.direct", place, receiver.url, digest)
        assert (await sender.send(FACTS, "d-1", WEST)).end == "sent"
        nobody = WEST._replace(email="cy@example.com")
        assert await sender.send(FACTS, "d-2", nobody) == by_slack_error("users_not_found")
    (posted,) = shaped.posted
    assert (posted["channel"], shaped.refused) == ("U1", [])
    assert posted["blocks"][0]["text"]["text"] == "Your list, Mon 2 Mar"


async def test_mail_has_the_same_id_when_it_is_sent_again_and_one_thread_a_person() -> None:
    place = EmailPlace.model_validate({"from": "Signals <signals@example.com>"})
    async with receiving_mail(MailReceiver()) as receiver:
        sender = MailDigestSender(Mailer(MailServer("127.0.0.1", receiver.port, "none"), HERE), place, digest)
        for delivery_id in ("d-1", "d-1", "d-2"):
            assert (await sender.send(FACTS, delivery_id, WEST)).end == "sent"
    read = [email.message_from_bytes(came.content, policy=default) for came in receiver.taken]
    assert [one["Message-ID"] for one in read] == [f"<d-{number}@example.com>" for number in (1, 1, 2)]
    assert len({one["References"] for one in read}) == 1
    assert {one["To"] for one in read} == {WEST.email}
    assert read[0]["Subject"].startswith("Your list, Mon 2 Mar: Since Fri 27 Feb")
    body = read[0].get_body(("plain",))
    assert body is not None
    assert "Quillmarsh (quillmarsh.com): #3" in body.get_content()


async def test_who_unsubscribed_gets_none_until_they_are_turned_on_again() -> None:
    person, receiver = Person(), Receiver()
    of = DigestsOf(WEST.email.upper(), "direct")
    for now in (DUE, DUE + 5):
        assert await person.stopped.stop(of, now) is None
        assert await person.stopped.known(of) == DUE, "since the first time"
    assert await person.send(receiver) == DigestEnd("stopped", "unsubscribed on 1970-01-01")
    assert (receiver.got, person.since) == ([], [])
    assert await person.stopped.resume(of)
    assert (await person.send(receiver)).end == "sent"


async def test_a_digest_has_the_link_that_ends_them_with_one_click_by_https_alone() -> None:
    place = EmailPlace.model_validate({"from": "signals@example.com"})
    urls = ["https://s.example.com/u/t", "http://s/u/t"]
    async with receiving_mail(MailReceiver()) as receiver:
        mailer = Mailer(MailServer("127.0.0.1", receiver.port, "none"), HERE)
        for url in urls:
            await MailDigestSender(mailer, place, digest, lambda _, url=url: url).send(FACTS, "d-1", WEST)
    read = [email.message_from_bytes(came.content, policy=default) for came in receiver.taken]
    assert [one["List-Unsubscribe"] for one in read] == [f"<{url}>" for url in urls]
    assert [one["List-Unsubscribe-Post"] for one in read] == ["List-Unsubscribe=One-Click", None]
