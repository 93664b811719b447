"""What a person is told: their list, and what has changed on it since the last digest, with why."""

from signal_engine.engine.digests.telling import LastDigest
from tests.build import DAY
from tests.engine.digests.scene import WEST, act, names, opened, told, viewed


async def test_the_first_one_tells_the_list_and_no_change() -> None:
    one = await opened()
    facts = await told(one, None)
    everybody = (await one.lookout_of_now()).entries
    mine = [entry["account_id"] for entry in everybody if (entry["sdr"] or entry["owner"]) == "SDR West"]
    assert names(facts.listed) == mine
    assert len(mine) >= 3
    assert [line.place for line in facts.listed] == [*range(1, len(mine) + 1)]
    assert facts.since is None
    assert [*facts.entered, *facts.left, *facts.up, *facts.down] == []
    assert {line.account for line in facts.unclaimed} == {
        entry["account_id"] for entry in everybody if entry["account_id"] in mine and entry["level"] == "hot"
    }


async def test_who_left_is_told_with_why_whoever_did_it() -> None:
    one = await opened()
    before = names((await told(one, None)).listed)
    last = LastDigest(one.now, before)
    one.now += 4_000
    snoozed, taken, mine = before[0], before[1], before[2]
    await act(one, snoozed, "snooze", "sam@example.com", until=one.now + 3 * DAY)
    await act(one, taken, "claim", "bo@example.com")
    await act(one, mine, "claim", WEST.email)
    await one.publish()
    facts = await told(one, last)
    assert [(line.account, line.previous, line.place, line.why) for line in facts.left] == [
        (snoozed, 1, None, "A person snoozed it until later."),
        (taken, 2, None, "claimed by bo@example.com"),
    ]
    assert (facts.listed[0].account, facts.listed[0].claimed_by) == (mine, WEST.email)
    assert mine not in names(facts.unclaimed)
    assert [*facts.entered, *facts.up, *facts.down] == []


async def test_who_left_while_lists_were_read_is_not_taken_for_somebody_elses() -> None:
    one = await opened()
    before = names((await told(one, None)).listed)
    agreed = await viewed(one).agreed()
    one.now += 4_000
    await act(one, before[0], "snooze", "sam@example.com", until=one.now + 3 * DAY)
    await one.publish()
    facts = await told(one, LastDigest(one.now, before), agreed=agreed)
    assert [(line.account, line.why) for line in facts.left] == [(before[0], "A person snoozed it until later.")]


async def test_who_entered_and_moved_is_told_with_both_places() -> None:
    one = await opened()
    before = names((await told(one, None)).listed)
    moved = [before[-1], *before[1:-1]]
    facts = await told(one, LastDigest(one.now, moved))
    assert names(facts.entered) == [before[0]]
    assert names(facts.down) == [before[-1]]
    assert set(names(facts.up)) == set(before[1:-1])
    (down,) = facts.down
    assert (down.previous, down.place) == (1, len(before))


async def test_an_account_that_is_somebody_elses_now_and_one_that_nobody_knows() -> None:
    one = await opened()
    everybody = (await one.lookout_of_now()).entries
    others = next(e for e in everybody if "SDR West" not in (e["owner"], e["sdr"]))
    facts = await told(one, LastDigest(one.now, [others["account_id"], "nobody-knows.com"]))
    theirs, unknown = facts.left
    assert theirs.why == f"is now called by {others['sdr']}"
    assert unknown.why == "It is not in the accounts file, so its fit is unknown."


async def test_what_the_capacity_has_no_room_for_is_below_the_line_and_not_on_the_list() -> None:
    one = await opened()
    before = names((await told(one, None)).listed)
    facts = await told(one, LastDigest(one.now, before), WEST._replace(capacity=2))
    assert names(facts.listed) == before[:2]
    assert facts.below == len(before) - 2
    assert [(line.account, line.why) for line in facts.left] == [(name, "below your line now") for name in before[2:]]
