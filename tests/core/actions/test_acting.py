"""What actions do to alerts, pins and time: scenes of one account, told in order (scoring.md, sections 5 and 7)."""

from typing import Any
from uuid import UUID

import pytest

from signal_engine.core.acting import ActionOutcome
from signal_engine.core.actions.action import ActionName
from signal_engine.core.actions.in_force import EVERYWHERE, NOTHING
from signal_engine.core.actions.log import IDS_KEPT, LATEST_KEPT, LoggedAction
from signal_engine.core.fit.acted import actions_of
from signal_engine.core.flow import EventOutcome, apply_new_policy, no_alert
from signal_engine.core.score.levels import cools_at
from tests.build import ACME, T0, after, event, fit, kind, policy
from tests.core.actions.scene import RULES, SAM, Scene, hot, raised

HIDES: list[tuple[ActionName, dict[str, Any], str]] = [
    ("kill", {}, "killed"),
    ("kill", {"icp": "saas"}, "killed"),
    ("do_not_contact", {}, "do_not_contact"),
    ("snooze", {"until": after(300)}, "snoozed"),
    ("disposition", {"outcome": "no_budget", "until": after(300)}, "disposition"),
]


@pytest.mark.parametrize(("action", "more", "reason"), HIDES)
def test_a_hidden_account_gives_no_alert_and_says_why(action: ActionName, more: dict[str, Any], reason: str) -> None:
    scene = hot()
    assert scene.act(action, after(1), **more) == []
    assert scene.tell(event("intent", 50, after(2))) == []
    assert scene.reason == reason
    assert no_alert(scene.account, after(2), scene.fit, scene.scoring_context) == reason


@pytest.mark.parametrize(("action", "more", "reason"), HIDES)
def test_while_hidden_time_passes_quietly(action: ActionName, more: dict[str, Any], reason: str) -> None:
    """The level ends at the instant at which it would have ended, and its end is recorded."""
    open_, hidden = hot(), hot()
    hidden.act(action, after(1), **more)
    ends = cools_at(open_.account, T0, RULES)
    assert ends is not None
    assert hidden.wait(after(30)) == open_.wait(after(30)) == [("cooled", ends)]
    assert (open_.recorded[-1], hidden.recorded[-1]) == (None, reason)
    assert (open_.account.level, open_.account.since) == (hidden.account.level, hidden.account.since)


def test_an_account_that_no_file_lets_alert_has_no_end_recorded_either() -> None:
    scene = hot()
    scene.fit = fit("ignore", None, None)
    scene.act("kill", after(1))
    assert scene.wait(after(30)) == []


def test_a_restore_decides_anew_as_after_a_fit_change() -> None:
    scene = Scene()
    scene.act("kill", T0)
    assert scene.tell(event("intent", 80, after(1))) == []
    assert scene.act("restore", after(2)) == [("entered_hot", after(2))]
    assert actions_of(scene.fit) == NOTHING
    scene.act("kill", after(3))
    scene.tell(event("hiring", 50, after(4)))
    assert scene.act("restore", after(5)) == [("new_evidence", after(5))]
    scene.act("kill", after(6))
    assert scene.act("restore", after(7)) == []


def test_a_restore_of_an_account_without_signals_tells_nothing() -> None:
    scene = Scene()
    scene.act("kill", T0)
    assert scene.act("restore", after(1)) == []
    assert scene.account.kinds == {}


def test_a_kill_for_one_icp_and_its_restore() -> None:
    scene = Scene()
    scene.act("kill", T0, icp="saas")
    assert scene.tell(event("intent", 80, after(1))) == []
    assert scene.act("restore", after(2)) == []
    assert scene.act("restore", after(3), icp="saas") == [("entered_hot", after(3))]


def test_the_end_of_a_snooze_is_dated_at_its_instant_and_decides_anew() -> None:
    scene = Scene()
    scene.act("snooze", T0, until=after(2, ms=7))
    assert scene.tell(event("intent", 80, after(1))) == []
    assert scene.wait(after(2)) == []
    assert scene.wait(after(5)) == [("entered_hot", after(2, ms=7))]


def test_what_ended_before_the_next_signal_comes_before_its_alert() -> None:
    scene = Scene()
    scene.act("snooze", T0, until=after(2))
    scene.tell(event("intent", 80, after(1)))
    assert scene.tell(event("hiring", 50, after(3))) == [("entered_hot", after(2)), ("new_evidence", after(3))]


def test_an_account_that_has_cooled_before_the_snooze_ends_gives_no_alert_then() -> None:
    scene = Scene()
    scene.act("snooze", T0, until=after(100))
    scene.tell(event("intent", 80, after(1)))
    assert scene.wait(after(200)) == []
    assert scene.account.level == "cold"


def test_snooze_and_disposition_end_one_after_the_other_and_the_last_one_decides() -> None:
    scene = Scene()
    scene.act("snooze", T0, until=after(2))
    scene.act("disposition", T0, outcome="not_now", until=after(3))
    scene.tell(event("intent", 80, after(1)))  # not live then: the disposition ends, the snooze does not
    assert scene.reason == "snoozed"
    scene.act("disposition", after(1), outcome="not_now", until=after(3))
    assert scene.wait(after(4)) == [("entered_hot", after(3))]


