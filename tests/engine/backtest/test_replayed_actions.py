"""Account actions in a replay: in order of time among the events."""

from typing import Any
from uuid import UUID

import pytest

from signal_engine.core.acting import ActionOutcome
from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.flow import ScoringContext
from signal_engine.engine.backtest.actions import ReplayedActions, TimedAction
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay, Verdicts
from signal_engine.engine.backtest.weekly_lists import WeeklyLists
from signal_engine.engine.partition.ordinary.judge import judging
from tests.build import T0, after, event, fit, kind, policy

RULES = policy(kind(half_life=8), kind("hiring", half_life=8), min_level="cold", min_score=20)
A, B = "a.com", "b.com"
FITS = {name: fit(account=name) for name in (A, B)}


def act(action: ActionName, now: int, account: str = A, number: int = 0, **more: Any) -> TimedAction:
    told = AccountAction(account, str(UUID(int=number or now)), action, now, "dana@example.com", "cli", **more)
    return TimedAction(now, number, told)


class Replayed:
    """A replay of signals (instant, account, points) and actions."""

    def __init__(
        self,
        signals: list[tuple[int, str, float]],
        *actions: TimedAction,
        until: int | None = None,
        blocks: bool = False,
    ) -> None:
        self.alerts: list[Alert] = []
        acted = ReplayedActions(FITS, actions)
        context = ScoringContext(RULES)
        self.weeks = WeeklyLists(context, acted, ("saas",))
        judge = judging.judge(context)
        self.replay = Replay(context, FITS, ("saas",), self.alerts.append, weeks=self.weeks, actions=acted, judge=judge)
        told = [event("intent", points, at, f"{name}-{at}", account=name) for at, name, points in signals]
        arrivals = [Arrival(one.occurred_at, one.event_id, 0, line, one) for line, one in enumerate(told)]
        for block in [[one] for one in arrivals] if blocks else [arrivals]:
            self.replay.take(Block(block, block[-1].now), until)
        end = max([self.replay.now, *(one.now for one in actions)]) if until is None else until
        self.verdicts: Verdicts = self.replay.end(end)
        self.counts = acted.counts

    @property
    def listed(self) -> list[str]:
        return list(self.verdicts.lists["all"].ranks())

    @property
    def said(self) -> list[tuple[str, str, int, str | None]]:
        return [
            (one.snapshot.account, one.decision.type, one.decision.at, one.decision.recorded) for one in self.alerts
        ]


def test_a_kill_takes_an_account_off_its_lists_and_a_restore_brings_it_back_with_the_truth() -> None:
    signals = [(T0, A, 80.0), (T0, B, 40.0), (after(2), A, 10.0)]
    assert Replayed(signals, act("kill", after(1))).listed == [B]
    back = Replayed(signals, act("kill", after(1)), act("restore", after(2), number=2))
    assert back.listed == [A, B]
    assert back.replay.snapshot(A, after(2)).score.score == Replayed(signals).replay.snapshot(A, after(2)).score.score


def test_a_kill_before_the_first_signal_holds_it_back() -> None:
    told = Replayed([(after(1), A, 80.0), (after(1), B, 80.0)], act("kill", T0))
    assert told.said == [(B, "entered_hot", after(1), None)]


def test_events_of_an_instant_come_before_its_actions() -> None:
    assert Replayed([(T0, A, 80.0)], act("kill", T0)).said == [(A, "entered_hot", T0, None)]
    assert Replayed([(T0, A, 80.0)], act("kill", T0 - 1)).said == []


def test_actions_after_the_last_event_count_and_those_after_the_end_do_not() -> None:
    assert Replayed([(T0, A, 80.0)], act("kill", after(1))).listed == []
    assert Replayed([(T0, A, 80.0)], act("kill", after(1)), until=after(1) - 1).listed == [A]


def test_a_snooze_that_ends_before_the_end_gives_its_alert_and_the_place_back() -> None:
    signals = [(after(1), A, 80.0)]
    snooze = act("snooze", T0, until=after(2))
    assert Replayed(signals, snooze, until=after(2) - 1).listed == []
    back = Replayed(signals, snooze, until=after(2))
    assert back.listed == [A]
    assert back.said == [(A, "entered_hot", after(2), None)]


def test_ids_count_once_and_outcomes_add_up() -> None:
    told = Replayed([(T0, A, 80.0)], act("kill", after(1), number=1), act("restore", after(2), number=1))
    assert told.counts == {ActionOutcome.APPLIED: 1, ActionOutcome.DUPLICATE: 1}
    assert told.listed == []


def test_the_rank_of_yesterday_is_that_before_todays_action() -> None:
    signals = [(T0 + 1, A, 80.0), (T0 + 1, B, 60.0)]
    told = Replayed(signals, act("kill", after(1, hours=5)), until=after(1, hours=6))
    assert told.listed == [B]
    assert told.verdicts.previous_ranks["all"] == {A: 1, B: 2}


def test_who_was_hidden_at_a_weeks_end_was_on_no_list_then() -> None:
    signals = [(T0, A, 80.0), (T0, B, 80.0), (after(12), B, 1.0)]
    weeks = Replayed(signals, act("snooze", after(1), until=after(6))).weeks.ends
    assert [set(end.lists["all"]) for end in weeks] == [{B}, {A, B}]


@pytest.mark.parametrize("blocks", [False, True])
def test_a_replay_is_the_same_every_time_and_in_whatever_blocks(blocks: bool) -> None:
    signals = [(after(day), name, 30.0 + day) for day in range(9) for name in (A, B)]
    acts = [
        act("snooze", after(1), number=1, until=after(3)),
        act("disposition", after(2), B, number=2, outcome="not_now", until=after(5)),
        act("claim", after(4), number=3, until=after(6)),
        act("kill", after(6), B, number=4, icp="saas"),
        act("restore", after(7), B, number=5, icp="saas"),
    ]
    one, other = Replayed(signals, *acts, blocks=blocks), Replayed(signals, *reversed(acts))
    assert (one.said, one.verdicts) == (other.said, other.verdicts)
    assert one.said


def test_a_parent_that_must_not_be_contacted_hides_its_children_until_it_is_lifted():
    child, group = fit(account=A, parent=B), fit(account=B, parent="group.com")
    for parent, fits in (("group.com", {A: child, B: group}), (B, {A: child, B: group})):
        acted = ReplayedActions(fits, [act("do_not_contact", after(1), parent, 1), act("lift", after(3), parent, 2)])
        alerts: list[Alert] = []
        context = ScoringContext(RULES)
        replay = Replay(context, fits, ("saas",), alerts.append, actions=acted, judge=judging.judge(context))
        told = [event("intent", 80, T0, "one", account=A), event("hiring", 80, after(2), "two", account=A)]
        replay.take(Block([Arrival(one.occurred_at, one.event_id, 0, 0, one) for one in told], after(2)))
        hidden = replay.fit(A, after(2))
        assert hidden is not None
        assert hidden.actions.do_not_contact is not None
        assert hidden.actions.do_not_contact.inherited_from == parent
        assert replay.no_alert(A, after(2)) == "do_not_contact"
        assert [(one.decision.type, one.decision.recorded) for one in alerts] == [
            ("entered_hot", None),
            ("new_evidence", "do_not_contact"),
        ]
        assert [*replay.end(after(2)).lists["all"].ranks()] == []
        assert [*replay.end(after(4)).lists["all"].ranks()] == [A]
        assert replay.fit(A, after(4)) == child
