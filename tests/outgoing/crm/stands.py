"""A market in memory beside a CRM on this machine, and the sink between them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.adapters.outgoing.crm.api_calls import MOST_OF_A_CRM_ANSWER, ApiCalls
from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.adapters.outgoing.crm.salesforce import Salesforce
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.engine.sync.market import SyncMarket, market_at
from signal_engine.engine.sync.records import RecordSink
from signal_engine.engine.sync.sink import SyncRun
from testing.crm.hubspot import HubSpotShaped
from testing.crm.salesforce import SalesforceShaped
from tests.http.market import Market, market
from tests.outgoing.receivers import poster

BUDGET = 1_000
LOCKED = "UNABLE_TO_LOCK_ROW"
"""An error of a record that is over in a moment."""
_LONGEST_LINE = 65_536
"""Bytes that the server reads, more than any CRM takes: the receivers refuse what is too long themselves."""


class CrmStand:
    """A CRM, its client and its sink; time passes only when somebody waits."""

    def __init__(self, url: str, calls_per_day: int = BUDGET) -> None:
        self.url = url
        self.market: Market = market(30)
        self.ledger = MemorySyncLedger(self.market.server, "", "crm")
        self.waited: list[float] = []
        sending = poster(most_of_an_answer=MOST_OF_A_CRM_ANSWER)
        self.calls = ApiCalls(sending, self.ledger, calls_per_day, 0.0, lambda: self.market.now, self._wait)
        self.sink: RecordSink

    async def _wait(self, seconds: float) -> None:
        self.waited.append(seconds)

    async def opened(self) -> SyncMarket:
        """The market as it is now."""
        now = await market_at(self.market.generations, partitioner, self.market.now)
        assert now is not None
        return now

    async def run(
        self, *, whole: bool = True, dry: bool = False, accounts: frozenset[str] = frozenset(), by_hand: bool = False
    ) -> SyncRun:
        """One run."""
        run = SyncRun(self.market.now, whole, dry, accounts, by_hand)
        await self.sink.sync(await self.opened(), run)
        return run

    async def wanted(self, account: str) -> dict[str, Any]:
        """What the market says of an account."""
        now = await self.opened()
        (one,) = await now.some([account])
        return dict(now.wanted(one))


@asynccontextmanager
async def serving(app: web.Application) -> AsyncIterator[str]:
    """The URL of an application on a free port."""
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1, max_line_size=_LONGEST_LINE)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def hubspot(
    *, creates: bool = False, ready: bool = True, calls_per_day: int = BUDGET, token: str | None = None
) -> AsyncIterator[tuple[HubSpotShaped, CrmStand, HubSpot]]:
    """A portal with our fields (`ready`), and nobody in it."""
    portal = HubSpotShaped()
    async with serving(portal.application()) as url:
        stand = CrmStand(url, calls_per_day)
        client = HubSpot(stand.calls, token or portal.token, url)
        stand.sink = RecordSink("crm", "hubspot", stand.ledger, client, creates)
        if ready:
            await client.set_up(await client.missing())
            portal.calls.clear()
        yield portal, stand, client


@asynccontextmanager
async def salesforce(
    *, creates: bool = False, ready: bool = True
) -> AsyncIterator[tuple[SalesforceShaped, CrmStand, Salesforce]]:
    """An org likewise."""
    org = SalesforceShaped()
    async with serving(org.application()) as url:
        org.url = url
        stand = CrmStand(url)
        client = Salesforce(stand.calls, url, "v66.0", org.client, org.secret, checked=False)
        stand.sink = RecordSink("crm", "salesforce", stand.ledger, client, creates)
        if ready:
            await client.set_up(await client.missing())
            org.calls.clear()
        yield org, stand, client


def some(stand: CrmStand, number: int = 5) -> list[str]:
    return sorted(stand.market.inputs.fits)[:number]


async def first(stand: CrmStand, holds: Callable[[dict[str, Any]], Any]) -> str:
    """The first account of whose fields this holds."""
    for account in sorted(stand.market.inputs.fits):
        if holds(await stand.wanted(account)):
            return account
    raise AssertionError("no account is like that")


async def change(stand: CrmStand, account: str, **fields: Any) -> None:
    """Another row of the account in the fit table."""
    await stand.market.refit(account, **fields)


async def left(stand: CrmStand, account: str) -> None:
    """The account is in the accounts file no more."""
    number = stand.market.partition_of(account)
    counter = (await stand.market.store.positions(number)).counter
    await stand.market.store.apply(Transaction(partition=number, counter=counter, fits={account: None}))
