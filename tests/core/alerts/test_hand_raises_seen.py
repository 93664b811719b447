"""A hand raise is noted with the alert that it gave, or with the reason why it gave none."""

from signal_engine.core.alerting.hand_raises import hand_raise_seen
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.score.account import Account
from tests.build import BUYERS, DAY, HAND_RAISES, T0, event, fit, kind, policy

RULES = policy(kind("engagement", rules=HAND_RAISES), personas=BUYERS)
CONTEXT = ScoringContext(RULES)


def seen(account, at=T0, now=T0, event_id="e-1", **more):
    raised = event("engagement", 80, at, event_id, activity="demo_request", persona="CFO", **more)
    signals = []
    _, alerts, reason = advance(account, raised, now, fit(), CONTEXT, signals)
    assert signals[-1].raised_by is not None
    return hand_raise_seen(raised, signals[-1].raised_by, now, alerts, reason)


def test_the_first_one_gives_its_alert_and_a_repeat_says_why_it_gives_none():
    account = Account()
    first, again = seen(account), seen(account, event_id="e-2")
    assert (first.alert, first.why_not) == ("hand_raise", None)
    assert (again.alert, again.why_not, again.event_id) == (None, NoAlertReason.HAND_RAISE_RECENT, "e-2")
    assert (first.account, first.persona, first.backfill) == ("acme.com", "finance", False)


def test_it_counts_from_when_it_happened_but_never_from_the_future():
    late, early = seen(Account(), at=T0 - DAY), seen(Account(), at=T0 + DAY)
    assert (late.at, late.now) == (T0 - DAY, T0)
    assert (early.at, early.now) == (T0, T0)


def test_where_another_alert_came_of_the_event_that_one_is_named():
    raised = event("engagement", 80, T0, "e-1", activity="demo_request", persona="CFO")
    _, alerts, _ = advance(Account(), raised, T0, fit(), CONTEXT, [])
    other = raised._replace(event_id="e-2")
    assert hand_raise_seen(other, "finance", T0, alerts, None).alert == alerts[-1].decision.type
    assert hand_raise_seen(other, "finance", T0, alerts, NoAlertReason.HAND_RAISE_RECENT).alert is None
