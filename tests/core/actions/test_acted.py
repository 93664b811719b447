"""The fit as actions leave it: decisions, lists, alerts, triage, who calls (scoring.md, sections 5 to 7)."""

from typing import Any

import pytest

from signal_engine.core.actions.in_force import EVERYWHERE, NOTHING, InForce, StandingAction
from signal_engine.core.alerting.alert import alert
from signal_engine.core.alerting.alerts import AlertDecision
from signal_engine.core.fit.acted import acted_on, actions_of, by_rule, fit_at, next_end
from signal_engine.core.fit.eligibility import goes_to_triage, hidden_by, unalerted_reason, unlisted_reason
from signal_engine.core.fit.icp import NO_DECISION, Fit
from signal_engine.core.fit.ranking import ALL, listed_by
from signal_engine.core.score.account import Account
from tests.build import ACME, T0, fit, fit_decision, policy

RULES = policy()
BY = "dana@example.com"
DONE = StandingAction(BY, T0)
BOTH = Fit(ACME, (fit_decision(fit=90.0, icp="a"), fit_decision(fit=70.0, tier="B", icp="b")), sdr="sam", owner="olga")

KILLED = InForce(kills={EVERYWHERE: DONE})
KILLED_FOR_A = InForce(kills={"a": DONE})
SNOOZED = InForce(snooze=StandingAction(BY, T0, until=T0 + 10))
NO_CONTACT = InForce(do_not_contact=DONE)
NOT_NOW = InForce(disposition=StandingAction(BY, T0, outcome="not_now", until=T0 + 20))
CONTACTED = InForce(disposition=StandingAction(BY, T0, outcome="contacted"))
CLAIMED = InForce(claim=StandingAction(BY, T0, until=T0 + 30))


def both(actions: InForce) -> Fit:
    found = acted_on(ACME, BOTH, actions)
    assert found is not None
    return found


def why_not(who: Fit | None) -> list[str | None]:
    """Why the account is not on `all`, `a` and `b`, and why nobody is alerted."""
    return [
        *(unlisted_reason(who, listed_by(who, name), RULES) for name in (ALL, "a", "b")),
        unalerted_reason(who, RULES),
    ]


@pytest.mark.parametrize(
    ("actions", "reasons"),
    [
        (NOTHING, [None, None, None, None]),
        (KILLED, ["killed"] * 4),
        (NO_CONTACT, ["do_not_contact"] * 4),
        (SNOOZED, ["snoozed"] * 4),
        (NOT_NOW, ["disposition"] * 4),
        (CONTACTED, [None, None, None, None]),
        (CLAIMED, [None, None, None, None]),
        # its own list alone: `all` and alerts follow from what remains
        (KILLED_FOR_A, [None, "killed", None, None]),
        (InForce(kills={"b": DONE}), [None, None, "killed", None]),
        (InForce(kills={"a": DONE, "b": DONE}), ["killed"] * 4),
        (InForce(kills={"retired": DONE}), [None, None, None, None]),
    ],
)
def test_why_an_account_is_off_its_lists(actions: InForce, reasons: list[str | None]) -> None:
    assert why_not(both(actions)) == reasons


def test_a_kill_for_one_icp_is_an_ignore_with_who_and_why_and_another_speaks_for_the_account() -> None:
    who = both(InForce(kills={"a": StandingAction(BY, T0, "too small")}))
    assert who.by("a") == fit_decision("ignore", 90.0, icp="a")._replace(reasons=(f"killed by {BY}: too small",))
    assert both(KILLED_FOR_A).by("a") == fit_decision("ignore", 90.0, icp="a")._replace(reasons=(f"killed by {BY}",))
    assert (BOTH.primary.icp, who.primary.icp) == ("a", "b")
    assert by_rule(who) is BOTH


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (fit("ignore", None, None), "killed"),
        (fit(suppressed=True), "killed"),
        (fit(relation="partner"), "killed"),
        (None, "killed"),
    ],
)
def test_what_a_person_decided_is_told_before_what_the_files_say(who: Fit | None, reason: str) -> None:
    assert why_not(acted_on(ACME, who, KILLED)) == [reason] * 4


