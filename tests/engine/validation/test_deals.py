"""Outcomes become deals."""

import pytest

from signal_engine.engine.validation.deals import Away, away, by_account, deals
from signal_engine.wire.outcomes.record import AccountOutcome
from tests.build import DAY, T0

NEVER = 10**15


def told(stage, day, number=0, account="acme.com", **more):
    return AccountOutcome(account, f"{account}-{stage}-{day}-{number}", stage, T0 + day * DAY, **more)


def one(*outcomes):
    (deal,) = deals(outcomes)
    return deal


def test_the_cut_is_the_creation_or_the_first_meeting_whichever_came_first():
    opened = told("opened", 10, opportunity_id="1")
    assert one(opened, told("won", 40, opportunity_id="1")).cut == T0 + 10 * DAY
    assert one(opened, told("meeting", 7, opportunity_id="1")).cut == T0 + 7 * DAY
    assert one(told("won", 40, opened_at=T0 + 3 * DAY)).cut == T0 + 3 * DAY


def test_a_deal_without_a_creation_is_cut_at_its_first_outcome_and_says_so():
    undated = one(told("won", 40))
    assert (undated.cut, undated.dated) == (T0 + 40 * DAY, False)
    assert one(told("opened", 40)).dated


def test_the_last_result_counts_and_reopening_takes_it_back():
    won, lost = told("won", 20, opportunity_id="1"), told("lost", 30, opportunity_id="1")
    again = told("reopened", 25, opportunity_id="1")
    assert one(won).result == "won"
    assert one(won, again).result == "open"
    assert one(won, again).closed is None
    assert (one(lost, won, again).result, one(lost, won, again).closed) == ("lost", T0 + 30 * DAY)


def test_outcomes_of_one_instant_are_taken_by_id():
    won = AccountOutcome("acme.com", "a", "won", T0, opportunity_id="1")
    lost = AccountOutcome("acme.com", "b", "lost", T0, opportunity_id="1")
    assert one(lost, won).result == "lost"


def test_without_an_id_a_deal_ends_with_its_result():
    first, second = deals([told("opened", 1), told("lost", 9), told("opened", 50), told("won", 60)])
    assert (first.result, second.result) == ("lost", "won")
    assert second.cut == T0 + 50 * DAY
    assert len(deals([told("won", 9), told("reopened", 12), told("lost", 20)])) == 1


def test_churn_and_expansion_are_no_deals():
    assert deals([told("churned", 3), told("expanded", 4)]) == []


@pytest.mark.parametrize(("number", "meetings"), [("1", 1), (None, 2)])
def test_one_meeting_is_one_of_a_deal_or_of_a_day(number, meetings):
    held = [told("meeting", day, n, opportunity_id=number) for n, day in enumerate((3, 3, 5))]
    assert one(*held).meetings == meetings


def test_a_lost_account_is_a_candidate_again_a_customer_is_not():
    lost, won = told("opened", 1), told("lost", 9)
    assert away(deals([lost, won])) == [Away(T0 + DAY, T0 + 9 * DAY)]
    assert away(deals([told("opened", 1), told("won", 9)])) == [Away(T0 + DAY, NEVER)]
    assert away(deals([told("opened", 1)])) == [Away(T0 + DAY, NEVER)]


def test_deals_are_told_by_account_earliest_first():
    found = by_account(deals([told("won", 9, account="b.com"), told("won", 3), told("opened", 5, account="a.com")]))
    assert {name: [deal.result for deal in of] for name, of in found.items()} == {
        "a.com": ["open"], "acme.com": ["won"], "b.com": ["won"],
    }  # fmt: skip
