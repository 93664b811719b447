"""What Slack refuses of a message, by the limits of its own SDK's validators (slack_sdk/models/blocks)."""

import json
from collections.abc import Iterator
from typing import Any

MOST_BLOCKS = 50
HEADER, SECTION, BUTTON, ADDRESS, FALLBACK = 150, 3_000, 75, 3_000, 40_000
MOST_BUTTONS, MOST_CONTEXT, MOST_OPTIONS = 25, 10, 100
ALL_BLOCKS = 11_000
"""Characters of JSON: Slack has refused messages with 11,341 characters of text (slackapi/bolt-js#2867)."""
ACTION_ID, VALUE, OPTION_VALUE = 255, 2_000, 150


def problems(message: dict[str, Any]) -> Iterator[str]:
    """Everything that Slack would refuse, or would read as markup or as a mention."""
    text = message["text"]
    if not text or len(text) > FALLBACK:
        yield "the fallback is empty or too long"
    if any(mark in text for mark in "<>"):
        yield "the fallback may mention somebody"
    if not 1 <= len(message["blocks"]) <= MOST_BLOCKS:
        yield "too many blocks, or none"
    together = len(json.dumps(message["blocks"], ensure_ascii=False, separators=(",", ":")))
    if together > ALL_BLOCKS:
        yield f"msg_blocks_too_long: {together}"
    for block in message["blocks"]:
        yield from _of_block(block)


def texts(found: Any) -> Iterator[dict[str, Any]]:
    """Every text object, wherever it stands."""
    if isinstance(found, dict):
        if "text" in found and isinstance(found["text"], str):
            yield found
        for one in found.values():
            yield from texts(one)
    elif isinstance(found, list):
        for one in found:
            yield from texts(one)


def _of_block(block: dict[str, Any]) -> Iterator[str]:
    kind = block["type"]
    for one in texts(block):
        yield from _of_text(one)
    length = sum(len(one["text"]) for one in texts(block))
    if length > {"header": HEADER, "rich_text": SECTION, "context": SECTION}.get(kind, length):
        yield f"{kind} has {length} characters"
    if kind == "context" and len(block["elements"]) > MOST_CONTEXT:
        yield "too many elements of a context"
    if kind == "actions":
        if not 1 <= len(block["elements"]) <= MOST_BUTTONS:
            yield "too many buttons, or none"
        for element in block["elements"]:
            yield from _of_element(element)


def _of_element(element: dict[str, Any]) -> Iterator[str]:
    if len(element.get("action_id", "")) > ACTION_ID:
        yield "an action_id is too long"
    if element["type"] == "static_select":
        if not 1 <= len(element["options"]) <= MOST_OPTIONS:
            yield "too many options, or none"
        for option in element["options"]:
            if len(option["text"]["text"]) > BUTTON or len(option["value"]) > OPTION_VALUE:
                yield "an option is too long"
    elif len(element["text"]["text"]) > BUTTON or len(element.get("url", "")) > ADDRESS:
        yield "a button is too long"
    elif len(element.get("value", "")) > VALUE:
        yield "the value of a button is too long"


def _of_text(one: dict[str, Any]) -> Iterator[str]:
    if one["type"] == "mrkdwn":
        yield "foreign text as mrkdwn"
    if not one["text"]:
        yield "an empty text"
    if one["type"] == "plain_text" and one["emoji"]:
        yield "colons would become pictures"
    if one["type"] == "link" and (len(one["url"]) > ADDRESS or not one["url"].startswith(("http://", "https://"))):
        yield "a link that is none"
