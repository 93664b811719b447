"""A `crm_id` that is corrected: the old record is emptied before the new one is written, and nobody else's ever is."""

from typing import Any

import pytest

from signal_engine.core.sync.fields import CRM_FIELDS, EXTERNAL_ID
from signal_engine.wire.sync.ledger_rows import FormerRecord, LedgerRow, SinkState
from testing.crm.hubspot import HubSpotShaped
from testing.crm.salesforce import SalesforceShaped
from tests.outgoing.crm.stands import LOCKED, CrmStand, change, first, hubspot, left, salesforce, some

OLD, NEW = "001000000000111", "001000000000222"
"""As ids of both CRMs: digits alone."""
Portal = HubSpotShaped | SalesforceShaped


def records(crm: Portal) -> dict[str, dict[str, Any]]:
    return crm.companies if isinstance(crm, HubSpotShaped) else crm.accounts


def ours(crm: Portal, record_id: str) -> dict[str, Any]:
    """What a record has of us."""
    return {name: value for name, value in records(crm)[record_id].items() if name.lower().startswith("se_") and value}


def own_id(crm: Portal, record_id: str) -> str | None:
    return ours(crm, record_id).get("se_account_id" if isinstance(crm, HubSpotShaped) else "SE_Account_Id__c")


both = pytest.mark.parametrize("opened", [hubspot, salesforce], ids=["hubspot", "salesforce"])


async def hot_at_the_old_record(crm: Portal, stand: CrmStand) -> str:
    """A hot account whose `crm_id` was wrong when it was first sent, and is corrected now."""
    account = await first(stand, lambda wanted: wanted["level"] == "hot")
    records(crm).update({OLD: {"Phone" if isinstance(crm, SalesforceShaped) else "phone": "+1"}, NEW: {}})
    await change(stand, account, crm_id=OLD)
    await stand.run(whole=False, accounts=frozenset([account]))
    assert own_id(crm, OLD) == account
    await change(stand, account, crm_id=NEW)
    return account


@both
async def test_the_old_record_is_emptied_and_then_the_new_one_is_written(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        account = await hot_at_the_old_record(crm, stand)
        dry = await stand.run(whole=False, dry=True, accounts=frozenset([account]))
        assert [one.what for one in dry.shown] == ["clear_old", "update"]
        assert {*dry.shown[0].fields} == {field.name for field in (*CRM_FIELDS, EXTERNAL_ID)}
        assert own_id(crm, OLD) == account
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["failed"], run.counts["written"]) == (0, 2)
        assert ours(crm, OLD) == {}
        assert "+1" in records(crm)[OLD].values()
        assert own_id(crm, NEW) == account
        assert "hot" in ours(crm, NEW).values()
        crm.writes.clear()
        await stand.run(whole=False, accounts=frozenset([account]))
        assert crm.writes == []
        state = SinkState.decode(await stand.ledger.state())
        assert [one.added - one.removed for one in state.by_version.values()] == [1]


@both
async def test_an_old_record_that_refuses_is_emptied_by_a_later_run_and_the_new_one_waits(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        account = await hot_at_the_old_record(crm, stand)
        crm.refuses.add(OLD)
        crm.refusal = LOCKED
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["failed"], run.again, ours(crm, NEW)) == (1, {account}, {})
        assert run.notes[0].startswith(f"{account}: its old record, {OLD}: ")
        crm.refuses.clear()
        await stand.run(whole=False, accounts=frozenset(run.again))
        assert (ours(crm, OLD), own_id(crm, NEW)) == ({}, account)


@both
async def test_an_old_record_that_was_deleted_holds_up_nothing(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        account = await hot_at_the_old_record(crm, stand)
        del records(crm)[OLD]
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["failed"], own_id(crm, NEW)) == (0, account)


@both
async def test_accounts_that_had_each_others_records_change_places(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        one = await hot_at_the_old_record(crm, stand)
        other = next(account for account in some(stand) if account != one)
        await change(stand, other, crm_id=NEW)
        await stand.run(whole=False, accounts=frozenset([other]))
        await change(stand, other, crm_id=OLD)
        for accounts in ([one], [other], [one, other]):
            run = await stand.run(whole=False, accounts=frozenset(accounts))
            assert run.counts["failed"] == 0
        assert (own_id(crm, OLD), own_id(crm, NEW)) == (other, one)
        assert ours(crm, OLD).keys() != ours(crm, NEW).keys(), "both have what is theirs"
        assert "hot" in ours(crm, NEW).values()


@both
async def test_an_account_that_leaves_before_its_old_record_was_emptied_leaves_nothing_there(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        account = await hot_at_the_old_record(crm, stand)
        crm.refuses.add(OLD)
        crm.refusal = LOCKED
        await stand.run(whole=False, accounts=frozenset([account]))
        await left(stand, account)
        run = await stand.run()
        assert run.again == {account}
        crm.refuses.clear()
        await stand.run(whole=False, accounts=frozenset(run.again))
        assert ours(crm, OLD) == {}
        assert await stand.ledger.rows([account]) == [None]


async def test_what_is_emptied_and_not_noted_is_emptied_again() -> None:
    async with hubspot() as (crm, stand, _):
        account = await hot_at_the_old_record(crm, stand)

        def die(step: str) -> None:
            if step == "after_sync_send":
                raise KeyboardInterrupt

        stand.sink.reached = die
        with pytest.raises(KeyboardInterrupt):
            await stand.run(whole=False, accounts=frozenset([account]))
        stand.sink.reached = lambda _: None
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["failed"], ours(crm, OLD), own_id(crm, NEW)) == (0, {}, account)


def test_a_row_of_an_earlier_release_has_no_old_record() -> None:
    row = LedgerRow("matched", NEW, 5, NEW, None, FormerRecord(OLD, {"level": "hot"}))
    assert LedgerRow.decode(row.encode()) == row
    assert LedgerRow.decode(b'["matched","1",5,null,null]') == LedgerRow("matched", "1", 5)
