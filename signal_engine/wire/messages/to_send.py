"""One message, ready for any medium."""

from typing import NamedTuple

from signal_engine.core.delivery.flood import Summary
from signal_engine.wire.messages.content import Message, MessageContext, message
from signal_engine.wire.messages.late import LateAlert, with_late
from signal_engine.wire.messages.summary import summary_alone, with_summary
from signal_engine.wire.output.models import Alert


class MessageToSend(NamedTuple):
    """What a sender needs of one delivery."""

    alert: Alert
    content: Message
    context: MessageContext
    delivery_id: str
    late: LateAlert | None = None
    """That nobody has responded to the alert, where the message tells of that."""
    tells_own: bool = True
    """False: it tells of other alerts alone, and nobody answers it."""


class Composing(NamedTuple):
    """What a message is made of."""

    alert: Alert
    person: str | None
    """Name of whom it is for; None: nobody in particular."""
    delivery_id: str
    summary: Summary | None = None
    """What else it tells of."""
    late: LateAlert | None = None
    tells_own: bool = True
    """False: of its own alert nobody is to be told any more, only of the `summary`."""


def composed(of: Composing, context: MessageContext) -> MessageToSend:
    """The message of a delivery."""
    if of.summary is not None and not of.tells_own:
        accounts = [one for one in of.summary.accounts if one != of.alert["account_id"]]
        content = summary_alone(message(of.alert, context), of.summary.many, accounts)
        return MessageToSend(of.alert, content, context, of.delivery_id, tells_own=False)
    content = message(of.alert, context)
    if of.late is not None:
        content = with_late(content, of.late, context)
    if of.summary is not None:
        content = with_summary(content, of.summary.many, of.summary.accounts)
    return MessageToSend(of.alert, content, context, of.delivery_id, of.late)
