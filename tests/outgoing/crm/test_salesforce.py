"""Salesforce follows: found by id and website, written in collections, and no secret leaves its domains."""

import re

import pytest

from signal_engine.adapters.outgoing.crm.salesforce_tasks import SalesforceTasks
from signal_engine.core.sync.fields import CRM_FIELDS
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.instants import format_instant
from tests.outgoing.crm.stands import LOCKED, change, hubspot, salesforce, some


@pytest.mark.parametrize("website", ["{}", "https://www.{}/", "http://{}", "www.{}"])
async def test_salesforce_is_found_by_the_website_and_written_in_collections(website: str) -> None:
    async with salesforce() as (org, stand, _):
        accounts = some(stand, 30)
        for number, account in enumerate(accounts):
            org.accounts[f"001{number:015d}"] = {"Website": website.format(account), "Phone": "+1"}
        run = await stand.run(whole=False, accounts=frozenset(accounts))
        assert (run.counts["matched"], run.counts["written"]) == (30, 30)
        for fields in org.accounts.values():
            wanted = await stand.wanted(fields["SE_Account_Id__c"])
            assert fields["Phone"] == "+1"
            for name, value in wanted.items():
                told = format_instant(value) if name in {"hot_until", "last_signal"} and value else value
                assert fields[api(name)] == told
        assert sum(call.startswith("PATCH") for call in org.calls) == 1
        assert {name for _, fields in org.writes for name in fields} == {api(field.name) for field in CRM_FIELDS} | {
            "SE_Account_Id__c"
        }


def api(name: str) -> str:
    return f"SE_{name.title()}__c" if "_" not in name else "SE_" + re.sub("_(.)", _upper, name.capitalize()) + "__c"


def _upper(found: "re.Match[str]") -> str:
    return f"_{found[1].upper()}"


async def test_salesforce_signs_in_again_when_its_token_has_expired() -> None:
    async with salesforce() as (org, stand, _):
        account = some(stand)[0]
        org.accounts["001000000000000001"] = {"Website": account}
        org.expire()
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert run.counts["written"] == 1
        assert org.calls.count("token") == 1


async def test_an_error_of_one_salesforce_record_is_its_own() -> None:
    async with salesforce() as (org, stand, _):
        one, two, *_ = some(stand)
        org.accounts |= {"001000000000000001": {"Website": one}, "001000000000000002": {"Website": two}}
        org.refuses.add("001000000000000001")
        org.refusal = LOCKED
        run = await stand.run(whole=False, accounts=frozenset([one, two]))
        assert (run.counts["written"], run.again) == (1, {one})
        assert run.notes == [f"{one}: Salesforce refused it ({LOCKED})"]


async def test_salesforce_ids_of_fifteen_letters_are_those_of_eighteen() -> None:
    async with salesforce() as (org, stand, _):
        account = some(stand)[0]
        await change(stand, account, crm_id="001000000000ABC")
        org.accounts["001000000000ABCAAA"] = {"Website": "other.example"}
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["written"], org.writes[0][0]) == (1, "001000000000ABCAAA")


async def test_salesforce_accounts_are_created_by_our_own_id() -> None:
    async with salesforce(creates=True) as (org, stand, _):
        account = some(stand)[0]
        for _ in range(2):
            await stand.run(whole=False, accounts=frozenset([account]))
        (fields,) = org.accounts.values()
        assert (fields["Website"], fields["SE_Account_Id__c"]) == (account, account)


async def test_a_token_goes_to_no_host_but_salesforces() -> None:
    async with salesforce(ready=False) as (org, _stand, client):
        client._checked = True
        with pytest.raises(SinkTrouble, match=r"outside salesforce\.com"):
            await client.missing()
        assert org.calls == ["token"]


async def test_wrong_credentials_are_refused_without_being_told() -> None:
    async with salesforce(ready=False) as (org, _stand, client):
        org.secret = "another"
        with pytest.raises(SinkTrouble, match=r"gives no token: the CRM answered 401 \(invalid_client\)"):
            await client.missing()


@pytest.mark.parametrize("creates", [False, True])
async def test_only_a_new_account_is_assigned_to_a_territory_and_owner(creates: bool) -> None:
    """The org's assignment rules hold for every write that does not say otherwise."""
    async with salesforce(creates=creates) as (org, stand, _):
        account = some(stand)[0]
        if not creates:
            org.accounts["001000000000000001"] = {"Website": account}
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["written"], len(org.assigned)) == (1, int(creates))


async def test_an_id_that_is_none_holds_up_nobody() -> None:
    """Salesforce refuses a whole query for one id that it cannot read."""
    async with salesforce() as (org, stand, client):
        accounts = some(stand, 20)
        for number, account in enumerate(accounts):
            org.accounts[f"001{number:015d}"] = {"Website": account}
        wrong = "0012X00000ABCDExyz"
        org.malformed.add(wrong)
        await change(stand, accounts[7], crm_id=wrong)
        run = await stand.run(whole=False, accounts=frozenset(accounts))
        assert (run.counts["matched"], run.counts["written"]) == (20, 20)
        org.malformed.add("001000000000000001")
        with pytest.raises(SinkTrouble, match="INVALID_QUERY_FILTER_OPERATOR"):
            await client.holders(["001000000000000001"])


async def test_fields_that_are_there_and_shown_to_nobody_do_not_end_setting_up() -> None:
    """A setting up that ended in the middle is begun again: the fields that it made are shown to nobody yet."""
    async with salesforce(ready=False) as (org, _, client):
        first, *others = await client.missing()
        await client.set_up([first])
        org.hidden = {*org.fields}
        assert first in await client.missing()
        await client.set_up([first, *others])
        assert len(org.fields) == 13
        tasks = SalesforceTasks(client)
        for _ in range(2):
            await tasks.set_up()
        assert not await tasks.is_missing()


async def test_an_account_that_has_pages_of_records_is_ambiguous_and_holds_up_nobody() -> None:
    async with salesforce() as (org, stand, _):
        one, two, *_ = some(stand)
        org.of_a_page = 4
        for number in range(9):
            org.accounts[f"001{number:015d}"] = {"Website": one}
        org.accounts["001000000000000099"] = {"Website": two}
        run = await stand.run(whole=False, accounts=frozenset([one, two]))
        assert (run.counts["ambiguous"], [record for record, _ in org.writes]) == (1, ["001000000000000099"])


async def test_a_name_that_is_too_long_for_salesforce_is_cut() -> None:
    async with salesforce(creates=True) as (org, stand, _):
        account = some(stand)[0]
        await change(stand, account, name="n" * 300)
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["written"], [one["Name"] for one in org.accounts.values()]) == (1, ["n" * 255])


async def test_an_own_id_by_which_nothing_can_be_found_is_said() -> None:
    """Made by hand, say: `sync setup` would leave it, and every run would end with a refusal."""
    async with salesforce() as (org, _, client):
        org.fields["SE_Account_Id__c"]["externalId"] = False
        with pytest.raises(SinkTrouble, match="SE_Account_Id__c of accounts is no external id"):
            await client.missing()
    async with hubspot() as (portal, _, client):
        portal.properties["se_account_id"]["hasUniqueValue"] = False
        with pytest.raises(SinkTrouble, match="se_account_id of companies is not unique"):
            await client.missing()
