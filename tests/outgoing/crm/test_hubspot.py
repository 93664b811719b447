"""HubSpot follows: all accounts get the rule, those with signals the signals, and nothing else is ever touched."""

from dataclasses import replace

import pytest

from signal_engine.core.sync.fields import CRM_FIELDS, NO_SIGNALS, RULE_FIELDS, SIGNAL_FIELDS
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.wire.instants import format_instant
from signal_engine.wire.sync.ledger_rows import LedgerRow, SinkState
from tests.outgoing.crm.stands import LOCKED, change, first, hubspot, left, some

OURS = {f"se_{field.name}" for field in CRM_FIELDS} | {"se_account_id"}

RULE_NAMES = {field.name for field in RULE_FIELDS}


async def test_every_account_that_has_a_record_gets_the_rule_and_its_signals() -> None:
    async with hubspot() as (portal, stand, _):
        for number, account in enumerate(stand.market.inputs.fits):
            portal.add(str(1_000 + number), domain=account, phone="+1")
        run = await stand.run()
        assert run.counts["matched"] == run.counts["written"] == len(stand.market.inputs.fits)
        levels = set()
        for company in portal.companies.values():
            account = company["domain"]
            wanted = await stand.wanted(account)
            levels.add(wanted["level"])
            assert company["phone"] == "+1"
            assert company["se_account_id"] == account
            for name, value in wanted.items():
                told = format_instant(value) if name in {"hot_until", "last_signal"} and value else value
                assert company[f"se_{name}"] == ("" if told is None else str(told))
        assert {"hot", "warm", None} <= levels, "else this says little"
        assert {name for _, properties in portal.writes for name in properties} == OURS


async def test_only_differences_are_sent() -> None:
    async with hubspot() as (portal, stand, _):
        for number, account in enumerate(stand.market.inputs.fits):
            portal.add(str(1_000 + number), domain=account)
        await stand.run()
        portal.calls.clear()
        portal.writes.clear()
        run = await stand.run()
        assert (portal.calls, run.counts["unchanged"]) == ([], len(stand.market.inputs.fits))
        account = await first(stand, lambda wanted: wanted["decision"] == "chase")
        await stand.market.signal(account)
        before, after = portal.companies, await stand.wanted(account)
        record = next(one for one, company in before.items() if company["domain"] == account)
        await stand.run(whole=False, accounts=frozenset([account]))
        ((written, properties),) = portal.writes
        assert written == record
        assert properties["se_last_signal"] == format_instant(after["last_signal"])
        assert {*properties} <= {f"se_{field.name}" for field in SIGNAL_FIELDS}


async def test_a_crm_id_comes_before_the_domain_and_several_records_are_ambiguous() -> None:
    async with hubspot() as (portal, stand, _):
        one, two, three, *_ = some(stand)
        await change(stand, one, crm_id="77")
        portal.add("77", domain="other.example")
        portal.add("78", domain=one)
        portal.add("81", domain=two)
        portal.add("82", domain=two.upper())
        portal.add("91", domain=three)
        run = await stand.run(whole=False, accounts=frozenset([one, two, three]))
        assert {record for record, _ in portal.writes} == {"77", "91"}
        assert (run.counts["matched"], run.counts["ambiguous"], run.counts["unmatched"]) == (2, 1, 0)


async def test_a_dry_run_writes_nothing_and_tells_what_it_would() -> None:
    async with hubspot() as (portal, stand, _):
        one, _two, *_ = some(stand)
        portal.add("1", domain=one)
        run = await stand.run(dry=True)
        assert portal.writes == []
        assert run.counts["matched"] == 1
        assert run.counts["unmatched"] == len(stand.market.inputs.fits) - 1
        ((account, what, fields),) = run.shown
        assert (account, what) == (one, "update")
        assert {*fields} == {field.name for field in CRM_FIELDS}


@pytest.mark.parametrize("creates", [False, True])
async def test_a_record_is_created_only_if_it_is_said_and_only_once(creates: bool) -> None:
    async with hubspot(creates=creates) as (portal, stand, _):
        account = some(stand)[0]
        for _ in range(2):
            await stand.run(whole=False, accounts=frozenset([account]))
        assert [one["domain"] for one in portal.companies.values()] == ([account] if creates else [])


