"""A message that was kept on this machine instead of being sent, for the page Inbox."""

from typing import Any, Literal, NamedTuple

import orjson

from signal_engine.wire.storage.documents import known_fields, reading

Medium = Literal["slack", "mail", "webhook"]


class InboxMessage(NamedTuple):
    """What its receiver would have."""

    message_id: str
    medium: Medium
    at: int
    """ms since 1970: when it was sent first."""
    changed_at: int | None
    """ms since 1970: when it was last edited; None: never."""
    to: str
    """A channel or an e-mail address; of a webhook nothing, since its URL may be a secret."""
    content: dict[str, Any]
    """Of Slack the arguments of the call that posted it; of a mail `InboxMail` as a dict; of a webhook its body."""
    answered: str = ""
    """What Slack would show to whoever clicked last, and to nobody else."""

    def encode(self) -> bytes:
        """As it is stored."""
        return orjson.dumps(self._asdict())

    @classmethod
    def decode(cls, stored: bytes) -> "InboxMessage":
        """What `encode` wrote. Raises `UnreadableDocument`."""
        with reading("a message of the inbox"):
            return cls(**known_fields(orjson.loads(stored), cls._fields))


class InboxMail(NamedTuple):
    """A mail as a mail program shows it."""

    sender: str
    subject: str
    text: str
    html: str
    unsubscribe: str | None = None
    """Where its one-click unsubscription goes; None: it has none."""
