"""Receivers on this machine: whatever would leave for Slack, a mail server or a webhook goes into the inbox instead.

They stand where requests and mails leave, so everything before them is what really runs. Nothing here opens a
connection to anybody.
"""

from collections.abc import Callable, Mapping
from email.message import EmailMessage
from typing import Any, Final
from urllib.parse import parse_qs

import orjson

from signal_engine.adapters.outgoing.mailing import Mailer, MailServer
from signal_engine.adapters.outgoing.posting import Poster, ReceiverAnswer, Unanswered
from signal_engine.adapters.outgoing.slack import SLACK_API
from signal_engine.adapters.outgoing.slack_people import answer_prefixes
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.team import TeamMember
from signal_engine.engine.ports.delivery.inbox import MESSAGES_KEPT, Inbox
from signal_engine.engine.ports.delivery.senders import Capabilities, MessageSender
from signal_engine.wire.messages.inbox import InboxMail, InboxMessage
from signal_engine.wire.messages.to_send import MessageToSend

_ANSWERS: Final = answer_prefixes(SLACK_API)[0]
_TEAM: Final = "T1"
_JSON: Final = "application/json"
_SENT: Final = Attempt("sent", "it is in the inbox on this machine")
_Document = dict[str, Any]


def person_id(email: str) -> str:
    """The id by which the Slack of this machine knows the person with this address."""
    return f"U{email.lower().encode().hex().upper()}"


def answer_url(message_id: str) -> str:
    """Where what only the clicking person sees is told, of a message in the inbox."""
    return f"{_ANSWERS}inbox/{message_id.encode().hex()}"


class InboxPoster(Poster):
    """Answers as Slack's API and as a webhook's receiver do."""

    def __init__(self, inbox: Inbox, clock: Callable[[], int]) -> None:
        """`clock` tells ms since 1970."""
        super().__init__()
        self._inbox, self._clock, self._last = inbox, clock, 0

    async def request(
        self, method: str, url: str, body: bytes | None, headers: Mapping[str, str], most: int | None = None
    ) -> ReceiverAnswer | Unanswered:
        """See `Poster`. Raises `StoreTrouble`."""
        del method, most
        body = body or b""
        if url.startswith(f"{SLACK_API}/"):
            is_json = headers.get("content-type", "").startswith(_JSON)
            form = {} if is_json else {name: values[0] for name, values in parse_qs(body.decode()).items()}
            given = orjson.loads(body) if is_json else form
            return _answered(await self._slack(url.removeprefix(f"{SLACK_API}/"), given))
        if url.startswith(_ANSWERS):
            return await self._incoming(url, orjson.loads(body))
        document = orjson.loads(body)
        if document.get("type") == "verification":
            return _answered({"token": document["data"]["token"]})
        await self._put(headers.get("webhook-id", self._stamp()), "webhook", "", document)
        return _answered({})

    async def _slack(self, method: str, given: _Document) -> _Document:
        match method:
            case "chat.postMessage":
                to = str(given["channel"])
                channel, ts = _channel(to), self._stamp()
                await self._put(f"{channel}/{ts}", "slack", _email(to) or to, given)
                return {"ok": True, "channel": channel, "ts": ts}
            case "chat.update":
                return await self._update(given)
            case "users.lookupByEmail":
                return {"ok": True, "user": {"id": person_id(given["email"])}}
            case "users.info":
                profile = {"email": _email(given["user"])}
                return {"ok": True, "user": {"id": given["user"], "team_id": _TEAM, "profile": profile}}
            case "auth.test":
                return {"ok": True, "team_id": _TEAM}
            case "conversations.open":
                return {"ok": True, "channel": {"id": _channel(given["users"])}}
            case "conversations.list":
                names = {one.to for one in await self._posted() if one.to.startswith("#")}
                named = [{"id": _channel(name), "name": name.removeprefix("#")} for name in sorted(names)]
                return {"ok": True, "channels": named}
            case "conversations.history":
                there = [one for one in await self._posted() if one.message_id.startswith(f"{given['channel']}/")]
                told = [{"ts": _ts(one), "metadata": one.content.get("metadata")} for one in there]
                return {"ok": True, "messages": told}
        return {"ok": False, "error": "unknown_method"}

    async def _update(self, given: _Document) -> _Document:
        channel, ts = given["channel"], given["ts"]
        posted = await self._inbox.read(f"{channel}/{ts}")
        if posted is None:
            return {"ok": False, "error": "message_not_found"}
        await self._inbox.put(posted._replace(changed_at=self._clock(), content={**posted.content, **given}))
        return {"ok": True, "channel": channel, "ts": ts}

    async def _incoming(self, url: str, given: _Document) -> ReceiverAnswer:
        """An incoming webhook of Slack's, or the answer to a click."""
        begin, _, name = url.rpartition("/")
        if begin != f"{_ANSWERS}inbox":
            await self._put(self._stamp(), "slack", "#incoming-webhook", given)
            return ReceiverAnswer(200, b"ok", None)
        clicked = await self._inbox.read(bytes.fromhex(name).decode())
        if clicked is not None:
            await self._inbox.put(clicked._replace(answered=str(given["text"])))
        return ReceiverAnswer(200, b"ok", None)

    async def _put(self, message_id: str, medium: Any, to: str, content: _Document) -> None:
        before = await self._inbox.read(message_id)
        at = self._clock() if before is None else before.at
        await self._inbox.put(InboxMessage(message_id, medium, at, None, to, content))

    async def _posted(self) -> list[InboxMessage]:
        return [one for one in await self._inbox.newest(MESSAGES_KEPT) if one.medium == "slack"]

    def _stamp(self) -> str:
        """Of a message: seconds since 1970, no two alike in one process."""
        self._last = max(self._last + 1, self._clock() * 1_000)
        return f"{self._last // 1_000_000}.{self._last % 1_000_000:06d}"


