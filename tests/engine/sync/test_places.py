"""A receiver is told who entered, who left and who moved, each once."""

import orjson
import pytest

from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.rules.instants import SECOND
from signal_engine.core.sync.changes import CHANGES
from signal_engine.engine.sync.following import FollowingSink, run_once
from signal_engine.engine.sync.market import UnknownPlace
from signal_engine.engine.sync.places import PlaceSink
from signal_engine.engine.sync.sink import SinkTrouble, SyncRun
from tests.engine.stand import Said
from tests.engine.sync.stands import Beside, Receiver


def sink(beside: Beside, receiver: Receiver, of: str = "all", **given: object) -> PlaceSink:
    changes = frozenset(given.pop("changes", {"entered", "left"}))  # type: ignore[call-overload]
    return PlaceSink("hook", beside.ledger, receiver, of, changes, **given)  # type: ignore[arg-type]


async def test_the_first_run_tells_the_whole_list_and_the_next_one_nothing() -> None:
    beside, receiver = Beside(), Receiver()
    listed = await beside.listed()
    assert len(listed) > 3
    run = await beside.run(sink(beside, receiver))
    assert [(body["type"], body["account_id"], body["rank"]) for _, body in receiver.took] == [
        ("list.entered", account, rank) for rank, account in enumerate(listed, 1)
    ]
    assert run.counts["written"] == len(listed)
    again = await beside.run(sink(beside, receiver))
    assert (len(receiver.took), again.counts["unchanged"]) == (len(listed), len(listed))


async def test_bodies_have_the_entry_nested_and_flat_and_no_people() -> None:
    beside, receiver = Beside(), Receiver()
    await beside.run(sink(beside, receiver))
    body = receiver.took[0][1]
    assert body["data"].items() <= body.items()
    assert body["why_now"]
    assert "people" not in body
    assert "parts" not in body


async def test_who_leaves_and_comes_back_is_told_under_other_ids() -> None:
    beside, receiver = Beside(), Receiver()
    await beside.run(sink(beside, receiver))
    first = beside.market
    entered, account = {given for given, _ in receiver.took}, (await beside.listed())[0]
    receiver.took.clear()
    served = first.server.lists["", "all"]
    document = orjson.loads(served[1] or b"{}")
    without = {**document, "entries": [one for one in document["entries"] if one["account_id"] != account]}
    first.server.lists["", "all"] = (served[0] + 1, orjson.dumps(without))
    await beside.run(sink(beside, receiver))
    assert [(body["type"], body["account_id"], body["previous_rank"]) for _, body in receiver.took] == [
        ("list.left", account, 1)
    ]
    first.server.lists["", "all"] = served
    await beside.run(sink(beside, receiver))
    assert receiver.took[-1][1]["type"] == "list.entered"
    assert receiver.took[-1][0] not in entered


async def test_moves_are_told_where_they_are_wanted() -> None:
    beside, plain, moving = Beside(), Receiver(), Receiver()
    other = Beside()
    await beside.run(sink(beside, plain))
    await other.run(sink(other, moving, changes=CHANGES))
    listed = await beside.listed()
    for one, receiver in ((beside, plain), (other, moving)):
        receiver.took.clear()
        await one.market.signal(listed[-1], activity="contact_sales")
        await one.market.publish()
        await one.run(sink(one, receiver, changes=CHANGES if receiver is moving else {"entered", "left"}))
    assert {body["type"] for _, body in plain.took} <= {"list.entered", "list.left"}
    moved = {body["account_id"]: body for _, body in moving.took if body["type"] == "list.moved"}
    assert moved[listed[-1]]["previous_rank"] == len(listed)
    assert moved[listed[-1]]["rank"] < len(listed)


async def test_a_change_that_was_sent_and_not_noted_is_sent_again_under_its_id() -> None:
    beside, receiver = Beside(), Receiver()

    def die(step: str) -> None:
        if step == "after_sync_send":
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await beside.run(sink(beside, receiver, reached=die))
    await beside.run(sink(beside, receiver))
    ids = [given for given, _ in receiver.took]
    assert ids[0] == ids[1]
    assert len({*ids}) == len(await beside.listed())


