"""How soon people respond: from the alert to the claim, and from the claim to the first touch, by person and type."""

from collections.abc import Sequence
from statistics import median_high
from typing import Final, NamedTuple

from signal_engine.core.alerting.alerts import AlertType
from signal_engine.core.delivery.focus import ListedAccount, held_by
from signal_engine.core.delivery.response.lateness import response_to
from signal_engine.core.delivery.team import NO_TEAM
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.instants import SECOND
from signal_engine.engine.reports.misses.reporting import ReportBasis, SeenAccount, Walk, head
from signal_engine.wire.output.reports.work_documents import ResponseTimes, ResponseTimesOf

_NEVER: Final = 1 << 62
"""ms: longer than any wait."""


class _Waits(NamedTuple):
    """The waits of one person for one type of alert, in ms."""

    claims: list[int]
    """One an alert; `_NEVER` where nobody has claimed the account since."""
    touches: list[int]
    """One a claim."""


class ResponseBuilder:
    """One row per person and type of alert."""

    walk: Final[Walk] = "alerts"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._waits: dict[tuple[str | None, AlertType], _Waits] = {}

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        del by_rule
        return True

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        person = self._person(one.fit)
        for seen in one.alerts:
            was = response_to(seen.at, one.log.latest, self._basis.at, one.active_at)
            if was is None:
                continue
            waits = self._waits.setdefault((person, seen.type), _Waits([], []))
            waits.claims.append(_NEVER if was.claimed_at is None else was.claimed_at - seen.at)
            if was.claimed_at is not None:
                touched_at = None if was.touched_at is None else min(was.touched_at, self._basis.at)
                waits.touches.append(_NEVER if touched_at is None else touched_at - was.claimed_at)

    def document(self) -> ResponseTimes:
        """See `ReportBuilder`."""
        rows = [_row(person, type_, waits) for (person, type_), waits in self._waits.items()]
        rows.sort(
            key=lambda row: (row["alerts"] - row["claimed"] == 0, -row["alerts"], row["person"] or "", row["type"])
        )
        kept = rows if self._basis.max_rows is None else rows[: self._basis.max_rows]
        return {**head("response", self._basis, len(rows)), "rows": kept}

    def _person(self, fit: Fit | None) -> str | None:
        """Who calls the account now, whoever has claimed it: the alert was for them."""
        if fit is None:
            return None
        team = self._basis.team or NO_TEAM
        member = held_by(ListedAccount(fit.account, False, None, fit.sdr, fit.owner), team, self._basis.at)
        return member.name if member else fit.sdr or fit.owner


def _row(person: str | None, type_: AlertType, waits: _Waits) -> ResponseTimesOf:
    return {
        "person": person,
        "type": type_,
        "alerts": len(waits.claims),
        "claimed": sum(wait != _NEVER for wait in waits.claims),
        "to_claim_s": _median(waits.claims),
        "touched": sum(wait != _NEVER for wait in waits.touches),
        "to_touch_s": _median(waits.touches),
    }


def _median(waits: Sequence[int]) -> int | None:
    """In seconds, the higher of two; None where half of them have not ended."""
    middle = median_high(waits) if waits else _NEVER
    return None if middle == _NEVER else middle // SECOND
