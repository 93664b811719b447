"""The flow of one event: its outcome, what it leaves behind, and why it gave no alert (scoring.md, sections 1 to 5)."""

from math import log2

import pytest

from signal_engine.core.flow import EventOutcome, ScoringContext, advance, decide, no_alert, pass_time
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.score.account import Account, Person
from signal_engine.core.score.stacking import Signal
from tests.build import ACME, BUYERS, DAY, T0, Story, after, event, fit, kind, policy, rule

SCORED = kind(half_life=10, rules=(rule(100, score={"gte": 60}),))
RULES = policy(SCORED, kind("hiring", half_life=1), kind("engagement", half_life=1), personas=BUYERS)
SIX_HALF_LIVES = 60 * DAY


def test_what_becomes_of_events_has_four_names():
    assert [str(outcome) for outcome in EventOutcome] == ["applied", "duplicate", "ignored", "expired"]


@pytest.mark.parametrize(
    ("event", "now", "outcome"),
    [
        (event(), T0, "applied"),
        (event(), T0 + SIX_HALF_LIVES, "applied"),
        (event(), T0 + SIX_HALF_LIVES + 1, "expired"),
        (event(score=59), T0, "ignored"),
        (event(score=59), T0 + SIX_HALF_LIVES + 1, "expired"),
        (event(points=0), T0, "ignored"),
        (event("hiring", status="closed"), T0, "ignored"),
        (event("engagement", automated=True), T0, "ignored"),
        (event("funding"), T0, "ignored"),
        (event("funding"), T0 + 9999 * DAY, "ignored"),
        (event(at=T0 + 60_000), T0, "applied"),
    ],
    ids=[
        "a signal",
        "six half-lives old",
        "a millisecond older",
        "no rule holds",
        "expired comes before ignored",
        "no confidence",
        "a closed posting",
        "what no person did",
        "a kind that does not count",
        "a kind that does not count cannot expire",
        "a clock that is ahead",
    ],
)
def test_an_event_has_one_outcome(event, now, outcome):
    story = Story(RULES)
    story.tell(event, now)
    assert story.outcome == outcome
    assert (story.account.now, len(story.account.ids), len(story.account.kinds)) == (
        (now, 1, 1) if outcome == "applied" else (BEGINNING, 0, 0)
    )
    assert outcome == "applied" or story.reason is None


def test_an_id_seen_again_is_a_duplicate_whatever_else_the_event_says():
    story = Story(RULES)
    story.tell(event(event_id="e1"))
    for again in (event(event_id="e1"), event("intent", 5, after(1), "e1"), event(event_id="e1", score=1)):
        story.tell(again, after(2))
        assert (story.outcome, story.reason) == ("duplicate", None)
    assert (story.account.now, len(story.account.ids), story.account.kinds["intent"].facets) == (T0, 1, {"crm": 80.0})


def test_the_same_id_of_another_kind_is_another_event():
    story = Story(RULES)
    story.tell(event(event_id="e1"))
    story.tell(event("hiring", 5, event_id="e1"))
    assert (story.outcome, len(story.account.ids)) == ("applied", 2)


def test_a_duplicate_is_one_until_its_signal_would_be_expired():
    story = Story(RULES)
    story.tell(event(event_id="e1"))
    story.tell(event(event_id="e1"), T0 + SIX_HALF_LIVES)
    assert story.outcome == "duplicate"
    story.tell(event(event_id="e1"), T0 + SIX_HALF_LIVES + 1)
    assert story.outcome == "expired"


def test_only_applied_ids_are_remembered():
    story = Story(RULES)
    story.tell(event(event_id="e1", score=10))
    story.tell(event(event_id="e1"))
    assert story.outcome == "applied"


def test_an_account_remembers_as_many_ids_as_it_is_told_to():
    story = Story(RULES)
    story.scoring_context = ScoringContext(RULES, remembered_ids=2)
    for number in range(3):
        story.tell(event(points=1, at=after(seconds=number), event_id=f"e{number}"))
    assert (len(story.account.ids), story.account.ids.evicted) == (2, 1)
    assert ScoringContext(RULES).remembered_ids == 1024


def test_the_time_of_an_account_never_runs_backwards():
    story = Story(RULES)
    story.tell(event(points=70, at=after(5)))
    assert story.tell(event("hiring", 100, at=T0), after(1)) == [("new_evidence", after(5))]
    assert story.account.now == after(5)


def test_a_late_event_is_decided_at_the_time_of_the_account():
    story = Story(policy(kind(half_life=1)))
    story.tell(event(points=10, at=after(6)))
    story.tell(event(points=90, at=after(-1)), after(1))
    assert story.outcome == "expired"


def test_a_signal_from_a_clock_that_is_ahead_counts_from_its_arrival():
    story = Story(RULES)
    story.tell(event(points=80, at=after(1)), T0)
    state = story.account.kinds["intent"]
    assert (state.ref, state.facets) == (T0, {"crm": 80.0})
    assert state.evidence[0].occurred_at == after(1)
    assert story.account.last_signal_at == after(1)


def test_a_signal_leaves_its_points_its_facet_itself_and_its_date():
    story = Story(RULES)
    story.tell(event(points=8, topic=" ERP ", event_id="e1", source_url="https://example.com/x"), after(3))
    state = story.account.kinds["intent"]
    assert (state.ref, state.facets) == (T0, {"erp": 8.0})
    (kept,) = state.evidence
    assert kept.weight == pytest.approx(log2(8) + T0 / (10 * DAY), abs=1e-9)
    assert (kept.occurred_at, kept.event_id) == (T0, "e1")
    assert (kept.text, kept.source_url) == ("Researching ERP (intent 85)", "https://example.com/x")
    assert (story.account.last_signal_at, story.account.upper_bound) == (T0, 8.0)


