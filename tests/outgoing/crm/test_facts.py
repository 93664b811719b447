"""What CRMs say of accounts, read out of each."""

import pytest

from signal_engine.adapters.outgoing.crm.hubspot_facts import HubSpotFacts
from signal_engine.adapters.outgoing.crm.salesforce_facts import SalesforceFacts
from signal_engine.engine.sync.back_in import CrmFacts, FactSource
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.instants import parse_instant
from tests.outgoing.crm.stands import hubspot, salesforce

ACTIVE = parse_instant("2026-02-20T11:30:00Z")


async def everything(source: FactSource, accounts: dict[str, str], sdr: str | None = None) -> dict[str, CrmFacts]:
    found: dict[str, CrmFacts] = {}
    async for some in source.facts(accounts, sdr):
        assert found.keys().isdisjoint(some)
        found |= some
    return found


async def test_hubspot_says_stage_owner_caller_and_last_activity() -> None:
    async with hubspot() as (portal, _, client):
        portal.owners = [
            {"id": "7", "firstName": "Ann", "lastName": "Roe", "email": "ann@example.com"},
            {"id": "8", "firstName": "", "lastName": "", "email": "bo@example.com"},
        ]
        portal.add(
            "1", lifecyclestage="customer", hubspot_owner_id="7", sdr="8",
            hs_last_sales_activity_timestamp="2026-02-20T11:30:00Z",
        )  # fmt: skip
        portal.add("2", hubspot_owner_id="9", sdr="Cy Hall")
        found = await everything(HubSpotFacts(client), {"a.com": "1", "b.com": "2", "gone.com": "3"}, "sdr")
        assert found == {
            "a.com": CrmFacts("customer", "Ann Roe", "bo@example.com", ACTIVE),
            "b.com": CrmFacts(None, None, "Cy Hall", None),
        }
        assert (await everything(HubSpotFacts(client), {"a.com": "1"}))["a.com"].sdr is None


async def test_hubspot_is_read_page_by_page_and_within_its_budget() -> None:
    async with hubspot(calls_per_day=100) as (portal, _, client):
        portal.owners = [{"id": str(one), "firstName": "O", "lastName": str(one)} for one in range(250)]
        for number in range(250):
            portal.add(str(number), hubspot_owner_id=str(number))
        found = await everything(HubSpotFacts(client), {f"a{number}.com": str(number) for number in range(250)})
        assert {account: facts.owner for account, facts in found.items()} == {
            f"a{number}.com": f"O {number}" for number in range(250)
        }
        assert len(portal.calls) == 6
    async with hubspot(ready=False, calls_per_day=1) as (portal, _, client):
        with pytest.raises(SinkTrouble, match="1 calls of this day"):
            await everything(HubSpotFacts(client), {"a.com": "1"})
        assert len(portal.calls) == 1


async def test_what_hubspot_says_of_a_company_that_was_merged_is_read_too() -> None:
    async with hubspot() as (portal, _, client):
        portal.add("1", lifecyclestage="customer")
        portal.add("2")
        portal.merge("900", "1", "2")
        for asked in ({"a.com": "1"}, {"a.com": "2"}, {"a.com": "900"}, {"a.com": "1", "b.com": "2"}):
            found = await everything(HubSpotFacts(client), asked)
            assert {account: one.stage for account, one in found.items()} == dict.fromkeys(asked, "customer")


async def test_salesforce_says_type_owner_caller_and_last_activity() -> None:
    async with salesforce() as (org, _, client):
        org.fields["SDR__r"] = {}
        one, two = "001000000000001AAA", "001000000000002AAA"
        org.accounts[one] = {
            "Type": "Customer - Direct", "Owner": {"Name": "Ann Roe"}, "SDR__r": {"Name": "Bo Lind"},
            "LastActivityDate": "2026-02-20",
        }  # fmt: skip
        org.accounts[two] = {"Type": None, "Owner": None, "SDR__r": None}
        accounts = {"a.com": one, "b.com": two[:15], "gone.com": "001000000000003AAA"}
        day = parse_instant("2026-02-20T00:00:00Z")
        assert await everything(SalesforceFacts(client), accounts, "SDR__r.Name") == {
            "a.com": CrmFacts("Customer - Direct", "Ann Roe", "Bo Lind", day),
            "b.com": CrmFacts(),
        }
        with pytest.raises(SinkTrouble, match="INVALID_FIELD"):
            await everything(SalesforceFacts(client), accounts, "Missing__c")
