"""What CRMs' documentation limits, and what they answer beyond it: nothing is lost, nothing is asked in vain."""

from collections.abc import Sequence
from typing import Any

import pytest

from signal_engine.adapters.outgoing.crm.api_calls import in_groups
from signal_engine.adapters.outgoing.crm.hubspot import HubSpot
from signal_engine.adapters.outgoing.crm.hubspot_tasks import HubSpotTasks
from signal_engine.adapters.outgoing.posting import ReceiverAnswer
from signal_engine.core.rules.instants import DAY, HOUR
from signal_engine.engine.sync.following import FollowingSink, confirm
from signal_engine.engine.sync.sink import RecordKey, RecordWrite, SinkTrouble
from testing.crm.hubspot import HubSpotShaped
from tests.engine.stand import Said
from tests.outgoing.crm.stands import hubspot, salesforce, some
from tests.outgoing.crm.test_answers import TASK
from tests.outgoing.crm.test_tasks import tasked

LONG = [f"{number:03d}{'a' * 60}.com" for number in range(100)]
"""Domains as long as the name of a company may be in them."""


async def test_a_hundred_long_domains_are_sought_in_searches_that_hubspot_takes() -> None:
    async with hubspot() as (portal, stand, client):
        for number, account in enumerate(LONG):
            portal.add(str(number), domain=account)
        portal.clock = lambda: sum(stand.waited)
        found = await client.find([RecordKey(account, None) for account in LONG])
        assert [(one.account, [*one.record_ids]) for one in found] == [(one, [str(LONG.index(one))]) for one in LONG]
        searches = [call for call in portal.calls if call.endswith("/search")]
        assert len(searches) == 3, "as few as 3,000 characters allow"


async def test_a_hundred_usual_domains_are_one_search() -> None:
    async with hubspot() as (portal, _, client):
        await client.find([RecordKey(f"company-{number:03d}.example", None) for number in range(100)])
        assert len([call for call in portal.calls if call.endswith("/search")]) == 1


async def test_twenty_long_domains_are_sought_in_queries_that_salesforce_takes() -> None:
    async with salesforce() as (org, _, client):
        names = LONG[: client.sought_at_once]
        for number, account in enumerate(names):
            org.accounts[f"001{number:015d}"] = {"Website": f"https://www.{account}/"}
        found = await client.find([RecordKey(account, None) for account in names])
        assert [[*one.record_ids] for one in found] == [[f"001{number:015d}"] for number in range(len(names))]


@pytest.mark.parametrize(
    ("sizes", "groups"),
    [((), []), ((3, 3, 3), [[3, 3], [3]]), ((9, 1), [[9], [1]]), ((1, 9), [[1], [9]]), ((2, 2, 2), [[2, 2, 2]])],
)
def test_groups_have_room_for_what_is_in_them(sizes: Sequence[int], groups: list[list[int]]) -> None:
    assert [*in_groups(sizes, 6, lambda size: size)] == groups


async def test_a_portal_that_is_locked_gets_two_seconds_and_more() -> None:
    async with hubspot() as (portal, stand, _):
        account = some(stand)[0]
        portal.add("1", domain=account)
        portal.locked = 2
        run = await stand.run(whole=False, accounts=frozenset([account]))
        assert run.counts["written"] == 1
        assert [waited for waited in stand.waited if waited] == [2.0, 4.0]


async def test_a_portal_whose_day_is_used_up_is_asked_once_and_not_five_times() -> None:
    async with hubspot() as (portal, stand, _):
        portal.used_up = True
        with pytest.raises(SinkTrouble, match="HubSpot's own calls of this day are used up"):
            await stand.run()
        assert len(portal.calls) == 1


async def test_searches_beyond_five_a_second_are_made_a_moment_later() -> None:
    """HubSpot's answer to them has no `Retry-After`."""
    async with hubspot() as (portal, stand, client):
        portal.clock = lambda: sum(stand.waited)
        for number in range(6):
            await client.find([RecordKey(f"nobody-{number}.example", None)])
        waited = [one for one in stand.waited if one]
        assert waited, "else this says little"
        assert 1.0 <= sum(waited) <= 3.0


