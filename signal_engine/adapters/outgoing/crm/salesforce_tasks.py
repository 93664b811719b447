"""Tasks in Salesforce, found again by a field of ours: the id of their alert."""

from collections.abc import Collection, Mapping
from typing import Any, Final
from urllib.parse import quote

from signal_engine.adapters.outgoing.crm.answers import as_described, reading_answer
from signal_engine.adapters.outgoing.crm.api_calls import error_name, refusal
from signal_engine.adapters.outgoing.crm.salesforce import Salesforce
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.engine.sync.tasks import CrmTask, TaskRefused, UnknownAnswer

_ALERT_ID: Final = "SE_Alert_Id__c"
_MOST_OF_A_SUBJECT: Final = 255
_MOST_OF_A_BODY: Final = 32_000
_SOUGHT: Final = 50
"""People of a query."""
_BUSY: Final = frozenset({"UNABLE_TO_LOCK_ROW"})
"""Errors that are over in a moment: somebody else writes to the account (Core Data Types, StatusCode)."""
_OK: Final = 200
_CREATED: Final = 201


class SalesforceTasks:
    """`TaskSystem`: one call per task, one for 50 people."""

    field: str = f"Activity.{_ALERT_ID}"
    """What tasks must have; fields of tasks are those of activities."""

    def __init__(self, client: Salesforce) -> None:
        self._client = client

    @as_described
    async def owner_ids(self, emails: Collection[str]) -> Mapping[str, str]:
        """See `TaskSystem`. Of several active users with one address none is taken."""
        found: dict[str, list[str]] = {}
        wanted = sorted(emails)
        for start in range(0, len(wanted), _SOUGHT):
            listed = ",".join(_quoted(email) for email in wanted[start : start + _SOUGHT])
            query = f"SELECT Id, Email FROM User WHERE IsActive = true AND Email IN ({listed})"  # noqa: S608 (quoted)
            for one in await self._query(query):
                found.setdefault(str(one["Email"]).lower(), []).append(str(one["Id"]))
        return {email: ids[0] for email, ids in found.items() if len(ids) == 1 and email in emails}

    @as_described
    async def find_task(self, alert_id: str) -> str | None:
        """See `TaskSystem`."""
        found = await self._query(f"SELECT Id FROM Task WHERE {_ALERT_ID} = {_quoted(alert_id)}")  # noqa: S608
        return next((str(one["Id"]) for one in found), None)

    async def create_task(self, task: CrmTask) -> str:
        """See `TaskSystem`."""
        status, document = await self._client.call("POST", "sobjects/Task", _task(task), once=True)
        if status in {_OK, _CREATED} and isinstance(document, dict):
            with reading_answer(UnknownAnswer):
                return str(document["id"])
        raise (SinkTrouble if error_name(document) in _BUSY else TaskRefused)(refusal(status, document))

    @as_described
    async def is_missing(self) -> bool:
        """Whether the app's user does not see the field on tasks. Raises `SinkTrouble`."""
        status, document = await self._client.call("GET", "sobjects/Task/describe")
        if status != _OK or not isinstance(document, dict):
            raise SinkTrouble(refusal(status, document))
        return _ALERT_ID.lower() not in {str(one["name"]).lower() for one in document["fields"]}

    async def set_up(self) -> None:
        """Make the field. Raises `SinkTrouble`."""
        await self._client.make_field(self.field, {"label": "SE Alert", "type": "Text", "length": 40})

    async def _query(self, query: str) -> list[dict[str, Any]]:
        status, document = await self._client.call("GET", f"query?q={quote(query)}")
        if status != _OK or not isinstance(document, dict):
            raise SinkTrouble(refusal(status, document))
        records: list[dict[str, Any]] = document["records"]
        return records


def _quoted(text: str) -> str:
    """A string of SOQL."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def _task(task: CrmTask) -> dict[str, str]:
    return {
        "Subject": task.subject[:_MOST_OF_A_SUBJECT],
        "Description": task.body[:_MOST_OF_A_BODY],
        "Status": "Not Started",
        "Priority": "High" if task.is_urgent else "Normal",
        "ActivityDate": task.due_on.isoformat(),
        "OwnerId": task.owner_id,
        "WhatId": task.record_id,
        _ALERT_ID: task.alert_id,
    }
