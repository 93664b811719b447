"""`/livez`, `/readyz`, `/metrics` of `ingest`."""

from typing import Final

from prometheus_client import CONTENT_TYPE_LATEST
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.ingest.answers import json
from signal_engine.adapters.http.ingest.metrics import IngestMetrics
from signal_engine.adapters.http.ingest.sender import Sender
from signal_engine.engine.intake.requests.known_accounts import KnownAccounts

_WAITING: Final = "the accounts are still being read: hooks that look them up answer 503"
_TEXT: Final = {"Cache-Control": "no-store", "Content-Type": CONTENT_TYPE_LATEST}


class IngestProbes:
    """The probe endpoints."""

    def __init__(self, sender: Sender, metrics: IngestMetrics, known: KnownAccounts | None = None) -> None:
        """`known`: the accounts, where a hook looks them up."""
        self._sender, self._metrics, self._known = sender, metrics, known

    async def livez(self, _: Request) -> Response:
        """Answer that the process is running."""
        return json({"status": "ok"}, 200)

    async def readyz(self, _: Request) -> Response:
        """Whether events are taken: only while Kafka takes them. Hooks that still wait for accounts are told of."""
        if self._sender.is_up:
            waiting = self._known is not None and not self._known.is_whole
            return json({"status": "ready", "problems": [_WAITING] * waiting}, 200)
        return json({"status": "unready", "problems": ["Kafka is unreachable"]}, 503)

    async def metrics(self, _: Request) -> Response:
        """The metrics in Prometheus's text format."""
        return Response(self._metrics.text(), headers=_TEXT)
