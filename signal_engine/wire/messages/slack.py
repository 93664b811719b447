"""A message as Slack's Block Kit. Foreign text is never mrkdwn: it is plain or rich text, where nothing is markup.

Limits are those of Slack's own validators; evidence is left out from the weakest up until they are met.
"""

from collections.abc import Sequence
from typing import Any, Final

import orjson

from signal_engine.wire.messages.behind_the_score import EvidenceLine
from signal_engine.wire.messages.content import MOST_EVIDENCE, Message, MessageFact
from signal_engine.wire.messages.foreign_text import cut

_MOST_OF_A_HEADER: Final = 150
_MOST_OF_A_TEXT: Final = 3_000
"""Characters of a section; rich text is kept within the same."""
_MOST_OF_AN_ADDRESS: Final = 3_000
"""Characters of a URL."""
MOST_OF_ALL: Final = 10_000
"""Characters of all blocks as JSON. Slack refuses more than some 12,000 (`msg_blocks_too_long`), by a count of its own
that it does not document: a message with 11,341 characters of text has been refused."""
_MOST_OF_A_FALLBACK: Final = 300
"""Characters of what notifications show, before they are escaped."""

_Block = dict[str, Any]


def slack_message(message: Message, replies: Sequence[dict[str, Any]] = ()) -> dict[str, Any]:
    """The arguments of `chat.postMessage` without channel and metadata; an incoming webhook takes them, too.

    `replies` are the elements by which people answer (`slack_replies`), for a bot whose clicks come to us. Nothing in
    it mentions anybody, unfurls a link or is read as markup.
    """
    return {
        "text": escaped(cut(_fallback(message), _MOST_OF_A_FALLBACK)),
        "blocks": _fitting(message, replies),
        "mrkdwn": False,
        "parse": "none",
        "link_names": False,
        "unfurl_links": False,
        "unfurl_media": False,
    }


def escaped(text: str) -> str:
    """Text for a place where Slack reads mentions and links: with the three characters replaced that begin them."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def characters_of(blocks: Sequence[dict[str, Any]]) -> int:
    """What counts against `MOST_OF_ALL`."""
    return len(orjson.dumps(blocks).decode())


def _fallback(message: Message) -> str:
    why = message.facts[0].text if message.facts else ""
    return f"{message.headline}: {why}" if why else message.headline


def _fitting(message: Message, replies: Sequence[_Block]) -> list[_Block]:
    """The blocks with as much evidence as Slack takes, strongest first."""
    kept = min(MOST_EVIDENCE, len(message.evidence))
    while characters_of(blocks := _blocks(message, replies, kept)) > MOST_OF_ALL and kept:
        kept -= 1
    return blocks


def _blocks(message: Message, replies: Sequence[_Block], most: int) -> list[_Block]:
    """With at most so many lines of evidence."""
    title = cut(f"{message.label}: {message.account}", _MOST_OF_A_HEADER)
    header = {"type": "plain_text", "text": title, "emoji": False}
    blocks: list[_Block] = [{"type": "header", "text": header}]
    blocks.append({"type": "context", "elements": [{"type": "plain_text", "text": message.beside, "emoji": False}]})
    blocks.append(_rich_text([_section(message.facts)]))
    if message.evidence:
        blocks.append(_rich_text(_evidence(message, most)))
    blocks.append(_rich_text([_section(message.reasons)]))
    buttons = [
        {"type": "button", "text": {"type": "plain_text", "text": link.label, "emoji": False}, "url": link.url}
        for link in message.links
        if len(link.url) <= _MOST_OF_AN_ADDRESS
    ]
    actions = [*replies, *buttons]
    return [*blocks, {"type": "actions", "elements": actions}] if actions else blocks


def _rich_text(elements: list[_Block]) -> _Block:
    return {"type": "rich_text", "elements": elements}


def _section(facts: tuple[MessageFact, ...]) -> _Block:
    """A line per fact, cut so that all of them fit."""
    elements: list[_Block] = []
    each = _MOST_OF_A_TEXT // max(1, len(facts))
    for place, fact in enumerate(facts):
        elements.append(_text(f"{fact.label}: ", bold=True))
        end = "" if place == len(facts) - 1 else "\n"
        elements.append(_text(cut(fact.text, each - len(fact.label) - 3) + end))
    return {"type": "rich_text_section", "elements": elements}


def _evidence(message: Message, kept: int) -> list[_Block]:
    """The strongest lines that fit, then what closes the sum."""
    while kept and _characters(message, kept) > _MOST_OF_A_TEXT:
        kept -= 1
    elements = [*map(_line, message.evidence[:kept]), *([_text(line)] for line in message.rest(kept))]
    items = [{"type": "rich_text_section", "elements": one} for one in elements]
    return [{"type": "rich_text_list", "style": "bullet", "elements": items}]


def _characters(message: Message, kept: int) -> int:
    lines = sum(len(line.text) + len(line.beside) + 3 for line in message.evidence[:kept])
    return lines + sum(map(len, message.rest(kept)))


def _line(line: EvidenceLine) -> list[_Block]:
    linked = line.url is not None and len(line.url) <= _MOST_OF_AN_ADDRESS
    what: _Block = (
        {"type": "link", "url": line.url, "text": line.text} if linked and line.text else _text(line.text or "signal")
    )
    return [what, _text(f" ({line.beside})")]


def _text(text: str, *, bold: bool = False) -> _Block:
    return {"type": "text", "text": text, "style": {"bold": True}} if bold else {"type": "text", "text": text}
