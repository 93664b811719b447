"""A message that tells of further alerts, when one person would get too many."""

from collections.abc import Sequence

from signal_engine.wire.messages.content import Message, MessageFact
from signal_engine.wire.messages.foreign_text import shown

_MOST_OF_A_LINE = 400
"""Characters."""


def summary_alone(message: Message, others: int, accounts: Sequence[str]) -> Message:
    """A message that tells of `others` alone: of the account of `message` nobody is to be told any more."""
    named = shown(", ".join(accounts), _MOST_OF_A_LINE)
    return message._replace(
        label="Alerts",
        account=f"{others} more",
        beside="see the list",
        facts=(MessageFact("Accounts", named or "see the list"),),
        evidence=(),
        evidenced=(),
        reasons=(MessageFact("Together", "they came within an hour, or were kept for this time"),),
        links=(),
    )


def with_summary(message: Message, others: int, accounts: Sequence[str]) -> Message:
    """`message` with a line that counts `others` and names `accounts` of them; itself where there are no others."""
    if not others:
        return message
    named = shown(", ".join(accounts), _MOST_OF_A_LINE)
    more = MessageFact(f"{others} more, see the list", named or "their accounts are hidden by now")
    return message._replace(facts=(*message.facts, more))
