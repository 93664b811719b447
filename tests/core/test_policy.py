"""The scoring file as values: durations in whole milliseconds, multipliers, and the bound that spares scoring."""

import pytest

from signal_engine.core.instants import BEGINNING, DAY, HOUR, MINUTE, SECOND, days, start_of_day
from signal_engine.core.kinds import COMMON_FIELDS, KINDS, LIST_FIELDS, OWN_FIELDS
from signal_engine.core.policy import AlertPolicy, Levels, ListPolicy, Policy, Stack, Threshold
from tests.build import T0, kind, policy


def test_instants_and_durations_are_in_milliseconds():
    assert (SECOND, MINUTE, HOUR, DAY) == (1_000, 60_000, 3_600_000, 86_400_000)
    assert days(1.5) == 129_600_000
    assert days(1e-8) == 1


def test_nothing_lies_before_the_beginning():
    assert BEGINNING == -100_000_000_000_000
    assert BEGINNING < -62_135_596_800_000  # 0001-01-01T00:00:00Z


@pytest.mark.parametrize(
    ("instant", "midnight"),
    [(T0, T0), (T0 + 1, T0), (T0 + DAY - 1, T0), (T0 + DAY, T0 + DAY), (-1, -DAY), (0, 0)],
)
def test_a_day_starts_at_midnight_utc(instant, midnight):
    assert start_of_day(instant) == midnight


@pytest.mark.parametrize(
    ("days_", "half_life", "expires"), [(14, 1_209_600_000, 7_257_600_000), (0.5, 43_200_000, 259_200_000)]
)
def test_a_kind_expires_after_six_half_lives(days_, half_life, expires):
    policy = kind(half_life=days_)
    assert (policy.half_life, policy.expires_after) == (half_life, expires)


@pytest.mark.parametrize(("live", "factor"), [(0, 1.0), (1, 1.0), (2, 1.15), (3, 1.3), (4, 1.4), (5, 1.4), (6, 1.4)])
def test_the_multiplier_grows_with_the_live_kinds_and_the_last_one_holds_for_more(live, factor):
    assert Stack().multiplier(live) == factor


def test_nothing_live_multiplies_by_one_whatever_the_file_says():
    assert Stack(1.0, (1.0, 2.0)).multiplier(0) == 1.0
    assert Stack(1.0, (2.0,)).multiplier(0) == 1.0


def test_pauses_of_alerts_are_in_milliseconds():
    assert (AlertPolicy().cooldown, AlertPolicy().hand_raise_pause) == (14 * DAY, 24 * HOUR)
    assert (AlertPolicy(0.5, 0.5).cooldown, AlertPolicy(0.5, 0.5).hand_raise_pause) == (12 * HOUR, 30 * MINUTE)


def test_the_defaults_are_those_that_ship():
    shipped = Policy(1, {})
    assert shipped.stack == Stack(1.0, (1.0, 1.15, 1.3, 1.4))
    assert shipped.levels == Levels(Threshold(60.0, 50.0, 2), Threshold(35.0, 28.0, 1))
    assert shipped.alerts == AlertPolicy(14.0, 24.0)
    assert shipped.lists == ListPolicy(200, 20.0, {"A": 1.0, "B": 0.85, "C": 0.7})


def test_below_the_threshold_over_the_highest_multiplier_no_account_can_rise():
    rules = policy(multipliers=(1.0, 1.25), min_score=20)
    assert rules.no_rise_below["cold"] == (35.0, 35.0, 28.0, 28.0, 28.0, 28.0, 28.0)
    assert rules.no_rise_below["warm"] == (60.0, 60.0, 48.0, 48.0, 48.0, 48.0, 48.0)
    assert rules.no_rise_below["hot"] == (0.0,) * 7
    assert rules.unlisted_below == (20.0, 20.0, 16.0, 16.0, 16.0, 16.0, 16.0)


@pytest.mark.parametrize("multipliers", [(), (0.0,), (0.0, 0.0)])
def test_a_file_that_is_to_be_refused_can_still_be_looked_at(multipliers):
    assert policy(multipliers=multipliers).no_rise_below["cold"] == (35.0,) * 7


def test_there_are_six_kinds_each_with_its_fields():
    assert KINDS == ("intent", "hiring", "funding", "engagement", "technographic", "leadership")
    assert set(OWN_FIELDS) == set(KINDS)
    assert {"event_id", "occurred_at", "confidence", "source_url"} <= COMMON_FIELDS
    assert {"topic", "score"} <= OWN_FIELDS["intent"]
    assert {"seniority", "department", "status"} <= OWN_FIELDS["hiring"]
    assert sorted(OWN_FIELDS["funding"]) == ["amount", "amount_usd", "currency", "investors", "round"]
    assert {"investors"} == LIST_FIELDS
