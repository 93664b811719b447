"""The decisions of an alert by themselves: reasons in their exact words, ids, what is recorded (section 5)."""

from uuid import UUID, uuid5

import pytest

from signal_engine.core.alerting.alerts import (
    ALERT_TYPES,
    AlertDecision,
    AlertRequest,
    cooldown_ends,
    cooled,
    end_of_cooldown,
    hand_raise,
    hot_alert,
    inbound,
    no_alert,
    not_hot,
    trigger,
)
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.score.account import Account
from signal_engine.core.score.kind_state import KindState
from signal_engine.core.score.stack import Score
from tests.build import ACME, BUYERS, DAY, HOUR, T0, kind, policy

RULES = policy(hot=(60, 50, 2))
PEOPLE = policy(kind(), kind("engagement"), hot=(60, 50, 2), personas=BUYERS)
NAMESPACE = UUID("6b0d4a53-6f0c-5b57-9c3e-2a8f7d1e4c90")


def score(*live: str, points: float = 70.0) -> Score:
    return Score(T0, {}, frozenset(live), 1.0, points, points)


def account(level: str = "hot", **fields) -> Account:
    account = Account()
    if level != "cold":
        account.enter(level, T0 - DAY)
    for name, value in fields.items():
        setattr(account, name, value)
    return account


def seen(level: str = "hot", **points: float) -> Account:
    """An account whose personas have so many points at T0."""
    one = account(level)
    one.kinds["engagement"] = KindState(T0, dict(points))
    return one


def asked(event_id: str = "evt-1", persona: str = "finance", kind: str = "engagement", at: int = T0) -> AlertRequest:
    return AlertRequest(kind, event_id, persona, at)


def alert_id(*parts: str) -> str:
    return str(uuid5(NAMESPACE, "\n".join((ACME, *parts))))


def test_the_reasons_are_a_closed_list_of_words():
    assert [str(reason) for reason in NoAlertReason] == [
        "not_in_accounts",
        "not_fit",
        "fit_unknown",
        "deprioritized",
        "relation",
        "suppressed",
        "do_not_contact",
        "killed",
        "snoozed",
        "disposition",
        "cooldown",
        "already_alerted",
        "hand_raise_recent",
        "trigger_recent",
        "too_few_kinds",
        "silence",
        "below_threshold",
        "below_min_level",
        "below_min_score",
        "below_cut",
        "control_group",
    ]
    hiding = ["do_not_contact", "killed", "snoozed", "disposition"]
    assert [str(why) for why in Recorded] == ["backfill", "rules_changed", "quiet", *hiding, "control_group"]


def test_there_are_six_types_of_alert():
    assert ALERT_TYPES == ("hand_raise", "entered_hot", "trigger", "new_evidence", "cooled", "inbound")


@pytest.mark.parametrize(
    ("points", "kinds", "weighty_at", "reason"),
    [
        (59.999, ["intent", "hiring"], T0, "below_threshold"),
        (60, ["intent"], T0, "too_few_kinds"),
        (99, ["intent"], None, "too_few_kinds"),
        (99, ["intent", "hiring"], None, "silence"),
        (99, ["intent", "hiring"], T0, "below_threshold"),  # the rules changed, and no signal has lifted it since
        (60, ["engagement", "buying_group"], None, "silence"),
    ],
)
def test_what_is_not_hot_is_below_the_threshold_of_too_few_kinds_or_silent(points, kinds, weighty_at, reason):
    found = score(*kinds, points=points)
    for level in ("warm", "cold"):
        cooler = account(level, weighty_at=weighty_at)
        assert not_hot(cooler, found, RULES) == reason
        assert hot_alert(cooler, ACME, T0, found, RULES) == reason


def test_a_hot_account_is_called_once_an_episode():
    hot = account()
    call = hot_alert(hot, ACME, T0, score("intent", "hiring"), RULES)
    assert call == AlertDecision("entered_hot", T0, 1, alert_id("entered_hot", str(T0 - DAY)))
    assert (hot.alerted, hot.named) == (True, {"intent", "hiring"})
    assert (hot.last_alert_at, hot.last_alert_kinds) == (T0, {"intent", "hiring"})
    assert hot_alert(hot, ACME, T0 + 1, score("intent", "hiring"), RULES) == "already_alerted"
    assert hot_alert(hot, ACME, T0 + 1, score("intent"), RULES) == "already_alerted"
    assert hot.last_alert_at == T0


def test_kinds_not_yet_named_are_new_evidence_named_in_the_order_of_kinds():
    hot = account(alerted=True, named=frozenset({"intent"}))
    call = hot_alert(hot, ACME, T0, score("intent", "leadership", "hiring"), RULES)
    assert call == AlertDecision("new_evidence", T0, 1, alert_id("new_evidence", str(T0 - DAY), "hiring", "leadership"))
    assert hot.named == {"intent", "hiring", "leadership"}
    assert (hot.last_alert_at, hot.last_alert_kinds) == (T0, {"intent", "hiring", "leadership"})


