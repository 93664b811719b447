"""What is let go of, and what outlives the signals that made it (scoring.md, sections 3 and 5)."""

import pytest

from signal_engine.core.score.account import Account, HandRaise
from signal_engine.core.score.forgetting import forget
from signal_engine.core.score.kind_state import Evidence, KindState
from signal_engine.core.score.remembered import id_hash
from tests.build import DAY, HOUR, T0, kind, policy

INTENT, FUNDING = kind(), kind("funding")


def account(**points: float) -> Account:
    """Kind=points, all of one facet, as of T0."""
    account = Account()
    account.kinds = {kind: KindState(T0, {"x": s}) for kind, s in points.items()}
    return account


def raised(at: int = T0) -> HandRaise:
    return HandRaise(at, "engagement", "finance", Evidence(1.0, at, "e1", "CFO asked for a demo", None))


@pytest.mark.parametrize(("points", "stays"), [(2.1e-9, True), (2e-9, True), (1.9e-9, False)])
def test_a_kind_is_forgotten_when_it_has_decayed_below_a_billionth(points, stays):
    faded = account(intent=points)
    assert forget(faded, T0 + DAY, policy(INTENT)) is not stays
    assert ("intent" in faded.kinds) is stays


def test_a_kind_that_left_the_policy_is_forgotten_and_others_stay():
    faded = account(hiring=50, intent=8, funding=1e-10)
    assert forget(faded, T0, policy(INTENT, FUNDING)) is False
    assert list(faded.kinds) == ["intent"]


@pytest.mark.parametrize("level", ["warm", "hot"])
def test_while_an_account_is_not_cold_its_signals_stay(level):
    lasting = account(intent=1e-12)
    lasting.level = level
    assert forget(lasting, T0, policy(INTENT)) is False
    assert list(lasting.kinds) == ["intent"], "the instant at which the level ends is computed from them"


def test_an_account_is_kept_while_it_remembers_an_id():
    remembering, day = Account(), kind(half_life=1)
    remembering.ids.add(id_hash("a", "intent"), "intent", T0, T0, {"intent": day}, 9)
    assert forget(remembering, T0 + 6 * DAY, policy(day)) is False
    assert forget(remembering, T0 + 6 * DAY + 1, policy(day)) is True
    assert len(remembering.ids) == 0


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("since", T0),
        ("since", 0),
        ("last_alert_at", T0),
        ("last_alert_at", 0),
        ("last_trigger_at", T0),
        ("hand_raised", {"finance": T0}),
        ("hand_raise", raised()),
        ("level", "warm"),
        ("level", "hot"),
    ],
)
def test_episode_alerts_hand_raise_and_level_outlive_the_signals_that_made_them(field, value):
    bare = Account()
    setattr(bare, field, value)
    assert forget(bare, T0, policy()) is False
    assert forget(Account(), T0, policy()) is True


def test_a_hand_raise_goes_when_it_can_pin_no_more():
    rules, pinned = policy(pin_days=2), Account()
    pinned.raise_hand(raised(), T0)
    assert forget(pinned, T0 + 2 * DAY - 1, rules) is False
    assert pinned.hand_raise == raised()
    assert forget(pinned, T0 + 2 * DAY, rules) is True
    assert (pinned.hand_raise, pinned.raise_applied_at) == (None, None)


def test_a_hand_raise_goes_also_while_the_account_is_not_cold():
    warm = Account()
    warm.level = "warm"
    warm.raise_hand(raised(), T0)
    forget(warm, T0 + 14 * DAY, policy())
    assert warm.hand_raise is None


def test_the_memory_of_a_hand_raise_goes_when_it_limits_nothing_any_more():
    called = Account()
    called.hand_raised = {"finance": T0, "it": T0 + HOUR}
    assert forget(called, T0 + 24 * HOUR - 1, policy()) is False
    assert called.hand_raised == {"finance": T0, "it": T0 + HOUR}
    assert forget(called, T0 + 24 * HOUR, policy()) is False
    assert called.hand_raised == {"it": T0 + HOUR}
    assert forget(called, T0 + 25 * HOUR, policy()) is True


def test_the_memory_of_a_trigger_goes_when_it_limits_nothing_any_more():
    called, rules = Account(), policy(trigger_days=14)
    called.last_trigger_at = T0
    assert forget(called, T0 + 14 * DAY - 1, rules) is False
    assert called.last_trigger_at == T0
    assert forget(called, T0 + 14 * DAY, rules) is True
    assert called.last_trigger_at is None
