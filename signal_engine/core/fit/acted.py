"""The fit of an account as people's actions leave it: which lists it may be on, who calls, and who has claimed it.

`Fit.actions` holds what is in force, and `Fit.by_rule` the fit that the ICP files gave. So whoever decides by a fit
decides by actions, too. Some end by themselves: `fit_at` is what is left of a fit later.
"""

from dataclasses import replace

from signal_engine.core.actions.in_force import NOTHING, InForce, StandingAction
from signal_engine.core.fit.icp import IGNORE, Fit, FitDecision


def acted_on(name: str, by_rule: Fit | None, actions: InForce) -> Fit | None:
    """The fit of account `name`, given what the ICP files say of it and the actions in force."""
    if actions == NOTHING:
        return by_rule
    if by_rule is None:
        return Fit(name, (), actions=actions)
    decisions = tuple(_decided(decision, actions) for decision in by_rule.decisions)
    sdr = by_rule.sdr if actions.assigned is None else actions.assigned.assignee
    return replace(by_rule, decisions=decisions, sdr=sdr, actions=actions, by_rule=by_rule)


def fit_at(fit: Fit | None, now: int) -> Fit | None:
    """The fit at `now` (ms), when some of its actions may have ended by themselves."""
    if fit is None or fit.actions is NOTHING or (left := fit.actions.at(now)) is fit.actions:
        return fit
    return acted_on(fit.account, by_rule(fit), left)


def by_rule(fit: Fit | None) -> Fit | None:
    """What the ICP files alone say; None when the account is in no accounts file."""
    return fit if fit is None or fit.actions is NOTHING else fit.by_rule


def actions_of(fit: Fit | None) -> InForce:
    """The actions in force that a fit was made with."""
    return NOTHING if fit is None else fit.actions


def next_end(fit: Fit | None) -> int | None:
    """When (ms) the next of its actions ends by itself; None when none does."""
    return None if fit is None or fit.actions is NOTHING else fit.actions.next_end


def _decided(decision: FitDecision, actions: InForce) -> FitDecision:
    kill = actions.kills.get(decision.icp)
    return decision if kill is None else decision._replace(decision=IGNORE, reasons=(_killed_in_words(kill),))


def _killed_in_words(kill: StandingAction) -> str:
    """`killed by dana@example.com: too small`."""
    return f"killed by {kill.by}" + (f": {kill.reason}" if kill.reason else "")