def test_a_kind_that_was_named_is_not_new_when_it_is_live_again():
    hot = account(alerted=True, named=frozenset({"intent", "hiring"}))
    hot_alert(hot, ACME, T0, score("intent", "funding"), RULES)
    assert hot.named == {"intent", "hiring", "funding"}
    assert hot_alert(hot, ACME, T0, score("intent", "hiring"), RULES) == "already_alerted"


@pytest.mark.parametrize(
    ("live", "at", "answer"),
    [
        ({"intent"}, T0 + 14 * DAY - 1, "cooldown"),
        ({"intent"}, T0 + 14 * DAY, "entered_hot"),
        ({"intent"}, T0 + 15 * DAY, "entered_hot"),
        (set(), T0 + DAY, "cooldown"),
        ({"hiring"}, T0 + DAY, "entered_hot"),
        ({"intent", "hiring"}, T0 + DAY, "entered_hot"),
    ],
    ids=["a millisecond too soon", "as it ends", "later", "nothing live", "a new kind", "an old and a new kind"],
)
def test_the_cooldown_holds_unless_a_kind_is_live_that_the_last_alert_did_not_name(live, at, answer):
    hot = account(last_alert_at=T0, last_alert_kinds=frozenset({"intent"}))
    decision = hot_alert(hot, ACME, at, score(*live), RULES)
    assert (decision.type if isinstance(decision, AlertDecision) else decision) == answer
    assert hot.alerted is (answer == "entered_hot")


def test_the_cooldown_ends_so_many_days_after_the_last_alert():
    assert cooldown_ends(account(), RULES) == BEGINNING
    assert cooldown_ends(account(last_alert_at=T0), RULES) == T0 + 14 * DAY
    assert cooldown_ends(account(last_alert_at=T0), policy(cooldown_days=0.5)) == T0 + 12 * HOUR


def test_at_the_end_of_a_cooldown_it_is_not_asked_whether_one_holds():
    hot = account(last_alert_at=T0 - 1, last_alert_kinds=frozenset({"intent"}))
    decision = end_of_cooldown(hot, ACME, T0, score("intent"), RULES)
    assert decision == AlertDecision("entered_hot", T0, 1, alert_id("entered_hot", str(T0 - DAY)))
    assert (hot.alerted, hot.named, hot.last_alert_at) == (True, {"intent"}, T0)


def test_a_buying_group_that_is_new_breaks_the_cooldown_and_is_new_evidence():
    live = ("engagement", "buying_group")
    hot = account(last_alert_at=T0 - DAY, last_alert_kinds=frozenset({"engagement"}))
    assert hot_alert(hot, ACME, T0, score("engagement"), RULES) == "cooldown"
    assert hot_alert(hot, ACME, T0, score(*live), RULES).type == "entered_hot"
    assert hot.named == {"engagement", "buying_group"}
    result = account(alerted=True, named=frozenset({"engagement"}))
    decision = hot_alert(result, ACME, T0, score(*live), RULES)
    assert decision == AlertDecision("new_evidence", T0, 1, alert_id("new_evidence", str(T0 - DAY), "buying_group"))


def test_an_alert_names_the_named_personas_with_as_many_points_as_make_a_kind_live():
    hot = seen(finance=1, it=0.99, sales=40, student=50, other=60, unknown=70)
    decision = hot_alert(hot, ACME, T0, score("engagement"), PEOPLE)
    assert decision.personas == hot.named_personas == {"finance", "sales"}


def test_a_persona_that_no_alert_of_the_episode_named_is_new_evidence():
    hot = seen(finance=5, it=5, sales=5, student=50, other=60)
    hot.alerted, hot.named, hot.named_personas = True, frozenset({"engagement"}), frozenset({"it"})
    decision = hot_alert(hot, ACME, T0, score("engagement"), PEOPLE)
    new = ("persona:finance", "persona:sales")
    assert decision.alert_id == alert_id("new_evidence", str(T0 - DAY), *new)
    assert decision.personas == hot.named_personas == {"finance", "it", "sales"}
    assert hot_alert(hot, ACME, T0, score("engagement"), PEOPLE) == "already_alerted"


def test_a_kind_and_a_persona_that_are_new_are_one_alert():
    hot = seen(finance=5)
    hot.alerted, hot.named = True, frozenset({"engagement"})
    decision = hot_alert(hot, ACME, T0, score("engagement", "intent"), PEOPLE)
    assert decision.alert_id == alert_id("new_evidence", str(T0 - DAY), "intent", "persona:finance")


def test_a_persona_does_not_break_the_cooldown():
    hot = seen(finance=5)
    hot.last_alert_at, hot.last_alert_kinds = T0 - DAY, frozenset({"engagement"})
    assert hot_alert(hot, ACME, T0, score("engagement"), PEOPLE) == "cooldown"


def test_a_hand_raise_at_hot_is_the_alert_of_the_episode_and_the_last_alert():
    hot = seen(finance=5)
    decision = hand_raise(hot, ACME, asked(), T0, score("engagement"), PEOPLE)
    its_id = alert_id("hand_raise", "engagement", "evt-1")
    assert decision == AlertDecision("hand_raise", T0, 1, its_id, frozenset({"finance"}), "finance")
    assert (hot.alerted, hot.named, hot.named_personas) == (True, {"engagement"}, {"finance"})
    assert (hot.last_alert_at, hot.last_alert_kinds) == (T0, {"engagement"})
    assert hot.hand_raised == {"finance": T0}