def test_an_account_of_no_file_stays_one_when_it_is_claimed() -> None:
    stranger = acted_on(ACME, None, CLAIMED)
    assert stranger is not None
    assert stranger.primary == NO_DECISION
    assert why_not(stranger) == ["not_in_accounts"] * 4
    assert by_rule(stranger) is None
    told = alert(ACME, Account(), AlertDecision("inbound", T0, None, "x"), stranger, RULES)
    assert (told.fit, told.audience) == (None, "triage")


@pytest.mark.parametrize(
    ("actions", "goes"),
    [
        (NOTHING, True),
        (CLAIMED, True),
        (CONTACTED, True),
        (KILLED, False),
        (NO_CONTACT, False),
        (SNOOZED, False),
        (NOT_NOW, False),
        (InForce(kills={"saas": DONE}), False),
    ],
)
def test_a_hand_raise_of_a_hidden_account_does_not_go_to_triage(actions: InForce, goes: bool) -> None:
    assert goes_to_triage(acted_on(ACME, fit("ignore", None, None), actions)) is goes
    if actions != InForce(kills={"saas": DONE}):
        assert goes_to_triage(acted_on(ACME, None, actions)) is goes


@pytest.mark.parametrize(
    ("who", "actions", "hidden"),
    [
        (fit(), KILLED, "killed"),
        (fit(), SNOOZED, "snoozed"),
        (fit(), NOT_NOW, "disposition"),
        (fit(), NO_CONTACT, "do_not_contact"),
        (fit(), InForce(kills={"saas": DONE}), "killed"),
        (fit(), CLAIMED, None),
        (fit(), NOTHING, None),
        # the files keep it off, whatever people decide
        (fit("ignore"), KILLED, None),
        (None, KILLED, None),
        (None, NOTHING, None),
    ],
)
def test_whether_actions_alone_hide_an_account(who: Fit | None, actions: InForce, hidden: str | None) -> None:
    assert hidden_by(acted_on(ACME, who, actions), RULES) == hidden


def test_an_assign_says_who_calls_until_another_one() -> None:
    assigned = both(InForce(assigned=StandingAction(BY, T0, assignee="kim@example.com")))
    assert (assigned.sdr, assigned.owner) == ("kim@example.com", "olga")
    assert both(CLAIMED).sdr == "sam"


def test_a_fit_without_actions_is_the_fit_itself() -> None:
    assert acted_on(ACME, BOTH, InForce()) is BOTH
    assert fit_at(BOTH, T0) is BOTH
    assert fit_at(None, T0) is None
    assert actions_of(None) == actions_of(BOTH) == NOTHING
    assert next_end(None) is next_end(BOTH) is next_end(both(KILLED)) is None


def test_actions_end_in_the_fit_at_their_instants() -> None:
    who = both(SNOOZED._replace(claim=CLAIMED.claim))
    assert next_end(who) == T0 + 10
    assert fit_at(who, T0 + 9) is who
    claimed = fit_at(who, T0 + 10)
    assert actions_of(claimed) == CLAIMED
    assert fit_at(claimed, T0 + 30) is BOTH
    assert fit_at(acted_on(ACME, None, SNOOZED), T0 + 10) is None


@pytest.mark.parametrize("field", ["name", "segment", "owner", "crm_id", "suppressed", "relation", "parent"])
def test_all_else_that_a_row_carries_stays(field: str) -> None:
    row: Any = fit(
        name="Acme", segment="mid", owner="olga", crm_id="7", suppressed=True, relation="partner", parent="p.com"
    )
    assert getattr(acted_on(ACME, row, KILLED), field) == getattr(row, field)
