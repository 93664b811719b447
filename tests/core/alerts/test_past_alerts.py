"""Alerts that people got, laid over a state that is made anew."""

from typing import Any

import pytest
from hypothesis import given, settings

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.flow import ScoringContext, advance, pass_time
from signal_engine.core.past_alerts import RecordedAlert, apply_past_alerts, restore_alert
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.forgetting import forget
from signal_engine.wire.storage import state
from tests.build import ACME, DAY, T0, after, event, fit, policy
from tests.core.histories import FIT, journeys
from tests.profiles import examples

INTENT, HIRING = frozenset({"intent"}), frozenset({"hiring"})
RULES = policy(cooldown_days=14)


def past(at: int, type_: Any = "entered_hot", episode: int | None = 1, since: int | None = T0, **more: Any):
    return RecordedAlert(at, type_, episode, since, **{"kinds": INTENT, **more})


def remembered(alert: Alert) -> RecordedAlert:
    """As it can be read from the topic."""
    decision, snapshot = alert.decision, alert.snapshot
    return RecordedAlert(
        decision.at,
        decision.type,
        decision.episode,
        snapshot.since,
        snapshot.score.live,
        decision.personas,
        decision.raised_by,
    )


def replayed(
    rules: Policy, history: list[tuple[int, Event]], end: int, memory: list[RecordedAlert]
) -> tuple[Any, bytes]:
    """The alerts of a history, and the state it leaves at `end`."""
    account, scoring_context, alerts = Account(), ScoringContext(rules), []
    for now, one in history:
        alerts += apply_past_alerts(account, ACME, memory, max(now, account.now), FIT, scoring_context)
        alerts += advance(account, one, now, FIT, scoring_context)[1]
    alerts += apply_past_alerts(account, ACME, memory, end + 1, FIT, scoring_context)
    alerts += pass_time(account, ACME, end, FIT, scoring_context)
    account.holds_until = 0
    return alerts, state.encode(account)


@settings(max_examples=examples(150))
@given(journeys())
def test_what_a_state_decided_by_itself_changes_nothing(journey: tuple[Policy, list[tuple[int, Event]]]) -> None:
    rules, history = journey
    end = max([now for now, _ in history], default=T0) + 40 * DAY
    alerts, alone = replayed(rules, history, end, [])
    memory = [remembered(alert) for alert in alerts]
    again, with_memory = replayed(rules, history, end, memory)
    assert [alert.decision for alert in again] == [alert.decision for alert in alerts]
    assert with_memory == alone


def test_an_account_whose_events_are_gone_keeps_its_cooldown() -> None:
    account = Account()
    apply_past_alerts(account, ACME, [past(T0, episode=3)], after(2), fit(), ScoringContext(RULES))
    assert (account.last_alert_at, account.last_alert_kinds, account.episode) == (T0, INTENT, 3)
    _, alerts, reason = advance(account, event(at=after(2)), after(2), fit(), ScoringContext(RULES))
    assert (alerts, str(reason), account.level, account.episode) == ([], "cooldown", "hot", 4)


def test_what_only_an_alert_is_remembered_of_is_not_collected() -> None:
    account, empty = Account(), Account()
    restore_alert(account, past(T0), RULES)
    assert not forget(account, after(1000), RULES)
    assert forget(empty, after(1000), RULES)


def test_an_alert_of_the_same_episode_names_its_kinds_and_personas() -> None:
    account, scoring_context = Account(), ScoringContext(RULES)
    _, alerts, _ = advance(account, event(at=T0), T0, None, scoring_context)
    assert (alerts, account.alerted) == ([], False), "nobody could be called then"
    named = past(after(0.1), kinds=INTENT | HIRING, personas=frozenset({"finance"}))
    apply_past_alerts(account, ACME, [named], after(0.2), fit(), scoring_context)
    assert (account.alerted, account.named, account.episode) == (True, INTENT | HIRING, 1)
    assert account.named_personas == {"finance"}