@pytest.mark.parametrize("level", ["warm", "cold"])
def test_a_hand_raise_at_a_lower_level_belongs_to_no_episode_and_is_not_the_last_alert(level):
    lower = account(level, episode=3)
    decision = hand_raise(lower, ACME, asked(), T0, score("engagement"), PEOPLE)
    its_id = alert_id("hand_raise", "engagement", "evt-1")
    assert decision == AlertDecision("hand_raise", T0, None, its_id, raised_by="finance")
    assert (lower.alerted, lower.named, lower.last_alert_at, lower.last_alert_kinds) == (False, set(), None, set())
    assert lower.hand_raised == {"finance": T0}


@pytest.mark.parametrize(("later", "again"), [(1, False), (24 * HOUR - 1, False), (24 * HOUR, True), (99 * HOUR, True)])
def test_a_persona_raises_its_hand_once_in_so_many_hours(later, again):
    raised = account("cold", hand_raised={"finance": T0})
    decision = hand_raise(raised, ACME, asked("evt-2"), T0 + later, score(), RULES)
    assert (decision.type if again else decision) == ("hand_raise" if again else "hand_raise_recent")
    assert raised.hand_raised == {"finance": T0 + later if again else T0}


def test_each_persona_has_its_own_limit_and_what_limits_nothing_any_more_is_forgotten():
    raised = account("cold", hand_raised={"finance": T0 - 24 * HOUR, "it": T0 - HOUR})
    assert hand_raise(raised, ACME, asked(persona="sales"), T0, score(), RULES).type == "hand_raise"
    assert raised.hand_raised == {"it": T0 - HOUR, "sales": T0}


def test_inbound_is_of_no_episode_and_never_the_last_alert_but_takes_the_limit_of_a_hand_raise():
    hot = seen(finance=5)
    decision = inbound(hot, ACME, asked(), T0, PEOPLE)
    its_id = alert_id("inbound", "engagement", "evt-1")
    assert decision == AlertDecision("inbound", T0, None, its_id, frozenset({"finance"}), "finance")
    assert (hot.alerted, hot.named, hot.named_personas, hot.last_alert_at) == (False, set(), set(), None)
    assert hot.hand_raised == {"finance": T0}
    assert inbound(hot, ACME, asked("evt-2"), T0 + HOUR, PEOPLE) == "hand_raise_recent"
    assert hand_raise(hot, ACME, asked("evt-2"), T0 + HOUR, score(), PEOPLE) == "hand_raise_recent"


@pytest.mark.parametrize(("level", "episode", "last"), [("hot", 1, T0), ("warm", None, None), ("cold", None, None)])
def test_a_trigger_is_of_the_episode_at_hot_and_of_none_below(level, episode, last):
    called = account(level)
    one = asked(kind="funding", persona="unknown")
    decision = trigger(called, ACME, one, T0, score("funding"), RULES)
    assert decision == AlertDecision("trigger", T0, episode, alert_id("trigger", "funding", "evt-1"))
    assert (called.last_alert_at, called.alerted, called.last_trigger_at) == (last, level == "hot", T0)


@pytest.mark.parametrize(("later", "again"), [(0, False), (14 * DAY - 1, False), (14 * DAY, True)])
def test_an_account_has_one_trigger_in_so_many_days_whatever_its_kind(later, again):
    called = account("cold", last_trigger_at=T0)
    decision = trigger(called, ACME, asked("evt-2", kind="leadership"), T0 + later, score(), RULES)
    assert (decision.type if again else decision) == ("trigger" if again else "trigger_recent")
    assert called.last_trigger_at == (T0 + later if again else T0)


def test_the_end_of_an_episode_is_no_last_alert_and_names_who_is_still_there():
    hot = seen(finance=5, student=9)
    its_id = alert_id("cooled", str(T0 - DAY))
    assert cooled(hot, ACME, T0, PEOPLE) == AlertDecision("cooled", T0, 1, its_id, frozenset({"finance"}))
    assert (hot.last_alert_at, hot.named_personas) == (None, set())


@pytest.mark.parametrize(
    ("state", "points", "reason"),
    [
        (account("cold"), 59, "below_threshold"),
        (account("warm"), 60, "too_few_kinds"),
        (account("hot", last_alert_at=T0 - 14 * DAY + 1), 70, "cooldown"),
        (account("hot", last_alert_at=T0 - 14 * DAY), 70, "already_alerted"),
        (account("hot", last_alert_at=T0, alerted=True), 70, "already_alerted"),
    ],
)
def test_asked_why_nobody_is_called_the_first_reason_is_given_and_nothing_changes(state, points, reason):
    before = (state.alerted, state.named, state.last_alert_at)
    assert no_alert(state, T0, score("intent", points=points), RULES) == reason
    assert (state.alerted, state.named, state.last_alert_at) == before
