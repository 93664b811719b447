"""The funnel of an ICP: how many accounts each criterion removes, who is undecided, and how much work remains."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from signal_engine.core.alerting.alerts import COOLED
from signal_engine.core.fit.criteria import UNKNOWN, Criteria, Examined
from signal_engine.core.fit.eligibility import kept_off
from signal_engine.core.fit.icp import CHASE, Fit, Icp
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.reports.missing_data import undecided_for
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.output.models import Entry
from signal_engine.wire.output.reports.icp_documents import (
    FunnelStage,
    FunnelStep,
    IcpCheck,
    InMarketNow,
    TierCount,
    Workload,
)

_ALERTS_OF_DAYS: Final = 90
"""Days of alerts that are counted at most."""
_MAX_WEEKS_OF_WORK: Final = 52
"""Weeks of work above which the ICP is too wide."""


class _Step(NamedTuple):
    """A step of the funnel: a criterion, or what keeps chased accounts off every list."""

    stage: FunnelStage
    words: str


_SUPPRESSED: Final = _Step("suppressed", "suppressed in the accounts file")
_RELATION: Final = _Step("relation", "relation to us is not listed")


def icp_check(
    icp: Icp, table: AccountTable, policy: Policy, a_week: int | None, in_market: InMarketNow | None = None
) -> IcpCheck:
    """The funnel of `icp` over the accounts of `table`, which was read for it; `a_week` is the capacity in accounts per
    week, `in_market` what events have shown of them.
    """
    criteria = Criteria(icp)
    steps = [*criteria, _SUPPRESSED, _RELATION]
    lost: Counter[int] = Counter()
    tiers: Counter[str | None] = Counter()
    undecided: list[tuple[str, ...]] = []
    # By identity: two disqualifiers may give the same reason.
    place = {id(step): number for number, step in enumerate(steps)}
    for account, fit in table.fits.items():
        seen = criteria.examine(table.fields[account])
        tiers[seen.decision.tier] += 1
        if seen.by is not None and seen.by.stage == UNKNOWN:
            undecided.append(seen.missing)
        if (step := _loses(seen, fit, policy)) is not None:
            lost[place[id(step)]] += 1
    funnel = _funnel([_Step(step[0], step[1]) for step in steps], lost, len(table.fits))
    left = funnel[-1]["left"]
    return {
        "icp": icp.icp,
        "version": icp.version,
        "owner": icp.owner_name,
        "review_by": icp.review_by,
        "read": {
            "rows": table.rows,
            "passed_over": table.passed_over,
            "merged": table.merged,
            "accounts": len(table.fits),
        },
        "funnel": funnel,
        "left": left,
        "unknown": {"accounts": len(undecided), "fields": undecided_for(undecided)},
        "tiers": _tiers(icp, tiers),
        "workload": None if a_week is None else _workload(left, a_week),
        "in_market": in_market,
    }


def in_market_now(
    icp: Icp, entries: Sequence[Entry], alerts: Iterable[Mapping[str, Any]], first: int, until: int
) -> InMarketNow:
    """What the list of `icp` holds at `until` (ms), and its alerts since `first` (ms), at most of the last 90 days."""
    since = max(first, until - _ALERTS_OF_DAYS * DAY)
    weeks = max((until - since) / (7 * DAY), 1.0)
    sent = sum(
        one["recorded"] is None
        and one["type"] != COOLED
        and one["audience"] != "triage"
        and parse_instant(one["at"]) > since
        for one in alerts
    )
    levels = Counter((entry["tier"], entry["level"]) for entry in entries)
    return {
        "until": format_instant(until),
        "listed": len(entries),
        "tiers": [
            {"tier": tier, "hot": levels[tier, "hot"], "warm": levels[tier, "warm"]}
            for tier in sorted(icp.tiers, key=icp.tiers.__getitem__, reverse=True)
            if icp.decisions[tier] == CHASE
        ],
        "weeks": round(weeks, 1),
        "alerts": sent,
        "alerts_a_week": round(sent / weeks, 1),
    }


def _loses(seen: Examined, fit: Fit, policy: Policy) -> object | None:
    """The step that removes an account; None if it remains."""
    if seen.by is not None:
        return seen.by
    reason = kept_off(fit, policy)
    return None if reason is None else _SUPPRESSED if reason == NoAlertReason.SUPPRESSED else _RELATION


def _funnel(steps: list[_Step], lost: Counter[int], accounts: int) -> list[FunnelStep]:
    funnel: list[FunnelStep] = []
    before = accounts
    for number, step in enumerate(steps):
        left = before - lost[number]
        funnel.append(
            {"stage": step.stage, "criterion": step.words, "before": before, "lost": lost[number], "left": left}
        )
        before = left
    return funnel


def _tiers(icp: Icp, found: Counter[str | None]) -> list[TierCount]:
    highest_first = sorted(icp.tiers, key=icp.tiers.__getitem__, reverse=True)
    return [
        {"tier": tier, "lowest": icp.tiers[tier], "decision": icp.decisions[tier], "accounts": found[tier]}
        for tier in highest_first
    ]


def _workload(accounts: int, a_week: int) -> Workload:
    weeks = accounts / a_week
    return {"a_week": a_week, "weeks": round(weeks, 1), "is_market": weeks > _MAX_WEEKS_OF_WORK}
