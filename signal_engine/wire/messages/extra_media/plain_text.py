"""A message as plain text: the first half of a mail, and all that Apprise gets."""

from typing import Final, NamedTuple

from signal_engine.wire.messages.behind_the_score import EvidenceLine
from signal_engine.wire.messages.content import Message, MessageFact
from signal_engine.wire.messages.foreign_text import cut

_MOST_OF_A_TITLE: Final = 150
_MOST_OF_A_CHAT_TEXT: Final = 900
"""Characters: some services take a thousand, and Apprise would make several messages of more."""
_READ_AS_MARKUP: Final = str.maketrans({char: chr(ord(char) + 0xFEE0) for char in "&<>*_`~[]()|\\@#"})
"""Characters by which some service begins markup or a mention -> their full-width form, which none reads so."""


class ChatText(NamedTuple):
    """A message for a service of which nothing is known but that it shows text."""

    title: str
    body: str


def plain_text(message: Message) -> str:
    """Every line of a message."""
    lines = [message.headline, ""]
    lines += _facts(message.facts)
    lines += [_evidence(line) + (f"\n    {line.url}" if line.url else "") for line in message.evidence]
    lines += _rest(message, len(message.evidence))
    lines += ["", *_facts(message.reasons)]
    if message.links:
        lines += ["", *_links(message)]
    return "\n".join(lines) + "\n"


def chat_text(message: Message) -> ChatText:
    """Title and body, in which no service finds markup, a mention or a link of somebody else's.

    Links to our pages always stand; evidence is left out from the weakest up, then reasons, until the rest fits.
    """
    evidence, reasons = [*message.evidence], [*message.reasons]
    while len(body := _chat_body(message, evidence, reasons)) > _MOST_OF_A_CHAT_TEXT and (evidence or reasons):
        (evidence or reasons).pop()
    return ChatText(cut(_unmarked(message.headline), _MOST_OF_A_TITLE), body)


def _chat_body(message: Message, evidence: list[EvidenceLine], reasons: list[MessageFact]) -> str:
    lines = [*_facts(message.facts), *map(_evidence, evidence), *_rest(message, len(evidence))]
    return "\n".join([*map(_unmarked, [*lines, *_facts(tuple(reasons))]), *_links(message)])


def _unmarked(line: str) -> str:
    return line.replace("://", "\N{FULLWIDTH COLON}//").translate(_READ_AS_MARKUP)


def _facts(facts: tuple[MessageFact, ...]) -> list[str]:
    return [f"{fact.label}: {fact.text}" for fact in facts]


def _evidence(line: EvidenceLine) -> str:
    return f"  - {line.text}  ({line.beside})"


def _rest(message: Message, shown: int) -> list[str]:
    return [f"  - {line}" for line in message.rest(shown)]


def _links(message: Message) -> list[str]:
    return [f"{link.label}: {link.url}" for link in message.links]
