"""The scoring file as values: durations in whole milliseconds, multipliers, and the bound that spares scoring."""

import pytest

from signal_engine.core.rules.instants import BEGINNING, DAY, HOUR, MINUTE, SECOND, days, start_of_day
from signal_engine.core.rules.kinds import COMMON_FIELDS, KINDS, LIST_FIELDS, OWN_FIELDS, in_order
from signal_engine.core.rules.policy import (
    DEFAULT_RELATIONS,
    HEAT,
    AlertPolicy,
    GroupPolicy,
    Levels,
    ListPolicy,
    Policy,
    RelationPolicy,
    Stack,
    Threshold,
)
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


def test_pauses_of_alerts_pins_and_silence_are_in_milliseconds():
    alerts, half = AlertPolicy(), AlertPolicy(0.5, 0.5, 0.5)
    assert (alerts.cooldown, alerts.hand_raise_pause, alerts.trigger_pause) == (14 * DAY, 24 * HOUR, 14 * DAY)
    assert (half.cooldown, half.hand_raise_pause, half.trigger_pause) == (12 * HOUR, 30 * MINUTE, 12 * HOUR)
    assert (ListPolicy().pin, ListPolicy(pin_days=0.5).pin) == (14 * DAY, 12 * HOUR)
    assert Threshold(40, 32, 2, 21).max_silence == 21 * DAY
    assert Threshold(40, 32, 2).max_silence is None


def test_the_defaults_are_those_of_the_definition():
    bare = Policy(1, {})
    assert bare.stack == Stack(4.0, (1.0, 1.15, 1.3, 1.4), None)
    assert bare.levels == Levels(Threshold(40.0, 32.0, 2, None), Threshold(20.0, 15.0, 1, None))
    assert bare.alerts == AlertPolicy(14.0, 24.0, 14.0)
    assert bare.lists == ListPolicy(200, "warm", 0.0, 14.0, {"A": 1.0, "B": 0.85, "C": 0.7})
    assert (len(bare.personas), bare.sells, bare.relations) == (0, {}, DEFAULT_RELATIONS)
    assert bare.levels.hot.max_silence_days is bare.stack.group is bare.group is None


@pytest.mark.parametrize(
    ("relation", "listed", "alert"),
    [
        ("prospect", True, "sdr"),
        ("former_customer", True, "sdr"),
        ("open_opportunity", False, "owner"),
        ("customer", False, "owner"),
        ("partner", False, None),
        ("competitor", False, None),
        ("do_not_contact", False, None),
        ("own", False, None),
    ],
)
def test_relations_are_listed_and_alerted_as_the_file_says_and_all_others_are_neither(relation, listed, alert):
    assert policy().relation(relation) == RelationPolicy(listed, alert)
    own = policy(relations={"partner": RelationPolicy(listed=True)})
    assert own.relation(relation) == RelationPolicy(listed=relation == "partner")


def test_levels_have_an_order():
    assert sorted(HEAT, key=HEAT.__getitem__) == ["cold", "warm", "hot"]


@pytest.mark.parametrize(
    ("rules", "by_persona", "group"),
    [
        (policy(kind("engagement"), group=(3, 12)), True, GroupPolicy(3, 12)),
        (policy(kind("engagement")), True, None),
        (policy(kind("engagement", facet="page"), group=(3, 12)), False, None),
        (policy(kind("intent"), group=(3, 12)), False, None),
    ],
    ids=["by persona", "no group", "by page", "no engagement"],
)
def test_there_can_be_a_buying_group_where_engagement_saturates_by_persona(rules, by_persona, group):
    assert (rules.by_persona, rules.group) == (by_persona, group)


def test_below_the_threshold_over_the_highest_multiplier_no_account_can_rise():
    """By the number of kinds that the account has signals of: with none, one, two, ... of them."""
    rules = policy(multipliers=(1.0, 1.25))
    assert rules.no_rise_below["cold"] == pytest.approx((35.0, 35.0, 28.0, 28.0, 28.0, 28.0, 28.0))
    assert rules.no_rise_below["warm"] == pytest.approx((60.0, 60.0, 48.0, 48.0, 48.0, 48.0, 48.0))
    assert rules.no_rise_below["hot"] == (0.0,) * 7


def test_a_buying_group_counts_among_what_can_be_live():
    grouped = policy(kind("engagement"), multipliers=(1.0, 1.25, 1.75), group=(3, 12))
    assert grouped.no_rise_below["cold"] == pytest.approx((35.0, 28.0, 20.0, 20.0, 20.0, 20.0, 20.0))


def test_the_last_bits_of_a_sum_never_hide_that_a_threshold_was_reached():
    rules = policy()
    assert all(below < at for below, at in zip(rules.no_rise_below["cold"], (35.0,) * 7, strict=True))


@pytest.mark.parametrize("multipliers", [(), (0.0,), (0.0, 0.0)])
def test_a_file_that_is_to_be_refused_can_still_be_looked_at(multipliers):
    assert policy(multipliers=multipliers).no_rise_below["cold"] == pytest.approx((35.0,) * 7)


def test_there_are_six_kinds_each_with_its_fields():
    assert KINDS == ("intent", "hiring", "funding", "engagement", "technographic", "leadership")
    assert set(OWN_FIELDS) == set(KINDS)
    assert {"event_id", "occurred_at", "confidence", "source_url"} <= COMMON_FIELDS
    assert {"topic", "score"} <= OWN_FIELDS["intent"]
    assert {"seniority", "department", "status"} <= OWN_FIELDS["hiring"]
    assert sorted(OWN_FIELDS["funding"]) == ["amount", "amount_usd", "currency", "investors", "round"]
    assert {"automated", "persona"} <= OWN_FIELDS["engagement"]
    assert {"relationship", "level"} <= OWN_FIELDS["leadership"]
    assert {"investors"} == LIST_FIELDS
    assert in_order({"buying_group", "leadership", "intent"}) == ["intent", "leadership", "buying_group"]
    assert in_order(()) == []
