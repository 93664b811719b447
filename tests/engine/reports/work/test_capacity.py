"""`report capacity`: hot accounts beyond what each person can work on, and the threshold at which none would be."""

from dataclasses import replace
from datetime import UTC, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.delivery.holdback import ControlGroup, Holdback
from signal_engine.core.delivery.team import Team, local_time
from signal_engine.core.rules.policy import HOT
from signal_engine.engine.reports.replayed_market import ReportMarket
from signal_engine.engine.reports.work.capacity import NO_ROUTES
from signal_engine.wire.output.reports.report_shown import summary
from tests.core.delivery.scene import ANN, BO
from tests.engine.reports.misses.judged import FITTING, asked, did, happened, market, warm

TEAM = Team({"ann roe": ANN._replace(capacity=2), "bo lind": BO._replace(capacity=5)})


def hot(account: str, ago: float = 1.0) -> list[Any]:
    """Enough for `hot`; the score falls with `ago` days."""
    return [
        *warm(account),
        asked(account, ago),
        happened(account, "funding", ago, amount_usd=2e7),
        happened(account, "hiring", ago, title="VP Sales"),
    ]


def seen(*sdrs: str | None, team: Team | None = TEAM, actions: Any = ()) -> tuple[Any, ReportMarket]:
    """The report on one hot account for each of these callers, the first the weakest; and its market."""
    rows = [{**FITTING, "account_id": f"a{number}.com", "sdr": sdr} for number, sdr in enumerate(sdrs)]
    events = [one for number in range(len(sdrs)) for one in hot(f"a{number}.com", 5 - number)]
    found = replace(market(rows, events, actions=actions), team=team)
    assert all(found.judged.snapshot(row["account_id"], found.at).level == HOT for row in rows)
    return found.report("capacity"), found


def test_who_has_too_many_comes_first_with_the_score_at_which_they_would_not() -> None:
    report, its = seen("Ann Roe", "Ann Roe", "Ann Roe", "Bo Lind", "Cy Hall")
    scores = [its.judged.snapshot(f"a{number}.com", its.at).score.raw for number in range(5)]
    assert scores == sorted(scores)
    ann, *others = report["rows"]
    assert (ann["person"], ann["capacity"], ann["hot"], ann["over"]) == ("Ann Roe", 2, 3, 1)
    assert [(row["person"], row["capacity"], row["hot"], row["over"], row["threshold"]) for row in others] == [
        ("Bo Lind", 5, 1, 0, None),
        ("Cy Hall", None, 1, None, None),
    ]
    assert scores[0] < ann["threshold"] <= scores[0] + 0.01
    assert (report["hot"], report["capacity"], report["over"], report["total"]) == (4, 7, 1, 3)
    assert (report["threshold"], report["hot_from"]) == (ann["threshold"], its.policy.levels.hot.enter)


def test_a_claim_makes_it_the_claimers_and_what_is_taken_off_the_lists_is_no_work() -> None:
    actions = [
        did("a0.com", "claim", 0.5, by="bo@example.com", until=10**13),
        did("a1.com", "kill", 0.5, by="bo@example.com"),
    ]
    report, _ = seen("Ann Roe", "Ann Roe", "Ann Roe", actions=actions)
    assert [(row["person"], row["hot"], row["claimed"]) for row in report["rows"]] == [
        ("Ann Roe", 1, 0),
        ("Bo Lind", 1, 1),
    ]


def _hot_unasked(account: str) -> list[Any]:
    """Enough for `hot`, without a hand raise, which nobody holds back."""
    return [
        *warm(account),
        happened(account, "funding", 1, amount_usd=2e7),
        happened(account, "hiring", 1, title="VP Sales"),
        happened(account, "leadership", 1, role="VP Sales", change="joined"),
        happened(account, "intent", 1, topic="sales forecasting", score=95),
    ]


def test_whom_the_routes_file_holds_back_is_nobodys_work() -> None:
    """It is on nobody's list, so nobody needs a capacity for it."""
    names = [f"a{number}.com" for number in range(4)]
    rows = [{**FITTING, "account_id": name, "sdr": "Ann Roe"} for name in names]
    its = replace(market(rows, [one for name in names for one in _hot_unasked(name)]), team=TEAM)
    assert {its.judged.snapshot(name, its.at).level for name in names} == {HOT}
    today = local_time(its.at, UTC).date()
    group = ControlGroup((Holdback(0.5, today, today, "capacity"),))
    held = [name for name in names if group.holds(name, its.at, pinned=False)]
    assert 0 < len(held) < 4, "else this says nothing"
    assert not [name for name in names if its.judged.snapshot(name, its.at).pinned]
    report: Any = replace(its, group=group).report("capacity")
    assert sum(row["hot"] for row in report["rows"]) == 4 - len(held)
    yesterday = ControlGroup((Holdback(0.5, today - timedelta(days=2), today - timedelta(days=1), "capacity"),))
    after: Any = replace(its, group=yesterday).report("capacity")
    assert sum(row["hot"] for row in after["rows"]) == 4, "a draw that is over holds nobody"


def test_accounts_of_nobody_are_counted_and_somebody_without_any_has_a_row() -> None:
    report, _ = seen(None)
    assert [(row["person"], row["hot"]) for row in report["rows"]] == [(None, 1), ("Ann Roe", 0), ("Bo Lind", 0)]
    assert (report["hot"], report["over"], report["threshold"]) == (0, 0, None)


def test_without_a_routes_file_it_says_that_no_capacity_is_known() -> None:
    report, _ = seen("Ann Roe", team=None)
    assert report["lacks"] == [NO_ROUTES]
    assert [(row["person"], row["capacity"], row["over"]) for row in report["rows"]] == [("Ann Roe", None, None)]


@given(st.integers(1, 4), st.lists(st.integers(1, 4), min_size=1, max_size=5))
def test_the_threshold_leaves_no_more_than_the_capacity_and_is_not_higher_than_it_must_be(
    capacity: int, days: list[int]
) -> None:
    rows = [{**FITTING, "account_id": f"a{number}.com", "sdr": "Ann Roe"} for number in range(len(days))]
    events = [one for number, ago in enumerate(days) for one in hot(f"a{number}.com", ago)]
    found = replace(market(rows, events), team=Team({"ann roe": ANN._replace(capacity=capacity)}))
    report: Any = found.report("capacity")
    scores = [found.judged.snapshot(row["account_id"], found.at).score.raw for row in rows]
    if len(days) <= capacity:
        assert report["threshold"] is None
        return
    threshold = report["threshold"]
    assert sum(score >= threshold for score in scores) <= capacity
    assert sum(score >= threshold - 0.01 for score in scores) > capacity


def test_without_any_capacity_the_summary_counts_what_the_rows_count() -> None:
    report, _ = seen("Cy Hall", "Cy Hall", None, team=None)
    assert summary(report, 9) == ["3 hot accounts; nobody's capacity is known: set `capacity` in the routes file"]
    (line,) = summary(report | {"rows": report["rows"][:1]}, 9)
    assert line.startswith("at least 2 hot accounts; ")
    (limited,) = summary(seen("Ann Roe")[0], 9)
    assert limited == "1 hot account for a capacity of 7 a week: none too many"
