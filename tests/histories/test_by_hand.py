"""Nine outcomes once more, with pencil and paper: the formulas of scoring.md section 2 written out, nothing else.

Each docstring carries the arithmetic to two decimals, so that a reader can follow it without running anything.
"""

import pytest

from .outcomes import OUTCOMES, AccountSnapshot


def sat(s: float, c: float) -> float:
    """The formula in its plain form, which is good enough below overflow."""
    return float(s / (1 + (s / c) ** 3) ** (1 / 3))


def left(days: float, half_life: float) -> float:
    """The share of a point that is left after so many days."""
    return float(2 ** (-days / half_life))


def agrees(snapshot: AccountSnapshot, level: str, score: float) -> None:
    """The table's level and score."""
    assert snapshot[:2] == (level, pytest.approx(score, abs=0.005))


def test_a_demo_request_by_the_cfo() -> None:
    """One persona with 20 points; F = 20 / (1 + 0.8**3)**(1/3) = 20 / 1.1478 = 17.43, K = sat(17.43, 45) = 17.10.

    After a week 20 * 2**(-7/14) = 14.14 are left: F = 13.38, K = 13.26. One kind: nothing is multiplied. 17.10 is below
    20, so the level is cold; the raised hand alone puts it on the list.
    """
    today, in_a_week = 20.0, 20 * left(7, 14)
    agrees(OUTCOMES["cfo-demo"].day_0, "cold", sat(sat(today, 25), 45))
    agrees(OUTCOMES["cfo-demo"].day_7, "cold", sat(sat(in_a_week, 25), 45))


def test_three_stakeholders_on_pricing() -> None:
    """Eight points a view. The CFO came 13, 9, 4 and 0 days ago: 8 * (0.525 + 0.640 + 0.820 + 1) = 23.89.

    Likewise 23.66 (12, 8, 5, 1) and 24.44 (11, 7, 3, 2). F = 19.38, 19.28, 19.61: each is at least 12, so the buying
    group is live beside engagement, m = 1.15. Their sum 58.28 makes K = 39.66, and 1.15 * 39.66 = 45.61: hot.
    """
    cfo = 8 * (left(13, 14) + left(9, 14) + left(4, 14) + 1)
    revops = 8 * (left(12, 14) + left(8, 14) + left(5, 14) + left(1, 14))
    it = 8 * (left(11, 14) + left(7, 14) + left(3, 14) + left(2, 14))
    people = [sat(cfo, 25), sat(revops, 25), sat(it, 25)]
    assert min(people) >= 12
    agrees(OUTCOMES["three-stakeholders"].day_0, "hot", 1.15 * sat(sum(people), 45))


def test_three_stakeholders_become_hot_four_days_before_the_last_visit() -> None:
    """On day -5 the CFO has 8 * (2**(-8/14) + 2**(-4/14)) = 11.95 points, F = 11.54 < 12: no group, K = 34.39, warm.

    On day -4 the CFO's third visit makes 19.37 points; revops 19.56, IT 12.55: F = 17.05, 17.17 and 12.06, K = 36.21,
    and 1.15 * 36.21 = 41.64 reaches 40. The alert is of that instant.
    """
    five_before = [left(8, 14) + left(4, 14), left(7, 14) + left(3, 14) + 1, left(6, 14) + left(2, 14)]
    people = [sat(8 * views, 25) for views in five_before]
    assert people[0] < 12
    assert sat(sum(people), 45) == pytest.approx(34.39, abs=0.005)  # below 40, and one kind alone is never hot
    four_before = [
        left(9, 14) + left(5, 14) + 1,
        left(8, 14) + left(4, 14) + left(1, 14),
        left(7, 14) + left(3, 14),
    ]
    people = [sat(8 * views, 25) for views in four_before]
    assert min(people) >= 12
    assert 1.15 * sat(sum(people), 45) >= 40
    assert OUTCOMES["three-stakeholders"].alerts[0] == ("entered_hot", -4.0, "sdr")


