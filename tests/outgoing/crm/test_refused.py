"""Writes that a CRM refuses for good: said once, and not sent again before they or the CRM have changed."""

from typing import Any

import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.wire.sync.ledger_rows import LedgerRow
from tests.outgoing.crm.stands import LOCKED, change, hubspot, left, salesforce, some
from tests.outgoing.crm.test_corrected_ids import NEW, OLD, hot_at_the_old_record, records

both = pytest.mark.parametrize("opened", [hubspot, salesforce], ids=["hubspot", "salesforce"])


async def one_that_refuses(crm: Any, stand: Any) -> str:
    """An account whose record takes no write."""
    account: str = some(stand)[0]
    records(crm)[OLD] = {}
    await change(stand, account, crm_id=OLD)
    crm.refuses.add(OLD)
    return account


@both
async def test_it_is_said_once_and_costs_no_call_until_it_is_another_write(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        account = await one_that_refuses(crm, stand)
        only = frozenset([account])
        run = await stand.run(whole=False, accounts=only)
        assert (run.counts["failed"], len(run.notes), run.again) == (1, 1, set())
        crm.calls.clear()
        for whole in (False, True):
            run = await stand.run(whole=whole, accounts=only)
            assert (run.counts["refused"], run.counts["failed"], run.notes) == (1, 0, [])
            assert account not in {one.account for one in run.shown}
        assert not [call for call in crm.calls if "update" in call or "sobjects" in call]
        crm.refuses.clear()
        await change(stand, account, crm_id=OLD, relation="do_not_contact", suppressed=True, decisions=())
        run = await stand.run(whole=False, accounts=only)
        assert (run.counts["written"], run.counts["refused"]) == (1, 0)
        (row,) = await stand.ledger.rows([account])
        assert LedgerRow.decode(row).refused is None


@both
async def test_a_person_who_asks_has_it_tried_and_so_has_a_week(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        only = frozenset([await one_that_refuses(crm, stand)])
        await stand.run(whole=False, accounts=only)
        run = await stand.run(whole=False, accounts=only, by_hand=True)
        assert (run.counts["failed"], len(run.notes)) == (1, 1)
        dry = await stand.run(whole=False, accounts=only, by_hand=True, dry=True)
        assert dry.counts["update"] == 1
        crm.refuses.clear()
        assert (await stand.run(whole=False, accounts=only)).counts["refused"] == 1
        await stand.market.stop_for(7 * DAY)
        assert (await stand.run(whole=False, accounts=only)).counts["written"] == 1


@both
async def test_an_old_record_that_refuses_for_good_is_not_asked_for_again(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        account = await hot_at_the_old_record(crm, stand)
        only = frozenset([account])
        crm.refuses.add(OLD)
        run = await stand.run(whole=False, accounts=only)
        assert (run.counts["failed"], run.again, len(run.notes)) == (1, set(), 1)
        crm.calls.clear()
        run = await stand.run(whole=False, accounts=only)
        assert (run.counts["refused"], run.notes, crm.calls) == (1, [], [])
        assert "SE_Account_Id__c" not in records(crm)[NEW], "our own id is unique: the new one waits"
        crm.refuses.clear()
        run = await stand.run(whole=False, accounts=only, by_hand=True)
        assert run.counts["written"] == 2


async def test_one_that_left_and_refuses_to_be_emptied_is_remembered_too() -> None:
    async with hubspot() as (portal, stand, _):
        account = some(stand)[0]
        portal.add("1", domain=account)
        await stand.run(whole=False, accounts=frozenset([account]))
        await left(stand, account)
        portal.refuses.add("1")
        assert (await stand.run()).counts["failed"] == 1
        run = await stand.run()
        assert (run.counts["failed"], run.counts["refused"]) == (0, 1)
        portal.refuses.clear()
        await stand.run(by_hand=True)
        assert not portal.companies["1"]["se_decision"]
        assert await stand.ledger.rows([account]) == [None]


@both
async def test_what_is_over_in_a_moment_is_sent_again_at_the_next_run(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        account = some(stand)[0]
        records(crm)[OLD] = {}
        await change(stand, account, crm_id=OLD)
        crm.refuses.add(OLD)
        crm.refusal = LOCKED
        for _ in range(2):
            run = await stand.run(whole=False, accounts=frozenset([account]))
            assert (run.counts["failed"], run.again) == (1, {account})