class SenderToInbox:
    """`MessageSender` that says of what it sent where it is, which no medium's own sender knows."""

    def __init__(self, sender: MessageSender) -> None:
        """`sender` leaves by `InboxPoster` or `InboxMailer`."""
        self._sender = sender

    @property
    def capabilities(self) -> Capabilities:
        """See `MessageSender`."""
        return self._sender.capabilities

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:
        """See `MessageSender`."""
        return _kept(await self._sender.send(message, person))

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:
        """See `MessageSender`."""
        return _kept(await self._sender.update(receiver_id, message))

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:
        """See `MessageSender`."""
        return _kept(await self._sender.find(delivery_id, person, since))


class InboxMailer(Mailer):
    """Takes every mail, and hands it to nobody."""

    def __init__(self, inbox: Inbox, clock: Callable[[], int]) -> None:
        """`clock` tells ms since 1970."""
        super().__init__(MailServer("", 0, "none"))
        self._inbox, self._clock = inbox, clock

    async def send(self, message: EmailMessage) -> Attempt:
        """See `Mailer`. A mail that comes again takes the place of the one before. Raises `StoreTrouble`."""
        message_id = str(message["Message-ID"]).strip("<>")
        before = await self._inbox.read(message_id)
        leave = message["List-Unsubscribe"]
        mail = InboxMail(
            str(message["From"]),
            str(message["Subject"]),
            _part(message, "plain"),
            _part(message, "html"),
            None if leave is None else str(leave).strip("<>"),
        )
        at = self._clock() if before is None else before.at
        await self._inbox.put(InboxMessage(message_id, "mail", at, None, str(message["To"]), mail._asdict()))
        return _SENT


def _kept(attempt: Attempt) -> Attempt:
    return attempt._replace(said=_SENT.said) if attempt.end == _SENT.end else attempt


def _part(message: EmailMessage, subtype: str) -> str:
    found = message.get_body((subtype,))
    return "" if found is None else str(found.get_content())


def _answered(document: _Document) -> ReceiverAnswer:
    return ReceiverAnswer(200, orjson.dumps(document), None)


def _channel(to: str) -> str:
    """The id of the channel of a name, or of the direct messages with a person."""
    return f"D{to[1:]}" if _email(to) else f"C{to.encode().hex().upper()}"


def _email(user: str) -> str | None:
    """The address of a person by `person_id`; None where it is no such id."""
    try:
        return bytes.fromhex(user[1:]).decode() if user.startswith("U") else None
    except ValueError:
        return None


def _ts(message: InboxMessage) -> str:
    return message.message_id.partition("/")[2]
