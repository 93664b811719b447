"""HubSpot's tasks as far as `sync` uses them: made, and read by a property of their own that is unique."""

import itertools
from datetime import datetime
from typing import Any, Final

from aiohttp import web

from testing.crm.hubspot_answers import batch, error, problem, record

VERSION: Final = "2026-03"
"""Of the API."""
_INPUTS: Final = 100
_TASK_OF_COMPANY: Final = 192
_LONGEST_BODY: Final = 65_536
_OF_A_TASK: Final = (
    "hs_timestamp", "hs_task_subject", "hs_task_body", "hs_task_status", "hs_task_priority", "hs_task_type",
    "hubspot_owner_id",
)  # fmt: skip


class TasksShaped:
    """Tasks on the companies of a portal, for its owners."""

    def __init__(self) -> None:
        self.companies: dict[str, dict[str, str]] = {}
        self.owners: list[dict[str, str]] = []
        """`id`, `firstName`, `lastName`, `email`."""
        self.tasks: dict[str, dict[str, str]] = {}
        """Id -> properties, `company` among them."""
        self.task_properties: set[str] = {*_OF_A_TASK}
        self.unique_task_properties: set[str] = set()
        self.hangs_up = 0
        """How many of the next tasks are taken without an answer."""
        self.ids = itertools.count(5_000)

    def of_tasks(self, request: web.Request, asked: dict[str, Any]) -> web.Response | None:
        """The answer to a call about tasks; None to any other."""
        match request.path.split("/")[2:]:
            case ["objects", version, "tasks"] if version == VERSION:
                return self._task(request, asked)
            case ["objects", version, "tasks", "batch", "read"] if version == VERSION:
                return self._tasks(asked)
            case ["properties", version, "tasks", *rest] if version == VERSION:
                return self._task_properties(rest, asked)
        return None

    def _task(self, request: web.Request, asked: dict[str, Any]) -> web.Response:
        told = asked["properties"]
        (link,) = asked["associations"]
        kinds = [(one["associationCategory"], one["associationTypeId"]) for one in link["types"]]
        sound = (
            not told.keys() - self.task_properties
            and told["hs_task_status"] in {"NOT_STARTED", "COMPLETED"}
            and told["hs_task_priority"] in {"LOW", "MEDIUM", "HIGH"}
            and told["hs_task_type"] in {"CALL", "EMAIL", "TODO"}
            and len(told["hs_task_body"]) <= _LONGEST_BODY
            and told["hubspot_owner_id"] in {one["id"] for one in self.owners}
            and (kinds, link["to"]["id"] in self.companies) == ([("HUBSPOT_DEFINED", _TASK_OF_COMPANY)], True)
        )
        if not sound or datetime.fromisoformat(told["hs_timestamp"]).tzinfo is None:
            return problem(400, "VALIDATION_ERROR")
        if any(told[name] == one.get(name) for name in self.unique_task_properties for one in self.tasks.values()):
            return problem(400, "VALIDATION_ERROR")
        task_id = str(next(self.ids))
        self.tasks[task_id] = {**told, "company": link["to"]["id"]}
        if self.hangs_up and request.transport is not None:
            self.hangs_up -= 1
            request.transport.close()
        return web.json_response(record(task_id, told, [*told]), status=201)

    def _tasks(self, asked: dict[str, Any]) -> web.Response:
        by = asked["idProperty"]
        if by not in self.unique_task_properties or len(asked["inputs"]) > _INPUTS:
            return problem(400, "VALIDATION_ERROR")
        found = {told.get(by): task for task, told in self.tasks.items()}
        wanted = [one["id"] for one in asked["inputs"]]
        there = [record(found[one], self.tasks[found[one]], asked["properties"]) for one in wanted if one in found]
        return batch(there, [error("OBJECT_NOT_FOUND", ids=[one]) for one in wanted if one not in found])

    def _task_properties(self, rest: list[str], asked: dict[str, Any]) -> web.Response:
        match rest:
            case ["batch", "read"]:
                names = [one["name"] for one in asked["inputs"]]
                there = [
                    {"name": name, "hasUniqueValue": name in self.unique_task_properties}
                    for name in names
                    if name in self.task_properties
                ]
                absent = [name for name in names if name not in self.task_properties]
                return batch(there, [error("OBJECT_NOT_FOUND", name=[one]) for one in absent])
            case ["groups"]:
                return web.json_response(asked, status=201)
            case ["batch", "create"]:
                self.task_properties |= {one["name"] for one in asked["inputs"]}
                self.unique_task_properties |= {one["name"] for one in asked["inputs"] if one.get("hasUniqueValue")}
                return web.json_response({"status": "COMPLETE", "results": asked["inputs"]}, status=201)
        return problem(404, "NOT_FOUND")
