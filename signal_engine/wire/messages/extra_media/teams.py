"""A message as an Adaptive Card 1.4 for Microsoft Teams. Foreign text stands in text runs, in which nothing is markup.

Text blocks and fact sets would read Markdown. Only the functions of dates are read in text runs, too; they are broken
by a blank. Evidence is left out from the weakest up until the card is small enough.
"""

import re
from collections.abc import Sequence
from typing import Any, Final

import orjson

from signal_engine.wire.messages.behind_the_score import EvidenceLine
from signal_engine.wire.messages.content import MOST_EVIDENCE, Message, MessageFact, MessageLink
from signal_engine.wire.messages.foreign_text import cut

MOST_OF_A_CARD: Final = 20 * 1024
"""Bytes of the whole request: Teams refuses cards of 28 KB, and cards of 21 KB have been refused."""
_MOST_OF_A_CUT_FACT: Final = 100
"""Characters, where a card is too large without any evidence."""
_MOST_OF_AN_ADDRESS: Final = 2_000
_COLOURS: Final = {"Hot": "attention", "Inbound": "accent", "Trigger": "accent"}
_BRACES: Final = re.compile(r"\{(?=\{)")

_Element = dict[str, Any]


def teams_message(message: Message) -> bytes:
    """The body of the request to a flow of Workflows, as JSON of at most `MOST_OF_A_CARD` bytes."""
    shown = message._replace(links=tuple(link for link in message.links if len(link.url) <= _MOST_OF_AN_ADDRESS))
    for kept in range(min(MOST_EVIDENCE, len(message.evidence)), -1, -1):
        body = _request(shown, message.evidence[:kept])
        if len(body) <= MOST_OF_A_CARD:
            return body
    return _request(shown._replace(facts=_cut(shown.facts), reasons=_cut(shown.reasons)), ())


def _cut(facts: tuple[MessageFact, ...]) -> tuple[MessageFact, ...]:
    return tuple(MessageFact(fact.label, cut(fact.text, _MOST_OF_A_CUT_FACT)) for fact in facts)


def _request(message: Message, evidence: Sequence[EvidenceLine]) -> bytes:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "fallbackText": "Signal Engine: an alert that this program cannot show",
        "msteams": {"width": "Full"},
        "body": _body(message, evidence),
        "actions": [_opens(link) for link in message.links],
    }
    attached = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return orjson.dumps({"type": "message", "attachments": [attached]})


def _body(message: Message, evidence: Sequence[EvidenceLine]) -> list[_Element]:
    title = _run(f"{message.label}: {message.account}", weight="bolder", size="large")
    title["color"] = _COLOURS.get(message.label, "default")
    blocks = [_block([title]), _block([_run(message.beside, isSubtle=True)], spacing="none")]
    blocks += [_fact(fact) for fact in message.facts]
    blocks += [_evidence(line) for line in evidence]
    for line in message.rest(len(evidence)):
        blocks.append(_block([_run(f"\N{BULLET} {line}", isSubtle=True)], spacing="small"))
    return blocks + [_fact(fact) for fact in message.reasons]


def _fact(fact: MessageFact) -> _Element:
    return _block([_run(f"{fact.label}: ", weight="bolder"), _run(fact.text)], spacing="small")


def _evidence(line: EvidenceLine) -> _Element:
    what = _run(line.text or "signal")
    if line.url is not None and len(line.url) <= _MOST_OF_AN_ADDRESS:
        what["selectAction"] = {"type": "Action.OpenUrl", "url": line.url}
    return _block([_run("\N{BULLET} "), what, _run(f" ({line.beside})", isSubtle=True)], spacing="small")


def _opens(link: MessageLink) -> _Element:
    return {"type": "Action.OpenUrl", "title": link.label, "url": link.url}


def _block(inlines: list[_Element], **look: str) -> _Element:
    return {"type": "RichTextBlock", "inlines": inlines, **look}


def _run(text: str, **look: Any) -> _Element:
    return {"type": "TextRun", "text": _undated(text), **look}


def _undated(text: str) -> str:
    """Text in which no function of a date begins."""
    return _BRACES.sub("{ ", text)
