"""From signals to a score, against the formulas of scoring.md, section 2, worked out beside the code."""

from math import exp

import pytest

from signal_engine.core.account import Account, KindState
from signal_engine.core.policy import KindPolicy
from signal_engine.core.remembered import id_hash
from signal_engine.core.stack import evaluate, forget, kind_points, strength
from tests.build import DAY, T0, kind, policy

INTENT, HIRING, FUNDING = kind(), kind("hiring"), kind("funding")


def account(**points: float) -> Account:
    """Kind=points, all of one facet, as of T0."""
    account = Account()
    account.now = T0
    account.kinds = {kind: KindState(T0, {"x": s}) for kind, s in points.items()}
    return account


def saturated(*caps: float, **more) -> tuple[Account, object]:
    """An account whose kinds give their caps exactly, whatever the time."""
    names = ("intent", "hiring", "funding", "engagement")[: len(caps)]
    kinds = [kind(name, cap=cap) for name, cap in zip(names, caps, strict=True)]
    return account(**dict.fromkeys(names, 1e30)), policy(*kinds, **more)


def test_facets_saturate_one_by_one_then_the_kind_as_a_whole():
    capped = kind(cap=30, facet_cap=12)
    one, other = 12 * (1 - exp(-16 / 12)), 12 * (1 - exp(-8 / 12))
    assert kind_points(KindState(T0, {"crm": 16.0}), T0, capped) == pytest.approx(30 * (1 - exp(-one / 30)), abs=1e-12)
    both = 30 * (1 - exp(-(one + other) / 30))
    assert kind_points(KindState(T0, {"crm": 16.0, "erp": 8.0}), T0, capped) == pytest.approx(both, abs=1e-12)
    assert both == pytest.approx(11.6064, abs=1e-4)


def test_points_decay_by_half_in_a_half_life_before_they_saturate():
    capped = kind(cap=30, facet_cap=12, half_life=14)
    facet = 12 * (1 - exp(-8 / 12))
    state = KindState(T0, {"crm": 16.0})
    assert kind_points(state, T0 + 14 * DAY, capped) == pytest.approx(30 * (1 - exp(-facet / 30)), abs=1e-12)
    facet = 12 * (1 - exp(-16 * 2**-0.5 / 12))
    assert kind_points(state, T0 + 7 * DAY, capped) == pytest.approx(30 * (1 - exp(-facet / 30)), abs=1e-12)


def test_breadth_beats_repetition():
    capped = kind(cap=30, facet_cap=12)
    broad = kind_points(KindState(T0, {"crm": 8.0, "erp": 8.0}), T0, capped)
    assert broad > kind_points(KindState(T0, {"crm": 16.0}), T0, capped)


def test_little_evidence_loses_no_digits():
    assert kind_points(KindState(T0, {"x": 1e-6}), T0, INTENT) == pytest.approx(1e-6, rel=1e-12)
    assert kind_points(KindState(T0, {}), T0, INTENT) == 0.0


def test_a_kind_alone_never_passes_its_cap():
    assert kind_points(KindState(T0, {str(n): 1e9 for n in range(50)}), T0, kind(cap=30, facet_cap=12)) < 30.000001
    assert kind_points(KindState(T0, {"x": 1e30}), T0, kind(cap=30)) == 30.0


def test_an_account_without_signals_scores_nothing():
    score = evaluate(Account(), T0, policy(INTENT))
    assert score == (T0, {}, frozenset(), 1.0, 0.0, 0.0)
    assert score.parts == [("stack", 0.0), ("ceiling", 0.0)]


def test_the_score_is_the_sum_of_the_kinds_times_the_multiplier_of_the_live_ones():
    stack, rules = saturated(20, 10, multipliers=(1.0, 1.5))
    score = evaluate(stack, T0, rules)
    assert (score.at, score.kinds) == (T0, {"intent": 20.0, "hiring": 10.0})
    assert (score.live, score.multiplier, score.raw, score.score) == ({"intent", "hiring"}, 1.5, 45.0, 45.0)
    assert score.parts == [("intent", 20.0), ("hiring", 10.0), ("stack", 15.0), ("ceiling", 0.0)]


def test_a_kind_is_live_from_the_floor_on_and_counts_its_points_also_below_it():
    stack, rules = saturated(20, 2, multipliers=(1.0, 1.5), live_floor=2.0)
    assert evaluate(stack, T0, rules).live == {"intent", "hiring"}
    stack, rules = saturated(20, 2, multipliers=(1.0, 1.5), live_floor=2.0000001)
    score = evaluate(stack, T0, rules)
    assert (score.live, score.multiplier, score.raw) == ({"intent"}, 1.0, 22.0)


def test_more_live_kinds_than_multipliers_take_the_last_one():
    stack, rules = saturated(10, 10, 10, multipliers=(1.0, 2.0))
    assert evaluate(stack, T0, rules).raw == 60.0


@pytest.mark.parametrize(
    ("cap", "score", "ceiling"), [(40, 80.0, 0.0), (50, 100.0, 0.0), (60, 100.0, -20.0)], ids=["below", "at", "above"]
)
def test_a_score_ends_at_100_and_the_raw_one_does_not(cap, score, ceiling):
    stack, rules = saturated(cap, cap)
    found = evaluate(stack, T0, rules)
    assert (found.raw, found.score, found.parts[-1]) == (2.0 * cap, score, ("ceiling", ceiling))


def test_parts_stand_in_the_order_of_the_policy_and_a_kind_that_left_it_does_not_count():
    scored = evaluate(account(funding=5, intent=7, hiring=3), T0, policy(INTENT, FUNDING))
    assert list(scored.kinds) == ["intent", "funding"]
    assert scored.score == pytest.approx(12, abs=1e-6)


def test_strength_is_the_sum_of_the_facets_as_they_are_now():
    assert strength(KindState(T0, {"a": 6.0, "b": 2.0}), T0 + 2 * DAY, INTENT) == 2.0


@pytest.mark.parametrize(("points", "stays"), [(2.1e-9, True), (2e-9, True), (1.9e-9, False)])
def test_a_kind_is_forgotten_when_it_has_decayed_below_a_billionth(points, stays):
    faded = account(intent=points)
    assert forget(faded, T0 + DAY, policy(INTENT)) is not stays
    assert ("intent" in faded.kinds) is stays


def test_a_kind_that_left_the_policy_is_forgotten_and_others_stay():
    faded = account(hiring=50, intent=8, funding=1e-10)
    assert forget(faded, T0, policy(INTENT, FUNDING)) is False
    assert list(faded.kinds) == ["intent"]


def test_an_account_is_kept_while_it_remembers_an_id():
    remembering = Account()
    hour: KindPolicy = kind(half_life=1)
    remembering.ids.add(id_hash("a"), "intent", T0, T0, {"intent": hour}, 9)
    assert forget(remembering, T0 + 6 * DAY, policy(hour)) is False
    assert forget(remembering, T0 + 6 * DAY + 1, policy(hour)) is True
    assert len(remembering.ids) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [("since", T0), ("since", 0), ("hand_raised_at", T0), ("hand_raised_at", 0), ("level", "warm"), ("level", "hot")],
)
def test_episode_hand_raise_and_level_outlive_the_signals_that_made_them(field, value):
    bare = Account()
    setattr(bare, field, value)
    assert forget(bare, T0, policy()) is False
    assert forget(Account(), T0, policy()) is True
