"""A Salesforce org as far as `sync` uses it: tokens that expire, 200 records a call, 200 OK with errors of items."""

import itertools
import re
from datetime import datetime
from typing import Any, Final

from aiohttp import web

_RECORDS: Final = 200
_OF_A_PAGE: Final = 2
"""Records of a page of opportunities; Salesforce has 2,000, which would make tests long."""
_LONGEST_TEXT: Final = 255
_LONGEST_HEAD: Final = 16_384
"""Bytes of a request's line and headers together (REST API, Status Codes, 431)."""
_IN: Final = re.compile(r"(\w+) IN \(([^)]*)\)")
_STANDARD: Final = ("id", "name", "website")
_READABLE: Final = (*_STANDARD, "type", "owner.name", "lastactivitydate")


_OF_A_TASK: Final = ("Subject", "Description", "Status", "Priority", "ActivityDate", "OwnerId", "WhatId")


class SalesforceShaped:
    """One org. `accounts` is its state: id -> fields."""

    def __init__(self, client: str = "key", secret: str = "secret") -> None:
        self.client, self.secret = client, secret
        self.accounts: dict[str, dict[str, Any]] = {}
        self.opportunities: list[dict[str, Any]] = []
        """Fields; `AccountId` names the account."""
        self.fields: dict[str, dict[str, Any]] = {}
        """API name -> metadata of the custom fields."""
        self.users: dict[str, str] = {}
        """E-mail -> id of the active user."""
        self.tasks: dict[str, dict[str, str]] = {}
        """Id -> fields."""
        self.task_fields: set[str] = {*_OF_A_TASK}
        self.hangs_up = 0
        """How many of the next tasks are taken without an answer."""
        self.url = ""
        """What it names as its own address."""
        self.busy = 0
        """How many of the next calls are answered with 503."""
        self.used_up = False
        """Whether the org's requests of 24 hours are used up."""
        self.locked = 0
        """For how many of the next tasks somebody else writes to the account."""
        self.refuses: set[str] = set()
        """Ids of accounts that refuse every update."""
        self.refusal = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
        """With this code."""
        self.calls: list[str] = []
        self.writes: list[tuple[str, dict[str, Any]]] = []
        self.of_a_page = 2_000
        """Accounts of a page."""
        self.malformed: set[str] = set()
        """Ids that it cannot read as such, for which it refuses a whole query."""
        self.hidden: set[str] = set()
        """Custom fields that are there, and that the app's user does not see."""
        self.assigned: list[dict[str, Any]] = []
        """The records of each write by which the org's assignment rules took effect."""
        self._found: list[dict[str, Any]] = []
        self._token = ""
        self._tokens = itertools.count(1)
        self._ids = itertools.count(1)

    def expire(self) -> None:
        """The token in use is good for nothing any more."""
        self._token = ""

    def application(self) -> web.Application:
        """What serves it."""
        app = web.Application(client_max_size=4 * 2**20)
        app.router.add_post("/services/oauth2/token", self._sign_in)
        app.router.add_route("*", "/services/data/{version}/{rest:.*}", self._answer)
        return app

    async def _sign_in(self, request: web.Request) -> web.StreamResponse:
        self.calls.append("token")
        told = await request.post()
        if (told["grant_type"], told["client_id"], told["client_secret"]) != (
            "client_credentials", self.client, self.secret,
        ):  # fmt: skip
            return web.json_response({"error": "invalid_client", "error_description": "words"}, status=401)
        self._token = f"token{next(self._tokens)}"
        return web.json_response({"access_token": self._token, "instance_url": self.url, "token_type": "Bearer"})

    async def _answer(self, request: web.Request) -> web.StreamResponse:
        rest = request.match_info["rest"]
        self.calls.append(f"{request.method} {rest}")
        if (refused := self._not_now(request)) is not None:
            return refused
        if rest.startswith("sobjects/Task"):
            return await self._of_tasks(request, rest)
        match request.method, rest.split("/"):
            case "GET", ["query"]:
                query = request.query["q"]
                if (found := self._others(query)) is not None:
                    return web.json_response({"totalSize": len(found), "done": True, "records": found})
                return self._deals(query) if " FROM Opportunity " in query else self._query(query)
            case "GET", ["query", place]:
                start, _, size = place.partition("-")[2].partition("-")
                return self._page(int(start), int(size))
            case "GET", ["sobjects", "Account", "describe"]:
                shown = {name: told for name, told in self.fields.items() if name not in self.hidden}
                named = [{"name": name, "externalId": bool(told.get("externalId"))} for name, told in shown.items()]
                return web.json_response({"fields": [*({"name": name} for name in ("Id", "Name", "Website")), *named]})
            case "POST", ["tooling", "sobjects", "CustomField"]:
                return self._field(await request.json())
            case "PATCH", ["composite", "sobjects", *by]:
                if request.headers.get("Sforce-Auto-Assign", "TRUE").upper() != "FALSE":
                    self.assigned += (await request.json())["records"]
                return self._write(await request.json(), by[1] if by else None)
        return _problem(404, "NOT_FOUND")

    def _field(self, asked: dict[str, Any]) -> web.Response:
        of, _, name = asked["FullName"].partition(".")
        if name in self.hidden or name in (self.task_fields if of == "Activity" else self.fields):
            return _problem(400, "DUPLICATE_DEVELOPER_NAME")
        if of == "Activity":
            self.task_fields.add(name)
        else:
            self.fields[name] = asked["Metadata"]
        return web.json_response({"id": "00N000000000001", "success": True, "errors": []}, status=201)

    def _not_now(self, request: web.Request) -> web.Response | None:
        """What refuses any call, whatever it asks for."""
        if not self._token or request.headers.get("Authorization") != f"Bearer {self._token}":
            return _problem(401, "INVALID_SESSION_ID")
        if self.busy:
            self.busy -= 1
            return _problem(503, "SERVER_UNAVAILABLE")
        if self.used_up:
            return _problem(403, "REQUEST_LIMIT_EXCEEDED")
        head = sum(len(name) + len(value) + len(": \r\n") for name, value in request.raw_headers)
        return web.Response(status=431) if len(request.raw_path) + head > _LONGEST_HEAD else None

    def _others(self, query: str) -> list[dict[str, str]] | None:
        """Users by address, or the task of an alert."""
        if " FROM User WHERE IsActive = true " in query:
            wanted = {one.strip("'") for one in _IN.findall(query)[0][1].split(",")}
            return [{"Id": one, "Email": email} for email, one in self.users.items() if email in wanted]
        if " FROM Task " in query:
            name, _, value = query.partition(" WHERE ")[2].partition(" = ")
            return [{"Id": task} for task, told in self.tasks.items() if told.get(name) == value.strip("'")]
        return None

    async def _of_tasks(self, request: web.Request, rest: str) -> web.Response:
        if (request.method, rest) == ("GET", "sobjects/Task/describe"):
            return web.json_response({"fields": [{"name": name} for name in sorted(self.task_fields)]})
        if (request.method, rest) == ("POST", "sobjects/Task"):
            return self._task(request, await request.json())
        return _problem(404, "NOT_FOUND")

    def _task(self, request: web.Request, told: dict[str, str]) -> web.Response:
        sound = (
            not told.keys() - self.task_fields
            and len(told["Subject"]) <= 255
            and len(told["Description"]) <= 32_000
            and told["Priority"] in {"High", "Normal", "Low"}
            and told["OwnerId"] in self.users.values()
            and told["WhatId"] in self.accounts
        )
        if not sound or len(told["ActivityDate"]) != len("2026-01-31"):
            return _problem(400, "INVALID_FIELD")
        if self.locked:
            self.locked -= 1
            return _problem(400, "UNABLE_TO_LOCK_ROW")
        task_id = f"00T{next(self._ids):015d}"
        self.tasks[task_id] = told
        if self.hangs_up and request.transport is not None:
            self.hangs_up -= 1
            request.transport.close()
        return web.json_response({"id": task_id, "success": True, "errors": []}, status=201)

    def _query(self, query: str) -> web.Response:
        wanted = {name: {one.strip("'").lower() for one in values.split(",")} for name, values in _IN.findall(query)}
        if any(name.lower() not in _STANDARD and name not in self.fields for name in wanted):
            return _problem(400, "INVALID_FIELD")
        if wanted.get("Id", set()) & {one.lower() for one in self.malformed}:
            return _problem(400, "INVALID_QUERY_FILTER_OPERATOR")
        asked = query.removeprefix("SELECT ").partition(" FROM ")[0].split(", ")
        if any(name.lower() not in _READABLE and name.partition(".")[0] not in self.fields for name in asked):
            return _problem(400, "INVALID_FIELD")
        found = [
            {
                "Id": one,
                **{name.partition(".")[0]: fields.get(name.partition(".")[0]) for name in asked if name != "Id"},
            }
            for one, fields in self.accounts.items()
            if any(
                str((one if name == "Id" else fields.get(name)) or "").lower() in values
                or (name == "Id" and one[:15].lower() in {value[:15] for value in values})
                for name, values in wanted.items()
            )
        ]
        self._found = found
        return self._page(0, self.of_a_page)

    def _deals(self, query: str) -> web.Response:
        since = datetime.fromisoformat(query.partition("LastModifiedDate >= ")[2].partition(" ")[0])
        kept = [one for one in self.opportunities if datetime.fromisoformat(one["LastModifiedDate"]) >= since]
        self._found = sorted(kept, key=lambda one: str(one["LastModifiedDate"]))
        return self._page(0)

    def _page(self, start: int, size: int = _OF_A_PAGE) -> web.Response:
        some, end = self._found[start : start + size], start + size
        records = [
            {**one, "Account": self.accounts.get(one["AccountId"])} if "AccountId" in one else one for one in some
        ]
        told: dict[str, Any] = {"totalSize": len(self._found), "done": True, "records": records}
        if end < len(self._found):
            told |= {"done": False, "nextRecordsUrl": f"/services/data/v66.0/query/01gxx-{end}-{size}"}
        return web.json_response(told)

    def _write(self, asked: dict[str, Any], by: str | None) -> web.Response:
        records = asked["records"]
        if len(records) > _RECORDS or any(one["attributes"]["type"] != "Account" for one in records):
            return _problem(400, "EXCEEDED_MAX_SIZE_REQUEST")
        if by is not None and any("id" in one for one in records):
            return _problem(400, "INVALID_FIELD")
        return web.json_response([self._one(one, by) for one in records])

    def _one(self, record: dict[str, Any], by: str | None) -> dict[str, Any]:
        fields = {name: value for name, value in record.items() if name not in {"attributes", "id"}}
        record_id = record.get("id")
        created = False
        if by is not None:
            record_id = next((one for one, has in self.accounts.items() if has.get(by) == fields[by]), None)
            if record_id is None:
                record_id, created = f"001{next(self._ids):015d}", True
        if record_id is None or (record_id not in self.accounts and not created):
            return _failure("INVALID_CROSS_REFERENCE_KEY", [])
        unknown = [name for name in fields if name.lower() not in _STANDARD and name not in self.fields]
        if record_id in self.refuses or unknown:
            return _failure(self.refusal, unknown)
        if any(isinstance(value, str) and len(value) > _LONGEST_TEXT for value in fields.values()):
            return _failure("STRING_TOO_LONG", [])
        if any(self._is_taken(name, value, record_id) for name, value in fields.items()):
            return _failure("DUPLICATE_VALUE", [])
        self.accounts.setdefault(record_id, {}).update(fields)
        self.writes.append((record_id, fields))
        return {"id": record_id, "success": True, "errors": [], "created": created}

    def _is_taken(self, name: str, value: Any, record_id: str) -> bool:
        """Whether another account has the value of a field that is unique."""
        others = (has.get(name) for one, has in self.accounts.items() if one != record_id)
        return bool(value and self.fields.get(name, {}).get("unique")) and value in others


def _failure(code: str, fields: list[str]) -> dict[str, Any]:
    return {"success": False, "errors": [{"statusCode": code, "message": "as Salesforce says it", "fields": fields}]}


def _problem(status: int, code: str) -> web.Response:
    return web.json_response([{"errorCode": code, "message": "as Salesforce says it"}], status=status)
