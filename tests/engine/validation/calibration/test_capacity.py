"""Thresholds for a capacity, over alerts whose number is known."""

from pathlib import Path
from typing import Any

import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.validation.calibration.capacity import (
    Alerted,
    Market,
    TooLittlePast,
    calibration,
    with_threshold,
)
from signal_engine.engine.validation.deals import Deal
from signal_engine.wire.config import scoring_file
from tests.build import fit

WEEKS = 10
POLICY: Policy = scoring_file.parse("config/scoring.yaml", Path("config/scoring.yaml").read_bytes()).policy
FITS = {f"a{n}.com": fit(account=f"a{n}.com") for n in range(40)}


def deal(account: str, day: int, result: Any = "won") -> Deal:
    return Deal(account, day * DAY, True, (day + 5) * DAY, result, 1000.0, None, 0, True)


def market(*deals: Deal, weeks: int = WEEKS) -> Market:
    return Market(FITS, deals, {}, 0, weeks * 7 * DAY)


def steady(policy: Policy) -> list[Alerted]:
    """Account n would be hot below 21 + 2 n points, and is alerted every week."""
    hot = [name for n, name in enumerate(FITS) if policy.levels.hot.enter <= 21 + 2 * n]
    days = [week * 7 + 1 for week in range(WEEKS)]
    return [Alerted(name, day * DAY, "entered_hot", f"rep {int(name[1:-4]) % 4}") for day in days for name in hot]


@pytest.mark.parametrize(("capacity", "enter"), [(1, 97.5), (5, 89.5), (20, 59.5), (39, 21.5)])
def test_the_lowest_threshold_within_the_capacity_is_found(capacity, enter):
    report = calibration(POLICY, market(), capacity, steady, per_person=False)
    assert report["verdict"] == "found"
    assert report["found"]["enter"] == enter
    assert report["found"]["a_week"] == capacity
    assert report["found"]["exit"] == pytest.approx(enter * 32 / 40, abs=0.06)
    assert len(report["tried"]) <= 12
    assert report["in_force"]["enter"] == POLICY.levels.hot.enter


def test_the_capacity_of_each_person_goes_by_the_busiest():
    report = calibration(POLICY, market(), 5, steady, per_person=True)
    assert report["found"]["a_week"] <= 5
    assert report["found"]["people"][0]["a_week"] == 5
    assert {one["person"] for one in report["found"]["people"]} == {f"rep {n}" for n in range(4)}
    assert report["found"]["alerts"] == 20 * WEEKS


def test_what_no_threshold_can_give_is_said():
    always = [Alerted("a1.com", day * DAY, "hand_raise", None) for day in range(WEEKS * 7)]
    loud = calibration(POLICY, market(), 3, lambda _: always, per_person=False)
    assert loud["verdict"] == "too_many_at_any"
    assert "hand raises" in loud["summary"]
    quiet = calibration(POLICY, market(), 100, steady, per_person=False)
    assert quiet["verdict"] == "fewer_at_any"
    assert quiet["found"]["enter"] == POLICY.levels.warm.enter


def test_a_threshold_that_fits_is_found_also_where_the_highest_gives_more():
    """Hot alerts put off triggers, so that fewer of the one can be more of the other."""

    def more_above(policy: Policy) -> list[Alerted]:
        a_week = 2 if policy.levels.hot.enter <= POLICY.levels.hot.enter else 6
        return [Alerted(f"a{n}.com", week * 7 * DAY, "trigger", None) for week in range(WEEKS) for n in range(a_week)]

    report = calibration(POLICY, market(), 3, more_above, per_person=False)
    assert (report["verdict"], report["found"]["a_week"]) == ("found", 2)
    assert "2.0 alerts a week" in report["summary"]


def test_what_warm_gives_exactly_is_found_and_one_alert_more_is_not():
    at_warm = steady(with_threshold(POLICY, POLICY.levels.warm.enter))
    a_week = len(at_warm) // WEEKS
    exact = calibration(POLICY, market(), a_week, steady, per_person=False)
    assert (exact["verdict"], exact["found"]["a_week"]) == ("found", a_week)
    assert calibration(POLICY, market(), a_week + 1, steady, per_person=False)["verdict"] == "fewer_at_any"


def test_where_nobody_is_named_all_alerts_are_one_persons():
    def nobodys(policy: Policy) -> list[Alerted]:
        return [one._replace(person=None) for one in steady(policy)]

    assert calibration(POLICY, market(), 5, nobodys, per_person=True)["found"]["a_week"] == 5


def test_won_deals_are_caught_missed_gained_and_given_up():
    deals = deal("a39.com", 30), deal("a1.com", 30), deal("a12.com", 30), deal("a38.com", 40, "lost")
    report = calibration(POLICY, market(*deals), 5, steady, per_person=False)
    assert (report["found"]["caught"]["hits"], report["found"]["caught"]["trials"]) == (1, 3)
    assert (report["found"]["lost"]["hits"], report["found"]["lost"]["trials"]) == (1, 1)
    assert {one["account_id"] for one in report["missed"]} == {"a1.com", "a12.com"}
    assert [one["account_id"] for one in report["given_up"]] == ["a12.com"]
    assert report["gained"] == []


def test_a_further_deal_of_a_customer_is_neither_caught_nor_missed():
    """Its signals are cut: no threshold could have caught it."""
    deals = deal("a39.com", 30), deal("a39.com", 50), deal("a1.com", 30), deal("a1.com", 31, "lost")
    report = calibration(POLICY, market(*deals), 5, steady, per_person=False)
    assert (report["found"]["caught"]["hits"], report["found"]["caught"]["trials"]) == (1, 2)
    assert report["found"]["lost"]["trials"] == 0
    assert [one["opened_at"][:10] for one in report["missed"]] == ["1970-01-31"]


def test_an_alert_that_led_to_a_lost_deal_catches_no_later_one():
    once = [Alerted("a1.com", 20 * DAY, "trigger", None)]
    deals = deal("a1.com", 30, "lost"), deal("a1.com", 50)
    report = calibration(POLICY, market(*deals), 5, lambda _: once, per_person=False)
    assert (report["in_force"]["lost"]["hits"], report["in_force"]["caught"]["hits"]) == (1, 0)


def test_an_alert_after_the_deal_or_before_its_cycle_catches_nothing():
    late = [Alerted("a1.com", 31 * DAY, "trigger", None)]
    report = calibration(POLICY, market(deal("a1.com", 30)), 5, lambda _: late, per_person=False)
    assert report["in_force"]["caught"]["hits"] == 0
    old = [Alerted("a1.com", 0, "trigger", None)]
    long = market(deal("a1.com", 91), weeks=20)
    assert calibration(POLICY, long, 5, lambda _: old, per_person=False)["in_force"]["caught"]["hits"] == 0


def test_a_threshold_is_never_below_warm_and_keeps_the_laws():
    low = with_threshold(POLICY, POLICY.levels.warm.enter).levels
    assert low.warm.exit <= low.hot.exit < low.hot.enter
    assert with_threshold(POLICY, POLICY.levels.hot.enter) is POLICY


def test_less_than_four_weeks_say_nothing():
    with pytest.raises(TooLittlePast, match=r"3\.0 weeks"):
        calibration(POLICY, market(weeks=3), 5, steady, per_person=False)
