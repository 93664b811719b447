"""The decisions of an alert by themselves: reasons in their exact words, ids, what is recorded (section 5)."""

from uuid import UUID, uuid5

import pytest

from signal_engine.core.account import Account
from signal_engine.core.alerts import (
    Call,
    cooldown_ends,
    cooled,
    hand_raise,
    hot_alert,
    no_alert,
    not_eligible,
    not_hot,
)
from signal_engine.core.instants import BEGINNING
from signal_engine.core.reasons import NotNow
from signal_engine.core.stack import Score
from tests.build import ACME, DAY, HOUR, T0, fit, policy

RULES = policy(hot=(60, 50, 2))
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


def alert_id(*parts: str) -> str:
    return str(uuid5(NAMESPACE, "\n".join((ACME, *parts))))


def test_the_reasons_are_a_closed_list_of_words():
    assert [str(reason) for reason in NotNow] == [
        "not_in_accounts",
        "not_fit",
        "fit_unknown",
        "deprioritized",
        "suppressed",
        "cooldown",
        "already_alerted",
        "hand_raise_recent",
        "too_few_kinds",
        "below_threshold",
        "below_min_score",
        "below_cut",
    ]


@pytest.mark.parametrize(
    ("who", "reason"),
    [
        (None, "not_in_accounts"),
        (fit("ignore"), "not_fit"),
        (fit("unknown"), "fit_unknown"),
        (fit("deprioritize"), "deprioritized"),
        (fit(suppressed=True), "suppressed"),
        (fit("ignore", suppressed=True), "not_fit"),
        (fit(), None),
    ],
)
def test_only_accounts_to_chase_that_are_not_suppressed_may_be_called(who, reason):
    assert not_eligible(who) == reason


@pytest.mark.parametrize(
    ("points", "kinds", "reason"),
    [
        (59.999, ["intent"], "below_threshold"),
        (60, ["intent"], "too_few_kinds"),
        (99, ["intent"], "too_few_kinds"),
        (99, ["intent", "hiring"], "below_threshold"),  # the rules changed, and no signal has lifted it since
    ],
)
def test_what_is_not_hot_is_below_the_threshold_or_of_too_few_kinds(points, kinds, reason):
    assert not_hot(score(*kinds, points=points), RULES) == reason
    assert hot_alert(account("warm"), ACME, T0, score(*kinds, points=points), RULES) == reason
    assert hot_alert(account("cold"), ACME, T0, score(*kinds, points=points), RULES) == reason


def test_a_hot_account_is_called_once_an_episode():
    hot = account()
    call = hot_alert(hot, ACME, T0, score("intent", "hiring"), RULES)
    assert call == Call("entered_hot", T0, 1, alert_id("entered_hot", str(T0 - DAY)))
    assert (hot.alerted, hot.named) == (True, {"intent", "hiring"})
    assert (hot.last_alert_at, hot.last_alert_kinds) == (T0, {"intent", "hiring"})
    assert hot_alert(hot, ACME, T0 + 1, score("intent", "hiring"), RULES) == "already_alerted"
    assert hot_alert(hot, ACME, T0 + 1, score("intent"), RULES) == "already_alerted"
    assert hot.last_alert_at == T0


def test_kinds_not_yet_named_are_new_evidence_named_in_the_order_of_kinds():
    hot = account(alerted=True, named=frozenset({"intent"}))
    call = hot_alert(hot, ACME, T0, score("intent", "leadership", "hiring"), RULES)
    assert call == Call("new_evidence", T0, 1, alert_id("new_evidence", str(T0 - DAY), "hiring", "leadership"))
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
    assert (decision.type if isinstance(decision, Call) else decision) == answer
    assert hot.alerted is (answer == "entered_hot")


def test_the_cooldown_ends_so_many_days_after_the_last_alert():
    assert cooldown_ends(account(), RULES) == BEGINNING
    assert cooldown_ends(account(last_alert_at=T0), RULES) == T0 + 14 * DAY
    assert cooldown_ends(account(last_alert_at=T0), policy(cooldown_days=0.5)) == T0 + 12 * HOUR


def test_a_hand_raise_at_hot_is_the_alert_of_the_episode_and_the_last_alert():
    hot = account()
    call = hand_raise(hot, ACME, "evt-1", T0, score("engagement"), RULES)
    assert call == Call("hand_raise", T0, 1, alert_id("hand_raise", "evt-1"))
    assert (hot.alerted, hot.named, hot.last_alert_at, hot.last_alert_kinds) == (
        True,
        {"engagement"},
        T0,
        {"engagement"},
    )
    assert hot.hand_raised_at == T0


@pytest.mark.parametrize("level", ["warm", "cold"])
def test_a_hand_raise_at_a_lower_level_belongs_to_no_episode_and_is_not_the_last_alert(level):
    lower = account(level, episode=3)
    call = hand_raise(lower, ACME, "evt-1", T0, score("engagement"), RULES)
    assert call == Call("hand_raise", T0, None, alert_id("hand_raise", "evt-1"))
    assert (lower.alerted, lower.named, lower.last_alert_at, lower.last_alert_kinds) == (False, set(), None, set())
    assert lower.hand_raised_at == T0


@pytest.mark.parametrize(("later", "again"), [(1, False), (24 * HOUR - 1, False), (24 * HOUR, True), (99 * HOUR, True)])
def test_hands_are_raised_once_in_so_many_hours(later, again):
    raised = account("cold", hand_raised_at=T0)
    decision = hand_raise(raised, ACME, "evt-2", T0 + later, score(), RULES)
    assert isinstance(decision, Call) is again
    assert again or decision == "hand_raise_recent"
    assert raised.hand_raised_at == (T0 + later if again else T0)


def test_the_end_of_an_episode_is_no_last_alert():
    hot = account()
    assert cooled(hot, ACME, T0) == Call("cooled", T0, 1, alert_id("cooled", str(T0 - DAY)))
    assert hot.last_alert_at is None


@pytest.mark.parametrize(
    ("state", "points", "who", "reason"),
    [
        (account("cold"), 70, None, "not_in_accounts"),
        (account("hot"), 70, fit("unknown"), "fit_unknown"),
        (account("cold"), 59, fit(), "below_threshold"),
        (account("warm"), 60, fit(), "too_few_kinds"),
        (account("hot", last_alert_at=T0 - 14 * DAY + 1), 70, fit(), "cooldown"),
        (account("hot", last_alert_at=T0 - 14 * DAY), 70, fit(), "already_alerted"),
        (account("hot", last_alert_at=T0, alerted=True), 70, fit(), "already_alerted"),
    ],
)
def test_asked_why_nobody_is_called_the_first_reason_is_given_and_nothing_changes(state, points, who, reason):
    before = (state.alerted, state.named, state.last_alert_at)
    assert no_alert(state, T0, score("intent", points=points), who, RULES) == reason
    assert (state.alerted, state.named, state.last_alert_at) == before