@pytest.mark.parametrize(("action", "more"), [(one, more) for one, more, _ in HIDES[3:]])
@pytest.mark.parametrize(
    ("signal", "kind_", "fields"),
    [("hand_raise", "engagement", {"activity": "demo_request"}), ("trigger", "leadership", {"change": "joined"})],
)
def test_a_hand_raise_or_a_trigger_ends_a_snooze_and_a_disposition(
    action: ActionName, more: dict[str, Any], signal: str, kind_: str, fields: dict[str, str]
) -> None:
    scene = Scene()
    scene.act(action, T0, **more)
    assert scene.tell(event(kind_, 10, after(1), **fields)) == [(signal, after(1))]
    assert actions_of(scene.fit) == NOTHING


@pytest.mark.parametrize(
    ("now", "more"),
    [
        (after(20), {}),  # older than pin_days when it comes
        (after(2), {"backfill": True}),
    ],
)
def test_an_old_hand_raise_and_one_of_history_end_nothing(now: int, more: dict[str, Any]) -> None:
    scene = Scene()
    scene.act("snooze", T0, until=after(300))
    assert scene.tell(event("engagement", 10, after(1), activity="demo_request", **more), now) == []
    assert scene.reason == "snoozed"


@pytest.mark.parametrize("action", ["kill", "do_not_contact"])
def test_a_hand_raise_does_not_end_what_only_a_person_may_end(action: Any) -> None:
    scene = Scene()
    scene.act(action, T0)
    assert scene.tell(event("engagement", 90, after(1), activity="demo_request")) == []
    assert scene.outcome == EventOutcome.APPLIED


def test_a_kind_that_was_not_live_then_ends_a_disposition_and_gives_the_alert_of_the_account() -> None:
    scene = hot()
    scene.act("disposition", after(1), outcome="no_response", until=after(31))
    assert scene.tell(event("intent", 50, after(2))) == []
    assert scene.reason == "disposition"
    assert scene.tell(event("hiring", 50, after(3))) == [("new_evidence", after(3))]
    assert actions_of(scene.fit) == NOTHING


def test_a_kind_that_ends_a_disposition_brings_what_came_live_while_hidden_under_another_action() -> None:
    """The alert names hiring, too, which no signal has been told of: shortcuts by the signal's own kind do not hold."""
    scene = hot()
    scene.act("snooze", after(1), until=after(3))
    scene.tell(event("hiring", 50, after(2)))
    scene.act("disposition", after(2), outcome="no_response", until=after(31))
    assert scene.tell(event("hiring", 50, after(4))) == []
    assert scene.tell(event("funding", 50, after(5))) == [("new_evidence", after(5))]
    assert scene.account.named == {"intent", "hiring", "funding"}


def test_contacted_keeps_the_account_and_its_alerts() -> None:
    scene = hot()
    scene.act("disposition", after(1), outcome="contacted")
    assert scene.tell(event("hiring", 50, after(2))) == [("new_evidence", after(2))]


def test_the_same_id_counts_once_whatever_it_says() -> None:
    scene = Scene()
    scene.act("kill", T0)
    scene.acts -= 1
    assert scene.act("restore", after(1)) == []
    assert scene.acted == ActionOutcome.DUPLICATE
    assert actions_of(scene.fit).kills.keys() == {EVERYWHERE}
    assert len(scene.log.ids) == 1


def test_the_last_200_ids_and_the_last_20_actions_are_remembered() -> None:
    scene = Scene()
    for number in range(IDS_KEPT + 1):
        scene.act("assign", after(ms=number), assignee=SAM)
        assert scene.acted == ActionOutcome.APPLIED
    assert scene.log.ids == tuple(str(UUID(int=one)) for one in range(2, IDS_KEPT + 2))
    assert len(scene.log.latest) == LATEST_KEPT
    newest = scene.log.latest[-1]
    assert newest == LoggedAction(after(ms=IDS_KEPT), newest.action)
    assert newest.action.action_id == str(UUID(int=IDS_KEPT + 1))


def test_an_action_that_comes_behind_its_account_is_taken_at_the_accounts_instant() -> None:
    scene = hot(after(1))
    scene.act("kill", T0)
    assert scene.log.latest[-1].now == after(1)
    assert scene.account.now == after(1)


def test_an_account_of_no_file_that_is_killed_sends_nobody_to_triage() -> None:
    stranger = Scene(fits=False)
    assert raised(stranger, T0) == [("inbound", T0)]
    stranger.act("kill", after(1))
    assert raised(stranger, after(2)) == []
    assert stranger.reason == "killed"
    stranger.act("restore", after(3))
    assert stranger.fit is None
    assert raised(stranger, after(4)) == [("inbound", after(4))]


def test_a_snoozed_account_of_no_file_goes_to_triage_when_somebody_asks() -> None:
    stranger = Scene(fits=False)
    stranger.act("snooze", T0, until=after(50))
    assert raised(stranger, after(2)) == [("inbound", after(2))]
    assert stranger.fit is None
    assert stranger.tell(event("intent", 10, after(3))) == []


def test_a_cooldown_that_ends_while_hidden_gives_its_alert_at_the_end_of_hiding() -> None:
    scene = hot()
    assert [type_ for type_, _ in scene.wait(after(8))] == ["cooled"]
    assert scene.tell(event("intent", 80, after(9))) == []  # hot again, and held back for 14 days from T0
    scene.act("snooze", after(10), until=after(14, hours=1))
    assert scene.wait(after(15)) == [("entered_hot", after(14, hours=1))]


def test_a_new_scoring_file_records_the_end_of_a_hidden_level() -> None:
    scene = hot()
    scene.act("kill", after(1))
    harder = policy(kind("intent", 10), hot=(600, 590, 1))
    told = apply_new_policy(scene.account, ACME, after(1), scene.fit, type(scene.scoring_context)(harder))
    assert [(one.decision.type, one.decision.recorded) for one in told] == [("cooled", "rules_changed")]
