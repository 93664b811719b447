"""A parent's `do_not_contact` holds for its children, and theirs, while it is in force (scoring.md, section 13).

It hides them and decides nothing: a parent's actions are read beside its own signals, which may be another partition's,
and no instant among a child's signals is that of a record there.
"""

from collections.abc import Callable

from signal_engine.core.actions.in_force import StandingAction
from signal_engine.core.fit.acted import actions_of
from signal_engine.core.fit.icp import Fit


def inherited_do_not_contact(name: str, fit_of: Callable[[str], Fit | None]) -> StandingAction | None:
    """The `do_not_contact` of the nearest ancestor of account `name` that has one; None without any.

    `fit_of` gives the fits of the account and of its ancestors, with their actions in force.
    """
    seen, fit = {name}, fit_of(name)
    while fit is not None and (parent := fit.parent) is not None and parent not in seen:
        seen.add(parent)
        fit = fit_of(parent)
        if (held := actions_of(fit).do_not_contact) is not None:
            return held._replace(inherited_from=parent)
    return None
