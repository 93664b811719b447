"""An alert as it is told: whom it is for, why now, by what it was tipped (scoring.md, sections 5 and 7)."""

import pytest

from signal_engine.core.alerting.alert import alert
from signal_engine.core.alerting.alerts import ALERT_TYPES, AlertDecision
from signal_engine.core.flow import ScoringContext, advance, decide, pass_time
from signal_engine.core.rules.policy import RelationPolicy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import take_snapshot
from tests.build import ACME, BUYERS, HAND_RAISES, T0, TRIGGERS, Story, after, event, fit, kind, policy

RULES = policy(
    kind(half_life=8),
    kind("hiring", half_life=8),
    kind("engagement", half_life=8, rules=HAND_RAISES),
    kind("leadership", half_life=8, rules=TRIGGERS),
    personas=BUYERS,
)


def reasons_of(story: Story) -> tuple[str, str | None]:
    """Why now, and what tipped it, of the last alert."""
    last = story.alerts[-1]
    return last.why_now.text, last.tipped_by and last.tipped_by.text


def whole(alert, who, account=ACME):
    return alert.snapshot.account == account and alert.fit is who


def test_entered_hot_tells_the_strongest_signal_and_the_tipping_one_second():
    story = Story(RULES)
    story.tell(event(points=55, event_id="i"))
    story.tell(event("hiring", 10, at=after(1), event_id="h", title="CMO"))
    assert reasons_of(story) == ("Researching crm (intent 85)", "Hiring: CMO")
    (last,) = story.alerts
    assert (last.why_now.at, last.why_now.event_id) == (T0, "i")
    assert (last.tipped_by.at, last.tipped_by.event_id) == (after(1), "h")


def test_where_the_tipping_signal_is_the_strongest_it_is_told_once():
    story = Story(RULES)
    story.tell(event(points=70))
    assert reasons_of(story) == ("Researching crm (intent 85)", None)


def test_new_evidence_tells_the_strongest_and_the_tipping_one():
    story = Story(RULES)
    story.tell(event(points=70))
    story.tell(event("hiring", 5, title="CMO"))
    assert story.alerts[-1].decision.type == "new_evidence"
    assert reasons_of(story) == ("Researching crm (intent 85)", "Hiring: CMO")


@pytest.mark.parametrize(
    ("signal", "type_", "text"),
    [
        (
            event("engagement", 5, at=after(1), activity="demo_request", persona="CFO"),
            "hand_raise",
            "CFO asked for a demo",
        ),
        (event("leadership", 5, at=after(1), role="CRO", change="joined"), "trigger", "New CRO"),
    ],
)
def test_an_alert_by_a_signal_of_its_own_tells_that_signal_and_not_the_strongest(signal, type_, text):
    story = Story(RULES)
    story.tell(event(points=55))
    story.tell(signal)
    assert (story.alerts[-1].decision.type, *reasons_of(story)) == (type_, text, None)
    assert story.alerts[-1].why_now.at == after(1)


def test_entered_hot_of_a_pinned_account_tells_the_strongest_too():
    story = Story(RULES)
    story.tell(event("engagement", 5, activity="demo_request", persona="CFO"))
    story.tell(event(points=70, at=after(1)))
    assert story.alerts[-1].snapshot.pinned
    assert story.alerts[-1].snapshot.why_now.text == "CFO asked for a demo"
    assert reasons_of(story) == ("Researching crm (intent 85)", None)


def test_the_end_of_a_cooldown_tells_the_strongest_and_nothing_tipped_it():
    who, account, scoring_context = fit(), Account(), ScoringContext(policy(kind(half_life=1), cooldown_days=2))
    advance(account, event(points=100, at=T0), T0, who, scoring_context)
    advance(account, event(points=1_000, at=after(1.5), topic="erp"), after(1.5), who, scoring_context)
    (last,) = [
        one for one in pass_time(account, ACME, after(2.5), who, scoring_context) if one.decision.type == "entered_hot"
    ]
    assert whole(last, who)
    assert (last.decision.at, last.why_now.text, last.tipped_by) == (after(2), "Researching erp (intent 85)", None)


