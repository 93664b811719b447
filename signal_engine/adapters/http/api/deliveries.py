"""`/v1/deliveries`: what became of alerts on their way to people and systems.

The ledger is read whole, since what was withheld is counted by reason. So one reading serves everybody for a while, and
for longer the longer it took.
"""

import asyncio
import time
from typing import Final, NamedTuple, get_args

import orjson
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.api.lists import refuse_if_blind
from signal_engine.adapters.http.description.parameters import number, one_of, read_query, text
from signal_engine.adapters.http.edge.problems import JSON, HttpProblem
from signal_engine.adapters.http.edge.who_acts import administers
from signal_engine.core.delivery.ledger import RowStatus
from signal_engine.engine.notify.documents import deliveries_document
from signal_engine.engine.notify.overview import NEWEST_KEPT, LedgerOverview, overview
from signal_engine.engine.ports.delivery.ledger import Ledger
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.output.operations.deliveries import DeliveryOverview

_STATUSES: Final[tuple[RowStatus, ...]] = get_args(RowStatus)
_DEFAULT_LIMIT: Final = 50
_TO: Final = text("to", "Only the latest deliveries to this destination.")
_STATUS: Final = one_of("status", _STATUSES, "Only the latest deliveries in this state.")
DELIVERY_FILTERS: Final = (
    _TO,
    _STATUS,
    number("limit", 1, NEWEST_KEPT, f"Most deliveries, {_DEFAULT_LIMIT} if not given."),
)
PAGE_FILTERS: Final = (_TO, _STATUS)
_KEPT_MS: Final = 5_000
"""ms for which a reading is kept at least ..."""
_KEPT_TIMES: Final = 10
"""... or so many times as long as it took."""


class _LedgerRead(NamedTuple):
    at: int
    """ms."""
    kept_until: int
    """ms."""
    found: LedgerOverview


class DeliveryEndpoints:
    """Answers from the ledger, as read a few seconds ago at most."""

    def __init__(self, store_snapshot: StoreSnapshot, ledger: Ledger) -> None:
        self._store_snapshot = store_snapshot
        self._ledger = ledger
        self._one_at_a_time = asyncio.Lock()
        self._reading: _LedgerRead | None = None

    async def deliveries(self, request: Request) -> Response:
        """Destinations, what was withheld, and the latest deliveries."""
        asked = read_query(DELIVERY_FILTERS, request.scope["query_string"])
        document = await self.document(**asked, administers=administers(request.scope))
        return Response(orjson.dumps(document), headers={"Cache-Control": "private, no-cache"}, media_type=JSON)

    async def document(
        self, to: str | None = None, status: str | None = None, limit: int = _DEFAULT_LIMIT, *, administers: bool
    ) -> DeliveryOverview:
        """The same as a document. Raises `HttpProblem`."""
        refuse_if_blind(self._store_snapshot)
        async with self._one_at_a_time:
            reading = self._fresh() or await self._read()
        return deliveries_document(reading.found, to, status, limit, reading.at, administers=administers)

    def _fresh(self) -> _LedgerRead | None:
        reading, now = self._reading, self._store_snapshot.clock()
        return reading if reading is not None and reading.at <= now < reading.kept_until else None

    async def _read(self) -> _LedgerRead:
        at, began = self._store_snapshot.clock(), time.perf_counter()
        try:
            found = await overview(self._ledger)
        except StoreTrouble:
            raise HttpProblem(503, "Redis is unreachable", headers={"Retry-After": "2"}) from None
        took_ms = round(1_000 * (time.perf_counter() - began))
        self._reading = _LedgerRead(at, at + took_ms + max(_KEPT_MS, _KEPT_TIMES * took_ms), found)
        return self._reading
