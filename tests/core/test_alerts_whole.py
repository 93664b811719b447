"""An alert is whole: the account it is of, its fit, the signal that triggered it, whatever way it came about."""

from signal_engine.core.account import PEOPLE_KEPT, Account
from signal_engine.core.alerts import hot_alert
from signal_engine.core.flow import Judge, advance, decide, pass_time
from signal_engine.core.stack import Score
from tests.build import ACME, T0, Story, after, event, fit, kind, policy
from tests.core.test_alerts import alert_id

RULES = policy(kind(half_life=1), kind("hiring", half_life=1))


def whole(alert, who, account=ACME):
    return alert.standing.account == account and alert.fit is who


def test_one_that_a_signal_triggers_names_account_and_fit_and_the_signal_and_not_the_strongest():
    who, account, judge = fit(), Account(), Judge(RULES)
    advance(account, event(points=55), T0, who, judge)
    _, (alert,), _ = advance(account, event("hiring", 10, title="CMO"), T0, who, judge)
    assert whole(alert, who)
    assert alert.why_now == "Hiring: CMO"


def test_one_that_the_end_of_a_cooldown_triggers_names_account_and_fit_and_the_strongest():
    rules = policy(kind(half_life=1), cooldown_days=2)
    who, account, judge = fit(), Account(), Judge(rules)
    advance(account, event(points=100, at=T0), T0, who, judge)
    advance(account, event(points=1_000, at=after(1.5), topic="erp"), after(1.5), who, judge)
    (alert,) = [one for one in pass_time(account, ACME, after(2.5), who, judge) if one.decision.type == "entered_hot"]
    assert whole(alert, who)
    assert alert.decision.at == after(2)
    assert alert.why_now.startswith("Researching erp")


def test_one_that_the_end_of_a_level_triggers_names_account_and_fit():
    who, account, judge = fit(), Account(), Judge(RULES)
    advance(account, event(points=100), T0, who, judge)
    (alert,) = pass_time(account, ACME, after(2), who, judge)
    assert alert.decision.type == "cooled"
    assert whole(alert, who)


def test_one_that_a_fit_change_triggers_names_account_and_fit():
    who, account, judge = fit(), Account(), Judge(RULES)
    advance(account, event(points=100), T0, None, judge)
    alert, _ = decide(account, ACME, T0, who, judge)
    assert whole(alert, who)


def test_newly_named_kinds_stand_in_the_order_of_kinds_and_not_of_the_alphabet():
    hot = Account()
    hot.enter("hot", T0)
    hot.alerted = True
    live = frozenset({"intent", "hiring", "engagement"})
    call = hot_alert(hot, ACME, T0, Score(T0, {}, live, 1.0, 70.0, 70.0), RULES)
    assert call.alert_id == alert_id("new_evidence", str(T0), "intent", "hiring", "engagement")


def test_of_too_many_people_the_one_not_seen_for_longest_goes_whatever_their_names():
    account = Account()
    for day in range(PEOPLE_KEPT + 1):
        account.meet(f"persona {PEOPLE_KEPT - day:02}", after(day))
    assert f"persona {PEOPLE_KEPT:02}" not in account.people
    assert len(account.people) == PEOPLE_KEPT


def test_the_strongest_is_the_strongest_by_any_margin_and_only_equals_ask_for_the_newest():
    story = Story(
        policy(kind(half_life=1000), kind("hiring", half_life=1000), hot=(19, 10, 1), warm=(9, 8, 1)), fits=False
    )
    story.tell(event(points=10.2, at=T0, topic="strong"))
    story.tell(event("hiring", 10.1, at=after(0.001), title="weak"))
    alert, _ = decide(story.account, ACME, after(0.002), fit(), story.judge)
    assert alert.why_now.startswith("Researching strong")