async def test_who_leaves_the_accounts_file_loses_our_fields_and_nothing_else() -> None:
    async with hubspot() as (portal, stand, _):
        account = await first(stand, lambda wanted: wanted["score"])
        portal.add("1", domain=account, phone="+1")
        await stand.run()
        assert portal.companies["1"]["se_decision"]
        await left(stand, account)
        run = await stand.run()
        assert run.counts["clear"] == 1
        company = portal.companies["1"]
        assert {name: value for name, value in company.items() if value} == {
            "domain": account, "phone": "+1", "se_account_id": account,
        }  # fmt: skip
        portal.writes.clear()
        await stand.run()
        assert portal.writes == []


async def test_a_record_that_refused_to_be_emptied_is_emptied_by_the_next_run() -> None:
    async with hubspot() as (portal, stand, _):
        account = await first(stand, lambda wanted: wanted["score"])
        portal.add("1", domain=account)
        await stand.run()
        await left(stand, account)
        portal.refuses.add("1")
        portal.refusal = LOCKED
        run = await stand.run()
        assert (run.counts["failed"], run.again) == (1, {account})
        run = await stand.run(whole=False, accounts=frozenset(run.again))
        assert run.again == {account}, "it is tried again for as long as it is refused"
        portal.refuses.clear()
        await stand.run(whole=False, accounts=frozenset(run.again))
        assert not portal.companies["1"]["se_decision"]
        assert await stand.ledger.rows([account]) == [None]


async def test_hidden_accounts_keep_the_rule_and_lose_their_signals() -> None:
    async with hubspot() as (portal, stand, _):
        account = await first(stand, lambda wanted: wanted["score"])
        portal.add("1", domain=account)
        await stand.run()
        await change(stand, account, relation="do_not_contact")
        await stand.run(whole=False, accounts=frozenset([account]))
        company = portal.companies["1"]
        assert [company[f"se_{field.name}"] for field in SIGNAL_FIELDS] == [""] * 6
        assert company["se_decision"]


async def test_an_error_of_one_record_is_its_own_and_it_is_sent_again() -> None:
    async with hubspot() as (portal, stand, _):
        one, two, *_ = some(stand)
        portal.add("1", domain=one)
        portal.add("2", domain=two)
        portal.refuses.add("1")
        portal.refusal = LOCKED
        both = frozenset([one, two])
        run = await stand.run(whole=False, accounts=both)
        assert (run.counts["failed"], run.counts["written"], run.again) == (1, 1, {one})
        assert run.notes == [f"{one}: HubSpot refused it ({LOCKED})"]
        portal.refuses.clear()
        run = await stand.run(whole=False, accounts=both)
        assert (run.counts["failed"], run.counts["written"], run.counts["unchanged"]) == (0, 1, 1)


async def test_a_record_that_somebody_deleted_is_looked_for_again() -> None:
    async with hubspot() as (portal, stand, _):
        account = some(stand)[0]
        portal.add("1", domain=account)
        await stand.run(whole=False, accounts=frozenset([account]))
        portal.add("2", **portal.companies.pop("1"))
        await change(stand, account, relation="do_not_contact", suppressed=True, decisions=())
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert run.again == {account}
        await stand.run(whole=False, accounts=frozenset(run.again))
        assert portal.writes[-1][0] == "2"


async def test_a_crm_id_of_a_company_that_was_merged_is_that_of_the_new_one() -> None:
    async with hubspot() as (portal, stand, _):
        account = some(stand)[0]
        portal.add("1", domain="other.example")
        portal.add("2", domain="another.example")
        portal.merge("900", "1", "2")
        await change(stand, account, crm_id="2")
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["matched"], [record for record, _ in portal.writes]) == (1, ["900"])


@pytest.mark.parametrize("wrong", ["\N{SUPERSCRIPT TWO}", "9" * 19])
async def test_a_crm_id_that_can_be_none_is_not_asked_for(wrong: str) -> None:
    """A digit that is none of the ten, and more digits than HubSpot can count: a whole batch would be asked in vain."""
    async with hubspot() as (portal, stand, _):
        account = some(stand)[0]
        portal.add("1", domain=account)
        await change(stand, account, crm_id=wrong)
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert (run.counts["written"], sum("batch/read" in call for call in portal.calls)) == (1, 1)


