"""An account action takes effect: on what is in force, on the account's pin, and on whom to call.

Actions are applied in the order of their records' timestamps, among the signals: which of them comes first matters.
"""

from enum import StrEnum

from signal_engine.core.actions.action import ANSWERS, CLAIM, DISPOSITION, AccountAction
from signal_engine.core.actions.log import ActionLog, LoggedAction
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.acted import acted_on, actions_of, by_rule, fit_at
from signal_engine.core.fit.eligibility import unalerted_reason
from signal_engine.core.flow import HoldsFit, ScoringContext, decide, pass_time
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate


class ActionOutcome(StrEnum):
    """What became of an action. `received` is the sum of these and of the refused ones."""

    APPLIED = "applied"
    DUPLICATE = "duplicate"


def act(
    account: Account, action: AccountAction, now: int, acted: HoldsFit, log: ActionLog, scoring_context: ScoringContext
) -> tuple[ActionOutcome, ActionLog, list[Alert]]:
    """Apply `action`, whose record has the timestamp `now` (ms): its outcome, the log with it, and the alerts due.

    `acted` gets the fit with the action in force. An action that hides the account gives no alert; one that ends its
    being hidden decides it anew, as after a fit change. A duplicate changes nothing.
    """
    if action.action_id in log.ids:
        return ActionOutcome.DUPLICATE, log, []
    policy, name = scoring_context.policy, action.account
    now, begun = max(now, account.now), account.now > BEGINNING
    due = pass_time(account, name, now, acted.fit, scoring_context) if begun else []
    fit = fit_at(acted.fit, now)
    before, hidden = actions_of(fit), unalerted_reason(fit, policy)
    live = evaluate(account, now, policy).live if action.action == DISPOSITION else frozenset[str]()
    acted.fit = acted_on(name, by_rule(fit), before.after(action, now, live))
    answers = action.action in ANSWERS and (action.action != CLAIM or before.takes_claim(action))
    if answers and account.raise_applied_at is not None:
        account.answered_at = now
    if begun and hidden is not None:
        found, _ = decide(account, name, now, acted.fit, scoring_context)
        due += () if found is None else (found,)
    return ActionOutcome.APPLIED, log.with_(LoggedAction(now, action)), due
