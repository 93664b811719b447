"""Whatever a CRM answers, its own sink is in trouble and nobody else: no process ends, and no task is made twice."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import date
from typing import Any

import pytest

from signal_engine.adapters.outgoing.crm.answers import pages_as_described
from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.adapters.outgoing.crm.hubspot_deals import HubSpotDeals
from signal_engine.adapters.outgoing.crm.hubspot_facts import HubSpotFacts
from signal_engine.adapters.outgoing.crm.hubspot_tasks import HubSpotTasks
from signal_engine.adapters.outgoing.crm.salesforce import Salesforce
from signal_engine.adapters.outgoing.crm.salesforce_deals import SalesforceDeals
from signal_engine.adapters.outgoing.crm.salesforce_facts import SalesforceFacts
from signal_engine.adapters.outgoing.crm.salesforce_tasks import SalesforceTasks
from signal_engine.adapters.outgoing.posting import ReceiverAnswer
from signal_engine.engine.sync.following import FollowingSink, confirm
from signal_engine.engine.sync.sink import RecordKey, RecordWrite, SinkTrouble
from signal_engine.engine.sync.tasks import CrmTask, UnknownAnswer
from tests.engine.stand import Said
from tests.outgoing.crm.stands import CrmStand, hubspot
from tests.outgoing.crm.test_tasks import tasked

ODD: tuple[Any, ...] = (
    {},
    {"results": [{}], "records": [{}]},
    {"results": None, "records": None},
    [],
    [None],
    "ok",
    7,
    None,
)
KEYS, WRITES = [RecordKey("a.com", "1")], [RecordWrite("a.com", "1", {"score": 5}), RecordWrite("b.com", "2", {})]
TASK = CrmTask("alert-1", "1", "7", "Call", "Text", 0, is_urgent=False, due_on=date(1970, 1, 1))


class Odd:
    """A poster whose CRM gives a token, and answers everything else with one document."""

    def __init__(self, document: Any, status: int = 200) -> None:
        self.answer = ReceiverAnswer(status, json.dumps(document).encode(), None)

    async def request(self, _: str, url: str, *__: object) -> ReceiverAnswer:
        if not url.endswith("/token"):
            return self.answer
        return ReceiverAnswer(
            200, json.dumps({"access_token": "t", "instance_url": "https://acme.test"}).encode(), None
        )


async def _all(pages: AsyncIterator[object]) -> list[object]:
    return [one async for one in pages]


def _asked(stand: CrmStand) -> list[Callable[[], Awaitable[object]]]:
    """Everything that is asked of a CRM and may be asked again."""
    portal = HubSpot(stand.calls, "token", stand.url)
    org = Salesforce(stand.calls, stand.url, "v66.0", "id", "secret", checked=False)
    asked: list[Callable[[], Awaitable[object]]] = [portal.owners]
    for client in (portal, org):
        asked += [
            client.missing,
            lambda client=client: client.find(KEYS),
            lambda client=client: client.holders(["1"]),
            lambda client=client: client.write(WRITES),
        ]
    for tasks in (HubSpotTasks(portal), SalesforceTasks(org)):
        asked += [
            tasks.is_missing,
            lambda tasks=tasks: tasks.find_task("alert-1"),
            lambda tasks=tasks: tasks.owner_ids(["ann@example.com"]),
        ]
    for deals in (HubSpotDeals(portal), SalesforceDeals(org)):
        asked.append(lambda deals=deals: _all(deals.deals(0)))
    for facts in (HubSpotFacts(portal), SalesforceFacts(org)):
        asked.append(lambda facts=facts: _all(facts.facts({"a.com": "1"}, None)))
    return asked


@pytest.mark.parametrize("document", ODD, ids=json.dumps)
async def test_an_answer_that_no_api_describes_is_trouble_or_nothing(document: Any) -> None:
    async with hubspot() as (_, stand, _):
        poster: Any = Odd(document)
        stand.calls.poster = poster
        stand.calls.calls_per_day = 10_000
        said: list[str] = []
        for ask in _asked(stand):
            try:
                await ask()
            except SinkTrouble as trouble:
                said.append(str(trouble))
    assert len(said) >= 5, "else this says little"
    assert not [one for one in said if "a.com" in one]


@pytest.mark.parametrize("which", ["hubspot", "salesforce"])
async def test_a_task_that_was_made_without_saying_so_is_looked_up_and_not_made_again(which: str) -> None:
    async with tasked(which) as there:
        there.alert()
        await there.sink._know({"ann@example.com"}, there.stand.market.now)
        usual = there.stand.calls.poster
        odd: Any = Odd({}, 201)
        there.stand.calls.poster = odd
        with pytest.raises(UnknownAnswer):
            await there.sink.system.create_task(TASK)
        assert (await there.run()).counts == {"task": 1, "uncertain": 1}
        there.stand.calls.poster = usual
        assert (await there.run()).counts == {"uncertain": 1}


async def test_its_sink_stops_and_goes_on_and_the_process_does_not_end() -> None:
    async with hubspot() as (portal, stand, _):
        await confirm(stand.ledger, stand.market.now)
        odd: Any = Odd({})
        usual, stand.calls.poster = stand.calls.poster, odd
        one = FollowingSink(stand.sink, stand.ledger, stand.opened, Said())
        await one.step()
        assert one.problem is not None
        assert one.problem.startswith("the CRM answered otherwise than its API describes (")
        stand.calls.poster = usual
        await one.step()
        assert one.problem is None
        assert portal.calls


async def test_what_fails_in_whoever_takes_a_page_is_no_trouble_of_the_crm() -> None:
    @pages_as_described
    async def pages() -> AsyncIterator[int]:
        yield 1

    async def taken() -> None:
        async for _ in pages():
            raise KeyError("ours")

    with pytest.raises(KeyError):
        await taken()
