"""`/v1/reports/{name}`: a report on the live engine, made when asked for, one at a time.

A report reads the whole store, and some read all accounts as loaded. So it pauses after each batch for as long as the
batch took, so that accounts and lists are answered meanwhile, and it is kept for a while, and for longer the longer it
took, so that many readers cost as much as one. A new load or a new ICP ends that.
"""

import asyncio
import time
from typing import Final, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.api.lists import refuse_if_blind
from signal_engine.adapters.http.description.parameters import read_query
from signal_engine.adapters.http.edge.problems import JSON, HttpProblem, unknown
from signal_engine.core.delivery.team import Team
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.partition.account_cache import OutdatedStore
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.engine.ports.log_events.servers import AccountsNotRead
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.engine.reports.live.live_market import LiveMarket, ReadWiring
from signal_engine.engine.reports.live.walks import ReadActivity
from signal_engine.wire.output.reports.report_csv import report_cells
from signal_engine.wire.output.reports.report_documents import ROW_FIELDS, Report
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES, ReportName
from signal_engine.wire.output.tables.csv_table import csv_text

_CSV: Final = "text/csv; charset=utf-8"
_KEPT_MS: Final = 15_000
"""ms for which a report is kept at least after it was made ..."""
_KEPT_TIMES: Final = 10
"""... or so many times as long as that took ..."""
_MAX_KEPT_MS: Final = 600_000
"""... but no longer."""
_MAX_WAITING: Final = 8
"""Requests that wait for a report; others are refused."""
_MAX_PAUSE_S: Final = 0.05


class _KeptReport(NamedTuple):
    at: int
    """When it was made (ms)."""
    took_ms: int
    """How long it took to make."""
    decided_by: tuple[int | None, int]
    """The generation, and the version of the fit table."""
    body: bytes
    """As JSON: the objects take several times the memory."""


class ReportEndpoints:
    """Makes and keeps reports."""

    def __init__(
        self,
        store_snapshot: StoreSnapshot,
        loads: LoadedAccounts | None,
        team: Team | None,
        wiring: ReadWiring | None = None,
        activity: ReadActivity | None = None,
    ) -> None:
        """`loads` are the accounts as loaded; without them, reports go by decisions alone. `team` is that of the routes
        file. `wiring` reads what is known of the systems downstream, `activity` when sales were last active."""
        self._store_snapshot = store_snapshot
        self._loads = loads
        self._team = team
        self._wiring = wiring
        self._activity = activity
        self._one_at_a_time = asyncio.Lock()
        self._waiting = 0
        self._kept: dict[ReportName, _KeptReport] = {}

    async def report(self, request: Request) -> Response:
        """One report."""
        body = await self.body(_asked(request))
        return Response(body, headers={"Cache-Control": "private, no-cache"}, media_type=JSON)

    async def report_csv(self, request: Request) -> Response:
        """Its rows as CSV."""
        name = _asked(request)
        report: Report = orjson.loads(await self.body(name))
        text = await asyncio.to_thread(csv_text, ROW_FIELDS[name], report_cells(report))
        headers = {
            "Cache-Control": "private, no-cache",
            "Content-Disposition": f'attachment; filename="{name}.csv"',
        }
        return Response(text.encode(), headers=headers, media_type=_CSV)

    async def body(self, name: ReportName) -> bytes:
        """A report as JSON, made a while ago at most. Raises `HttpProblem`."""
        refuse_if_blind(self._store_snapshot)
        if (kept := self._fresh(name)) is not None:
            return kept
        if self._waiting >= _MAX_WAITING:
            raise HttpProblem(503, "other reports are being made", headers={"Retry-After": "5"})
        self._waiting += 1
        try:
            async with self._one_at_a_time:
                return self._fresh(name) or await self._made(name)
        finally:
            self._waiting -= 1

    def _fresh(self, name: ReportName) -> bytes | None:
        kept, store_snapshot = self._kept.get(name), self._store_snapshot
        if kept is None or kept.decided_by != (store_snapshot.generation, store_snapshot.fit_version):
            return None
        kept_ms = max(_KEPT_MS, min(_KEPT_TIMES * kept.took_ms, _MAX_KEPT_MS))
        return kept.body if 0 <= store_snapshot.clock() - kept.at < kept_ms else None

    async def _made(self, name: ReportName) -> bytes:
        store_snapshot = self._store_snapshot
        if store_snapshot.rules_unreadable:
            raise HttpProblem(
                503, "the scoring file in force was written by another version of the engine; see the log"
            )
        decided_by, view = (store_snapshot.generation, store_snapshot.fit_version), store_snapshot.view
        began = time.perf_counter()
        market = LiveMarket(
            view.store,
            view.controls,
            store_snapshot.fit_rows,
            store_snapshot.partitions,
            pause=_Courtesy(),
            loads=self._loads,
            partition_of=view.partition_of,
            team=self._team,
            wiring=self._wiring,
            activity=self._activity,
        )
        try:
            report = await market.report(name, store_snapshot.clock())
        except OutdatedStore as error:
            raise HttpProblem(503, str(error)) from None
        except StoreTrouble:
            raise HttpProblem(503, "Redis is unreachable", headers={"Retry-After": "2"}) from None
        except SignalEngineError as error:
            store_snapshot.event_log.write(AccountsNotRead(reason=str(error)))
            what = "the published ICPs" if name == "wiring" else "the accounts"
            said = f"{what} cannot be read from Kafka; the log of the API says why"
            raise HttpProblem(503, said, headers={"Retry-After": "5"}) from None
        if report is None:
            raise HttpProblem(503, "nothing was computed yet: no worker has run", headers={"Retry-After": "5"})
        body = orjson.dumps(report)
        took_ms = round(1_000 * (time.perf_counter() - began))
        self._kept[name] = _KeptReport(store_snapshot.clock(), took_ms, decided_by, body)
        return body


class _Courtesy:
    """Pauses for as long as the work since the last pause took."""

    def __init__(self) -> None:
        self._since = time.perf_counter()

    async def __call__(self) -> None:
        """Let others be answered."""
        await asyncio.sleep(min(time.perf_counter() - self._since, _MAX_PAUSE_S))
        self._since = time.perf_counter()


def _asked(request: Request) -> ReportName:
    """The requested report. Raises `HttpProblem`."""
    read_query((), request.scope["query_string"])
    return report_named(request.path_params["name"])


def report_named(given: str) -> ReportName:
    """The report that a path names. Raises `HttpProblem`."""
    for name in REPORT_NAMES:
        if name == given:
            return name
    raise unknown("report")
