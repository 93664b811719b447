"""Replay: the flow over events in order, yesterday's ranks at midnight, and the lists at the end."""

import pytest

from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.backtest.states import States
from signal_engine.engine.partition.ordinary.judge import judging
from tests.build import T0, after, event, fit, kind, policy

RULES = policy(kind(half_life=8), kind("hiring", half_life=8), min_level="cold", min_score=20)
A, B, C = "a.com", "b.com", "c.com"
FITS = {name: fit(account=name) for name in (A, B, C)} | {"unfit.com": fit("ignore", account="unfit.com")}


def signal(name: str, at: int, points: float, kind_: str = "intent") -> tuple[int, Event]:
    return at, event(kind_, points, at, f"{name}-{at}-{kind_}", account=name)


class PublishedList:
    """A replay of signals, all in one block unless `blocks` says otherwise."""

    def __init__(self, *signals: tuple[int, Event], rules=RULES, blocks: bool = False, until=None, **states) -> None:
        self.alerts: list[tuple[str, str, int]] = []
        kept = States(rules, **states)
        context = ScoringContext(rules)
        self.replay = Replay(context, FITS, ("saas",), self._hear, kept, judge=judging.judge(context))
        arrivals = [Arrival(now, one.event_id, 0, line, one) for line, (now, one) in enumerate(signals)]
        for block in [[arrival] for arrival in arrivals] if blocks else [arrivals]:
            self.replay.take(Block(block, block[-1].now if block else T0), until)

    def _hear(self, alert) -> None:
        self.alerts.append((alert.snapshot.account, alert.decision.type, alert.decision.at))

    def end(self, until: int, name: str = "all"):
        """(accounts in order, ranks at the last midnight) of a list."""
        verdicts = self.replay.end(until)
        assert verdicts.until == until
        return [place.candidate.account for place in verdicts.lists[name].listed], verdicts.previous_ranks[name]


def test_events_are_counted_by_what_became_of_them():
    twice = signal(A, T0, 10)
    replay = PublishedList(twice, twice, signal(B, T0, 0), (after(90), twice[1])).replay
    assert {str(outcome): n for outcome, n in replay.counts.items()} == {
        "applied": 1,
        "duplicate": 1,
        "ignored": 1,
        "expired": 1,
    }
    assert replay.now == after(90)
    assert PublishedList().replay.now == BEGINNING


def test_alerts_are_told_as_they_are_decided_and_the_last_ones_at_the_end():
    result = PublishedList(signal(A, T0, 100), signal(B, after(1), 80), signal("unfit.com", after(2), 99))
    assert result.alerts == [(A, "entered_hot", T0), (B, "entered_hot", after(1))]
    result.end(after(8, seconds=1))  # 100 points are 50, and no less, after 8 days
    # 80 points are 50 after 8 * log2(1.6) days = 468683.30 s
    assert sorted(result.alerts[2:]) == [(A, "cooled", after(8, seconds=1)), (B, "cooled", after(1, seconds=468_684))]


def test_events_after_the_end_are_passed_over():
    result = PublishedList(signal(A, T0, 30), signal(B, T0 + 1, 40), until=T0)
    assert result.replay.now == T0
    assert result.end(T0)[0] == [A]
    assert PublishedList(signal(A, T0, 30), signal(B, T0 + 1, 40), until=T0 + 1).end(T0 + 1)[0] == [B, A]


def test_lists_are_ranked_as_of_the_end():
    at = after(8.5)
    signals = (signal(A, T0, 60), signal(B, at, 36), signal(C, at, 19), signal("unfit.com", at, 99))
    assert PublishedList(*signals).end(at) == ([B, A], {A: 1})
    assert PublishedList(*signals).end(at, "saas") == ([B, A], {A: 1})


@pytest.mark.parametrize("blocks", [False, True])
def test_previous_ranks_are_those_of_the_last_midnight_before_todays_signals(blocks):
    signals = (
        signal(A, after(0.5), 40),
        signal(B, after(0.6), 50),
        signal(A, after(1.3), 30),
        signal(C, after(1.4), 99),
    )
    assert PublishedList(*signals, blocks=blocks).end(after(1.5)) == ([C, A, B], {B: 1, A: 2})


