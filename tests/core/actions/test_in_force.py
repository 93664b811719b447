"""What is in force after actions and time, action by action."""

from typing import Any
from uuid import UUID

import pytest

from signal_engine.core.actions.action import OUTCOMES, AccountAction, ActionName
from signal_engine.core.actions.in_force import NOTHING, Hiding, InForce, Standing
from signal_engine.core.rules.instants import DAY

T = 1_700_000_000_000
NONE: frozenset[str] = frozenset()


def act(action: ActionName, by: str = "dana@example.com", **more: Any) -> AccountAction:
    return AccountAction("acme.com", str(UUID(int=1)), action, T, by, "cli", **more)


def after(*actions: AccountAction, live: frozenset[str] = NONE) -> InForce:
    """What is in force when the actions were applied a day apart from `T` on."""
    state = NOTHING
    for day, action in enumerate(actions):
        state = state.after(action, T + day * DAY, live)
    return state


LATER = T + 30 * DAY
SNOOZE = act("snooze", until=LATER)
CLAIM = act("claim", until=LATER)
NOT_NOW = act("disposition", outcome="not_now", until=LATER)


@pytest.mark.parametrize(
    ("actions", "hidden"),
    [
        ([], None),
        ([act("kill")], "killed"),
        ([act("kill", icp="a")], None),
        ([act("do_not_contact")], "do_not_contact"),
        ([SNOOZE], "snoozed"),
        ([CLAIM], None),
        ([NOT_NOW], "disposition"),
        ([act("disposition", outcome="contacted")], None),
        ([act("assign", assignee="sam@example.com")], None),
        ([act("mute", until=LATER)], None),
        # the strongest reason is told, whatever the order
        ([act("kill"), act("do_not_contact")], "do_not_contact"),
        ([act("do_not_contact"), SNOOZE], "do_not_contact"),
        ([SNOOZE, act("kill")], "killed"),
        ([NOT_NOW, SNOOZE], "snoozed"),
        # what ends each
        ([act("kill"), act("restore")], None),
        ([act("kill"), act("restore", icp="a")], "killed"),
        ([SNOOZE, act("restore")], None),
        ([NOT_NOW, act("restore")], None),
        ([act("do_not_contact"), act("restore")], "do_not_contact"),
        ([act("do_not_contact"), act("lift")], None),
        ([act("kill"), act("lift")], "killed"),
        ([SNOOZE, act("release")], "snoozed"),
        # a later one takes the place of the one before
        ([NOT_NOW, act("disposition", outcome="meeting_booked")], None),
        # the instant it would end has passed
        ([act("snooze", until=T)], None),
    ],
)
def test_what_hides_an_account(actions: list[AccountAction], hidden: Hiding | None) -> None:
    assert after(*actions).hidden == hidden


@pytest.mark.parametrize("outcome", OUTCOMES)
def test_every_outcome_but_contacted_and_meeting_booked_takes_the_account_off_its_lists(outcome: Any) -> None:
    state = after(act("disposition", outcome=outcome, until=LATER))
    assert (state.hidden is None) == (outcome in {"contacted", "meeting_booked"})


def test_kills_for_single_icps_stand_beside_each_other_and_end_one_by_one() -> None:
    state = after(act("kill", icp="a", reason="too small", review_at=LATER), act("kill", icp="b"))
    assert state.kills["a"] == Standing("dana@example.com", T, "too small", review_at=LATER)
    assert after(act("kill", icp="a"), act("kill", icp="b"), act("restore", icp="a")).kills.keys() == {"b"}
    assert after(act("kill", icp="a"), act("restore")).kills.keys() == {"a"}


def test_a_claim_of_somebody_else_stays_unless_it_is_taken_over() -> None:
    sam = act("claim", "sam@example.com", until=LATER + DAY)

    def claimer(*actions: AccountAction) -> tuple[str, int, int | None] | None:
        claim = after(*actions).claim
        return None if claim is None else (claim.by, claim.at, claim.until)

    assert claimer(CLAIM) == ("dana@example.com", T, LATER)
    assert claimer(CLAIM, sam) == ("dana@example.com", T, LATER)
    assert claimer(CLAIM, sam._replace(take_over=True)) == ("sam@example.com", T + DAY, LATER + DAY)
    assert claimer(CLAIM, CLAIM._replace(until=LATER + DAY)) == ("dana@example.com", T + DAY, LATER + DAY)
    assert claimer(CLAIM, act("release", "boss@example.com"), sam) == ("sam@example.com", T + 2 * DAY, LATER + DAY)
    # one that has ended by itself holds nobody back
    assert claimer(act("claim", until=T + 1), sam) == ("sam@example.com", T + DAY, LATER + DAY)


def test_each_ends_at_its_own_instant_and_not_before() -> None:
    state = after(
        SNOOZE,
        CLAIM._replace(until=LATER + 1),
        act("disposition", outcome="no_budget", until=LATER + 2),
        act("kill"),
        act("assign", assignee="sam@example.com"),
    )
    assert state.next_end == LATER
    assert state.at(LATER - 1) == state
    without_snooze = state.at(LATER)
    assert (without_snooze.snooze, without_snooze.next_end) == (None, LATER + 1)
    assert without_snooze.claim == state.claim
    last = state.at(LATER + 2)
    assert last == InForce(kills=state.kills, assigned=state.assigned)
    assert last.next_end is None


def test_a_hand_raise_or_a_trigger_ends_a_snooze_and_a_disposition_that_hides_and_nothing_else() -> None:
    assert after(SNOOZE, NOT_NOW, CLAIM).called_back() == InForce(claim=after(CLAIM, CLAIM, CLAIM).claim)
    stays = after(act("kill"), act("do_not_contact"), act("disposition", outcome="contacted"))
    assert stays.called_back() == stays


def test_a_kind_that_was_not_live_then_ends_a_disposition_that_hides() -> None:
    state = after(NOT_NOW, live=frozenset({"intent"}))
    assert state.seen_live(frozenset({"intent"})) == state
    assert state.seen_live(NONE) == state
    assert state.seen_live(frozenset({"intent", "hiring"})) == NOTHING
    stays = after(SNOOZE, act("disposition", outcome="contacted"))
    assert stays.seen_live(frozenset({"hiring"})) == stays
