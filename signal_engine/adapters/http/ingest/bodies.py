"""The body of `POST /v1/events` as events: an object, an array, lines, or CloudEvents in one of their modes."""

from collections.abc import Iterator, Sequence
from itertools import islice
from typing import Any, Final, NamedTuple
from urllib.parse import unquote

import orjson
from starlette.datastructures import Headers

from signal_engine.adapters.http.edge.problems import JSON, HttpProblem
from signal_engine.wire.events.cloudevents import CONTENT_TYPE, HEADER_PREFIX
from signal_engine.wire.events.one_event import MAX_VALUE_BYTES, TOO_LARGE
from signal_engine.wire.events.rejections import Refusal

MAX_EVENTS: Final = 10_000
"""Of one request."""
LINES: Final = ("application/x-ndjson", "application/ndjson", "application/jsonl")
CLOUD_EVENT: Final = "application/cloudevents+json"
CLOUD_EVENTS: Final = "application/cloudevents-batch+json"
_ACCEPTED: Final = (JSON, *LINES, CLOUD_EVENT, CLOUD_EVENTS)
_ATTRIBUTES: Final = "ce-"
"""Of CloudEvents in binary mode, as their HTTP binding has it."""
_NO_OBJECT: Final = Refusal("schema", "an event is a JSON object")


class Given(NamedTuple):
    """One event as it was sent."""

    event: dict[str, Any] | Refusal
    """Or why it cannot be read."""
    raw: bytes | None = None
    """Its JSON, where it stands alone."""
    headers: Sequence[tuple[str, bytes | None]] = ()
    """Its CloudEvents attributes, as Kafka has them."""


def read_events(headers: Headers, body: bytes) -> list[Given]:
    """The events of a request, at least one. Raises `HttpProblem`: 400, 413 or 415."""
    media_type = headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type not in _ACCEPTED:
        # Browsers send other types to any address without asking it first.
        raise HttpProblem(415, f"Content-Type must be one of {', '.join(_ACCEPTED)}")
    if not body.strip():
        raise HttpProblem(400, "the request has no body")
    if media_type in LINES:
        given = [*islice(_lines(body), MAX_EVENTS + 1)]
    elif "ce-specversion" in headers and media_type == JSON:
        given = [Given(_object(_parsed(body)), None, _attributes(headers))]
    else:
        given = _document(_parsed(body), body, media_type)
    if not given:
        raise HttpProblem(400, "the request has no event")
    if len(given) > MAX_EVENTS:
        raise HttpProblem(413, f"a request may have at most {MAX_EVENTS:,} events")
    return given


def _document(document: Any, body: bytes, media_type: str) -> list[Given]:
    if isinstance(document, list):
        if media_type == CLOUD_EVENT:
            raise HttpProblem(400, f"a list of CloudEvents is {CLOUD_EVENTS}")
        return [Given(_object(one)) for one in document[: MAX_EVENTS + 1]]
    if media_type == CLOUD_EVENTS:
        raise HttpProblem(400, f"{CLOUD_EVENTS} is a list of CloudEvents")
    if len(body) > MAX_VALUE_BYTES:
        return [Given(TOO_LARGE)]
    return [Given(_object(document), body)]


def _lines(body: bytes) -> Iterator[Given]:
    for line in body.split(b"\n"):
        if not (text := line.strip()):
            continue
        if len(text) > MAX_VALUE_BYTES:
            yield Given(TOO_LARGE)
            continue
        try:
            yield Given(_object(orjson.loads(text)), text)
        except orjson.JSONDecodeError:
            yield Given(Refusal("not_json", "the line is not valid JSON"))


def _object(value: Any) -> dict[str, Any] | Refusal:
    return value if isinstance(value, dict) else _NO_OBJECT


def _parsed(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError as error:
        try:
            body.decode()
        except UnicodeDecodeError as wrong:
            raise HttpProblem(400, f"the body is not UTF-8: invalid byte at {wrong.start}") from None
        raise HttpProblem(400, f"the body is not valid JSON at character {error.pos}") from None


def _attributes(headers: Headers) -> list[tuple[str, bytes | None]]:
    """The attributes of binary mode. Their HTTP binding encodes what is not ASCII with percent signs."""
    attributes: list[tuple[str, bytes | None]] = [
        (HEADER_PREFIX + name[len(_ATTRIBUTES) :], unquote(value).encode())
        for name, value in headers.items()
        if name.startswith(_ATTRIBUTES)
    ]
    return [*attributes, (CONTENT_TYPE, headers["content-type"].encode())]
