"""Accounts held back against accounts told of: who counts, what is found, and what may not be said."""

from datetime import date
from uuid import UUID
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.delivery.holdback import Holdback
from signal_engine.core.delivery.routes import Routing
from signal_engine.core.delivery.team import Team
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.validation.mondays import Called
from signal_engine.engine.validation.telling.arms import Aftermath, arms
from signal_engine.engine.validation.telling.effect import control_groups
from tests.build import DAY, T0
from tests.engine.validation.test_calls import deal

CYCLE = 60
DRAW = Holdback(0.5, date(2026, 1, 1), None, "s")


def routed(*draws, zone="UTC"):
    return Routing({}, Team({}), (), ZoneInfo(zone), draws)


def after(deals=(), names=(), actions=(), end=400):
    of = {}
    for one in deals:
        of.setdefault(one.account, []).append(one)
    return Aftermath(of, dict.fromkeys(names, CYCLE * DAY), T0 + end * DAY, actions)


def named(held, many, draw=DRAW):
    """The first accounts that the draw has, or has not, drawn."""
    names = (f"a{number}.com" for number in range(10_000))
    return [name for name in names if draw.has_drawn(name) == held][:many]


def called(name, day=10.0, type_="entered_hot", *, pinned=False):
    return Called(name, T0 + round(day * DAY), type_, pinned)


def one_arm(alert, *deals, routing=None, **more):
    (found,) = arms(routing or routed(DRAW), [alert], after(deals, [alert.account], **more))
    return found


HELD, TOLD = named(True, 1)[0], named(False, 1)[0]


def test_an_account_is_on_the_side_that_the_draw_put_it():
    assert (one_arm(called(HELD)).held.accounts, one_arm(called(HELD)).told.accounts) == (1, 0)
    assert (one_arm(called(TOLD)).held.accounts, one_arm(called(TOLD)).told.accounts) == (0, 1)


@pytest.mark.parametrize(
    "alert",
    [
        called(HELD, pinned=True),
        called(HELD, type_="hand_raise"),
        called(HELD, type_="inbound"),
        called(HELD, day=-1),
    ],
)
def test_who_was_never_to_be_held_back_is_on_neither_side(alert):
    found = one_arm(alert)
    assert (found.held.accounts, found.told.accounts, found.unfinished) == (0, 0, 0)


def test_an_account_that_is_pinned_counts_by_its_first_alert_without_the_pin():
    alerts = [called(HELD, 5, pinned=True), called(HELD, 30), called(HELD, 90)]
    (found,) = arms(routed(DRAW), alerts, after([deal(HELD, 80)], [HELD]))
    assert (found.held.accounts, found.held.opened) == (1, 1), "day 80 lies within 60 days of day 30, not of day 5"


def test_a_deal_counts_from_after_the_alert_to_the_end_of_the_cycle():
    for day, opened in ((10.5, 1), (70, 1), (70.1, 0)):
        assert one_arm(called(HELD), deal(HELD, day)).held.opened == opened
    lost = one_arm(called(HELD), deal(HELD, 20, "lost"))
    assert (lost.held.opened, lost.held.won) == (1, 0)
    assert one_arm(called(HELD), deal(HELD, 20)).held.won == 1


def test_in_a_deal_already_or_not_in_the_accounts_is_no_candidate():
    assert one_arm(called(HELD), deal(HELD, 8)).held.accounts == 0
    (found,) = arms(routed(DRAW), [called(HELD)], after())
    assert found.held.accounts == 0


def test_a_cycle_that_is_not_over_is_left_out_and_counted():
    found = one_arm(called(HELD), end=69)
    assert (found.held.accounts, found.unfinished) == (0, 1)
    assert one_arm(called(HELD), end=70).held.accounts == 1


def test_days_are_those_of_the_file_and_of_the_draw():
    late = Holdback(0.5, date(2026, 1, 2), date(2026, 1, 3), "s")
    name = named(True, 1, late)[0]
    for hours, counts in ((20, False), (23.5, True), (70.5, True), (71.5, False)):  # T0 is midnight UTC, 1 January
        found = one_arm(called(name, hours / 24), routing=routed(late, zone="Europe/Berlin"))
        assert found.held.accounts == counts


