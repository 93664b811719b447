"""A flow of Microsoft's Workflows as far as it is used: its URL with a signature, its limits, and what a card shows."""

import json
import re
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from aiohttp import web

LARGEST = 28 * 1024
"""Bytes: more is answered with 413."""
A_SECOND = 4
PATH = "/workflows/0123456789abcdef/triggers/manual/paths/invoke"
QUERY = "api-version=2016-06-01&sp=%2Ftriggers%2Fmanual%2Frun&sv=1.0&sig=a%2Bsecret_signature-x%3D"
_ELEMENTS = {"RichTextBlock", "TextRun", "Action.OpenUrl"}
_READS_MARKUP = {"TextBlock", "FactSet", "Fact"}
_DATED = re.compile(r"\{\{(?:DATE|TIME)\(")


@dataclass
class TeamsShaped:
    """One flow that posts cards to a channel."""

    posted: list[dict[str, Any]] = field(default_factory=list)
    """The cards."""
    refused: list[str] = field(default_factory=list)
    """What was wrong with requests that it refused."""
    enabled: bool = True
    """Whether the flow is switched on."""
    status: int = 202
    """What it answers to a card that it takes."""
    came_at: list[float] = field(default_factory=list)
    """When requests came (s)."""

    async def __call__(self, request: web.Request) -> web.StreamResponse:
        """One request."""
        now = time.monotonic()
        self.came_at.append(now)
        if sum(now - at < 1.0 for at in self.came_at) > A_SECOND:
            return web.json_response({"error": {"code": "TooManyRequests"}}, status=429, headers={"Retry-After": "1"})
        path, _, query = request.raw_path.partition("?")
        if path != PATH:
            return self._refusal(404, "WorkflowNotFound")
        if query != QUERY:  # a signature that was written anew is another one
            return self._refusal(401, "DirectApiAuthorizationRequired")
        if not self.enabled:
            return self._refusal(400, "WorkflowTriggerIsNotEnabled")
        body = await request.read()
        if len(body) > LARGEST:
            return self._refusal(413, "RequestEntityTooLarge")
        found = [*problems(json.loads(body))]
        if request.content_type != "application/json" or found:
            self.refused += found
            return self._refusal(400, "TriggerInputSchemaMismatch")
        if self.status == 202:
            self.posted.append(json.loads(body)["attachments"][0]["content"])
        return web.Response(status=self.status)

    def _refusal(self, status: int, code: str) -> web.Response:
        self.refused.append(code)
        return web.json_response({"error": {"code": code, "message": "no"}}, status=status)


def problems(message: dict[str, Any]) -> Iterator[str]:
    """Everything that Teams would not show, or would read as markup, as a date or as a mention."""
    if message.get("type") != "message":
        yield "no message"
    (attachment,) = message["attachments"]
    if attachment["contentType"] != "application/vnd.microsoft.card.adaptive":
        yield "no Adaptive Card"
    card = attachment["content"]
    if (card["type"], card["version"]) != ("AdaptiveCard", "1.4"):
        yield "another card, or another version"
    if "entities" in card.get("msteams", {}):
        yield "it may mention somebody"
    for element in _elements([*card["body"], *card["actions"]]):
        yield from _of_element(element)


def shown(card: dict[str, Any]) -> list[str]:
    """The lines that a card shows."""
    return ["".join(run["text"] for run in block["inlines"]) for block in card["body"]]


def _of_element(element: dict[str, Any]) -> Iterator[str]:
    kind = element["type"]
    if kind in _READS_MARKUP:
        yield f"{kind} reads Markdown"
    elif kind not in _ELEMENTS:
        yield f"{kind} is not used"
    if _DATED.search(element.get("text", "")):
        yield "a date is read in foreign text"
    if not element.get("url", "https://").startswith(("https://", "http://")):
        yield "a link goes elsewhere than to the web"


def _elements(found: Any) -> Iterator[dict[str, Any]]:
    if isinstance(found, dict):
        if "type" in found:
            yield found
        for one in found.values():
            yield from _elements(one)
    elif isinstance(found, list):
        for one in found:
            yield from _elements(one)
