"""Signals of accounts on no list, as the process keeps them: told and emptied by the next run, and no call in vain."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

from signal_engine.core.rules.instants import DAY, HOUR, MINUTE
from signal_engine.engine.sync.following import FollowingSink, confirm
from testing.crm.hubspot import HubSpotShaped
from tests.engine.stand import Said
from tests.outgoing.crm.stands import CrmStand, change, hubspot


class _Followed(NamedTuple):
    portal: HubSpotShaped
    stand: CrmStand
    process: FollowingSink
    account: str
    """A customer whose owner is alerted: on no list, and with signals."""

    @property
    def company(self) -> dict[str, str]:
        return next(one for one in self.portal.companies.values() if one["domain"] == self.account)

    async def minute(self) -> None:
        self.stand.market.now += MINUTE
        await self.process.step()


@asynccontextmanager
async def followed(*, asked: bool = True) -> AsyncIterator[_Followed]:
    async with hubspot() as (portal, stand, _):
        for number, account in enumerate(stand.market.inputs.fits):
            portal.add(str(1_000 + number), domain=account)
        said: Any = Said()
        process = FollowingSink(stand.sink, stand.ledger, stand.opened, said)
        await confirm(stand.ledger, stand.market.now)
        listed = {one["account_id"] for one in await (await stand.opened()).listed("all") or ()}
        account = await _customer(stand, listed)
        if asked:
            await stand.market.signal(account)
        await process.step()
        assert process.problem is None
        portal.calls.clear()
        yield _Followed(portal, stand, process, account)


async def _customer(stand: CrmStand, listed: set[str]) -> str:
    for account, fit in sorted(stand.market.inputs.fits.items()):
        fits = fit.primary.decision == "chase" and not fit.suppressed
        if account not in listed and fits and (await stand.wanted(account))["score"] is None:
            await change(stand, account, relation="customer")
            return account
    raise AssertionError("nobody is like that")


async def test_a_signal_of_an_account_on_no_list_is_told_by_the_next_run() -> None:
    async with followed(asked=False) as there:
        assert not there.company["se_score"]
        await there.stand.market.signal(there.account)
        await there.minute()
        assert there.company["se_badge"] == (await there.stand.wanted(there.account))["badge"] == "inbound"
        assert there.process.runs == 2


async def test_signals_of_an_account_on_no_list_are_emptied_by_the_next_run_after_it_may_not_be_called() -> None:
    async with followed() as there:
        assert there.company["se_score"]
        await change(there.stand, there.account, relation="do_not_contact")
        await there.minute()
        assert not any(there.company[f"se_{name}"] for name in ("score", "level", "badge", "why_now", "hot_until"))
        assert there.company["se_decision"], "the rule stays"


async def test_signals_of_an_account_on_no_list_are_emptied_by_the_next_run_after_it_cooled() -> None:
    async with followed() as there:
        wanted: Any = await there.stand.wanted(there.account)
        hours = 0
        while wanted["score"] is not None and hours < 24 * 90:
            there.stand.market.now += HOUR
            hours += 1
            wanted = await there.stand.wanted(there.account)
            if there.stand.market.now % DAY < HOUR:
                await there.process.step()  # all are compared then
        assert wanted["score"] is None
        assert there.company["se_score"], "else nothing has to be emptied between two days"
        await there.process.step()
        assert not there.company["se_score"]


async def test_what_has_not_changed_costs_no_call() -> None:
    async with followed() as there:
        for _ in range(5):
            there.stand.market.now += 1
            await there.process.step()
        assert there.portal.calls == []
        assert there.process.runs == 6


async def test_an_outage_loses_no_signal_of_an_account_on_no_list() -> None:
    async with followed(asked=False) as there:
        await there.stand.market.signal(there.account)
        there.portal.used_up = True
        await there.minute()
        await there.minute()
        assert there.process.problem
        there.portal.used_up = False
        await there.minute()
        assert there.company["se_badge"] == "inbound"