def test_an_alert_of_another_episode_is_only_the_last_one() -> None:
    account, scoring_context = Account(), ScoringContext(RULES)
    advance(account, event(at=T0), T0, fit("ignore", tier=None), scoring_context)
    apply_past_alerts(account, ACME, [past(after(0.1), since=after(-1), episode=7)], after(0.2), fit(), scoring_context)
    assert (account.alerted, account.named, account.episode) == (False, frozenset(), 7)
    assert account.last_alert_at == after(0.1)
    hot = Account()
    hot.enter("hot", T0)
    restore_alert(hot, past(after(0.1), since=after(-1), episode=7), RULES)
    assert (hot.alerted, hot.named, hot.episode) == (False, frozenset(), 7), "hot, but of another episode"


@pytest.mark.parametrize("type_", ["hand_raise", "trigger"])
@pytest.mark.parametrize(
    ("episode", "last"),
    [
        (None, None),  # below hot it belongs to no episode and is not the last alert
        (2, T0),
    ],
)
def test_a_hand_raise_or_trigger_is_remembered_at_any_level(type_: str, episode: int | None, last: int | None) -> None:
    account = Account()
    restore_alert(
        account, past(T0, type_, episode=episode, raised_by="finance" if type_ == "hand_raise" else None), RULES
    )
    assert (account.last_alert_at, account.episode) == (last, episode or 0)
    assert account.hand_raised == ({"finance": T0} if type_ == "hand_raise" else {})
    assert account.last_trigger_at == (T0 if type_ == "trigger" else None)


def test_a_hand_raise_that_limits_nothing_any_more_is_not_remembered_again() -> None:
    account = Account()
    account.now = after(1)
    restore_alert(account, past(T0, "hand_raise", episode=None, raised_by="finance"), RULES)
    restore_alert(account, past(T0 + 1, "hand_raise", episode=None, raised_by="it"), RULES)
    assert account.hand_raised == {"it": T0 + 1}, "24 hours after the first it may be called again"


def test_inbound_uses_the_book_of_hand_raises_and_is_nothing_else() -> None:
    account = Account()
    restore_alert(account, past(T0, "inbound", episode=None, raised_by="it"), RULES)
    restore_alert(account, past(after(1), "inbound", episode=None, raised_by=None), RULES)
    assert account.hand_raised == {"it": T0, "unknown": after(1)}
    assert (account.last_alert_at, account.episode, account.last_trigger_at) == (None, 0, None)


def test_older_ones_do_not_replace_newer_ones() -> None:
    account = Account()
    account.last_alert_at = account.last_trigger_at = after(1)
    account.hand_raised = {"finance": after(1)}
    restore_alert(account, past(T0, "hand_raise", kinds=HIRING, raised_by="finance"), RULES)
    restore_alert(account, past(T0, "trigger", kinds=HIRING), RULES)
    assert (account.last_alert_at, account.last_alert_kinds) == (after(1), frozenset())
    assert (account.hand_raised, account.last_trigger_at) == ({"finance": after(1)}, after(1))


def test_the_end_of_an_episode_is_no_last_alert() -> None:
    account = Account()
    restore_alert(account, past(T0, "cooled", episode=4), RULES)
    assert (account.last_alert_at, account.episode) == (None, 0)


def test_one_at_the_very_instant_waits_for_what_else_arrived_then() -> None:
    account = Account()
    assert apply_past_alerts(account, ACME, [past(T0)], T0, fit(), ScoringContext(RULES)) == []
    assert account.last_alert_at is None


def test_time_passes_up_to_each_and_tells_what_it_gives() -> None:
    account, scoring_context = Account(), ScoringContext(RULES)
    _, alerts, _ = advance(account, event(at=T0), T0, fit(), scoring_context)
    assert len(alerts) == 1
    due = apply_past_alerts(
        account, ACME, [past(after(9), "hand_raise", episode=None)], after(10), fit(), scoring_context
    )
    assert [alert.decision.type for alert in due] == ["cooled"]
    assert (account.now, account.hand_raised) == (after(9), {"unknown": after(9)})
