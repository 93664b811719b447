"""What Salesforce's accounts say: type, owner, who calls, last activity."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from signal_engine.adapters.outgoing.crm.answers import pages_as_described
from signal_engine.adapters.outgoing.crm.api_calls import in_query, refusal
from signal_engine.adapters.outgoing.crm.salesforce import Salesforce
from signal_engine.engine.sync.back_in import CrmFacts
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.instants import parse_instant

_RECORDS: Final = 200
"""Accounts of a query: their ids take 5 KB of its line, which has 16."""
_ID_LETTERS: Final = 15
"""Letters that tell a record; three more only check them."""
_OK: Final = 200


class SalesforceFacts:
    """`FactSource`: one call for 200 accounts."""

    def __init__(self, client: Salesforce) -> None:
        self._client = client

    @pages_as_described
    async def facts(self, accounts: Mapping[str, str], sdr: str | None) -> AsyncIterator[Mapping[str, CrmFacts]]:
        """See `FactSource`. `sdr` is the API name of a field, or a path to one, such as `SDR__r.Name`."""
        account_of = {record[:_ID_LETTERS]: account for account, record in accounts.items()}
        records = [*accounts.values()]
        fields = ", ".join(["Id", "Type", "Owner.Name", "LastActivityDate", *([sdr] if sdr else [])])
        for start in range(0, len(records), _RECORDS):
            ids = ",".join(f"'{one}'" for one in records[start : start + _RECORDS])
            query = f"SELECT {fields} FROM Account WHERE Id IN ({ids})"  # noqa: S608 (names and ids)
            status, document = await self._client.call("GET", f"query?q={in_query(query)}")
            if status != _OK or not isinstance(document, dict):
                raise SinkTrouble(refusal(status, document))
            yield {account_of[str(one["Id"])[:_ID_LETTERS]]: _facts(one, sdr) for one in document["records"]}


def _facts(record: Mapping[str, Any], sdr: str | None) -> CrmFacts:
    activity = record.get("LastActivityDate")
    return CrmFacts(
        stage=record.get("Type"),
        owner=_at(record, "Owner.Name"),
        sdr=_at(record, sdr) if sdr else None,
        last_activity_at=parse_instant(f"{activity}T00:00:00Z") if activity else None,
    )


def _at(record: Mapping[str, Any], path: str) -> str | None:
    """The text at a path of names; None where a lookup on the way is empty."""
    value: Any = record
    for name in path.split("."):
        value = value.get(name) if isinstance(value, Mapping) else None
    return None if value is None else str(value)
