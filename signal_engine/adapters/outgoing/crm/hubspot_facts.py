"""What HubSpot's companies say of accounts: lifecycle stage, owner, who calls, last activity of sales."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final

from signal_engine.adapters.outgoing.crm.answers import pages_as_described
from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.adapters.outgoing.crm.hubspot_merged import MERGED, ids_of
from signal_engine.engine.sync.back_in import CrmFacts
from signal_engine.wire.instants import parse_instant

_PAGE: Final = 100
"""Companies of a batch."""
_STAGE: Final = "lifecyclestage"
_OWNER: Final = "hubspot_owner_id"
_ACTIVITY: Final = "hs_last_sales_activity_timestamp"


class HubSpotFacts:
    """`FactSource`: one call for 100 owners, and one for 100 companies."""

    def __init__(self, client: HubSpot) -> None:
        self._client = client

    @pages_as_described
    async def facts(self, accounts: Mapping[str, str], sdr: str | None) -> AsyncIterator[Mapping[str, CrmFacts]]:
        """See `FactSource`. `sdr` is the name of a property; where it holds the id of an owner, it is that owner."""
        owners = await self._owners()
        account_of = {record: account for account, record in accounts.items()}
        records = [*account_of]
        properties = [_STAGE, _OWNER, _ACTIVITY, MERGED, *([sdr] if sdr else [])]
        for start in range(0, len(records), _PAGE):
            found = await self._client.read(records[start : start + _PAGE], None, properties)
            yield {
                account_of[record]: _facts(one["properties"], owners, sdr)
                for one in found
                for record in ids_of(one)
                if record in account_of
            }

    async def _owners(self) -> dict[str, str]:
        """Id -> name, as exports write it; the e-mail of one without a name."""
        found = {}
        for one in await self._client.owners():
            name = " ".join(filter(None, (one.get("firstName"), one.get("lastName"))))
            found[str(one["id"])] = name or str(one.get("email") or "")
        return found


def _facts(properties: Mapping[str, Any], owners: Mapping[str, str], sdr: str | None) -> CrmFacts:
    activity, caller = properties.get(_ACTIVITY), properties.get(sdr) if sdr else None
    return CrmFacts(
        stage=properties.get(_STAGE),
        owner=owners.get(properties.get(_OWNER) or ""),
        sdr=owners.get(caller, caller) if caller else None,
        last_activity_at=parse_instant(activity) if activity else None,
    )