async def test_a_crm_that_is_busy_is_waited_for_as_it_asks() -> None:
    async with hubspot() as (portal, stand, _):
        account = some(stand)[0]
        portal.add("1", domain=account)
        portal.busy = 2
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert run.counts["written"] == 1
        assert stand.waited.count(1.0) == 2


async def test_a_token_that_is_refused_ends_the_run_and_is_never_told() -> None:
    async with hubspot(ready=False, token="pat-secret") as (_, stand, _client):
        with pytest.raises(SinkTrouble, match="refuses the token") as refused:
            await stand.run()
        assert "pat-secret" not in str(refused.value)


async def test_calls_beyond_the_budget_of_a_day_wait_for_the_next() -> None:
    async with hubspot(ready=False, calls_per_day=1) as (portal, stand, client):
        await client.missing()
        with pytest.raises(SinkTrouble, match="1 calls of this day"):
            await stand.run()
        assert len(portal.calls) == 1
        await stand.market.stop_for(24 * 3_600_000)
        await client.missing()


async def test_what_was_sent_and_not_noted_is_sent_again_with_the_same_values() -> None:
    async with hubspot(creates=True) as (portal, stand, _):
        account = some(stand)[0]

        def die(step: str) -> None:
            if step == "after_sync_send":
                raise KeyboardInterrupt

        stand.sink.reached = die
        with pytest.raises(KeyboardInterrupt):
            await stand.run(whole=False, accounts=frozenset([account]))
        (first,) = portal.writes
        stand.sink.reached = lambda _: None
        await stand.run(whole=False, accounts=frozenset([account]))
        assert portal.writes == [first, first]
        assert len(portal.companies) == 1


async def test_a_ledger_that_was_lost_is_made_good_by_writing_all_fields_again() -> None:
    async with hubspot() as (portal, stand, _):
        account = await first(stand, lambda wanted: wanted["score"] is None)
        portal.add("1", domain=account, se_level="hot", se_account_id=account)
        await stand.run(whole=False, accounts=frozenset([account]))
        assert portal.companies["1"]["se_level"] == ""


async def test_what_a_version_of_an_icp_changed_is_counted() -> None:
    async with hubspot() as (portal, stand, _):
        now = await stand.opened()
        chased = [one.fit.account async for some in now.everybody() for one in some if one.fit.unchased is None]
        for number, account in enumerate(chased):
            portal.add(str(number), domain=account)
        await stand.run()
        state = SinkState.decode(await stand.ledger.state())
        assert sum(one.added for one in state.by_version.values()) == len(chased)
        await left(stand, chased[0])
        await stand.run()
        state = SinkState.decode(await stand.ledger.state())
        assert sum(one.removed for one in state.by_version.values()) == 1


async def test_setting_up_creates_what_is_missing_in_our_own_group() -> None:
    async with hubspot(ready=False) as (portal, _, client):
        missing = await client.missing()
        assert len(missing) == 13
        await client.set_up(missing)
        assert portal.groups == {"signal_engine"}
        assert {one["groupName"] for name, one in portal.properties.items() if name in OURS} == {"signal_engine"}
        assert [name for name, one in portal.properties.items() if one.get("hasUniqueValue")] == ["se_account_id"]
        assert await client.missing() == []


def test_the_rule_has_six_fields_and_signals_have_six() -> None:
    assert (len(RULE_FIELDS), len(SIGNAL_FIELDS)) == (6, 6)
    row = LedgerRow("matched", "1", 5, None, {"decision": "chase", "score": None})
    assert LedgerRow.decode(row.encode()) == row


async def test_a_control_group_has_the_rule_alone() -> None:
    async with hubspot() as (_, stand, _client):
        market = await stand.opened()
        listed = [
            one for one in await market.listed("all") or () if not one["pinned"] and one["relation"] == "prospect"
        ]
        account = listed[0]["account_id"]
        held = replace(market, held_back=lambda name, now, pinned: name == account and now > 0 and not pinned)
        (one,) = await held.some([account])
        rule = {name: value for name, value in market.wanted(one).items() if name in RULE_NAMES}
        assert held.wanted(one) == {**NO_SIGNALS, **rule}
        assert account not in {entry["account_id"] for entry in await held.listed("all") or ()}
        assert account in await market.places("audience")
        assert account not in await held.places("audience")
