"""How signals spread over a market: counted in passing, and the same as separate replays would say."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.fit.icp import CHASE, IGNORE, Decision, Fit, FitDecision
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import DAY, HOUR, SECOND
from signal_engine.core.rules.relations import Relation
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.backtest.states import States
from signal_engine.engine.distribution.ladder import HighestFew
from signal_engine.engine.distribution.replayed_market import MarketView
from signal_engine.engine.partition.ordinary.judge import judging
from signal_engine.wire.config import scoring_file
from signal_engine.wire.output.distribution import Distribution

SHIPPED = Path("config/scoring.yaml").read_text("utf-8")
T0 = 1_767_225_600_000
ACCOUNTS = ("a.com", "b.com", "c.com")


@cache  # a file takes as long to read as a short replay
def scoring(*changes: tuple[str, str]) -> scoring_file.ScoringFile:
    text = SHIPPED
    for old, new in changes:
        assert old in text, old
        text = text.replace(old, new, 1)
    return scoring_file.parse("s.yaml", text.encode())


def fit(name: str, decision: Decision = CHASE, relation: Relation = "prospect", *, suppressed: bool = False) -> Fit:
    by = FitDecision("mid", 1, decision, 90.0, "A" if decision == CHASE else None, ())
    return Fit(name, (by,), name.upper(), suppressed=suppressed, relation=relation)


def event(account: str, number: int, at: int, kind: str, **fields: Any) -> Event:
    return Event(account, kind, f"e{number}", at, 1.0, fields)


def visit(account: str, number: int, at: int, persona: str | None = "CFO", activity: str = "pricing_view") -> Event:
    fields = {"activity": activity} if persona is None else {"activity": activity, "persona": persona}
    return event(account, number, at, "engagement", **fields)


class Ran:
    """A replay of events that arrive as they happen."""

    def __init__(self, file: scoring_file.ScoringFile, events: list[Event], fits: dict[str, Fit] | None = None) -> None:
        fits = {name: fit(name) for name in ACCOUNTS} if fits is None else fits
        self.view, self.states = MarketView(file, fits), States(file.policy)
        context, view = ScoringContext(file.policy), self.view
        judge = judging.judge(context)
        replay = Replay(context, fits, ["mid"], lambda _: None, self.states, view, judge=judge, market=view)
        in_order = sorted(events, key=lambda one: (one.occurred_at, one.event_id))
        arrivals = [Arrival(e.occurred_at, e.event_id, 0, n, e) for n, e in enumerate(in_order)]
        replay.take(Block(arrivals, arrivals[-1].now if arrivals else T0))
        self.until = max(replay.now, T0)
        replay.end(self.until)

    def distribution(self) -> Distribution:
        return self.view.document(self.until)

    def episodes(self) -> int:
        return sum(account.episode for _, account in self.states.items())

    def hidden(self) -> list[str]:
        return [one["reason"] for one in self.distribution()["hidden_by"]]


HAPPENINGS = st.lists(
    st.tuples(
        st.sampled_from(ACCOUNTS),
        st.integers(0, 80 * 24).map(lambda hours: T0 + hours * HOUR + hours % 7 * SECOND + hours % 3),
        st.sampled_from(
            [
                ("intent", {"topic": "crm", "score": 85.0}),
                ("intent", {"topic": "lead scoring", "score": 90.0}),
                ("engagement", {"activity": "pricing_view", "persona": "CFO"}),
                ("engagement", {"activity": "demo_request", "persona": "VP Sales"}),
                ("engagement", {"activity": "trial_signup", "persona": "CIO"}),
                ("funding", {"round": "series_b", "amount_usd": 6e7}),
                ("hiring", {"title": "VP Sales", "department": "Sales", "seniority": "vp"}),
                ("hiring", {"title": "Cook", "department": "Kitchen"}),
            ]
        ),
    ),
    max_size=70,
)


@settings(max_examples=60, deadline=None)
@given(HAPPENINGS)
def test_the_rises_at_each_threshold_are_those_of_a_replay_with_that_threshold(happenings):
    """Law of the ladder: one pass counts what four replays would, to the second."""
    events = [event(name, n, at, kind, **fields) for n, (name, at, (kind, fields)) in enumerate(happenings)]
    once = Ran(scoring(), events)
    for step in once.distribution()["hot_a_week"]:
        hot = f"enter: {step['enter']}, exit: {step['exit']}, min_kinds: 2"
        apart = Ran(scoring(("enter: 40, exit: 32, min_kinds: 2", hot)), events)
        assert step["rises"] == apart.episodes(), step
    assert once.view.ladder.rises_at(40.0) == once.episodes()


@settings(max_examples=40, deadline=None)
@given(HAPPENINGS)
def test_the_highest_are_those_of_every_score_at_every_signal(happenings):
    """What upper bounds passed over would have changed nothing; levels are as the replay without a view has them."""
    events = [event(name, n, at, kind, **fields) for n, (name, at, (kind, fields)) in enumerate(happenings)]
    result = Ran(scoring(), events).distribution()
    best = dict.fromkeys(ACCOUNTS, 0.0)
    for until in sorted({one.occurred_at for one in events}):
        so_far = Ran(scoring(), [one for one in events if one.occurred_at <= until])
        for highest in so_far.distribution()["highest"]:
            best[highest["account_id"]] = max(best[highest["account_id"]], highest["score"])
    highest = [(one["account_id"], one["score"]) for one in result["highest"]]
    assert dict(highest) == {name: score for name, score in best.items() if score}
    scores = [score for _, score in highest]  # rounded, so that some are equal
    assert scores == sorted(scores, reverse=True)


def test_whom_it_counts():
    """Of seven accounts three fit and may be told of; one of them is hot at its best, one warm, one gave no signal."""
    fits = {
        "hot.com": fit("hot.com"),
        "warm.com": fit("warm.com", relation="customer"),
        "quiet.com": fit("quiet.com"),
        "partner.com": fit("partner.com", relation="partner"),
        "kept-off.com": fit("kept-off.com", suppressed=True),
        "unfit.com": fit("unfit.com", IGNORE),
    }
    events = [
        visit(name, 100 * n + m, T0 + m * DAY, persona, "demo_request")
        for n, name in enumerate(("hot.com", "partner.com", "kept-off.com", "unfit.com", "in-no-file.com"))
        for m, persona in enumerate(("CFO", "VP Sales", "CIO"))
    ]
    events.append(visit("warm.com", 900, T0 + 10 * DAY, "CFO", "demo_request"))
    events += [event("warm.com", 901, T0 + 10 * DAY, "funding", amount_usd=2e6)]
    result = Ran(scoring(), events, fits).distribution()
    assert (result["accounts"], result["fit"], result["with_signals"], result["warm"], result["hot"]) == (6, 3, 2, 1, 1)
    assert [one["account_id"] for one in result["highest"]] == ["hot.com", "warm.com"]
    assert result["highest"][0]["name"] == "HOT.COM"
    assert result["days"] == 10
    at_40 = next(step for step in result["hot_a_week"] if step["enter"] == 40)
    assert at_40 == {"enter": 40.0, "exit": 32.0, "rises": 1, "a_week": 0.7}
    assert result["hidden_by"] == []


def test_a_period_of_less_than_a_week_counts_as_one():
    events = [
        visit("a.com", n, T0 + n * HOUR, persona, "demo_request") for n, persona in enumerate(("CFO", "CIO", "CRO"))
    ]
    assert [step["a_week"] for step in Ran(scoring(), events).distribution()["hot_a_week"]] == [1.0, 1.0, 0.0, 0.0]


def test_a_threshold_of_the_file_s_own_stands_among_the_others():
    file = scoring(("enter: 40, exit: 32", "enter: 45, exit: 36"))
    assert [step["enter"] for step in Ran(file, []).distribution()["hot_a_week"]] == [30.0, 40.0, 45.0, 50.0, 60.0]


def test_the_share_off_the_lists_is_of_events_that_rules_judged():
    """Closed postings and what no rule is asked of are not among them; off is neither a competitor that is adopted nor
    what a provider is not sure of at all."""
    events = [
        event("a.com", 0, T0, "hiring", title="VP Sales", department="Sales", seniority="vp"),
        event("x.com", 1, T0, "hiring", title="Cook", department="Kitchen"),
        event("x.com", 2, T0, "hiring", title="Waiter", department="Kitchen"),
        event("x.com", 3, T0, "hiring", title="Cook", department="Kitchen", status="closed"),
        event("x.com", 4, T0, "technographic", technology="6sense", change="adopted"),
        event("x.com", 5, T0, "technographic", technology="Jira", change="adopted"),
        event("x.com", 6, T0, "intent", topic="crm", score=10.0),
        event("x.com", 7, T0, "hiring", title="VP Sales")._replace(confidence=0.0),
    ]
    assert Ran(scoring(), events).distribution()["off_list"] == [
        {"kind": "hiring", "events": 4, "off_list": 2, "share": 0.5},
        {"kind": "technographic", "events": 2, "off_list": 1, "share": 0.5},
    ]


def test_people_are_counted_as_they_were_read():
    titles = ("CFO", "Student", "Baker", None, " ")
    events = [visit("x.com", n, T0 + n, title) for n, title in enumerate(titles)]
    assert Ran(scoring(), events).distribution()["personas"] == {"named": 2, "other": 1, "unknown": 2}
    assert Ran(scoring(), []).distribution()["personas"] is None


SURGES = [event("a.com", n, T0 + n * DAY, "intent", topic=f"t{n}", score=99.0) for n in range(9)]
NO_SELLS = [(next(x for x in SHIPPED.splitlines() if x.startswith(f"  {name}: ")), f"  {name}: []")
            for name in ("departments", "roles", "technologies", "competitors")]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "events", "fits", "reasons"),
    [
        pytest.param([], SURGES, {}, ["nobody_fits"], id="an accounts file without accounts"),
        pytest.param([], SURGES, {"a.com": fit("a.com", IGNORE)}, ["nobody_fits"], id="nobody fits"),
        pytest.param([], SURGES, {"a.com": fit("a.com", relation="partner")}, ["relation"], id="all are partners"),
        pytest.param([], SURGES, {"b.com": fit("b.com")}, ["no_signals"], id="events and accounts name other domains"),
        pytest.param([("min_kinds: 2, max", "min_kinds: 1, max"), ("[1.0, 1.15, 1.3, 1.4]", "[1.0]")]
                     + [(f"    cap: {n}", "    cap: 5") for n in (35, 45, 25, 25, 20, 22)],
                     SURGES, None, ["out_of_reach", "below_threshold"], id="caps that keep everybody below hot"),
        pytest.param(NO_SELLS, SURGES, None, ["empty_lists", "below_threshold"], id="nothing is said of what is sold"),
        pytest.param([("    cap: 35", "    cap: 60")], SURGES, None, ["too_few_kinds"], id="one kind alone"),
        pytest.param([("max_silence_days: 21", "max_silence_days: 0.5"), ("points: 6}\n      - {when: {score: {gte: 60",
                      "points: 3}\n      - {when: {score: {gte: 60")],
                     [visit("a.com", n, T0, who, "demo_request") for n, who in enumerate(("CFO", "CIO"))][:1]
                     + [event("a.com", 10 + n, T0 + DAY + n * HOUR, "intent", topic=f"t{n}", score=75.0)
                        for n in range(20)],
                     None, ["silence"], id="a hand raise, and a day later many weak surges"),
        pytest.param([], [visit("a.com", n, T0 + n, "Baker", "form_fill") for n in range(3)], None,
                     ["nobody_known", "below_threshold"], id="titles that no persona matches"),
        pytest.param([], SURGES[:2], None, ["below_threshold"], id="too little"),
    ],
)  # fmt: skip
def test_where_nobody_is_hot_it_says_what_hides_them(changes, events, fits, reasons):
    ran = Ran(scoring(*changes), events, fits)
    assert ran.distribution()["hot"] == 0
    assert ran.hidden() == reasons


def test_what_hides_them_comes_with_figures():
    said = {one["reason"]: one["detail"] for one in Ran(scoring(*NO_SELLS), SURGES[:2]).distribution()["hidden_by"]}
    assert said["below_threshold"].endswith("(the highest was 14 of 40, from intent)")
    assert said["empty_lists"].endswith("(departments, roles, competitors, technologies)")


def test_the_highest_few_keep_each_account_at_its_best():
    few = HighestFew(2)
    for name, score in (("a", 5.0), ("b", 7.0), ("a", 3.0), ("c", 6.0), ("d", 6.0), ("a", 9.0)):
        few.see(name, score)
    assert few.ranked() == [("a", 9.0), ("b", 7.0)]
    assert few.asks == 7.0
