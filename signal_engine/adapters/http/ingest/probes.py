"""`/livez`, `/readyz`, `/metrics` of the door for events."""

from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.ingest.answers import json
from signal_engine.adapters.http.ingest.metrics import IngestMetrics
from signal_engine.adapters.http.ingest.sender import Sender

_TEXT: Final = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST}


class IngestProbes:
    """The probe endpoints."""

    def __init__(self, sender: Sender, metrics: IngestMetrics) -> None:
        self._sender, self._metrics = sender, metrics

    async def livez(self, _: Request) -> Response:
        """Answer that the process is running."""
        return json({"status": "ok"}, 200)

    async def readyz(self, _: Request) -> Response:
        """Whether events are taken: only while Kafka takes them."""
        if self._sender.is_up:
            return json({"status": "ready", "problems": []}, 200)
        return json({"status": "unready", "problems": ["Kafka is unreachable"]}, 503)

    async def metrics(self, _: Request) -> Response:
        """The metrics in Prometheus's text format."""
        return Response(self._metrics.text(), headers=_TEXT)