def test_the_date_of_the_last_signal_is_that_of_the_newest_not_of_the_last_to_come():
    story = Story(RULES)
    for days in (3, 1, 3, 2):
        story.tell(event(points=1, at=after(days), event_id=f"{days}"), after(4))
    assert story.account.last_signal_at == after(3)


def test_the_three_strongest_signals_and_the_newest_are_kept_as_evidence():
    story = Story(RULES)
    for number, points in enumerate((5, 1, 4, 2, 3, 2.5)):
        story.tell(event(points=points, event_id=f"e{number}"))
    assert [kept.event_id for kept in story.account.kinds["intent"].evidence] == ["e0", "e2", "e4", "e5"]
    assert story.account.kinds["intent"].facets == {"crm": 17.5}


def test_whoever_keeps_histories_gets_every_signal_that_was_folded_also_those_not_kept():
    account, folded, scoring_context = Account(), [], ScoringContext(RULES)
    for number, points in enumerate((5, 4, 3, 1, 0)):
        signal = event(
            points=points, at=after(seconds=-number), event_id=f"e{number}", source_url="https://example.com"
        )
        advance(account, signal, T0, fit(), scoring_context, folded)
    text = "Researching crm (intent 85)"
    assert [one.event_id for one in folded] == ["e0", "e1", "e2", "e3"], "what was ignored was not folded"
    assert folded[3] == Signal("e3", "intent", after(seconds=-3), 1.0, text, "https://example.com", None)
    assert [one.event_id for one in account.kinds["intent"].evidence] == ["e0", "e1", "e2"]


def test_personas_are_met_in_engagement_only_and_when_they_were_there():
    story = Story(RULES)
    story.tell(event("engagement", 1, persona=" CFO "), after(1))
    story.tell(event("hiring", 1, persona="CIO"), after(1))
    story.tell(event("engagement", 1, at=after(1)), after(1))
    story.tell(event("engagement", 1, persona=" ", event_id="blank"), after(1))
    story.tell(event("engagement", 1, at=after(2), persona="CRO", event_id="ahead"), after(1))
    assert story.account.people == {"finance": Person(T0, "CFO"), "sales": Person(after(1), "CRO")}


def test_one_person_in_three_spellings_is_one_facet():
    story = Story(RULES)
    for title in ("CFO", "Chief Financial Officer", "vp finance", "Intern", "Gardener", None):
        story.tell(event("engagement", 1, event_id=str(title), persona=title))
    assert story.account.kinds["engagement"].facets == {"finance": 3.0, "student": 1.0, "other": 1.0, "unknown": 1.0}


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (None, "not_in_accounts"),
        (fit("ignore"), "not_fit"),
        (fit("unknown"), "fit_unknown"),
        (fit("deprioritize"), "deprioritized"),
        (fit(suppressed=True), "suppressed"),
        (fit(relation="partner"), "relation"),
    ],
)
def test_an_account_that_is_not_chased_rises_and_is_not_called(who, reason):
    story = Story(RULES, who, fits=who is not None)
    assert story.tell(event(points=90)) == []
    assert (story.outcome, story.reason, story.account.level) == ("applied", reason, "hot")
    assert (story.account.alerted, story.account.last_alert_at) == (False, None)


def test_waiting_takes_the_time_of_any_account_forward_and_never_back():
    for points in (1, 40, 90):
        story = Story(RULES)
        story.tell(event(points=points))
        story.wait(after(2))
        assert story.account.now == after(2)
        story.wait(after(1))
        assert story.account.now == after(2)
    fresh = Account()
    assert pass_time(fresh, ACME, T0, fit(), ScoringContext(RULES)) == []
    assert fresh.now == T0


def test_after_a_fit_change_a_hot_account_is_called_once():
    story = Story(RULES, fits=False)
    story.tell(event(points=90))
    alert, reason = decide(story.account, ACME, after(1), fit(), story.scoring_context)
    assert reason is None
    assert (alert.decision.type, alert.decision.at, alert.decision.episode, alert.why_now.text) == (
        "entered_hot",
        after(1),
        1,
        "Researching crm (intent 85)",
    )
    assert decide(story.account, ACME, after(1), fit(), story.scoring_context) == (None, "already_alerted")


@pytest.mark.parametrize(
    ("points", "who", "reason"),
    [(90, None, "not_in_accounts"), (90, fit("ignore"), "not_fit"), (40, fit(), "below_threshold")],
)
def test_after_a_fit_change_there_is_a_reason_when_nobody_is_called(points, who, reason):
    story = Story(RULES, fits=False)
    story.tell(event(points=points))
    assert decide(story.account, ACME, T0, who, story.scoring_context) == (None, reason)
    assert story.account.last_alert_at is None


def test_after_a_fit_change_the_cooldown_still_holds():
    story = Story(RULES, fits=False)
    story.account.last_alert_at, story.account.last_alert_kinds = after(-1), frozenset({"intent"})
    story.tell(event(points=90))
    assert decide(story.account, ACME, T0, fit(), story.scoring_context) == (None, "cooldown")


@pytest.mark.parametrize(
    ("points", "who", "reason"),
    [
        (40, None, "not_in_accounts"),
        (90, fit("unknown"), "fit_unknown"),
        (90, fit(relation="own"), "relation"),
        (40, fit(), "below_threshold"),
        (90, fit(), "already_alerted"),
    ],
)
def test_asked_why_there_is_no_alert_the_first_reason_is_given(points, who, reason):
    story = Story(RULES)
    story.tell(event(points=points))
    assert no_alert(story.account, T0, who, story.scoring_context) == reason
