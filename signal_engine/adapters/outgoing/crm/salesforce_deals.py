"""Salesforce's opportunities, read page by page."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from signal_engine.adapters.outgoing.crm.answers import pages_as_described
from signal_engine.adapters.outgoing.crm.api_calls import in_query, refusal
from signal_engine.adapters.outgoing.crm.salesforce import OWN_ID, Salesforce, next_page
from signal_engine.engine.sync.deals import CrmDeal, DealsPage
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.instants import format_instant, parse_instant

_FIELDS: Final = (
    f"Id, StageName, IsClosed, IsWon, CreatedDate, CloseDate, LastModifiedDate, Account.Website, Account.{OWN_ID}"
)
_OK: Final = 200


class SalesforceDeals:
    """`DealSource`: one call per page of up to 2,000 opportunities."""

    def __init__(self, client: Salesforce) -> None:
        self._client = client

    @pages_as_described
    async def deals(self, since: int) -> AsyncIterator[DealsPage]:
        """See `DealSource`."""
        query = (
            f"SELECT {_FIELDS} FROM Opportunity WHERE LastModifiedDate >= {format_instant(since)}"  # noqa: S608 (an instant)
            " ORDER BY LastModifiedDate"
        )
        path: str | None = f"query?q={in_query(query)}"
        while path is not None:
            status, document = await self._client.call("GET", path)
            if status != _OK or not isinstance(document, dict):
                raise SinkTrouble(refusal(status, document))
            found = [_deal(one) for one in document["records"]]
            deals = [one for one in found if one is not None]
            latest = max((_instant(one["LastModifiedDate"]) for one in document["records"]), default=0)
            yield DealsPage(deals, len(found) - len(deals), latest)
            path = next_page(document)


def _deal(record: Mapping[str, Any]) -> CrmDeal | None:
    """None where its account names no company."""
    of = record.get("Account") or {}
    account = normalise(str(of.get(OWN_ID) or of.get("Website") or ""))
    if isinstance(account, NotAnAccount):
        return None
    ended = ("won" if record["IsWon"] else "lost") if record["IsClosed"] else None
    return CrmDeal(
        deal_id=str(record["Id"]),
        account=account,
        opened_at=_instant(record["CreatedDate"]),
        changed_at=_instant(record["LastModifiedDate"]),
        closed_at=parse_instant(f"{record['CloseDate']}T00:00:00Z") if record.get("CloseDate") else None,
        ended=ended,  # type: ignore[arg-type]  # one of the two
        stage_name=record.get("StageName"),
    )


def _instant(text: str) -> int:
    """Salesforce writes `2026-03-05T10:00:00.000+0000`, without the colon of RFC 3339."""
    return parse_instant(text if text.endswith("Z") or text[-3] == ":" else f"{text[:-2]}:{text[-2:]}")
