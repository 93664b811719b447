"""A message that tells that nobody has responded to an alert: what the alert said, and above it who has not, and since
when."""

from typing import Final, NamedTuple

from signal_engine.core.delivery.response.lateness import ResponsePhase
from signal_engine.core.delivery.team import local_time
from signal_engine.wire.messages.content import Message, MessageContext, MessageFact
from signal_engine.wire.messages.foreign_text import shown

_LATE_LABELS: Final[dict[ResponsePhase, str]] = {"claim": "Unclaimed", "touch": "No contact"}
"""What such a message is called, in place of the badge."""
_MOMENT_FORM: Final = "%a %-d %b %H:%M %Z"


class LateAlert(NamedTuple):
    """Nobody has responded to the alert of a message."""

    phase: ResponsePhase
    since: int
    """ms."""
    silent: str | None
    """Who has not; None: nobody in particular was asked."""
    for_nobody: bool
    """Whether it goes to the fallback, since neither manager nor backup can be reached."""


def with_late(message: Message, late: LateAlert, context: MessageContext) -> Message:
    """`message` with that before all others."""
    told = MessageFact("Waits", _late_in_words(late, context))
    return message._replace(label=_LATE_LABELS[late.phase], facts=(told, *message.facts))


def _late_in_words(late: LateAlert, context: MessageContext) -> str:
    """Who has not responded, and since when in the zone of whom the message is for."""
    since = f"{local_time(late.since, context.zone):{_MOMENT_FORM}}"
    who = shown(late.silent or "")
    if late.phase == "claim":
        told = f"{f'{who} was asked, and ' if who else ''}nobody has claimed the account since {since}"
    else:
        told = f"{who or 'somebody'} claimed the account on {since}, and has not been in touch"
    here = f"{who or 'nobody in particular'} has neither manager nor backup who can be reached"
    if late.for_nobody:
        told += "; it comes here because " + (here if who else "no single person was asked")
    return told