def test_whom_another_draw_holds_back_at_that_time_is_on_neither_side():
    other = Holdback(0.5, date(2026, 1, 1), None, "other")
    name = next(name for name in named(False, 99) if other.has_drawn(name))
    mine, others = arms(routed(DRAW, other), [called(name)], after((), [name]))
    assert (mine.told.accounts, mine.held.accounts) == (0, 0)
    assert others.held.accounts == 1


def test_accounts_held_back_that_people_worked_are_counted():
    answer = AccountAction(HELD, str(UUID(int=1)), "claim", T0, "dana@example.com", "cli")
    for day, answered in ((9, 0), (20, 1), (71, 0)):
        found = one_arm(called(HELD), actions=[TimedAction(T0 + day * DAY, 1, answer)])
        assert (found.held.accounts, found.held.answered) == (1, answered)


def world(seed, told_rate, held_rate, accounts=600):
    """Accounts alerted over 100 days, of which chance opens deals."""
    rng = np.random.default_rng(seed)
    draw = DRAW._replace(salt=str(seed))
    names = [f"a{number}.com" for number in range(accounts)]
    days = rng.uniform(0, 100, accounts)
    hit = rng.random(accounts) < [held_rate if draw.has_drawn(name) else told_rate for name in names]
    deals = [deal(name, day + 20, "won") for name, day, opened in zip(names, days, hit, strict=True) if opened]
    alerts = [called(name, day) for name, day in zip(names, days, strict=True)]
    (found,) = control_groups(arms(routed(draw), alerts, after(deals, names)), acted=False)
    return found


def holds(found, truth):
    return found["opened"]["difference"]["low"] <= truth <= found["opened"]["difference"]["high"]


def test_a_planted_effect_is_found_and_its_interval_holds_it_in_ninety_of_a_hundred():
    found = [world(seed, 0.3, 0.1) for seed in range(100)]
    assert (
        sum(0.2 - one["opened"]["difference"]["low"] >= 0 <= one["opened"]["difference"]["high"] - 0.2 for one in found)
        >= 90
    )
    assert sum(one["finding"] == "more_deals" for one in found) >= 95
    assert "Telling adds deals: " in found[0]["summary"]


def test_where_telling_does_nothing_nothing_is_claimed():
    found = [world(seed, 0.2, 0.2) for seed in range(100)]
    assert sum(one["finding"] == "cannot_tell_yet" and not one["won"]["claimed"] for one in found) >= 97
    assert sum(holds(one, 0.0) for one in found) >= 90


def test_a_harm_is_said_too():
    assert world(1, 0.05, 0.3)["finding"] == "fewer_deals"


def test_a_known_comparison_says_what_can_be_worked_out_by_hand():
    told, held = named(False, 70), named(True, 80)
    names = [*told, *held]
    deals = [deal(name, 20) for name in (*told[:56], *held[:48])]
    (found,) = control_groups(arms(routed(DRAW), [*map(called, names)], after(deals, names)), acted=True)
    assert found["opened"]["difference"] == pytest.approx({"value": 0.2, "low": 0.0524, "high": 0.3339})
    assert (found["share"], found["held_back_answered"]) == (0.5, 0)
    assert found["finding"] == "cannot_tell_yet", "p is 0.013, and of two claims either may cost 0.005"
    assert "56 of 70 accounts told of and 48 of 80 held back" in found["summary"]
    assert "+20.0 percentage points (+5.2 to +33.4)" in found["summary"]
    assert f"about {found['accounts_needed']:,} accounts would show it; there are 150" in found["summary"]


def test_too_few_say_nothing_but_how_many_would():
    names = [*named(False, 9), *named(True, 9)]
    deals = [deal(name, 20) for name in named(False, 9)]
    (found,) = control_groups(arms(routed(DRAW), [*map(called, names)], after(deals, names)), acted=False)
    assert (found["finding"], found["opened"]["difference"]) == ("cannot_tell_yet", None)
    assert found["accounts_needed"] > 18
    (empty,) = control_groups(arms(routed(DRAW), [], after()), acted=False)
    assert empty["accounts_needed"] is None
    assert "too few deals" in empty["summary"]
