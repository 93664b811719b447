"""By how much what is hot exceeds what people can work on in a week, and the threshold at which it would not."""

from heapq import heappush, heappushpop
from math import floor
from typing import Final

from signal_engine.core.delivery.focus import ListedAccount, held_by
from signal_engine.core.delivery.team import NO_TEAM, TeamMember
from signal_engine.core.fit.eligibility import unlisted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.policy import HOT
from signal_engine.engine.reports.misses.reporting import ReportBasis, SeenAccount, Walk, head
from signal_engine.wire.output.reports.work_documents import Capacity, PersonsCapacity

NO_ROUTES: Final = "Without a routes file nobody's capacity is known."


class _PersonsHot:
    """The hot accounts of one person. Memory: one number more than the capacity."""

    def __init__(self, name: str | None, capacity: int | None) -> None:
        self.name: Final = name
        self.capacity: Final = capacity
        self.hot = 0
        self.claimed = 0
        self._strongest: list[float] = []

    def add(self, score: float, *, claimed: bool) -> None:
        self.hot += 1
        self.claimed += claimed
        if self.capacity is None:
            return
        if len(self._strongest) <= self.capacity:
            heappush(self._strongest, score)
        else:
            heappushpop(self._strongest, score)

    @property
    def over(self) -> int | None:
        return None if self.capacity is None else max(0, self.hot - self.capacity)

    @property
    def threshold(self) -> float | None:
        """Above the strongest that there is no room for, rounded up to two decimals."""
        return (floor(self._strongest[0] * 100) + 1) / 100 if self.over else None


class CapacityBuilder:
    """One row per person who has a capacity or a hot account."""

    walk: Final[Walk] = "states"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._team = basis.team or NO_TEAM
        self._people: dict[str | None, _PersonsHot] = {}
        for member in self._team.members.values():
            if member.capacity is not None and not member.has_left(basis.at):
                self._people[member.name] = _PersonsHot(member.name, member.capacity)

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        return by_rule is not None

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        fit = one.fit
        if fit is None or one.snapshot.level != HOT:
            return
        if all(unlisted_reason(fit, decision, self._basis.policy) is not None for decision in fit.decisions):
            return
        claim = fit.actions.claim
        listed = ListedAccount(one.name, one.snapshot.pinned, claim.by if claim else None, fit.sdr, fit.owner)
        self._of(listed).add(one.snapshot.score.raw, claimed=claim is not None)

    def document(self) -> Capacity:
        """See `ReportBuilder`."""
        people = sorted(self._people.values(), key=lambda one: (-(one.over or 0), -one.hot, one.name or ""))
        limited = [one for one in people if one.capacity is not None]
        rows = [_row(one) for one in people]
        shared = head("capacity", self._basis, len(rows))
        if self._basis.team is None:
            shared["lacks"].append(NO_ROUTES)
        return {
            **shared,
            "hot": sum(one.hot for one in limited),
            "capacity": sum(one.capacity or 0 for one in limited),
            "over": sum(one.over or 0 for one in limited),
            "hot_from": self._basis.policy.levels.hot.enter,
            "threshold": max((one.threshold for one in limited if one.threshold is not None), default=None),
            "rows": rows if self._basis.max_rows is None else rows[: self._basis.max_rows],
        }

    def _of(self, listed: ListedAccount) -> _PersonsHot:
        member = held_by(listed, self._team, self._basis.at)
        name = member.name if member else listed.claimed_by or listed.sdr or listed.owner
        return self._people.setdefault(name, _PersonsHot(name, _capacity(member)))


def _capacity(member: TeamMember | None) -> int | None:
    return None if member is None else member.capacity


def _row(one: _PersonsHot) -> PersonsCapacity:
    return {
        "person": one.name,
        "capacity": one.capacity,
        "hot": one.hot,
        "claimed": one.claimed,
        "over": one.over,
        "threshold": one.threshold,
    }