@pytest.mark.parametrize("which", ["one wrong", "all right"])
async def test_an_update_that_is_refused_as_a_whole_is_told_of_the_one_record(which: str) -> None:
    """Errors of single inputs are documented for creates alone."""
    async with hubspot() as (portal, stand, _):
        portal.tells_each = False
        accounts = some(stand, 5)
        for number, account in enumerate(accounts):
            portal.add(str(number), domain=account)
        if which == "one wrong":
            portal.refuses.add("3")
        run = await stand.run(whole=False, accounts=frozenset(accounts))
        wrong = [accounts[3]] if which == "one wrong" else []
        assert (run.counts["written"], [note.partition(":")[0] for note in run.notes]) == (5 - len(wrong), wrong)
        portal.calls.clear()
        run = await stand.run(whole=False, accounts=frozenset(accounts))
        assert (run.counts["refused"], portal.calls) == (len(wrong), []), "its batch is not halved again and again"


async def test_a_company_that_was_merged_answers_with_another_id_and_is_written() -> None:
    async with hubspot() as (portal, stand, client):
        account = some(stand)[0]
        portal.add("1", domain=account)
        portal.answers_as["1"] = "900"
        (written,) = await client.write([RecordWrite(account, "1", {"score": 5})])
        assert (written.record_id, written.problem) == ("1", None)
        portal.add("2")
        portal.refuses.add("2")
        writes = [RecordWrite(account, "1", {"score": 6}), RecordWrite("b.com", "2", {"score": 6})]
        taken, refused = await client.write(writes)
        assert (taken.problem, refused.problem) == (None, "HubSpot refused it (VALIDATION_ERROR)")


async def test_salesforces_own_limit_is_no_refusal_of_a_record() -> None:
    async with salesforce() as (org, stand, _):
        account = some(stand)[0]
        org.accounts["001000000000000001"] = {"Website": account}
        org.used_up = True
        with pytest.raises(SinkTrouble, match="Salesforce's own limit of requests is reached"):
            await stand.run(whole=False, accounts=frozenset([account]))
        org.used_up = False
        assert (await stand.run(whole=False, accounts=frozenset([account]))).counts["written"] == 1


@pytest.mark.parametrize("which", ["hubspot", "salesforce"])
async def test_a_limit_that_is_reached_costs_nobody_a_task(which: str) -> None:
    async with tasked(which) as there:
        there.alert()
        await there.sink._know({"ann@example.com"}, there.stand.market.now)
        there.crm.used_up = True
        with pytest.raises(SinkTrouble, match="the rest follows"):
            await there.run()
        there.crm.used_up = False
        assert (await there.run()).counts == {"task": 1, "written": 1}


@pytest.mark.parametrize("which", ["hubspot", "salesforce"])
async def test_what_is_locked_for_a_moment_costs_nobody_a_task(which: str) -> None:
    async with tasked(which) as there:
        there.alert()
        await there.sink._know({"ann@example.com"}, there.stand.market.now)
        there.crm.locked = 1
        with pytest.raises(SinkTrouble):
            await there.run()
        assert (await there.run()).counts == {"task": 1, "written": 1}


async def test_an_alert_that_has_a_task_in_hubspot_gets_no_second_one() -> None:
    """The property is unique there: HubSpot refuses what our ledger has lost, and the task is found by it."""
    async with tasked("hubspot") as there:
        there.alert()
        await there.run()
        await there.sink.ledger.note({there.alerts[0]["alert_id"]: None})
        assert (await there.run()).counts == {"task": 1, "written": 1}
        assert len(there.crm.tasks) == 1


@pytest.mark.parametrize(
    ("body", "shown"),
    [
        (
            "Why now: <a href='https://x.test'>call</a>\nR&D",
            "Why now: &lt;a href='https://x.test'&gt;call&lt;/a&gt;<br>R&amp;D",
        ),
        ("<" * 20_000, "&lt;" * 16_250),
        ("a" * 40_000 + "\n" + "b" * 40_000, "a" * 40_000 + "<br>" + "b" * 24_996),
    ],
)
async def test_the_text_of_a_task_in_hubspot_is_shown_as_it_is(body: str, shown: str) -> None:
    """HubSpot reads it as HTML, and it quotes what others wrote."""
    async with tasked("hubspot") as there:
        assert isinstance(there.sink.system, HubSpotTasks)
        await there.sink.system.create_task(TASK._replace(body=body))
        (task,) = there.crm.tasks.values()
        assert task["hs_task_body"] == shown