def test_five_topics_surge_for_four_weeks() -> None:
    """A topic: 8 * (1 + 0.707 + 0.5 + 0.354) = 20.49 points, F = sat(20.49, 14) = 12.77. Five of them: 63.83.

    K = sat(63.83, 35) = 33.26. One kind, so m = 1: warm, and never hot, whatever the score.
    """
    topic = sat(8 * (1 + left(7, 14) + left(14, 14) + left(21, 14)), 14)
    agrees(OUTCOMES["five-topics"].day_0, "warm", sat(5 * topic, 35))


def test_a_round_and_a_new_vp_in_our_role() -> None:
    """14 points five days ago: 12.96, F = sat(12.96, 24) = 12.35, K = sat(12.35, 25) = 11.89.

    14 points today: F = sat(14, 18) = 12.31, K = sat(12.31, 22) = 11.67. Two kinds: 1.15 * 23.55 = 27.09.
    """
    funding = sat(sat(14 * left(5, 45), 24), 25)
    leadership = sat(sat(14, 18), 22)
    agrees(OUTCOMES["round-and-vp"].day_0, "warm", 1.15 * (funding + leadership))


def test_a_webinar_for_six() -> None:
    """Each of six: 6 * 2**(-1/14) + 5 = 10.71 points, F = 10.44, below the 12 of a buying group. Their sum is 62.66.

    K = sat(62.66, 45) = 40.51, which passes 40, but one kind alone is warm; below the three stakeholders' 45.61.
    """
    person = sat(6 * left(1, 14) + 5, 25)
    assert person < 12
    agrees(OUTCOMES["webinar"].day_0, "warm", sat(6 * person, 45))


def test_a_third_party_stack() -> None:
    """Three surges, 10, 9 and 8 days old: 4.88, 5.12 and 5.38 points, F = 4.81, 5.04, 5.29, K = sat(15.14, 35) = 14.75.

    20M six days ago: 12.76 points, F = 12.18, K = 11.75. The new CRO three days ago: 13.52, F = 12.02, K = 11.43. The
    competitor replaced today: 10, F = 9.02, K = 8.76. Four kinds: 1.4 * 46.68 = 65.35. Nothing comes after day 0, and
    21 days later the silence ends it, with a score of far more than 32.
    """
    intent = sat(sum(sat(8 * left(age, 14), 14) for age in (10, 9, 8)), 35)
    funding, leadership = sat(sat(14 * left(6, 45), 24), 25), sat(sat(14 * left(3, 60), 18), 22)
    technographic = sat(sat(10, 14), 20)
    agrees(OUTCOMES["third-party"].day_0, "hot", 1.4 * (intent + funding + leadership + technographic))
    assert OUTCOMES["third-party"].alerts[-1] == ("cooled", 21.0, "sdr")


def test_a_competitor_dropped_and_two_surges() -> None:
    """Surges of three days and one day ago: 6.90 and 7.61 points, F = 6.64 and 7.24, K = sat(13.89, 35) = 13.61.

    The tool today: 10, F = 9.02, K = 8.76. Two kinds: 1.15 * 22.36 = 25.72, warm.
    """
    intent = sat(sat(8 * left(3, 14), 14) + sat(8 * left(1, 14), 14), 35)
    agrees(OUTCOMES["competitor-dropped"].day_0, "warm", 1.15 * (intent + sat(sat(10, 14), 20)))


def test_a_vp_who_asks_for_a_demo_beside_two_colleagues() -> None:
    """20 points today, 8 three days ago and 8 yesterday: F = 17.43, 6.85 and 7.54, K = sat(31.82, 45) = 28.76.

    The two colleagues are below 12: no group. The VP posting of four days ago: 9.40, F = 8.61, K = 8.49. Two kinds:
    1.15 * 37.26 = 42.85, hot at the very instant of the demo request, so the hand raise is the episode's alert.
    """
    engagement = sat(sat(20, 25) + sat(8 * left(3, 14), 25) + sat(8 * left(1, 14), 25), 45)
    hiring = sat(sat(10 * left(4, 45), 14), 25)
    agrees(OUTCOMES["vp-demo"].day_0, "hot", 1.15 * (engagement + hiring))
    assert OUTCOMES["vp-demo"].alerts[0] == ("hand_raise", 0.0, "sdr")
