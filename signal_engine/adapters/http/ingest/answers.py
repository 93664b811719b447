"""Answers to who sent events: a result for each, in the order in which they came."""

from collections import Counter
from collections.abc import Sequence
from typing import Any, Final

import orjson
from starlette.responses import Response

from signal_engine.adapters.http.edge.problems import JSON
from signal_engine.adapters.http.ingest.sender import away
from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.ports.producer import Sent
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.output.operations.ingest import EventResult, IngestResult

ACCEPTED: Final = "accepted"
REFUSED: Final = "refused"
UNKNOWN: Final = "unknown"
_NO_STORE: Final = {"Cache-Control": "no-store"}


def results(admitted: Sequence[EventLine | Refusal], sent: Sequence[Sent]) -> list[EventResult]:
    """The result of each event; `sent` has what became of those that were not refused."""
    outcomes = iter(sent)
    return [
        EventResult(status=REFUSED, reason=one.reason, detail=one.detail)
        if isinstance(one, Refusal)
        else EventResult(event_id=one.event_id, status=ACCEPTED if next(outcomes) is Sent.ACKNOWLEDGED else UNKNOWN)
        for one in admitted
    ]


def answer(outcomes: list[EventResult]) -> Response:
    """202 if all were accepted, 207 if some were refused. Raises `HttpProblem` 503 if some may not be there."""
    counts = Counter(one["status"] for one in outcomes)
    document = IngestResult(
        accepted=counts[ACCEPTED], refused=counts[REFUSED], unknown=counts[UNKNOWN], results=outcomes
    )
    if counts[UNKNOWN]:
        raise away("Kafka became unreachable: send the unknown events again, with the same ids", dict(document))
    return json(document, 207 if counts[REFUSED] else 202)


def json(document: Any, status: int) -> Response:
    """A document as a response."""
    return Response(orjson.dumps(document), status, _NO_STORE, JSON)