async def test_a_property_of_tasks_that_is_not_unique_is_said() -> None:
    async with tasked("hubspot") as there:
        assert isinstance(there.crm, HubSpotShaped)
        assert isinstance(there.sink.system, HubSpotTasks)
        there.crm.unique_task_properties.clear()
        with pytest.raises(SinkTrouble, match="se_alert_id of tasks is not unique"):
            await there.sink.system.is_missing()


@pytest.mark.parametrize("opened", [hubspot, salesforce], ids=["hubspot", "salesforce"])
async def test_a_crm_without_our_fields_is_told_how_to_make_them(opened: Any) -> None:
    async with opened(ready=False) as (_, stand, _client):
        with pytest.raises(SinkTrouble, match="`signal-engine sync setup` makes it"):
            await stand.run()


async def test_the_first_accounts_without_one_record_are_named() -> None:
    async with hubspot() as (portal, stand, _):
        one, two, *_ = accounts = some(stand, 14)
        portal.add("1", domain=one)
        portal.add("2", domain=one)
        portal.add("3", domain=two)
        run = await stand.run(whole=False, accounts=frozenset(accounts))
        assert run.unclear["ambiguous"] == [one]
        assert len({*run.unclear["unmatched"]} & {*accounts[2:]}) == 10
        assert run.counts["unmatched"] == 12


class Busy:
    """A poster to which a CRM answers 429 and asks to be left alone."""

    def __init__(self, retry_after_s: float) -> None:
        self.retry_after_s = retry_after_s
        self.asked = 0

    async def request(self, *_: object) -> ReceiverAnswer:
        self.asked += 1
        return ReceiverAnswer(429, b"{}", self.retry_after_s)


@pytest.mark.parametrize(("asks_s", "once", "asked"), [(3_600.0, False, 1), (30.0, False, 5), (3_600.0, True, 1)])
async def test_how_long_a_crm_asks_to_be_left_alone_is_passed_on(asks_s: float, once: bool, asked: int) -> None:
    async with hubspot() as (_, stand, _):
        busy: Any = Busy(asks_s)
        stand.calls.poster = busy
        client = HubSpot(stand.calls, "token", stand.url)
        with pytest.raises(SinkTrouble) as raised:
            await (client.post_once if once else client.post)(f"{stand.url}/crm", {})
    assert (raised.value.retry_after_s, busy.asked) == (asks_s, asked)


@pytest.mark.parametrize(("asks_s", "rests"), [(3_600.0, HOUR), (1e6, DAY)])
async def test_a_crm_that_asks_to_be_left_alone_is_and_at_most_for_a_day(asks_s: float, rests: int) -> None:
    async with hubspot() as (portal, stand, _):
        await confirm(stand.ledger, stand.market.now)
        busy: Any = Busy(asks_s)
        usual, stand.calls.poster = stand.calls.poster, busy
        one = FollowingSink(stand.sink, stand.ledger, stand.opened, Said())
        await one.step()
        await stand.market.stop_for(rests - 1)
        await one.step()
        assert busy.asked == 1
        stand.calls.poster = usual
        await stand.market.stop_for(1)
        await one.step()
        assert one.problem is None
        assert portal.calls


@pytest.mark.parametrize(("asks_s", "rests"), [(3_600.0, HOUR), (1e6, DAY)])
async def test_what_one_call_is_told_of_a_pause_holds_for_every_use_of_the_crm(asks_s: float, rests: int) -> None:
    """Records, tasks and readings share the calls of a sink."""
    async with hubspot() as (_, stand, _):
        busy: Any = Busy(asks_s)
        usual, stand.calls.poster = stand.calls.poster, busy
        client = HubSpot(stand.calls, "pat-test", stand.url)
        for _ in range(3):
            with pytest.raises(SinkTrouble) as raised:
                await client.owners()
            assert raised.value.retry_after_s is not None
        with pytest.raises(SinkTrouble, match="asked to be left alone"):
            await client.post_once(f"{stand.url}/crm", {})
        assert busy.asked == 1
        await stand.market.stop_for(rests)
        stand.calls.poster = usual
        assert await client.owners() == []
