"""Every figure against a value that is known from elsewhere."""

import numpy as np
import pytest
from scipy.stats import fisher_exact

from signal_engine.engine.validation.statistics.claims import holm, more_often_in_sets
from signal_engine.engine.validation.statistics.clusters import correlation, design_effect, effective
from signal_engine.engine.validation.statistics.intervals import jeffreys, percentiles, shrunk
from signal_engine.engine.validation.statistics.permuting import better_than_shuffled, contrasted
from signal_engine.engine.validation.statistics.power import power, trials_needed, wins_needed
from signal_engine.engine.validation.statistics.resampling import draws, ratio


@pytest.mark.parametrize(
    ("hits", "trials", "low", "high"),
    [(3, 10, 0.09, 0.61), (6, 20, 0.14, 0.52), (15, 50, 0.19, 0.44), (30, 100, 0.22, 0.39), (60, 200, 0.24, 0.37)],
)
def test_jeffreys_intervals_as_published_tables_have_them(hits, trials, low, high):
    value, *ends = jeffreys(hits, trials)
    assert value == hits / trials
    assert ends == pytest.approx([low, high], abs=0.006)


def test_jeffreys_reaches_the_ends_of_the_scale():
    assert jeffreys(0, 20).low == 0
    assert jeffreys(20, 20).high == 1
    assert jeffreys(9, 9) is None, "nine say nothing"


def test_jeffreys_covers_the_truth_as_often_as_it_says():
    rng = np.random.default_rng(1)
    for truth in (0.1, 0.3, 0.5):
        intervals = [jeffreys(int(hits), 60) for hits in rng.binomial(60, truth, 400)]
        assert np.mean([one.low <= truth <= one.high for one in intervals]) == pytest.approx(0.95, abs=0.03)


def test_a_part_is_shrunk_to_the_whole_by_twenty_trials():
    assert shrunk(0, 0, 0.3).value == pytest.approx(0.3)
    assert shrunk(10, 20, 0.3).value == pytest.approx((10 + 20 * 0.3) / 40)
    assert shrunk(20, 20, 0.3).high < 1


@pytest.mark.parametrize(
    ("prevalence", "lift", "powers"),
    [
        (0.05, 2, {20: 0.12, 50: 0.24, 100: 0.45}),
        (0.05, 3, {10: 0.18, 50: 0.66, 100: 0.88}),
        (0.15, 2, {10: 0.20, 50: 0.69, 100: 0.95}),
        (0.15, 3, {10: 0.49, 20: 0.82}),
    ],
)
def test_power_as_a_simulation_elsewhere_had_it(prevalence, lift, powers):
    for wins, known in powers.items():
        assert power(wins, prevalence, lift) == pytest.approx(known, abs=0.07)


def test_wins_needed_have_the_power_and_the_step_before_has_not():
    needed = wins_needed(0.15, 3, 0.05)
    assert needed in {20, 25}
    assert power(needed, 0.15, 3) >= 0.8 > power(15, 0.15, 3)
    assert wins_needed(0.15, 1, 0.05) is None
    assert wins_needed(0, 3, 0.05) is None
    assert wins_needed(0.001, 1.1, 0.05) is None


def test_one_control_a_case_is_the_sign_test_of_mcnemar():
    """Nine pairs of which only the case has it, two of which only the control has: P(9 or more of 11) = 67/2048."""
    cases = np.array([1.0] * 9 + [0.0] * 2 + [1.0] * 5 + [0.0] * 20)
    controls = np.array([0.0] * 9 + [1.0] * 2 + [1.0] * 5 + [0.0] * 20)
    assert more_often_in_sets(cases, controls, 1) == pytest.approx(67 / 2048)
    assert more_often_in_sets(cases[11:], controls[11:], 1) == 1, "pairs that are alike say nothing"


def test_matched_sets_by_hand():
    """Of one in five who has it, of two, and of four, each time the case does: 1/5 * 2/5 * 4/5."""
    assert more_often_in_sets(np.ones(3), np.array([0.0, 1, 3]), 4) == pytest.approx(8 / 125)
    assert more_often_in_sets(np.zeros(3), np.array([1.0, 2, 3]), 4) == pytest.approx(1)


def test_what_is_frequent_at_some_dates_only_is_no_sign():
    """Half of the sets are of a season in which everybody nearly always has it: by date the case is no different."""
    rng = np.random.default_rng(3)
    season = np.repeat([0.95, 0.05], 200)
    claimed = 0
    for _ in range(200):
        cases, controls = rng.binomial(1, season), rng.binomial(4, season)
        claimed += more_often_in_sets(cases.astype(float), controls.astype(float), 4) <= 0.05
    assert claimed / 200 == pytest.approx(0.04, abs=0.035)


def test_the_matched_test_finds_as_much_as_the_simulated_power_says():
    rng = np.random.default_rng(4)
    cases, controls = rng.binomial(1, 0.3, (200, 100)), rng.binomial(4, 0.15, (200, 100))
    found = [
        more_often_in_sets(*(one.astype(float) for one in pair), 4) <= 0.01
        for pair in zip(cases, controls, strict=True)
    ]
    assert np.mean(found) == pytest.approx(power(100, 0.15, 2.0, 0.01), abs=0.1)


def test_holm_steps_down():
    assert holm({"a": 0.01, "b": 0.02, "c": 0.03}, 0.05) == {"a", "b", "c"}
    assert holm({"a": 0.01, "b": 0.03, "c": 0.04}, 0.05) == {"a"}
    assert holm({"a": 0.02, "b": 0.9, "c": 0.9}, 0.05) == frozenset()
    assert holm({}) == frozenset()


