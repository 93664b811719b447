"""What delivery sees of account actions: the claim in force, and each person's own mutes."""

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.in_force import InForce, StandingAction
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.delivery.answering import actions_seen


def mute(by: str, now: int, until: int | None) -> LoggedAction:
    return LoggedAction(now, AccountAction("acme.com", f"id-{now}", "mute", now, by, "cli", until=until))


def test_the_claim_counts_while_it_is_in_force() -> None:
    claim = InForce(claim=StandingAction("bo@example.com", 1, until=100))
    assert actions_seen(claim, [], 50).claimed_by == "bo@example.com"
    assert actions_seen(claim, [], 100).claimed_by is None


def test_the_latest_mute_of_each_person_counts_in_whatever_order_they_come() -> None:
    taken = [mute("Ann@example.com", 20, 60), mute("ann@example.com", 10, 90), mute("bo@example.com", 30, 40)]
    later = [mute("ann@example.com", 70, 200), LoggedAction(5, taken[0].action._replace(action="claim"))]
    seen = actions_seen(InForce(), [*taken, *later], 50)
    assert seen.mutes == {"ann@example.com": 60, "bo@example.com": 40}


def test_an_account_is_hidden_while_that_is_in_force() -> None:
    snoozed = InForce(snooze=StandingAction("bo@example.com", 1, until=100))
    assert actions_seen(snoozed, [], 99).hidden == "snoozed"
    assert actions_seen(snoozed, [], 100).hidden is None
