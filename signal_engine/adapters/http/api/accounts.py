"""`/v1/accounts/{account}` and `/v1/alerts`: read when asked for."""

from typing import Final, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.api.lists import JSON, refuse_if_blind
from signal_engine.adapters.http.api.parameters import instant, number, read_query
from signal_engine.adapters.http.edge.problems import HttpProblem, unknown
from signal_engine.core.rules.instants import days
from signal_engine.engine.partition.account_cache import OutdatedStore
from signal_engine.engine.ports.history import FEED_DAYS
from signal_engine.engine.ports.store import Loaded, StoreTrouble
from signal_engine.engine.read_model.account_view import NOTHING
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.events.account_names import MAIL_PROVIDER, NotAnAccount, is_mail_provider, normalise
from signal_engine.wire.output.api_documents import AccountDocument, Alerts
from signal_engine.wire.output.models import Alert

ALERT_FILTERS: Final = (
    instant("since", f"Only alerts at or after this instant; alerts are kept for {FEED_DAYS} days."),
    number("limit", 1, 1_000, "Most alerts to return; 100 by default."),
)
_MAX_FOUND: Final = 100
_UNCACHED: Final = {"Cache-Control": "private, no-cache"}


class StoredAccount(NamedTuple):
    """What is stored of a requested account."""

    name: str
    """The account's domain."""
    loaded: Loaded

    @property
    def is_known(self) -> bool:
        """Whether anything is stored of the account."""
        return self.loaded != NOTHING


class AccountEndpoints:
    """The endpoints that read the store."""

    def __init__(self, store_snapshot: StoreSnapshot) -> None:
        self._store_snapshot = store_snapshot

    async def account(self, request: Request) -> Response:
        """One account, explained."""
        read_query((), request.scope["query_string"])
        found = await self.found(request.path_params["account"])
        return Response(orjson.dumps(await self.explained(found)), headers=_UNCACHED, media_type=JSON)

    async def alerts(self, request: Request) -> Response:
        """Alerts, newest first."""
        asked = read_query(ALERT_FILTERS, request.scope["query_string"])
        document: Alerts = {"alerts": await self.newest(asked.get("since"), asked.get("limit", _MAX_FOUND))}
        return Response(orjson.dumps(document), headers=_UNCACHED, media_type=JSON)

    async def found(self, given: str) -> StoredAccount:
        """Look up the account that `given` (a domain, host or URL) names. Raises `HttpProblem`."""
        name = normalise(given)
        if isinstance(name, NotAnAccount):
            raise HttpProblem(404, f"not an account: it {name.reason}")
        refuse_if_blind(self._store_snapshot)
        try:
            return StoredAccount(name, await self._store_snapshot.view.load(name))
        except StoreTrouble:
            raise _away() from None

    async def called(self, given: str, limit: int) -> list[StoredAccount]:
        """Look up accounts whose name, CRM id or domain contains `given`, best match first."""
        refuse_if_blind(self._store_snapshot)
        try:
            names = await self._store_snapshot.directory.find(given, limit)
            return [StoredAccount(name, await self._store_snapshot.view.load(name)) for name in names]
        except OutdatedStore as error:
            raise HttpProblem(503, str(error)) from None
        except StoreTrouble:
            raise _away() from None

    async def explained(self, found: StoredAccount) -> AccountDocument:
        """Explain the account as of now. Raises `HttpProblem`."""
        store_snapshot = self._store_snapshot
        if store_snapshot.rules_unreadable:
            raise HttpProblem(
                503, "the scoring file in force was written by another version of the engine; see the log"
            )
        try:
            document = await store_snapshot.view.account(
                found.name, store_snapshot.clock(), store_snapshot.agreed, found.loaded
            )
        except OutdatedStore as error:
            raise HttpProblem(503, str(error)) from None
        except StoreTrouble:
            raise _away() from None
        if document is None and is_mail_provider(found.name):
            raise HttpProblem(404, f"unknown account: it {MAIL_PROVIDER.reason}")
        if document is None:
            raise unknown("account")
        return document

    async def newest(self, since: int | None, limit: int) -> list[Alert]:
        """The newest of the kept alerts. Raises `HttpProblem`."""
        refuse_if_blind(self._store_snapshot)
        kept = self._store_snapshot.clock() - days(FEED_DAYS)
        try:
            return await self._store_snapshot.view.feed(
                self._store_snapshot.partitions, max(kept, since or kept), limit
            )
        except StoreTrouble:
            raise _away() from None


def _away() -> HttpProblem:
    return HttpProblem(503, "Redis is unreachable", headers={"Retry-After": "2"})
