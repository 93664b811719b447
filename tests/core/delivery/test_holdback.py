"""The control group: the same accounts for ever, about as many as said, and never who asks to be called."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, UNDATED, ControlGroup, Holdback, held_back
from signal_engine.core.delivery.plan import plan
from signal_engine.core.delivery.routes import RoutedAlert
from tests.core.delivery.scene import ALERT, WEDNESDAY, at, routing, to

SPRING = Holdback(0.1, date(2027, 1, 4), date(2027, 3, 31), "spring")
ACCOUNTS = [f"account-{number}.com" for number in range(10_000)]
NOON = at(WEDNESDAY, 12)


def group(draw: Holdback) -> set[str]:
    return {account for account in ACCOUNTS if draw.has_drawn(account)}


def test_about_the_share_is_drawn_and_a_larger_share_keeps_the_smaller_ones_accounts() -> None:
    drawn = group(SPRING)
    assert 900 < len(drawn) < 1_100  # ten standard deviations are 300
    assert drawn < group(SPRING._replace(share=0.2))


def test_a_draw_without_a_first_day_holds_on_every_day_and_says_that_it_is_undated() -> None:
    undated = SPRING._replace(since=UNDATED, until=None)
    assert (undated.is_dated, SPRING.is_dated) == (False, True)
    assert undated.counts_on(date(1990, 1, 1))


def test_another_salt_or_another_first_day_draws_others_and_the_last_day_does_not() -> None:
    drawn = group(SPRING)
    for other in (SPRING._replace(salt="summer"), SPRING._replace(since=date(2027, 1, 5))):
        assert 50 < len(drawn & group(other)) < 150, "independent draws share a tenth of a tenth"
    assert group(SPRING._replace(until=None)) == drawn


def test_the_draw_is_this_one_for_ever() -> None:
    """`validate` looks back by it: another hash would rewrite who was held back."""
    assert sorted(group(SPRING))[:3] == FIRST


FIRST = ["account-1025.com", "account-1026.com", "account-1030.com"]


@pytest.mark.parametrize(
    ("day", "counts"),
    [
        (date(2027, 1, 3), False),
        (date(2027, 1, 4), True),
        (date(2027, 3, 31), True),  # the last day is one
        (date(2027, 4, 1), False),
    ],
)
def test_it_counts_from_the_first_day_to_the_last(day: date, counts: bool) -> None:
    account = next(iter(group(SPRING)))
    assert (held_back(account, [SPRING], day, pinned=False) == SPRING) is counts
    assert held_back(account, [SPRING], day, pinned=True) is None, "somebody there asked to be called"


def test_a_draw_that_began_stays_known_although_the_file_has_lost_it() -> None:
    running, over = SPRING._replace(since=date(2026, 1, 5), until=None), SPRING._replace(salt="over")
    over = over._replace(since=date(2026, 1, 5), until=date(2026, 1, 31))
    today = datetime.fromtimestamp(NOON / 1_000, UTC).date()
    yesterday = today - timedelta(days=1)
    begun, later = SPRING._replace(since=today, until=None), SPRING._replace(since=date(2099, 1, 1), until=None)
    before = ControlGroup((running, over, begun, later))
    assert NO_CONTROL_GROUP.with_record_of(before, NOON).draws == (running._replace(until=yesterday), over)
    assert before.with_record_of(before, NOON) == before
    ended = ControlGroup((running._replace(until=date(2026, 2, 1)), over, begun, later))
    assert ended.with_record_of(before, NOON) == ended, "the file may say when it ends"
    account = next(iter(group(running)))
    kept = NO_CONTROL_GROUP.with_record_of(before, NOON)
    assert kept.holds(account, NOON, pinned=False) is None, "it is over now"
    assert kept.holds(account, NOON - 86_400_000, pinned=False) is not None, "and was not then"


@given(st.permutations(ACCOUNTS[:50]))
def test_the_order_in_which_accounts_come_changes_nothing(accounts: list[str]) -> None:
    drawn = {one for one in accounts if held_back(one, [SPRING], SPRING.since, pinned=False)}
    assert drawn == group(SPRING) & {*accounts}


HALF = Holdback(0.5, WEDNESDAY)
HELD = next(account for account in ACCOUNTS if HALF.has_drawn(account))
FREE = next(account for account in ACCOUNTS if not HALF.has_drawn(account))


@pytest.mark.parametrize(
    ("alert", "timings"),
    [
        (ALERT._replace(account=HELD), ["held_back", "held_back"]),
        (ALERT._replace(account=FREE), ["in_hours", "shared"]),
        (ALERT._replace(account=HELD, pinned=True), ["in_hours", "shared"]),
        (ALERT._replace(account=HELD, type="hand_raise"), ["hand_raise", "hand_raise"]),
        (
            ALERT._replace(account=HELD, sdr="Nobody Known"),
            ["held_back", "held_back"],
        ),  # no fallback tells of it either
    ],
)
def test_nothing_of_it_is_sent_but_what_somebody_asked_for(alert: RoutedAlert, timings: list[str]) -> None:
    rules = routing(to("direct", "west"))._replace(holdback=(HALF,))
    assert [one.timing for one in plan(alert, rules, ActionsSeen(), NOON).deliveries] == timings


def test_days_are_those_of_the_files_zone() -> None:
    rules = routing(to("west"))._replace(holdback=(HALF,))
    midnight = round(datetime(2026, 12, 2, tzinfo=UTC).timestamp() * 1000)
    assert rules.holds_back(HELD, midnight, pinned=False) == HALF
    assert rules.holds_back(HELD, midnight - 1, pinned=False) is None


@given(st.permutations(ACCOUNTS[:40]), st.sets(st.sampled_from(ACCOUNTS[:40])))
def test_past_ranks_close_up_to_what_they_would_be_without_who_is_held_back(
    ranked: list[str], pinned: set[str]
) -> None:
    """On the first day of a draw nobody else seems to move; whoever is listed all the same keeps its place."""
    group = ControlGroup((HALF,))
    past = {account: rank for rank, account in enumerate(ranked, 1)}
    closed = group.closed_up(past, NOON, pinned)
    assert [*closed.values()] == [*range(1, len(closed) + 1)]
    assert [*closed] == [one for one in ranked if one in pinned or not HALF.has_drawn(one)]


def test_without_a_draw_that_counts_nothing_is_closed_up_and_nobody_is_held() -> None:
    over = ControlGroup((HALF._replace(until=WEDNESDAY),))
    past = {HELD: 1, FREE: 2}
    assert over.closed_up(past, NOON, ()) == {FREE: 1}
    day_after = NOON + 86_400_000
    assert over.closed_up(past, day_after, ()) is past
    assert over.holds(HELD, day_after, pinned=False) is None
    assert NO_CONTROL_GROUP.holds(HELD, NOON, pinned=False) is None
    assert not NO_CONTROL_GROUP.is_drawn(NOON)
