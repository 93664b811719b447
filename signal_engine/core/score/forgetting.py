"""Remove from a state whatever decides nothing any more, so that the store holds only live accounts."""

from signal_engine.core.rules.policy import COLD, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.kind_state import FORGET_KIND_BELOW_POINTS
from signal_engine.core.score.stack import strength


def forget(account: Account, at: int, policy: Policy) -> bool:
    """Remove what has decayed to nothing at `at` (ms); return True if nothing of the account needs to be kept.

    Level, episode, last alert and hand raise outlive their signals. While the account is not cold its signals stay,
    because the end of the level is computed from them.
    """
    _forget_calls(account, at, policy)
    if account.level != COLD:
        return False
    for kind, state in list(account.kinds.items()):
        if kind not in policy.kinds or strength(state, at, policy.kinds[kind]) < FORGET_KIND_BELOW_POINTS:
            del account.kinds[kind]
    account.ids.forget_expired(at, policy.kinds)
    alerted = account.last_alert_at is not None or account.last_trigger_at is not None or bool(account.hand_raised)
    remembers = alerted or account.hand_raise is not None or account.since is not None
    return not (account.kinds or len(account.ids) or remembers)


def _forget_calls(account: Account, at: int, policy: Policy) -> None:
    """Remove hand raises and triggers that no longer pin or limit anything at `at` (ms)."""
    if account.hand_raise is not None and at >= account.hand_raise.at + policy.lists.pin:
        account.hand_raise = account.raise_applied_at = None
    if account.hand_raised:
        pause = policy.alerts.hand_raise_pause
        account.hand_raised = {persona: then for persona, then in account.hand_raised.items() if at - then < pause}
    if account.last_trigger_at is not None and at - account.last_trigger_at >= policy.alerts.trigger_pause:
        account.last_trigger_at = None