def test_a_fit_change_tells_the_strongest():
    who, account, scoring_context = fit(), Account(), ScoringContext(RULES)
    advance(account, event(points=100), T0, None, scoring_context)
    last, _ = decide(account, ACME, T0, who, scoring_context)
    assert whole(last, who)
    assert (last.why_now.text, last.tipped_by) == ("Researching crm (intent 85)", None)


def test_cooled_says_what_faded_and_when_the_last_signal_came_and_never_a_reason_to_call():
    who, account = fit(), Account()
    scoring_context = ScoringContext(policy(kind(half_life=1), kind("hiring", half_life=60)))
    advance(account, event("hiring", 10), T0, who, scoring_context)
    advance(account, event(points=89), T0, who, scoring_context)
    (last,) = pass_time(account, ACME, after(9), who, scoring_context)
    assert whole(last, who)
    assert last.decision.type == "cooled"
    # 89 points fade to 40 within 1.15 days, and intent has more than a point then: nothing has ceased to be live
    assert last.why_now == ("No longer hot; the last signal came 1 day ago", None, None)
    assert last.tipped_by is None


def test_by_silence_what_was_named_and_is_no_longer_live_has_faded():
    story = Story(policy(kind(half_life=60), kind("technographic", half_life=0.5), max_silence_days=5))
    story.tell(event("technographic", 10))
    story.tell(event(points=89))
    assert story.wait(after(5)) == [("cooled", after(5))]
    assert reasons_of(story) == ("Technology has faded; the last signal came 5 days ago", None)


@pytest.mark.parametrize(
    ("type_", "threshold"),
    [
        ("entered_hot", 60),
        ("new_evidence", 60),
        ("cooled", 50),
        ("hand_raise", None),
        ("trigger", None),
        ("inbound", None),
    ],
)
def test_an_alert_names_the_threshold_that_was_crossed(type_, threshold):
    story = Story(RULES)
    story.tell(event(points=80))
    who, signal = fit(), event("leadership", at=after(1), role="CIO")
    decision = AlertDecision(type_, after(1), 1, "id")
    made = alert(ACME, story.account, decision, who, RULES, signal)
    assert (made.decision, made.fit, made.threshold, made.not_for_reps) == (decision, who, threshold, None)
    assert made.snapshot == take_snapshot(ACME, story.account, after(1), RULES)
    assert type_ in ALERT_TYPES


@pytest.mark.parametrize(
    ("type_", "who", "audience"),
    [
        ("entered_hot", fit(), "sdr"),
        ("cooled", fit(relation="former_customer"), "sdr"),
        ("hand_raise", fit(relation="customer"), "owner"),
        ("trigger", fit(relation="open_opportunity"), "owner"),
        ("inbound", fit("ignore"), "triage"),
        ("inbound", fit(relation="partner"), "triage"),
        ("inbound", None, "triage"),
    ],
)
def test_an_alert_is_for_whom_the_relation_says_and_inbound_for_triage(type_, who, audience):
    signal = event("engagement", 5, activity="demo_request")
    made = alert(ACME, Account(), AlertDecision(type_, T0, None, "id"), who, RULES, signal)
    assert made.audience == audience


def test_the_file_says_whom_an_alert_is_for():
    rules = policy(relations={"customer": RelationPolicy(alert="sdr")})
    story = Story(rules, fit(relation="customer"))
    story.tell(event(points=80))
    assert story.alerts[0].audience == "sdr"


def test_an_alert_is_of_the_account_as_it_stood_at_its_instant():
    story = Story(RULES)
    story.tell(event(points=80))
    stood = story.alerts[0].snapshot
    story.tell(event("hiring", 30, at=after(2)))
    assert stood == story.alerts[0].snapshot
    assert (stood.score.score, stood.score.live) == (pytest.approx(80), {"intent"})
    assert story.alerts[1].snapshot.score.at == after(2)
