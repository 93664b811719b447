"""What holds for any history of signals and actions: people decide who is called, never what is counted."""

from typing import Any
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.acting import ActionOutcome, act
from signal_engine.core.actions.action import ACTIONS, KEEPING, OUTCOMES, AccountAction
from signal_engine.core.actions.log import EMPTY
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.eligibility import unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import ALL, candidate, listed_by
from signal_engine.core.flow import ScoringContext, advance, pass_time
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import pin
from signal_engine.core.score.stack import evaluate
from signal_engine.wire.storage.state import encode
from tests.build import ACME, T0, fit_decision
from tests.core.histories import DAY, journeys

FITS = (
    Fit(ACME, (fit_decision(icp="a"), fit_decision(fit=70.0, icp="b"))),
    Fit(ACME, (fit_decision("ignore", None, None, "a"), fit_decision(icp="b"))),
    None,
)
PEOPLE = ("dana@example.com", "sam@example.com")
LASTS = st.sampled_from((0, 1, DAY // 2, 3 * DAY, 30 * DAY))

Happening = tuple[int, Event | AccountAction]


class Life:
    """An account that lives through signals and actions."""

    def __init__(self, rules: Policy, fit: Fit | None) -> None:
        self.account, self.fit, self.log, self.rules = Account(), fit, EMPTY, rules
        self.context = ScoringContext(rules)
        self.outcomes: list[ActionOutcome] = []
        self.alerts: list[Alert] = []

    def takes(self, now: int, what: Event | AccountAction) -> list[Alert]:
        """The alerts that it gave."""
        if isinstance(what, Event):
            _, told, _ = advance(self.account, what, now, self.fit, self.context, acted=self)
        else:
            outcome, self.log, told = act(self.account, what, now, self, self.log, self.context)
            self.outcomes.append(outcome)
        self.alerts += told
        return told

    def waits(self, until: int) -> list[Alert]:
        told = pass_time(self.account, ACME, until, self.fit, self.context)
        self.alerts += told
        return told


@st.composite
def actions(draw: Any, now: int) -> AccountAction:
    action = draw(st.sampled_from(ACTIONS))
    outcome = draw(st.sampled_from(OUTCOMES)) if action == "disposition" else None
    lasts = action in {"snooze", "claim", "mute"} or (outcome is not None and outcome not in KEEPING)
    return AccountAction(
        ACME,
        str(UUID(int=draw(st.integers(0, 30)))),
        action,
        now,
        draw(st.sampled_from(PEOPLE)),
        "cli",
        until=now + draw(LASTS) if lasts else None,
        icp=draw(st.sampled_from((None, "a", "b"))) if action in {"kill", "restore"} else None,
        outcome=outcome,
        assignee=PEOPLE[1] if action == "assign" else None,
        take_over=action == "claim" and draw(st.booleans()),
    )


@st.composite
def lives(draw: Any) -> tuple[Policy, list[Happening]]:
    """A policy, and signals and actions in order of time, several of them at one instant now and then."""
    rules, history = draw(journeys())
    happens: list[Happening] = []
    for now, signal in history:
        happens.append((now, signal))
        happens += [(at, draw(actions(at))) for at in sorted(now + draw(LASTS) for _ in range(draw(st.integers(0, 2))))]
    return rules, sorted(happens, key=lambda one: one[0])


def lived(rules: Policy, fit: Fit | None, happens: list[Happening]) -> Life:
    life = Life(rules, fit)
    for now, what in happens:
        life.takes(now, what)
    return life


@given(lives(), st.sampled_from(FITS), st.integers(0, 60 * DAY))
def test_actions_change_neither_scores_nor_levels(life, fit, wait):
    """Signals go on being counted while an account is hidden, so that a restore shows the truth."""
    rules, happens = life
    acted, plain = lived(rules, fit, happens), lived(rules, fit, [one for one in happens if isinstance(one[1], Event)])
    end = max((now for now, _ in happens), default=T0) + wait
    acted.waits(end)
    plain.waits(end)
    ours, theirs = acted.account, plain.account
    assert evaluate(ours, end, rules) == evaluate(theirs, end, rules)
    assert (ours.level, ours.since, ours.episode) == (theirs.level, theirs.since, theirs.episode)
    assert encode_kinds(ours) == encode_kinds(theirs)


def encode_kinds(account: Account) -> bytes:
    """What is left of signals, without what is remembered of alerts and answers."""
    bare = Account()
    bare.kinds, bare.ids, bare.people = account.kinds, account.ids, account.people
    return encode(bare)


@given(lives(), st.sampled_from(FITS))
def test_a_hidden_account_is_on_no_list_and_nobody_is_alerted(life, fit):
    rules, happens = life
    account = Life(rules, fit)
    for now, what in happens:
        before = unalerted_reason(account.fit, rules)
        told = account.takes(now, what)
        hidden = account.fit is not None and account.fit.actions.hidden is not None
        if hidden:
            score = evaluate(account.account, account.account.now, rules)
            for name in (ALL, "a", "b"):
                decision = listed_by(account.fit, name)
                assert candidate(ACME, account.account, score, decision, account.fit, rules) is None
        if hidden and before is not None and isinstance(what, AccountAction):
            ended = [one for one in told if one.decision.type != "cooled" and one.decision.at == account.account.now]
            assert ended == [], "an action that leaves the account hidden calls nobody"


@given(lives(), st.sampled_from(FITS))
def test_twice_is_once_for_actions_too(life, fit):
    """An action delivered again right away, with whatever body, changes nothing."""
    rules, happens = life
    once, twice = Life(rules, fit), Life(rules, fit)
    for now, what in happens:
        once.takes(now, what)
        twice.takes(now, what)
        if isinstance(what, AccountAction):
            state = encode(twice.account), twice.fit, twice.log
            assert twice.takes(now, what._replace(action="kill")) == []
            assert twice.outcomes.pop() == ActionOutcome.DUPLICATE
            assert (encode(twice.account), twice.fit, twice.log) == state
    assert [one.decision for one in once.alerts] == [one.decision for one in twice.alerts]
    assert once.outcomes == twice.outcomes


@given(lives(), st.sampled_from(FITS), st.lists(st.integers(0, 80 * DAY), max_size=5))
def test_waiting_in_steps_tells_what_waiting_at_once_tells(life, fit, steps):
    rules, happens = life
    patient, restless = lived(rules, fit, happens), lived(rules, fit, happens)
    start = max([patient.account.now, T0])
    told = [one for step in sorted({*steps, 80 * DAY}) for one in restless.waits(start + step)]
    assert told == patient.waits(start + 80 * DAY)
    assert encode(patient.account) == encode(restless.account)


@given(lives(), st.sampled_from(FITS))
def test_every_alert_is_sent_or_says_why_not_and_has_an_id_of_its_own(life, fit):
    rules, happens = life
    account = lived(rules, fit, happens)
    account.waits(max(account.account.now, T0) + 80 * DAY)
    ids = [one.decision.alert_id for one in account.alerts]
    assert len(set(ids)) == len(ids)
    hiding = {"do_not_contact", "killed", "snoozed", "disposition"}
    assert all(one.decision.type == "cooled" for one in account.alerts if one.decision.recorded in hiding)


@given(lives(), st.sampled_from(FITS))
def test_a_pin_lasts_until_it_is_answered(life, fit):
    rules, happens = life
    account = Life(rules, fit)
    for now, what in happens:
        pinned = pin(account.account, max(now, account.account.now), rules)
        account.takes(now, what)
        after = pin(account.account, max(now, account.account.now), rules)  # a duplicate moves no clock
        if isinstance(what, AccountAction):
            assert after in {pinned, None}, "no action pins"
        if after is None and pinned is not None:
            assert isinstance(what, AccountAction), "no signal ends a pin"
