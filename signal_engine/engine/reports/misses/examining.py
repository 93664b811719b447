"""What speaks against accounts: by their fields where there are files, by their stored decisions in the live engine."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from signal_engine.core.fit.criteria import MUST_HAVE, TIER, Criteria, Examined, points_short, told
from signal_engine.core.fit.icp import CHASE, IGNORE, Fit, Icp
from signal_engine.engine.reports.misses.reporting import ShortOf


class ByFields:
    """Examines all fields of an account."""

    knows_all: Final = True

    def __init__(self, icps: Sequence[Icp], fields: Mapping[str, Mapping[str, Any]]) -> None:
        self._criteria = {icp.icp: Criteria(icp) for icp in icps}
        self._fields = fields

    def examine(self, account: str, by_rule: Fit) -> Mapping[str, Examined]:
        """See `Examiner`."""
        del by_rule
        fields = self._fields[account]
        return {icp: criteria.examine(fields) for icp, criteria in self._criteria.items()}

    def near(self, account: str, icp: str, seen: Examined) -> ShortOf | None:
        """See `Examiner`. For an account below the lowest tier, the criterion is its points."""
        if len(seen.against) != 1 or seen.decision.decision != IGNORE:
            return None
        criteria, fields = self._criteria[icp], self._fields[account]
        without = criteria.without(fields)
        if without.decision != CHASE and not _is_below(seen):
            return None
        return ShortOf(criteria.distance(seen.against[0], fields), without.tier)


class ByDecisions:
    """Reads what decisions say.

    An account is near if its decision names one must-have, or its points: whether it also lacks data, or a
    disqualified one misses a must-have, is not stored.
    """

    knows_all: Final = False

    def examine(self, account: str, by_rule: Fit) -> Mapping[str, Examined]:
        """See `Examiner`."""
        del account
        return {decision.icp: told(decision) for decision in by_rule.decisions}

    def near(self, account: str, icp: str, seen: Examined) -> ShortOf | None:
        """See `Examiner`."""
        del account, icp
        if len(seen.against) != 1 or seen.decision.decision != IGNORE:
            return None
        (criterion,) = seen.against
        if criterion.stage == MUST_HAVE:
            return ShortOf(None, None)
        return ShortOf(points_short(criterion, seen.decision), None) if _is_below(seen) else None


def _is_below(seen: Examined) -> bool:
    """Whether only points keep it from the lowest tier."""
    return seen.against[0].stage == TIER and seen.decision.tier is None
