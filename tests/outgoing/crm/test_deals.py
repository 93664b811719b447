"""What came of accounts, read out of each CRM."""

from collections.abc import AsyncIterator
from types import SimpleNamespace
from typing import Any, cast

import pytest

from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.adapters.outgoing.crm.hubspot_deals import HubSpotDeals
from signal_engine.adapters.outgoing.crm.salesforce_deals import SalesforceDeals
from signal_engine.core.rules.instants import DAY, HOUR
from signal_engine.engine.outcomes.opportunities import opportunities
from signal_engine.engine.sync.deals import CrmDeal, DealSource, DealsPage, TellingDeals, outcomes_of
from signal_engine.entrypoints.commands.sync import deals as deals_command
from signal_engine.entrypoints.wiring.sync.sinks import ReadySink
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.outcomes.record import AccountOutcome, read_outcome, write_outcome
from signal_engine.wire.sync.ledger_rows import SinkState
from tests.http.market import market
from tests.outgoing.crm.stands import hubspot, salesforce

OPENED, CHANGED = parse_instant("2026-01-05T10:00:00Z"), parse_instant("2026-02-20T11:30:00Z")
CLOSED = parse_instant("2026-02-19T00:00:00Z")


async def everything(source: DealSource, since: int = 0) -> tuple[list[CrmDeal], int]:
    pages = [page async for page in source.deals(since)]
    return [deal for page in pages for deal in page.deals], sum(page.of_nobody for page in pages)


def hubspot_deal(closed: str = "true", won: str = "true", changed: str = "2026-02-20T11:30:00Z") -> dict[str, str]:
    return {
        "createdate": "2026-01-05T10:00:00Z", "closedate": "2026-02-19T00:00:00Z", "hs_lastmodifieddate": changed,
        "dealstage": "closedwon", "hs_is_closed": closed, "hs_is_closed_won": won,
    }  # fmt: skip


async def test_hubspots_deals_go_to_the_account_of_their_primary_company() -> None:
    async with hubspot() as (portal, _, client):
        portal.add("1", domain="other.com")
        portal.add("2", domain="www.acme.com", se_account_id="acme.com")
        portal.add("3", name="No domain")
        portal.deals |= {"11": hubspot_deal(), "12": hubspot_deal("false", ""), "13": hubspot_deal(won="false")}
        portal.deals |= {"14": hubspot_deal(), "15": hubspot_deal()}
        portal.companies_of |= {"11": ["1", "2"], "12": ["1"], "13": ["2"], "14": ["3"], "15": []}
        deals, of_nobody = await everything(HubSpotDeals(client))
        assert {deal.deal_id: (deal.account, deal.ended) for deal in deals} == {
            "11": ("acme.com", "won"), "12": ("other.com", None), "13": ("acme.com", "lost"),
        }  # fmt: skip
        assert of_nobody == 2
        assert deals[0] == CrmDeal("11", "acme.com", OPENED, CHANGED, CLOSED, "won", "closedwon")


async def test_a_day_of_closing_beyond_the_calendar_holds_up_no_other_deal() -> None:
    """A slip of the keyboard: a year with five digits."""
    async with hubspot() as (portal, _, client):
        portal.add("1", domain="acme.com")
        portal.deals |= {"11": hubspot_deal() | {"closedate": "+20226-02-19T00:00:00Z"}, "12": hubspot_deal()}
        portal.companies_of |= {"11": ["1"], "12": ["1"]}
        deals, _ = await everything(HubSpotDeals(client))
        assert {deal.deal_id: deal.closed_at for deal in deals} == {"11": None, "12": CLOSED}


async def test_hubspots_deals_are_read_page_by_page_since_a_change() -> None:
    async with hubspot() as (portal, _, client):
        portal.add("1", domain="acme.com")
        for number in range(250):
            changed = f"2026-02-{1 + number // 10:02d}T00:00:00Z"
            portal.deals[str(number)] = hubspot_deal(changed=changed)
            portal.companies_of[str(number)] = ["1"]
        deals, _ = await everything(HubSpotDeals(client))
        assert len({deal.deal_id for deal in deals}) == len(deals) == 250
        since = parse_instant("2026-02-20T00:00:00Z")
        assert {int(deal.deal_id) for deal in (await everything(HubSpotDeals(client), since))[0]} == {*range(190, 250)}


async def test_salesforces_opportunities_are_read_page_by_page() -> None:
    async with salesforce() as (org, _, client):
        org.accounts |= {"001A": {"Website": "https://www.acme.com/"}, "001B": {"Website": None}}
        for number, (account, closed, won) in enumerate(
            [("001A", True, True), ("001A", True, False), ("001A", False, False), ("001B", True, True)]
        ):
            org.opportunities.append({
                "Id": f"006{number}", "AccountId": account, "StageName": "Closed", "IsClosed": closed, "IsWon": won,
                "CreatedDate": "2026-01-05T10:00:00.000+0000", "CloseDate": "2026-02-19",
                "LastModifiedDate": "2026-02-20T11:30:00.000+0000",
            })  # fmt: skip
        deals, of_nobody = await everything(SalesforceDeals(client))
        assert [(deal.deal_id, deal.account, deal.ended) for deal in deals] == [
            ("0060", "acme.com", "won"), ("0061", "acme.com", "lost"), ("0062", "acme.com", None),
        ]  # fmt: skip
        assert of_nobody == 1
        assert deals[0] == CrmDeal("0060", "acme.com", OPENED, CHANGED, CLOSED, "won", "Closed")
        assert await everything(SalesforceDeals(client), CHANGED + 1) == ([], 0)


