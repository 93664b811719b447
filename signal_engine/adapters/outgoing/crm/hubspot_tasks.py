"""Tasks in HubSpot, found again by a property of ours that is unique: the id of their alert.

They are read by that property, which sees a task at once; a search sees it some moments later (Search the CRM, Limits).
"""

import html
from collections.abc import Collection, Mapping
from typing import Any, Final

from signal_engine.adapters.outgoing.crm.answers import as_described, reading_answer
from signal_engine.adapters.outgoing.crm.api_calls import refusal
from signal_engine.adapters.outgoing.crm.hubspot import GROUP, VERSION, HubSpot
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.engine.sync.tasks import CrmTask, TaskRefused, UnknownAnswer
from signal_engine.wire.instants import format_instant

_ALERT_ID: Final = "se_alert_id"
_OF_COMPANY: Final = 192
"""HubSpot's own association of a task with a company (guide Associate records; `TASK_TO_COMPANY` of its front end)."""
_MOST_OF_A_BODY: Final = 65_000
"""Characters: `hs_task_body` may have 65,536 (Tasks guide, Properties)."""
_BAD_REQUEST: Final = 400
_OK: Final = 200
_CREATED: Final = 201
_CONFLICT: Final = 409
_READ: Final = frozenset({_OK, 207})


class HubSpotTasks:
    """`TaskSystem`: one call per task, one for 100 owners."""

    field: str = _ALERT_ID
    """What tasks must have."""

    def __init__(self, client: HubSpot) -> None:
        self._client = client
        self._tasks = f"{client.api}/crm/objects/{VERSION}/tasks"
        self._properties = f"{client.api}/crm/properties/{VERSION}/tasks"

    @as_described
    async def owner_ids(self, emails: Collection[str]) -> Mapping[str, str]:
        """See `TaskSystem`."""
        every = {str(one.get("email") or "").lower(): str(one["id"]) for one in await self._client.owners()}
        return {email: every[email] for email in emails if email in every}

    @as_described
    async def find_task(self, alert_id: str) -> str | None:
        """See `TaskSystem`."""
        status, document = await self._read(alert_id)
        if status not in _READ or not isinstance(document, dict):
            raise SinkTrouble(refusal(status, document))
        return next((str(one["id"]) for one in document["results"]), None)

    async def create_task(self, task: CrmTask) -> str:
        """See `TaskSystem`. Of an alert that has a task HubSpot refuses another one; then it is that one."""
        status, document = await self._client.post_once(self._tasks, _task(task))
        if status in {_OK, _CREATED} and isinstance(document, dict):
            with reading_answer(UnknownAnswer):
                return str(document["id"])
        if status in {_BAD_REQUEST, _CONFLICT}:
            read, there = await self._read(task.alert_id)
            with reading_answer(UnknownAnswer):
                if read in _READ and isinstance(there, dict) and there["results"]:
                    return str(there["results"][0]["id"])
        raise TaskRefused(refusal(status, document))

    async def _read(self, alert_id: str) -> tuple[int, Any]:
        asked = {"idProperty": _ALERT_ID, "properties": [_ALERT_ID], "inputs": [{"id": alert_id}]}
        return await self._client.post(f"{self._tasks}/batch/read", asked)

    @as_described
    async def is_missing(self) -> bool:
        """Whether tasks lack the property, unique. Raises `SinkTrouble`, also where it is there and is not."""
        asked = {"archived": False, "inputs": [{"name": _ALERT_ID}]}
        status, document = await self._client.post(f"{self._properties}/batch/read", asked)
        if status not in _READ:
            raise SinkTrouble(refusal(status, document))
        if any(not one.get("hasUniqueValue") for one in document["results"]):
            raise SinkTrouble(
                f"the property {_ALERT_ID} of tasks is not unique: delete it in HubSpot, and set up again"
            )
        return not document["results"]

    async def set_up(self) -> None:
        """Make the property. Raises `SinkTrouble`."""
        group = {"name": GROUP, "label": "Signal Engine", "displayOrder": -1}
        status, document = await self._client.post(f"{self._properties}/groups", group)
        if status not in {_OK, _CREATED, _CONFLICT}:
            raise SinkTrouble(refusal(status, document))
        made = {
            "name": _ALERT_ID, "label": "Signal Engine: alert", "type": "string", "fieldType": "text",
            "groupName": GROUP, "formField": False, "hasUniqueValue": True,
        }  # fmt: skip
        status, document = await self._client.post(f"{self._properties}/batch/create", {"inputs": [made]})
        if status not in {_OK, _CREATED}:
            raise SinkTrouble(refusal(status, document))


def _as_html(text: str) -> str:
    """The text as HubSpot, which reads the body of a task as HTML, shows it: as it is, and line by line."""
    shown: list[str] = []
    room = _MOST_OF_A_BODY
    for letter in text:
        one = "<br>" if letter == "\n" else html.escape(letter, quote=False)
        room -= len(one)
        if room < 0:
            break
        shown.append(one)
    return "".join(shown)


def _task(task: CrmTask) -> dict[str, Any]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": _OF_COMPANY}]
    return {
        "properties": {
            "hs_timestamp": format_instant(task.due_at),
            "hs_task_subject": task.subject,
            "hs_task_body": _as_html(task.body),
            "hs_task_status": "NOT_STARTED",
            "hs_task_priority": "HIGH" if task.is_urgent else "MEDIUM",
            "hs_task_type": "CALL",
            "hubspot_owner_id": task.owner_id,
            _ALERT_ID: task.alert_id,
        },
        "associations": [{"to": {"id": task.record_id}, "types": types}],
    }
