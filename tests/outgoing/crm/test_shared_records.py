"""One record, several accounts: it has what one of them says, whole, and none writes into what is another's."""

from typing import Any

import pytest

from signal_engine.engine.sync.ledger import LedgerPage
from signal_engine.wire.sync.ledger_rows import SinkState
from testing.crm.hubspot import HubSpotShaped
from tests.outgoing.crm.stands import CrmStand, change, first, hubspot, left, some
from tests.outgoing.crm.test_corrected_ids import OLD, Portal, both, own_id, records

RECORD = OLD


async def _two(stand: CrmStand) -> tuple[str, str]:
    """Accounts of which the rule says the same of neither."""
    chased = await first(stand, lambda wanted: wanted["decision"] == "chase")
    return chased, await first(stand, lambda wanted: wanted["decision"] not in {"chase", None})


def _decision(crm: Portal) -> str | None:
    return records(crm)[RECORD].get("se_decision" if isinstance(crm, HubSpotShaped) else "SE_Decision__c")


@both
@pytest.mark.parametrize("looked", [False, True])
async def test_an_account_that_got_another_domain_keeps_what_its_record_has(opened: Any, looked: bool) -> None:
    """In the accounts file the old domain leaves and the new one comes, with the record of the old one."""
    async with opened() as (crm, stand, _):
        old, new = await _two(stand)
        records(crm)[RECORD] = {}
        await change(stand, old, crm_id=RECORD)
        await stand.run()
        assert (own_id(crm, RECORD), _decision(crm)) == (old, "chase")
        await left(stand, old)
        await change(stand, new, crm_id=RECORD)
        if looked:
            dry = await stand.run(dry=True)
            assert [(one.account, one.what) for one in dry.shown] == [(new, "update")], "what the run then does"
        for _ in range(2):
            run = await stand.run()
            assert run.counts["failed"] == 0
            assert (own_id(crm, RECORD), _decision(crm)) == (new, (await stand.wanted(new))["decision"])
        assert await stand.ledger.rows([old]) == [None]
        state = SinkState.decode(await stand.ledger.state())
        assert sum(one.added - one.removed for one in state.by_version.values()) == 0, "nobody is chased there now"


@both
@pytest.mark.parametrize("at_once", [False, True])
async def test_a_record_that_is_another_accounts_is_not_written(opened: Any, at_once: bool) -> None:
    async with opened() as (crm, stand, _):
        one, other = await _two(stand)
        records(crm)[RECORD] = {}
        for account in (one, other):
            await change(stand, account, crm_id=RECORD)
        if not at_once:
            await stand.run(whole=False, accounts=frozenset([one]))
        for _ in range(2):
            run = await stand.run(whole=False, accounts=frozenset([one, other]))
            assert (run.counts["matched"], run.counts["ambiguous"], run.counts["failed"]) == (1, 1, 0)
        has = own_id(crm, RECORD)
        assert has in ({one, other} if at_once else {one})
        assert _decision(crm) == (await stand.wanted(has))["decision"]
        assert len(crm.writes) == 1
        assert {*run.unclear["ambiguous"]} == {one, other} - {has}


@both
async def test_who_comes_second_gets_the_record_when_the_first_leaves(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        one, other = await _two(stand)
        records(crm)[RECORD] = {}
        for account in (one, other):
            await change(stand, account, crm_id=RECORD)
            await stand.run(whole=False, accounts=frozenset([account]))
        assert own_id(crm, RECORD) == one
        await left(stand, one)
        stand.market.now += 8 * 86_400_000
        await stand.run()
        assert (own_id(crm, RECORD), _decision(crm)) == (other, (await stand.wanted(other))["decision"])


@both
async def test_no_record_is_created_for_an_account_whose_record_is_another_ones(opened: Any) -> None:
    async with opened(creates=True) as (crm, stand, _):
        accounts = some(stand, 3)
        records(crm)[RECORD] = {}
        for account in accounts:
            await change(stand, account, crm_id=RECORD)
        await stand.run(whole=False, accounts=frozenset(accounts))
        assert [*records(crm)] == [RECORD]


async def test_a_row_that_is_read_twice_is_emptied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A ledger may give a row again: it changes while it is read."""
    async with hubspot() as (portal, stand, _):
        account = some(stand)[0]
        portal.add("1", domain=account)
        await stand.run()
        await left(stand, account)
        portal.writes.clear()
        usual = stand.ledger.scan

        async def twice(cursor: int = 0, limit: int = 500) -> LedgerPage:
            page = await usual(cursor, limit)
            return page._replace(cursor=1 - cursor)

        monkeypatch.setattr(stand.ledger, "scan", twice)
        run = await stand.run()
        assert (run.counts["clear"], run.counts["written"], len(portal.writes)) == (1, 1, 1)