@pytest.mark.parametrize(("at", "previous"), [(after(1), {B: 1, A: 2}), (after(1) + 1, {A: 1})])
def test_a_signal_at_midnight_itself_is_yesterdays(at, previous):
    result = PublishedList(signal(A, after(0.5), 40), signal(B, at, 60), signal(A, after(1.5), 90))
    assert result.end(after(1.6)) == ([A, B], previous)


def test_previous_ranks_are_at_the_score_of_midnight_and_cut_as_lists_are():
    rules = policy(kind(half_life=1), size=1, min_level="cold", min_score=20)
    result = PublishedList(signal(A, T0, 50), signal(B, after(0.9), 24), rules=rules)
    assert result.end(after(1)) == ([A], {A: 1})
    result = PublishedList(signal(A, T0, 39), signal(B, after(0.99), 24), rules=rules)
    assert result.end(after(1.1)) == ([B], {B: 1})


def test_at_midnight_itself_rank_and_previous_rank_are_the_same():
    assert PublishedList(signal(A, T0, 40), signal(B, after(1), 50)).end(after(1)) == ([B, A], {B: 1, A: 2})


def test_days_without_signals_have_their_own_midnight():
    result = PublishedList(signal(A, after(0.5), 40), signal(B, after(1.5), 30))
    assert result.end(after(3.5)) == ([A, B], {A: 1, B: 2})


def test_what_was_noted_of_an_earlier_midnight_is_forgotten():
    signals = (signal(A, after(0.5), 40), signal(A, after(1.5), 5), signal(B, after(2.5), 90), signal(A, after(2.6), 5))
    for blocks in (False, True):
        assert PublishedList(*signals, blocks=blocks).end(after(2.7)) == ([B, A], {A: 1})
    assert PublishedList(*signals[:2], blocks=True).end(after(3.5)) == ([A], {A: 1})


def test_a_list_of_everybody_holds_those_who_gave_a_signal():
    rules = policy(kind(half_life=8), min_level="cold")
    assert PublishedList(signal(B, T0, 10), rules=rules).end(after(1.5)) == ([B], {B: 1})


def test_generations_change_nothing_that_is_told():
    rules = policy(kind(half_life=1), cooldown_days=0)
    signals = [signal(name, after(day), 70) for day in range(0, 40, 5) for name in (A, B, C)]
    plain, crowded = PublishedList(*signals, rules=rules), PublishedList(*signals, rules=rules, generation=1)
    assert plain.end(after(50)) == crowded.end(after(50))
    assert sorted(plain.alerts) == sorted(crowded.alerts)
    assert len(plain.alerts) == 2 * len(signals)


@pytest.mark.parametrize("generation", [1, 100])
def test_where_an_account_stands_is_as_of_the_instant_asked(generation):
    result = PublishedList(signal(A, T0, 100), signal(B, T0, 30), signal(C, T0, 30), generation=generation)
    heard = len(result.alerts)
    snapshot = result.replay.snapshot(A, after(8, seconds=1))
    assert (snapshot.level, snapshot.since, snapshot.account) == ("warm", after(8, seconds=1), A)
    assert snapshot.score.score == pytest.approx(50, abs=1e-4)
    assert len(result.alerts) == heard
    silent = result.replay.snapshot("silent.com", T0)
    assert (silent.account, silent.level, silent.score.score, silent.evidence) == ("silent.com", "cold", 0.0, {})


@pytest.mark.parametrize(
    ("name", "at", "reason"),
    [
        (A, T0, "already_alerted"),
        (A, after(8), "already_alerted"),
        (A, after(8, seconds=1), "below_threshold"),
        (B, T0, "below_threshold"),
        ("unfit.com", T0, "not_fit"),
        ("silent.com", T0, "not_in_accounts"),
        (C, T0, "below_threshold"),
    ],
)
def test_there_is_a_reason_for_every_account_that_is_not_called(name, at, reason):
    result = PublishedList(signal(A, T0, 100), signal(B, T0, 30), signal("unfit.com", T0, 99))
    assert result.replay.no_alert(name, at) == reason