def test_the_bootstrap_has_the_error_of_the_mean_and_a_seed():
    values = np.random.default_rng(2).normal(5, 2, 400)
    means = np.concatenate([ratio(weights @ values, weights.sum(axis=1)) for weights in draws(400, 7)])
    assert len(means) == 1_000
    assert means.std() == pytest.approx(values.std() / 20, rel=0.1)
    again = np.concatenate([ratio(weights @ values, weights.sum(axis=1)) for weights in draws(400, 7)])
    assert (means == again).all()
    interval = percentiles(values.mean(), means)
    assert interval.low == pytest.approx(values.mean() - 1.96 * values.std() / 20, abs=0.05)


def test_draws_come_in_batches_and_from_somebody():
    assert sum(len(rows) for rows in draws(50_000, 1, 400)) == 400
    assert [*draws(0, 1)] == []


def test_a_figure_that_resamples_do_not_carry_has_no_interval():
    assert percentiles(2.0, np.array([1.0, np.nan, np.nan])) is None
    assert percentiles(np.nan, np.array([1.0, 2.0])) is None
    assert np.isnan(ratio(np.array([1.0]), np.array([0.0]))).all()


def test_the_correlation_of_clusters_by_hand():
    """Four clusters of two: rates 1, 1, 0, 1/2. Between: sum 2 (p - 5/8)^2 / 3 = 11/24; within: 2/4 / 4 = 1/8."""
    alike = correlation(np.array([2.0, 2, 0, 1]), np.array([2.0, 2, 2, 2]))
    assert alike == pytest.approx((11 / 24 - 1 / 8) / (11 / 24 + 1 / 8))


def test_clusters_of_one_and_clusters_that_differ_within_are_as_good_as_independent():
    assert correlation(np.array([1.0, 0, 1]), np.array([1.0, 1, 1])) == 0
    assert correlation(np.array([1.0, 1, 1]), np.array([2.0, 2, 2])) == 0, "negative is none"
    assert correlation(np.array([2.0, 0, 0]), np.array([2.0, 2, 0])) == 1
    assert correlation(np.zeros(0), np.zeros(0)) == 0


def test_clustered_trials_are_worth_what_kish_says():
    trials = np.full(10, 5.0)
    assert design_effect(trials, 0.25) == pytest.approx(1 + 4 * 0.25)
    assert effective(trials, 0.25) == 25
    assert effective(trials, 1.0) == 10, "ten accounts that never waver"
    assert design_effect(np.zeros(3), 1.0) == 1
    assert jeffreys(30, 100, 2.0)[1:] == jeffreys(15, 50)[1:]
    assert shrunk(30, 100, 0.3, 2.0)[1:] == shrunk(15, 50, 0.3)[1:]


def test_one_contrast_has_the_p_value_of_fishers_exact_test():
    hits = np.array([1.0] * 8 + [0.0] * 4 + [1.0] * 3 + [0.0] * 9)
    inside = np.array([[1.0] * 12 + [0.0] * 12])
    found = contrasted(inside, np.ones((1, 24)), hits, np.ones(24), 1)
    both = fisher_exact([[8, 4], [3, 9]]).pvalue
    assert found.p_value[0] == pytest.approx(both, abs=0.02)
    assert found.direction[0] == 1
    assert contrasted(1 - inside, np.ones((1, 24)), hits, np.ones(24), 1).direction[0] == -1


def test_many_contrasts_together_claim_by_chance_as_seldom_as_they_say():
    rng = np.random.default_rng(5)
    claims = 0
    for seed in range(200):
        inside = (rng.random((20, 60)) < 0.3).astype(float)
        hits = (rng.random(60) < 0.4).astype(float)
        claims += bool((contrasted(inside, np.ones((20, 60)), hits, np.ones(60), seed).p_value <= 0.1).any())
    assert claims / 200 == pytest.approx(0.1, abs=0.06)


def test_two_halves_need_as_many_trials_as_sample_size_tables_say():
    """20 % against 40 %, one-sided 5 %, power 80 %: 64 in each group by the normal approximation, Fisher needs more."""
    assert 128 <= trials_needed(0.2, 2.0, 0.05) <= 160
    assert trials_needed(0.2, 2.0, 0.0005) > trials_needed(0.2, 2.0, 0.05)
    assert trials_needed(0.0, 2.0, 0.05) is None
    assert trials_needed(0.5, 1.0, 0.05) is None


def test_one_call_of_each_account_is_fishers_test():
    rows, once = np.arange(8), np.zeros(8, np.intp)
    followed = np.zeros((30, 1))
    followed[[0, 1, 2, 3, 10, 11, 12]] = 1
    p_value = better_than_shuffled((rows, once), np.ones((30, 1)), followed, 1)
    one_sided = fisher_exact([[4, 4], [3, 19]], alternative="greater").pvalue
    assert p_value == pytest.approx(one_sided, abs=0.015)
    assert better_than_shuffled((rows[:0], once[:0]), np.ones((30, 1)), followed, 1) == 1


def test_an_account_that_is_called_often_is_one_account():
    """Two accounts that always hit, called five times each, among 40 of which four always hit."""
    rows, columns = np.repeat(np.arange(2), 5), np.tile(np.arange(5), 2)
    followed = np.zeros((40, 5))
    followed[[0, 1, 2, 3]] = 1
    p_value = better_than_shuffled((rows, columns), np.ones((40, 5)), followed, 1)
    assert p_value == pytest.approx(6 / (40 * 39 / 2), abs=0.003)  # as drawing two of the four, not ten of ten
