"""What people mend in the CRM counts: before a record is created, and when they run `sync` by hand."""

from typing import Any

from signal_engine.core.rules.instants import DAY, HOUR
from tests.outgoing.crm.stands import hubspot, some
from tests.outgoing.crm.test_corrected_ids import OLD, both, own_id, records


@both
async def test_no_second_record_is_created_beside_one_that_people_made_since_it_was_looked_for(opened: Any) -> None:
    async with opened(creates=True) as (crm, stand, _):
        account = some(stand)[0]
        looked = await stand.run(whole=False, dry=True, accounts=frozenset([account]))
        assert [one.what for one in looked.shown] == ["create"]
        records(crm)[OLD] = {"Website": account, "domain": account}
        stand.market.now += DAY
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert ([one.what for one in run.shown], [*records(crm)]) == (["update"], [OLD])
        assert own_id(crm, OLD) == account


async def test_what_was_just_looked_for_is_created_without_another_look() -> None:
    async with hubspot(creates=True) as (portal, stand, _):
        account = some(stand)[0]
        await stand.run(whole=False, dry=True, accounts=frozenset([account]))
        portal.calls.clear()
        stand.market.now += 1_000
        await stand.run(whole=False, accounts=frozenset([account]))
        assert [call.rpartition("/")[2] for call in portal.calls] == ["upsert"]


@both
async def test_by_hand_what_was_merged_or_made_since_is_found_at_once(opened: Any) -> None:
    async with opened() as (crm, stand, _):
        twice, never, *_ = some(stand)
        records(crm).update({one: {"Website": twice, "domain": twice} for one in (OLD, OLD[::-1])})
        accounts = frozenset([twice, never])
        run = await stand.run(whole=False, accounts=accounts, by_hand=True)
        assert (run.counts["ambiguous"], run.counts["unmatched"]) == (1, 1)
        del records(crm)[OLD]
        records(crm)["001000000000333"] = {"Website": never, "domain": never}
        stand.market.now += HOUR
        crm.calls.clear()
        run = await stand.run(whole=False, accounts=accounts)
        assert (run.counts["ambiguous"], run.counts["unmatched"], crm.calls) == (1, 1, []), "a process waits for a week"
        run = await stand.run(whole=False, dry=True, accounts=accounts, by_hand=True)
        assert run.counts["matched"] == 2
        run = await stand.run(whole=False, accounts=accounts, by_hand=True)
        assert (run.counts["matched"], run.counts["written"]) == (2, 2)
