"""Account actions as people are told of them."""

from uuid import UUID

from signal_engine.core.actions.action import AccountAction, Authority
from signal_engine.core.actions.in_force import EVERYWHERE, NOTHING, InForce, StandingAction
from signal_engine.core.actions.log import ActionLog, LoggedAction
from signal_engine.core.fit.acted import acted_on
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import take_snapshot
from signal_engine.wire.output.actions import in_force, taken
from signal_engine.wire.output.explanations import explanation
from tests.build import ACME, DAY, T0, fit, policy

BY = "dana@example.com"


def test_what_is_in_force_is_told_the_strongest_first() -> None:
    one = StandingAction(BY, T0)
    everything = InForce({"saas": one, EVERYWHERE: one}, one, one, one, one, one)
    assert [(told["action"], told["icp"]) for told in in_force(everything)] == [
        ("do_not_contact", None),
        ("kill", None),
        ("kill", "saas"),
        ("snooze", None),
        ("disposition", None),
        ("claim", None),
        ("assign", None),
    ]
    assert [told["action"] for told in in_force(everything._replace(do_not_contact=None))][:2] == ["kill", "kill"]
    assert in_force(NOTHING) == []


def test_an_action_in_force_says_who_when_why_and_until_when() -> None:
    told = in_force(InForce(disposition=StandingAction(BY, T0, "call in May", T0 + DAY, None, "not_now")))
    assert told == [
        {
            "action": "disposition",
            "icp": None,
            "by": BY,
            "applied_at": "2026-01-01T00:00:00Z",
            "reason": "call in May",
            "until": "2026-01-02T00:00:00Z",
            "review_at": None,
            "outcome": "not_now",
            "assignee": None,
            "inherited_from": None,
        }
    ]


def test_the_latest_actions_are_told_newest_first() -> None:
    kill = AccountAction(
        ACME,
        str(UUID(int=1)),
        "kill",
        T0,
        BY,
        "cli",
        Authority("saas", 3, BY),
        "too small",
        icp="saas",
        review_at=T0 + DAY,
    )
    claim = AccountAction(ACME, str(UUID(int=2)), "claim", T0, BY, "slack", until=T0 + DAY, take_over=True)
    newest, oldest = taken(ActionLog(("1", "2"), (LoggedAction(T0 + 1, kill), LoggedAction(T0 + 2, claim))))
    assert (newest["action"], newest["applied_at"], newest["via"]) == ("claim", "2026-01-01T00:00:00.002Z", "slack")
    assert (newest["take_over"], newest["until"], newest["authority"]) == (True, "2026-01-02T00:00:00Z", None)
    assert (oldest["icp"], oldest["reason"], oldest["review_at"]) == ("saas", "too small", "2026-01-02T00:00:00Z")
    assert oldest["authority"] == {"icp": "saas", "version": 3, "owner": BY}


def test_an_explanation_names_actions_in_force_and_the_claimer() -> None:
    stands = take_snapshot(ACME, Account(), T0, policy())
    who = acted_on(ACME, fit(), InForce(claim=StandingAction(BY, T0, until=T0 + DAY)))
    told = explanation(stands, who, [], {}, NoAlertReason.BELOW_THRESHOLD, None)
    assert (told["claimed_by"], told["claimed_at"]) == (BY, "2026-01-01T00:00:00Z")
    assert [one["action"] for one in told["actions"]] == ["claim"]
    plain = explanation(stands, fit(), [], {}, NoAlertReason.BELOW_THRESHOLD, None)
    assert (plain["claimed_by"], plain["claimed_at"], plain["actions"]) == (None, None, [])
