"""Where an account stands at one instant, and what an alert says of it."""

import pytest

from signal_engine.core.account import Account, Evidence, KindState
from signal_engine.core.alerts import Call
from signal_engine.core.flow import Judge, pass_time
from signal_engine.core.stack import evaluate
from signal_engine.core.standing import alert, standing, why_now
from tests.build import ACME, DAY, HAND_RAISES, SECOND, T0, Story, after, event, fit, kind, policy

RULES = policy(kind(half_life=1), kind("hiring", half_life=2), kind("engagement", half_life=4, rules=HAND_RAISES))


def told(*events, now: int = T0) -> Account:
    story = Story(RULES)
    for one in events:
        story.tell(one, now)
    return story.account


def test_a_standing_shows_all_there_is_at_its_instant():
    account = told(
        event(points=8, event_id="e1"),
        event(points=80, event_id="e2"),
        event("hiring", 16, event_id="h1"),
        event("engagement", 1, event_id="x", persona="cto"),
        event("engagement", 1, event_id="y", persona="cfo"),
        event("engagement", 1, at=after(0.5), event_id="z", persona="cmo"),
        now=after(0.5),
    )
    account.ids.evicted = 7
    at = after(1)
    shown = standing(ACME, account, at, RULES)
    assert (shown.account, shown.score) == (ACME, evaluate(account, at, RULES))
    assert (shown.level, shown.previous_level, shown.since) == ("hot", "cold", after(0.5))
    assert (shown.last_signal_at, shown.people, shown.ids_let_go) == (after(0.5), ("cmo", "cfo", "cto"), 7)
    assert list(shown.evidence) == ["intent", "hiring", "engagement"]
    points = [(e.kind, e.evidence.event_id, e.points) for e in (*shown.evidence["intent"], *shown.evidence["hiring"])]
    assert points == [
        ("intent", "e2", pytest.approx(40)),
        ("intent", "e1", pytest.approx(4)),
        ("hiring", "h1", pytest.approx(16 * 2**-0.5)),
    ]


def test_it_shows_when_the_level_ends():
    account = told(event(points=100))
    assert standing(ACME, account, T0, RULES).cools_at == after(1)
    assert standing(ACME, told(event(points=5)), T0, RULES).cools_at is None


def test_a_standing_of_an_account_without_signals_is_blank():
    blank = standing(ACME, Account(), T0, RULES)
    assert (blank.level, blank.since, blank.evidence, blank.people, blank.score.score) == ("cold", None, {}, (), 0.0)
    assert why_now(blank) == ""


def test_why_now_is_the_signal_that_triggered_it_else_the_strongest_now():
    account = told(event(points=80), event("hiring", 60, title="CRO"))
    now, later = standing(ACME, account, T0, RULES), standing(ACME, account, after(2), RULES)
    trigger = event("leadership", role="CIO")
    assert why_now(now, trigger) == "New CIO"
    assert why_now(now) == "Researching crm (intent 85)"
    assert why_now(later) == "Hiring: CRO"


def evidenced(*pieces: tuple[str, str, int]):
    """Of (kind, event_id, occurred_at), all worth 8 points at T0."""
    account = Account()
    for name, event_id, occurred_at in pieces:
        state = account.kinds.setdefault(name, KindState(T0, {"x": 8.0}))
        weight = 3 + T0 / RULES.kinds[name].half_life
        state.evidence = (*state.evidence, Evidence(weight, occurred_at, event_id, f"{name} {event_id}", None))
    return standing(ACME, account, T0, RULES)


@pytest.mark.parametrize(
    ("pieces", "best"),
    [
        ([("intent", "a", T0 - DAY), ("hiring", "b", T0)], "hiring b"),
        ([("intent", "a", T0), ("hiring", "b", T0)], "intent a"),
        ([("intent", "a", T0), ("intent", "b", T0)], "intent b"),
    ],
    ids=["the newest", "the first of the kinds", "the last id"],
)
def test_of_equally_strong_signals_the_newest_speaks_and_ties_have_an_order(pieces, best):
    assert why_now(evidenced(*pieces)) == best


@pytest.mark.parametrize(
    ("type_", "threshold"), [("entered_hot", 60), ("new_evidence", 60), ("cooled", 50), ("hand_raise", None)]
)
def test_an_alert_names_the_threshold_that_was_crossed(type_, threshold):
    account, who = told(event(points=80)), fit()
    call = Call(type_, after(1), 1, "id")
    made = alert(ACME, account, call, who, RULES)
    assert (made.call, made.fit, made.threshold) == (call, who, threshold)
    assert made.standing == standing(ACME, account, after(1), RULES)
    assert made.why_now == "Researching crm (intent 85)"
    assert alert(ACME, account, call, who, RULES, event("leadership")).why_now == "New CFO"


def test_the_end_of_a_level_is_not_looked_for_again_while_the_level_is_the_same(monkeypatch):
    account = told(event(points=80))
    first = standing(ACME, account, T0, RULES)
    with monkeypatch.context() as patched:
        patched.setattr("signal_engine.core.standing.cools_at", lambda *_: 1 / 0)
        later = standing(ACME, account, T0 + 2 * SECOND, RULES, first)
    assert later == standing(ACME, account, T0 + 2 * SECOND, RULES)
    pass_time(account, ACME, first.cools_at, None, Judge(RULES))
    assert account.level != first.level
    assert standing(ACME, account, account.now, RULES, first) == standing(ACME, account, account.now, RULES)