async def test_a_page_says_how_far_it_goes_also_where_its_deals_are_of_nobody() -> None:
    """Else they would be read again with every reading."""
    async with hubspot() as (portal, _, client):
        portal.deals |= {"14": hubspot_deal(), "15": hubspot_deal(changed="2026-02-21T00:00:00Z")}
        (page,) = [page async for page in HubSpotDeals(client).deals(0)]
        assert page == DealsPage([], 2, parse_instant("2026-02-21T00:00:00Z"))
    async with salesforce() as (org, _, client):
        org.opportunities.append({
            "Id": "0061", "AccountId": "", "StageName": "Open", "IsClosed": False, "IsWon": False,
            "CreatedDate": "2026-01-05T10:00:00.000+0000", "CloseDate": None,
            "LastModifiedDate": "2026-02-20T11:30:00.000+0000",
        })  # fmt: skip
        (page,) = [page async for page in SalesforceDeals(client).deals(0)]
        assert page == DealsPage([], 1, CHANGED)


async def test_how_far_deals_were_read_is_noted_also_where_they_are_of_nobody() -> None:
    class Pages:
        def deals(self, since: int) -> AsyncIterator[DealsPage]:
            return self._deals(since)

        async def _deals(self, since: int) -> AsyncIterator[DealsPage]:
            assert since == 0
            yield DealsPage([], 2, CHANGED)

    class Producer:
        async def send(self, records: list[object]) -> None:
            assert records == []

    async with hubspot() as (_, stand, client):
        producer, topics = cast("Any", Producer()), cast("Any", SimpleNamespace(names={}))
        telling = TellingDeals(MemorySyncLedger(stand.market.server, "", "crm.deals"), "crm")
        ready = ReadySink(stand.sink, stand.ledger, client, deals=telling)
        await deals_command._taken(Pages(), ready, 0, producer, topics)
        assert SinkState.decode(await stand.ledger.state()).deals_until == CHANGED


@pytest.mark.parametrize(
    ("closed", "at"), [(CLOSED, CLOSED), (CHANGED + 9, CHANGED), (OPENED - 9, OPENED), (None, CHANGED)]
)
def test_a_deal_becomes_outcomes_that_the_topic_takes(closed: int | None, at: int) -> None:
    deal = CrmDeal("7", "acme.com", OPENED, CHANGED, closed, "won", "closedwon")
    opened, won = outcomes_of(deal, "crm")
    assert (opened.stage, opened.at, won.stage, won.at) == ("opened", OPENED, "won", at)
    for one in (opened, won):
        assert isinstance(read_outcome(write_outcome(one)), AccountOutcome)
    assert len({one.outcome_id for one in (*outcomes_of(deal, "crm"), opened, won)}) == 2
    assert [one.stage for one in outcomes_of(deal._replace(ended=None), "crm")] == ["opened"]


class Topic:
    """What Kafka has, each outcome once by its id, as readings of one deal told it."""

    def __init__(self) -> None:
        self.kept: dict[str, AccountOutcome] = {}
        self.telling = TellingDeals(MemorySyncLedger(market(1).server, "", "crm.deals"), "crm")

    async def read(self, deal: CrmDeal, *, dies: bool = False) -> tuple[str, int | None]:
        """A reading, which may die once Kafka has what it tells; how the deal stands then, and since when."""
        made, told = await self.telling.outcomes([deal])
        for one in made:
            assert isinstance(read_outcome(write_outcome(one)), AccountOutcome)
            self.kept.setdefault(one.outcome_id, one)
        if not dies:
            await self.telling.note(told)
        (found,) = opportunities(self.kept.values())
        return found.result, found.closed


WON = CrmDeal("7", "acme.com", OPENED, CHANGED, CLOSED, "won", "closedwon")


@pytest.mark.parametrize("dies", [False, True])
async def test_a_deal_that_is_open_again_takes_its_won_back(dies: bool) -> None:
    topic = Topic()
    assert await topic.read(WON) == ("won", CLOSED)
    again = WON._replace(ended=None, changed_at=CHANGED + DAY)
    assert await topic.read(again, dies=dies) == ("open", None)
    assert await topic.read(again) == ("open", None)
    assert [one.stage for one in topic.kept.values()] == ["opened", "won", "reopened"]
    # by the day alone it was won before it was opened again
    won = WON._replace(changed_at=CHANGED + DAY + HOUR, closed_at=CLOSED)
    assert await topic.read(won, dies=dies) == ("won", CHANGED + DAY + 1)
    assert await topic.read(won) == ("won", CHANGED + DAY + 1)
    lost = WON._replace(ended="lost", changed_at=CHANGED + 3 * DAY)
    assert (await topic.read(lost))[0] == "lost"
    assert (await topic.read(WON._replace(changed_at=CHANGED + 4 * DAY)))[0] == "won"
    assert len(topic.kept) == 8


async def test_a_deal_that_stands_as_it_stood_tells_nothing_new() -> None:
    topic = Topic()
    for day in range(3):
        assert await topic.read(WON._replace(changed_at=CHANGED + day * DAY)) == ("won", CLOSED)
    assert len(topic.kept) == 2
    still_open = Topic()
    for day in range(3):
        assert await still_open.read(WON._replace(ended=None, changed_at=CHANGED + day * DAY)) == ("open", None)
    assert len(still_open.kept) == 1