async def test_a_receiver_that_takes_nothing_is_told_at_the_next_run() -> None:
    beside, receiver = Beside(), Receiver()
    receiver.answer = Attempt("retry", "the receiver answered 503")
    with pytest.raises(SinkTrouble, match="answered 503"):
        await beside.run(sink(beside, receiver))
    receiver.answer = Attempt("sent", "taken")
    await beside.run(sink(beside, receiver))
    assert len(receiver.took) == len(await beside.listed())


async def test_a_receiver_that_is_gone_is_disabled_until_somebody_runs_it_by_hand() -> None:
    beside, receiver, said = Beside(), Counting(), Said()
    receiver.answer = Attempt("disabled", "the receiver answered 410: it is gone for good")
    one = sink(beside, receiver)
    for following in (FollowingSink(one, beside.ledger, beside.opened, said) for _ in range(2)):
        await following.step()
        await following.step()
        assert following.problem is not None
        assert "disabled: " in following.problem
        assert "410" in following.problem
        assert not [name for name in await beside.listed() if name in following.problem], "`/readyz` needs no token"
        assert "`signal-engine sync run` enables it" in following.problem
    assert receiver.asked == 1, "nothing is sent there any more, by whichever process"
    assert said.words.count("sink_stopped") == 2, "once a process"
    receiver.answer = Attempt("sent", "taken")
    market = await beside.opened()
    await run_once(one, beside.ledger, market, SyncRun(market.now, whole=True))
    await following.step()
    assert following.problem is None


async def test_a_receiver_that_asks_for_a_rest_has_it() -> None:
    beside, receiver = Beside(), Counting()
    receiver.answer = Attempt("retry", "the receiver answered 429", retry_after_s=120.0)
    following = FollowingSink(sink(beside, receiver), beside.ledger, beside.opened, Said())
    await following.step()
    receiver.answer = Attempt("sent", "taken")
    await beside.market.stop_for(119 * SECOND)
    await following.step()
    assert receiver.asked == 1
    assert following.problem is not None
    assert "429" in following.problem
    await beside.market.stop_for(SECOND)
    await following.step()
    assert (following.problem, len(receiver.took)) == (None, len(await beside.listed()))


async def test_a_dry_run_tells_nobody() -> None:
    beside, receiver = Beside(), Receiver()
    run = await beside.run(sink(beside, receiver), dry=True)
    assert receiver.took == []
    assert run.counts["entered"] == len(await beside.listed())


@pytest.mark.parametrize("of", ["nurture", "audience", "exclude"])
async def test_selections_have_no_ranks(of: str) -> None:
    beside, receiver = Beside(), Receiver()
    await beside.run(sink(beside, receiver, of))
    assert receiver.took
    assert {body["rank"] for _, body in receiver.took} == {None}


@pytest.mark.parametrize("lost", ["misspelt", "all"])
async def test_a_list_that_is_not_there_is_not_empty(lost: str) -> None:
    beside, receiver = Beside(), Receiver()
    await beside.run(sink(beside, receiver))
    told = len(receiver.took)
    beside.market.server.lists["", "all"] = (99, None)
    with pytest.raises(UnknownPlace, match=f"{lost}: is none of the lists"):
        await beside.run(sink(beside, receiver, lost))
    assert len(receiver.took) == told


class Counting(Receiver):
    """Counts how often it is asked."""

    asked = 0

    async def send(self, delivery_id: str, body: bytes) -> Attempt:
        self.asked += 1
        return await super().send(delivery_id, body)


class Choosy(Receiver):
    """Refuses everything about some accounts."""

    def __init__(self, *refuses: str) -> None:
        super().__init__()
        self.refuses = refuses

    async def send(self, delivery_id: str, body: bytes) -> Attempt:
        if orjson.loads(body)["account_id"] in self.refuses:
            return Attempt("failed", "the receiver answered 422")
        return await super().send(delivery_id, body)


async def test_a_change_that_is_refused_holds_no_other_and_is_sent_again() -> None:
    beside = Beside()
    listed = await beside.listed()
    receiver = Choosy(listed[0])
    run = await beside.run(sink(beside, receiver))
    assert [body["account_id"] for _, body in receiver.took] == listed[1:]
    assert (run.counts["failed"], run.notes) == (1, [f"{listed[0]}: the receiver answered 422"])
    receiver.refuses = ()
    await beside.run(sink(beside, receiver))
    assert receiver.took[-1][1]["account_id"] == listed[0]
    other = Beside()
    with pytest.raises(SinkTrouble, match="answered 422"):
        await other.run(sink(other, Choosy(*listed)))
