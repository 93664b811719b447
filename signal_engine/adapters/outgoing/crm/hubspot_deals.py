"""HubSpot's deals, with the company of each, read page by page."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from signal_engine.adapters.outgoing.crm.answers import pages_as_described
from signal_engine.adapters.outgoing.crm.api_calls import refusal
from signal_engine.adapters.outgoing.crm.hubspot import OWN_ID, VERSION, HubSpot
from signal_engine.engine.sync.deals import CrmDeal, DealsPage
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.instants import parse_instant

_DEALS: Final = f"/crm/objects/{VERSION}/deals/search"
_COMPANIES_OF: Final = f"/crm/associations/{VERSION}/deals/companies/batch/read"
_PAGE: Final = 100
_MOST: Final = 10_000
"""Results of one search, at most (Search the CRM, Limits): then a new one begins at the last change."""
_CHANGED: Final = "hs_lastmodifieddate"
_PROPERTIES: Final = (_CHANGED, "createdate", "closedate", "dealstage", "hs_is_closed", "hs_is_closed_won")
_READABLE: Final = frozenset({200, 207})


class HubSpotDeals:
    """`DealSource`: three calls per page of 100 deals: deals, their companies, the companies' domains."""

    def __init__(self, client: HubSpot) -> None:
        self._client = client

    @pages_as_described
    async def deals(self, since: int) -> AsyncIterator[DealsPage]:
        """See `DealSource`. Deals that change meanwhile come again, or with the next reading."""
        after, seen = "0", 0
        while True:
            document = await self._search(since, after)
            results: list[dict[str, Any]] = document["results"]
            if results:
                yield await self._with_companies(results)
            following = document.get("paging", {}).get("next", {}).get("after")
            if following is None:
                return
            after, seen = following, seen + len(results)
            if seen + _PAGE > _MOST:
                latest = parse_instant(results[-1]["properties"][_CHANGED])
                if latest == since:
                    raise SinkTrouble(f"HubSpot changed more than {_MOST:,} deals at one instant: they cannot be read")
                since, after, seen = latest, "0", 0

    async def _search(self, since: int, after: str) -> dict[str, Any]:
        status, document = await self._client.post(
            self._client.api + _DEALS,
            {
                "filterGroups": [{"filters": [{"propertyName": _CHANGED, "operator": "GTE", "value": str(since)}]}],
                "sorts": [{"propertyName": _CHANGED, "direction": "ASCENDING"}],
                "properties": [*_PROPERTIES],
                "limit": _PAGE,
                "after": after,
            },
        )
        if status not in _READABLE or not isinstance(document, dict):
            raise SinkTrouble(refusal(status, document))
        return document

    async def _with_companies(self, results: Sequence[Mapping[str, Any]]) -> DealsPage:
        inputs = {"inputs": [{"id": one["id"]} for one in results]}
        status, document = await self._client.post(self._client.api + _COMPANIES_OF, inputs)
        if status not in _READABLE or not isinstance(document, dict):
            raise SinkTrouble(refusal(status, document))
        company_of = {str(one["from"]["id"]): _primary(one["to"]) for one in document["results"] if one["to"]}
        accounts = await self._accounts(sorted({*company_of.values()}))
        deals = []
        for one in results:
            account = accounts.get(company_of.get(str(one["id"]), ""))
            if account is not None:
                deals.append(_deal(str(one["id"]), account, one["properties"]))
        latest = parse_instant(results[-1]["properties"][_CHANGED])
        return DealsPage(deals, len(results) - len(deals), latest)

    async def _accounts(self, companies: Sequence[str]) -> dict[str, str]:
        """Company -> account, by our own id, else by the domain."""
        found: dict[str, str] = {}
        for start in range(0, len(companies), _PAGE):
            for one in await self._client.read(companies[start : start + _PAGE], None):
                told = one["properties"].get(OWN_ID) or one["properties"].get("domain") or ""
                account = normalise(str(told))
                if not isinstance(account, NotAnAccount):
                    found[str(one["id"])] = account
        return found


def _primary(companies: Sequence[Mapping[str, Any]]) -> str:
    """The primary company, else the first."""
    for one in companies:
        if any(kind.get("label") == "Primary" for kind in one.get("associationTypes", ())):
            return str(one["toObjectId"])
    return str(companies[0]["toObjectId"])


def _deal(deal_id: str, account: str, properties: Mapping[str, str | None]) -> CrmDeal:
    closed, won = properties.get("hs_is_closed") == "true", properties.get("hs_is_closed_won") == "true"
    return CrmDeal(
        deal_id=deal_id,
        account=account,
        opened_at=parse_instant(properties["createdate"] or ""),
        changed_at=parse_instant(properties[_CHANGED] or ""),
        closed_at=_written(properties.get("closedate")),
        ended=("won" if won else "lost") if closed else None,
        stage_name=properties.get("dealstage"),
    )


def _written(instant: str | None) -> int | None:
    """An instant (ms) that people write; None where it is none that a calendar has, such as one in the year 20226."""
    try:
        return parse_instant(instant) if instant else None
    except ValueError:
        return None
