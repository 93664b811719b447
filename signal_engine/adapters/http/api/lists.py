"""`/v1/lists`: the lists there are, one of them, and one as CSV."""

from collections.abc import Mapping
from typing import Any, Final

import orjson
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from signal_engine.adapters.http.description.parameters import number, one_of, read_query, text
from signal_engine.adapters.http.edge.page_cache import PageCache
from signal_engine.adapters.http.edge.problems import JSON, HttpProblem, blind, unknown
from signal_engine.adapters.http.edge.who_acts import administers
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.core.rules.policy import COLD, HOT, WARM
from signal_engine.engine.read_model.list_cache import CachedList, Filter
from signal_engine.engine.read_model.rules_now import reviews_passed, rules_now
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.engine.read_model.whose import person_of
from signal_engine.wire.output.api_documents import Lists, ListSummary
from signal_engine.wire.output.tables.csv_table import csv_of

_CSV: Final = "text/csv; charset=utf-8"
LIST_PATH: Final = "/v1/lists/"
"""Before the name of a list."""
_FRESH: Final = "private, max-age=1"
FILTERS: Final = (
    number("limit", 1, 100_000, "Maximum number of entries, after filtering."),
    text("owner", "Only accounts of this owner."),
    text("segment", "Only accounts of this segment."),
    text("tier", "Only accounts of this tier."),
    one_of("level", (COLD, WARM, HOT), "Only accounts at this level."),
    text("person", "Only accounts that this person owns, calls or has claimed; without case."),
)


class ListEndpoints:
    """The list endpoints; they answer from the store snapshot. People are those of the `team`."""

    def __init__(self, store_snapshot: StoreSnapshot, team: Team = NO_TEAM) -> None:
        self._store_snapshot, self._team = store_snapshot, team
        self._tables = PageCache()

    async def lists(self, request: Request) -> Response:
        """Names, versions and sizes of the lists."""
        read_query((), request.scope["query_string"])
        refuse_if_blind(self._store_snapshot)
        snapshot = self._store_snapshot
        rules, icps = snapshot.agreed.rules, snapshot.agreed.icps
        document: Lists = {
            "lists": [_summary(one) for one in snapshot.served(administers=administers(request.scope)).values()],
            "in_force": rules_now(rules.config_version if rules else None, snapshot.published, icps),
            "warnings": reviews_passed(icps, snapshot.clock()),
        }
        return Response(orjson.dumps(document), headers={"Cache-Control": _FRESH}, media_type=JSON)

    async def list_csv(self, request: Request) -> Response:
        """One list as CSV."""
        one, wanted = _asked(self._store_snapshot, request.scope, self._team)
        if (unchanged := not_modified(request, one.etag)) is not None:
            return unchanged
        headers = {**validators(one.etag), "Content-Disposition": f'attachment; filename="{one.name}.csv"'}
        key = (one.name, one.etag, wanted)
        kept = self._tables.get(key)
        if kept is None:
            kept = (csv_of(one.select(wanted)).encode(),)
            self._tables.keep(key, kept)
        return Response(kept[0], headers=headers, media_type=_CSV)


class PolledList:
    """One list, or the asked-for part of it, as plain ASGI.

    It is what is polled, so it goes without request and response objects: with routing, half of what an answer costs.
    """

    __name__ = "list"

    def __init__(self, store_snapshot: StoreSnapshot, team: Team = NO_TEAM) -> None:
        self._store_snapshot, self._team = store_snapshot, team

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI; the name of the list is in the scope's `path_params`."""
        try:
            one, wanted = _asked(self._store_snapshot, scope, self._team)
        except HttpProblem as problem:
            await problem.response()(scope, receive, send)
            return
        if _has_tag(scope, one.etag.encode()):
            status, body, headers = 304, b"", []
        else:
            status, body = 200, one.part(wanted)
            headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(body))]
        headers += [(b"etag", one.etag.encode()), (b"cache-control", _FRESH.encode())]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body if scope["method"] == "GET" else b""})


class Shortcut:
    """Leads to `polled` past the router, which all other requests go through."""

    def __init__(self, app: ASGIApp, polled: PolledList) -> None:
        self._app = app
        self._polled = polled

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        before, name = scope.get("path", "")[: len(LIST_PATH)], scope.get("path", "")[len(LIST_PATH) :]
        if before != LIST_PATH or not name or "." in name or "/" in name:
            await self._app(scope, receive, send)
            return
        scope["path_params"], scope["endpoint"] = {"name": name}, self._polled
        await self._polled(scope, receive, send)


def _asked(store_snapshot: StoreSnapshot, scope: Scope, team: Team) -> tuple[CachedList, Filter]:
    """The requested list and filter. Raises `HttpProblem`."""
    wanted = read_query(FILTERS, scope["query_string"])
    refuse_if_blind(store_snapshot)
    one = store_snapshot.one_list(scope["path_params"]["name"], administers=administers(scope))
    if one is None:
        raise unknown("list")
    return one.at(store_snapshot.clock()), Filter(**whose_work(wanted, team))


def whose_work(given: Mapping[str, Any], team: Team) -> dict[str, Any]:
    """Values of filters, with the person whom `person` means in place of the text."""
    return {**given, **({"person": person_of(given["person"], team)} if "person" in given else {})}


def refuse_if_blind(store_snapshot: StoreSnapshot) -> None:
    """Raise `HttpProblem` (503) if the snapshot is too old to be served."""
    if store_snapshot.blind:
        seen = store_snapshot.seen_at
        raise blind((store_snapshot.clock() - seen) // 1_000 if seen else None)


def validators(etag: str) -> dict[str, str]:
    """Headers that let a client revalidate an answer."""
    return {"ETag": etag, "Cache-Control": _FRESH}


def not_modified(request: Request, etag: str) -> Response | None:
    """A 304 response if the client already has the version `etag`, else None."""
    return Response(status_code=304, headers=validators(etag)) if _has_tag(request.scope, etag.encode()) else None


def _has_tag(scope: Scope, tag: bytes) -> bool:
    """Whether `If-None-Match` names the tag."""
    given = next((value for name, value in scope["headers"] if name == b"if-none-match"), None)
    if given is None:
        return False
    return given in {tag, b"*"} or tag in [one.strip().removeprefix(b"W/") for one in given.split(b",")]


def _summary(one: CachedList) -> ListSummary:
    listed = one.listed
    return {
        "list": one.name,
        "version": one.version,
        "size": len(one.entries),
        "generated_at": listed["generated_at"],
        "stale": listed["stale"],
    }
