"""HubSpot's companies, properties and tasks as far as `sync` uses them, with its limits.

100 inputs a batch, 3,000 characters and five a second of searches, 190 calls in ten seconds, a day's calls, 207.
"""

import time
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any, Final

from aiohttp import web

from testing.crm.hubspot_answers import association, batch, error, problem, record, too_many
from testing.crm.hubspot_tasks import VERSION, TasksShaped

_INPUTS: Final = 100
_PAGE: Final = 200
_OWNERS: Final = 500
_TEN_SECONDS: Final = 10.0
_SEARCHES_PER_SECOND: Final = 5
_LONGEST_SEARCH: Final = 3_000
_UNKNOWN: Final = "PROPERTY_DOESNT_EXIST"


class HubSpotShaped(TasksShaped):
    """One portal. `companies` is its state: id -> properties."""

    def __init__(self, token: str = "pat-test", calls_per_ten_seconds: int = 190) -> None:
        super().__init__()
        self.token = token
        self.properties: dict[str, dict[str, Any]] = {name: {"name": name} for name in ("name", "domain")}
        self.deals: dict[str, dict[str, str]] = {}
        self.companies_of: dict[str, list[str]] = {}
        """Deal -> companies, the primary one last."""
        self.groups: set[str] = set()
        self.busy = 0
        """How many of the next calls are answered with 429."""
        self.locked = 0
        """How many of the next calls are answered with 423."""
        self.down = False
        """Whether every call is answered with 503."""
        self.used_up = False
        """Whether the calls of the day are used up."""
        self.tells_each = True
        """Whether a batch of updates tells of each input, as documented for creates; else one refuses all."""
        self.answers_as: dict[str, str] = {}
        """Company -> the id of that into which it was merged, by `merge`."""
        self.clock: Callable[[], float] = time.monotonic
        """Seconds."""
        self.refuses: set[str] = set()
        """Ids of companies that refuse every update."""
        self.refusal = "VALIDATION_ERROR"
        """The category of that."""
        self.calls: list[str] = []
        """Method and path of each call that was counted."""
        self.writes: list[tuple[str, dict[str, str]]] = []
        """(id, properties) of each update that was taken, in order."""
        self._limit = calls_per_ten_seconds
        self._recent: deque[float] = deque()
        self._searches: deque[float] = deque()

    def add(self, record_id: str, **properties: str) -> None:
        """A company."""
        self.companies[record_id] = dict(properties)

    def merge(self, record_id: str, *others: str) -> None:
        """Merge companies into a new one, which has the properties of the first of them."""
        self.companies[record_id] = {**self.companies[others[0]], "hs_merged_object_ids": ";".join(others)}
        for one in others:
            del self.companies[one]
            self.answers_as[one] = record_id

    def application(self) -> web.Application:
        """What serves it."""
        app = web.Application(client_max_size=4 * 2**20)
        app.router.add_post("/{rest:.*}", self._answer)
        app.router.add_get("/{rest:.*}", self._answer)
        return app

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        self.calls.append(request.path)
        if (refused := await self._not_now(request)) is not None:
            return refused
        if request.method == "GET":
            return self._owners(request) if request.path == f"/crm/owners/{VERSION}" else problem(404, "NOT_FOUND")
        asked = await request.json()
        if (told := self.of_tasks(request, asked)) is not None:
            return told
        match request.path.split("/")[2:]:
            case ["objects", version, "companies", "search"] if version == VERSION:
                return self._search(asked)
            case ["objects", version, "companies", "batch", verb] if version == VERSION:
                if len(asked["inputs"]) > _INPUTS:
                    return problem(400, "VALIDATION_ERROR")
                return self._read(asked) if verb == "read" else self._write(verb, asked["inputs"])
            case ["objects", version, "deals", "search"] if version == VERSION:
                return self._deals(asked)
            case ["associations", version, "deals", "companies", "batch", "read"] if version == VERSION:
                return batch(
                    [association(one["id"], self.companies_of.get(one["id"], [])) for one in asked["inputs"]], []
                )
            case ["properties", version, "companies", *rest] if version == VERSION:
                return self._properties(rest, asked)
        return problem(404, "NOT_FOUND")

    async def _not_now(self, request: web.Request) -> web.Response | None:
        """What refuses any call, whatever it asks for."""
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return problem(401, "INVALID_AUTHENTICATION")
        if self.down:
            return problem(503, "SERVICE_UNAVAILABLE")
        if self.used_up:
            return too_many("DAILY")
        if self.busy or self._over(self._recent, _TEN_SECONDS, self._limit):
            self.busy = max(0, self.busy - 1)
            return too_many("TEN_SECONDLY_ROLLING", "1")
        if self.locked:
            self.locked -= 1
            return problem(423, "LOCKED")
        if request.path.endswith("/search"):
            if len(await request.text()) > _LONGEST_SEARCH:
                return problem(400, "VALIDATION_ERROR")
            if self._over(self._searches, 1.0, _SEARCHES_PER_SECOND):
                return too_many("SECONDLY")
        return None

    def _owners(self, request: web.Request) -> web.Response:
        start, limit = int(request.query.get("after", 0)), int(request.query["limit"])
        if limit > _OWNERS:
            return problem(400, "VALIDATION_ERROR")
        more = {"paging": {"next": {"after": str(start + limit)}}} if start + limit < len(self.owners) else {}
        return web.json_response({"results": self.owners[start : start + limit], **more})

    def _over(self, recent: "deque[float]", within_s: float, limit: int) -> bool:
        now = self.clock()
        while recent and now - recent[0] >= within_s:
            recent.popleft()
        if len(recent) >= limit:
            return True
        recent.append(now)
        return False

    def _search(self, asked: dict[str, Any]) -> web.Response:
        (one,) = asked["filterGroups"][0]["filters"]
        if one["operator"] != "IN" or len(one["values"]) > _INPUTS or asked["limit"] > _PAGE:
            return problem(400, "VALIDATION_ERROR")
        found = [
            (record_id, properties)
            for record_id, properties in self.companies.items()
            if properties.get(one["propertyName"], "").lower() in one["values"]
        ]
        start = int(asked.get("after", 0))
        page = found[start : start + asked["limit"]]
        more = (
            {"paging": {"next": {"after": str(start + asked["limit"])}}} if start + asked["limit"] < len(found) else {}
        )
        results = [record(record_id, properties, asked["properties"]) for record_id, properties in page]
        return web.json_response({"total": len(found), "results": results, **more})

    def _deals(self, asked: dict[str, Any]) -> web.Response:
        (one,) = asked["filterGroups"][0]["filters"]
        (sort,) = asked["sorts"]
        if (one["operator"], sort["propertyName"]) != ("GTE", one["propertyName"]) or asked["limit"] > _PAGE:
            return problem(400, "VALIDATION_ERROR")
        since = datetime.fromtimestamp(int(one["value"]) / 1000, UTC)
        found = sorted(
            (told[one["propertyName"]], deal)
            for deal, told in self.deals.items()
            if datetime.fromisoformat(told[one["propertyName"]]) >= since
        )
        start, end = int(asked["after"]), int(asked["after"]) + asked["limit"]
        more = {"paging": {"next": {"after": str(end)}}} if end < len(found) else {}
        results = [record(deal, self.deals[deal], asked["properties"]) for _, deal in found[start:end]]
        return web.json_response({"total": len(found), "results": results, **more})

    def _read(self, asked: dict[str, Any]) -> web.Response:
        by = asked.get("idProperty")
        if by is not None and not self.properties.get(by, {}).get("hasUniqueValue"):
            return problem(400, "VALIDATION_ERROR")
        results, errors = [], []
        for one in asked["inputs"]:
            record_id = self.answers_as.get(one["id"], one["id"]) if by is None else self._by(by, one["id"])
            if record_id in self.companies:
                results.append(record(record_id, self.companies[record_id], asked["properties"]))
            else:
                errors.append(error("OBJECT_NOT_FOUND", ids=[one["id"]]))
        return batch(results, errors)

    def _write(self, verb: str, inputs: list[dict[str, Any]]) -> web.Response:
        known = [one for one in inputs if one["id"] in self.companies and not self.tells_each]
        if any(self._refused(one["id"], one["properties"]) for one in known):
            return problem(400, "VALIDATION_ERROR")
        results, errors = [], []
        for one in inputs:
            record_id: str | None = one["id"]
            if verb == "upsert":
                record_id = self._by(one["idProperty"], one["id"]) or str(next(self.ids))
                self.companies.setdefault(record_id, {})
            trace, properties = one.get("objectWriteTraceId"), one["properties"]
            if record_id not in self.companies:
                record_id = self.answers_as.get(one["id"])
            if record_id not in self.companies:
                errors.append(error("OBJECT_NOT_FOUND", ids=[one["id"]]))
            elif unknown := self._refused(record_id, properties):
                errors.append(error(unknown, objectWriteTraceId=[trace]))
            else:
                self.companies[record_id] |= properties
                self.writes.append((record_id, properties))
                told_id = self.answers_as.get(record_id, record_id)
                results.append(record(told_id, properties, [*properties]))  # HubSpot's example has no trace here
        return batch(results, errors)

    def _refused(self, record_id: str, properties: dict[str, str]) -> str | None:
        if record_id in self.refuses or properties.keys() - self.properties.keys():
            return self.refusal
        for name, value in properties.items():
            if value and self.properties[name].get("hasUniqueValue") and self._by(name, value) not in {None, record_id}:
                return "CONFLICT"
        return None

    def _by(self, name: str, value: str) -> str | None:
        return next((one for one, properties in self.companies.items() if properties.get(name) == value), None)

    def _properties(self, rest: list[str], asked: dict[str, Any]) -> web.Response:
        match rest:
            case ["batch", "read"]:
                names = [one["name"] for one in asked["inputs"]]
                return batch([self.properties[name] for name in names if name in self.properties], [
                    error("OBJECT_NOT_FOUND", name=[name]) for name in names if name not in self.properties
                ])  # fmt: skip
            case ["groups"]:
                if asked["name"] in self.groups:
                    return problem(409, "OBJECT_ALREADY_EXISTS")
                self.groups.add(asked["name"])
                return web.json_response(asked, status=201)
            case ["batch", "create"]:
                if any(one["groupName"] not in self.groups for one in asked["inputs"]):
                    return problem(400, "VALIDATION_ERROR")
                self.properties |= {one["name"]: one for one in asked["inputs"]}
                return web.json_response({"status": "COMPLETE", "results": asked["inputs"]}, status=201)
        return problem(404, "NOT_FOUND")
