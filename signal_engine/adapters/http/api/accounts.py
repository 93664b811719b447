"""`/v1/accounts/{account}` and `/v1/alerts`: read when asked for."""

from typing import Final, NamedTuple

import orjson
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.api.lists import refuse_if_blind, whose_work
from signal_engine.adapters.http.description.parameters import instant, number, one_of, read_query, text
from signal_engine.adapters.http.edge.problems import JSON, HttpProblem, unknown
from signal_engine.adapters.http.edge.who_acts import administers
from signal_engine.core.alerting.alerts import ALERT_TYPES
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.core.rules.instants import days
from signal_engine.engine.partition.account_cache import OutdatedStore
from signal_engine.engine.ports.history import FEED_DAYS
from signal_engine.engine.ports.store import Loaded, StoreTrouble
from signal_engine.engine.read_model.account_view import NOTHING
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.engine.read_model.whose import EVERY_ALERT, AlertFilter
from signal_engine.wire.events.account_names import (
    MAIL_PROVIDER,
    AccountName,
    NotAnAccount,
    is_mail_provider,
    normalise,
)
from signal_engine.wire.output.api_documents import AccountDocument, Alerts
from signal_engine.wire.output.models import Alert

ALERT_FILTERS: Final = (
    instant("since", f"Only alerts at or after this instant; alerts are kept for {FEED_DAYS} days."),
    number("limit", 1, 1_000, "Maximum number of alerts, after filtering; 100 by default."),
    one_of("type", ALERT_TYPES, "Only alerts of this type."),
    text("person", "Only alerts of accounts that this person owns, calls or had claimed; without case."),
    text("icp", "Only alerts of accounts of this primary ICP."),
    text("tier", "Only alerts of accounts of this tier."),
)
_MAX_FOUND: Final = 100
_UNCACHED: Final = {"Cache-Control": "private, no-cache"}


class StoredAccount(NamedTuple):
    """What is stored of a requested account."""

    name: str
    """The account's domain."""
    loaded: Loaded
    outcomes: bytes | None

    @property
    def is_known(self) -> bool:
        """Whether anything is stored of the account."""
        return self.loaded != NOTHING or self.outcomes is not None


class AccountEndpoints:
    """The endpoints that read the store."""

    def __init__(self, store_snapshot: StoreSnapshot, team: Team = NO_TEAM) -> None:
        """People are those of the `team`."""
        self._store_snapshot, self._team = store_snapshot, team

    async def account(self, request: Request) -> Response:
        """One account, explained."""
        read_query((), request.scope["query_string"])
        found = await self.found(request.path_params["account"])
        return Response(
            orjson.dumps(await self.explained(found, administers=administers(request.scope))),
            headers=_UNCACHED,
            media_type=JSON,
        )

    async def alerts(self, request: Request) -> Response:
        """Alerts, newest first."""
        asked = whose_work(read_query(ALERT_FILTERS, request.scope["query_string"]), self._team)
        wanted = AlertFilter(**{name: asked[name] for name in AlertFilter._fields if name in asked})
        limit, its_admin = asked.get("limit", _MAX_FOUND), administers(request.scope)
        found = await self.newest(asked.get("since"), limit, wanted, administers=its_admin)
        document: Alerts = {"alerts": found}
        return Response(orjson.dumps(document), headers=_UNCACHED, media_type=JSON)

    async def found(self, given: str) -> StoredAccount:
        """Look up the account that `given` (a domain, host or URL) names, also by an alias. Raises `HttpProblem`."""
        name = normalise(given)
        if isinstance(name, NotAnAccount):
            raise HttpProblem(404, f"not an account: it {name.reason}")
        refuse_if_blind(self._store_snapshot)
        name = AccountName(self._store_snapshot.aliases.latest(name))
        try:
            return await self._stored(name)
        except StoreTrouble:
            raise _away() from None

    async def called(self, given: str, limit: int) -> list[StoredAccount]:
        """Look up accounts whose name, CRM id or domain contains `given`, best match first."""
        refuse_if_blind(self._store_snapshot)
        try:
            names = await self._store_snapshot.directory.find(given, limit)
            return [await self._stored(name) for name in names]
        except OutdatedStore as error:
            raise HttpProblem(503, str(error)) from None
        except StoreTrouble:
            raise _away() from None

    async def _stored(self, name: str) -> StoredAccount:
        view, aliases = self._store_snapshot.view, self._store_snapshot.aliases
        return StoredAccount(name, await view.load(name), await view.outcomes(name, aliases))

    async def explained(self, found: StoredAccount, *, administers: bool) -> AccountDocument:
        """Explain the account as of now, to somebody who `administers` or not. Raises `HttpProblem`."""
        store_snapshot = self._store_snapshot
        if store_snapshot.rules_unreadable:
            raise HttpProblem(
                503, "the scoring file in force was written by another version of the engine; see the log"
            )
        try:
            document = await store_snapshot.view.account(
                found.name,
                store_snapshot.clock(),
                store_snapshot.agreed,
                found.loaded,
                found.outcomes,
                administers=administers,
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

    async def newest(
        self, since: int | None, limit: int, wanted: AlertFilter = EVERY_ALERT, *, administers: bool
    ) -> list[Alert]:
        """The newest of the kept alerts that are wanted. Raises `HttpProblem`."""
        refuse_if_blind(self._store_snapshot)
        kept = self._store_snapshot.clock() - days(FEED_DAYS)
        try:
            return await self._store_snapshot.view.feed(
                self._store_snapshot.partitions, max(kept, since or kept), limit, wanted, administers=administers
            )
        except StoreTrouble:
            raise _away() from None


def _away() -> HttpProblem:
    return HttpProblem(503, "Redis is unreachable", headers={"Retry-After": "2"})
