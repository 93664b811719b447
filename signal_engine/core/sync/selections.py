"""Selections: groups of accounts beside the lists, which systems outside follow."""

from typing import Final, Literal, get_args

from signal_engine.core.fit.eligibility import unlisted_reason
from signal_engine.core.fit.icp import CHASE, Fit
from signal_engine.core.rules.policy import HOT, Level, Policy
from signal_engine.core.rules.relations import PROSPECT, Relation

Selection = Literal["nurture", "audience", "exclude"]
SELECTIONS: Final[tuple[Selection, ...]] = get_args(Selection)
"""`nurture`: fit, neither hot nor disposed. `audience`: all chased prospects. `exclude`: whom no campaign may reach."""

EXCLUDE: Final = "exclude"

_EXCLUDED: Final[frozenset[Relation]] = frozenset(
    {"customer", "open_opportunity", "do_not_contact", "competitor", "own"}
)


def selected(selection: Selection, fit: Fit, level: Level, policy: Policy) -> bool:
    """Whether an account of the accounts file is in the selection."""
    if selection == EXCLUDE:
        return _is_excluded(fit)
    if fit.primary.decision != CHASE or _is_excluded(fit):
        return False
    if selection == "audience":
        return fit.relation == PROSPECT
    return level != HOT and fit.actions.disposition is None and unlisted_reason(fit, fit.primary, policy) is None


def _is_excluded(fit: Fit) -> bool:
    return fit.relation in _EXCLUDED or fit.suppressed or fit.actions.do_not_contact is not None
