"""The whole review, from what a replay, the deals and the people's actions say."""

import datetime
from collections.abc import Iterator, Mapping, Sequence
from typing import Final, NamedTuple

from signal_engine.core.alerting.plays import Play
from signal_engine.core.fit.icp import CHASE, Fit, Icp
from signal_engine.core.rules.instants import SECOND
from signal_engine.core.sync.wiring import VersionWiring
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.outcomes.opportunities import OPEN
from signal_engine.engine.reports.misses.reporting import Examiner
from signal_engine.engine.reports.work.wiring import reach_of
from signal_engine.engine.review.outside import Missed, outside
from signal_engine.engine.review.people import capacity_of, response_times
from signal_engine.engine.review.segments import ReviewedTime, locked_metrics, review_icp
from signal_engine.engine.validation.deals import Deal
from signal_engine.engine.validation.known_then import KnownThen
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.decision_documents import Decisions
from signal_engine.wire.output.reports.icp_documents import AlertDifference
from signal_engine.wire.output.reports.review.documents import DraftReviewed, PlayReviewed, Review, WiringReviewed
from signal_engine.wire.output.words import count

_NEXT_DAYS: Final = 90
"""Between reviews, where no ICP says an earlier date."""


class ReviewedPast(NamedTuple):
    """All that a review looks at."""

    now: int
    """ms."""
    time: ReviewedTime
    config_version: str
    icps: Sequence[Icp]
    published: Mapping[str, str]
    """ICP -> when its version in force was published; not of files."""
    known: KnownThen
    examiner: Examiner
    deals: Mapping[str, Sequence[Deal]]
    alerts: Sequence[AlertDifference]
    missed: Missed
    decisions: Decisions | None
    """None where no actions were given."""
    actions: Sequence[TimedAction] | None
    capacity: int | None
    plays: Sequence[Play] | None
    drafts: Sequence[DraftReviewed]
    wiring: Sequence[VersionWiring] | None = None
    """None of files."""
    synced: bool = True
    """Whether it is known what `sync` did."""


def review(past: ReviewedPast, seed: int) -> Review:
    """The review."""
    fits, time = past.known.fits, past.time
    families = sum(len(locked_metrics(icp)) for icp in past.icps)
    return {
        "at": format_instant(past.now),
        "since": format_instant(time.since),
        "until": format_instant(time.until),
        "config_version": past.config_version,
        "caveats": [*_caveats(past)],
        "icps": [
            review_icp(icp, fits, past.deals, time, families, past.published.get(icp.icp), seed) for icp in past.icps
        ],
        "outside": outside(past.missed, past.examiner, fits, past.deals, time),
        "decisions": past.decisions,
        "responses": None if past.actions is None else response_times(past.alerts, past.actions, time),
        "capacity": past.capacity,
        "people": capacity_of(past.alerts, fits, time, past.capacity),
        "drafts": [*past.drafts],
        "retired_plays": None if past.plays is None else [*_retired(past.plays, past.icps, fits)],
        "wiring": None if past.wiring is None else [_wiring(one) for one in past.wiring],
        "next_review": next_review(past.icps, past.now),
    }


def next_review(icps: Sequence[Icp], now: int) -> str:
    """YYYY-MM-DD: the earliest review date of an ICP that has not passed at `now` (ms), within 90 days; else in 90."""
    today = datetime.datetime.fromtimestamp(now / SECOND, datetime.UTC).date()
    latest = (today + datetime.timedelta(days=_NEXT_DAYS)).isoformat()
    dates = [date for icp in icps for date in (icp.review_by, icp.annual_review_by) if date is not None]
    return min((date for date in dates if today.isoformat() < date < latest), default=latest)


def _wiring(one: VersionWiring) -> WiringReviewed:
    return {**reach_of(one), "waiting": [change.downstream for change in one.changes if change.first_at is None]}


def _retired(plays: Sequence[Play], icps: Sequence[Icp], fits: Mapping[str, Fit]) -> Iterator[PlayReviewed]:
    """Plays for an ICP that is not in force, or for a segment of which nobody is chased."""
    names = {icp.icp for icp in icps}
    chased: set[tuple[str, str]] = {
        (fit.primary.icp, (fit.segment or "").strip().casefold())
        for fit in fits.values()
        if fit.primary.decision == CHASE
    }
    segments = {segment for _, segment in chased}
    for play in plays:
        segment = None if play.segment is None else play.segment.strip().casefold()
        if play.icp is not None and play.icp not in names:
            yield {"text": play.text, "why": f"ICP {play.icp} is not in force"}
        elif segment is not None and play.icp is None and segment not in segments:
            yield {"text": play.text, "why": f"no account of segment {play.segment} is chased"}
        elif segment is not None and play.icp is not None and (play.icp, segment) not in chased:
            yield {"text": play.text, "why": f"ICP {play.icp} chases no account of segment {play.segment}"}


def _caveats(past: ReviewedPast) -> Iterator[str]:
    known, time = past.known, past.time
    of = [deal for deals in past.deals.values() for deal in deals if time.holds(deal)]
    if still := sum(deal.result == OPEN for deal in of):
        yield f"{still:,} of {count(len(of), 'deal')} still open: such a deal counts as neither won nor lost"
    if known.fields:
        yield (
            f"{', '.join(known.fields)} may tell what came of an account and count as missing in all accounts;"
            f" filled in {count(known.accounts_with_fields, 'account')}"
        )
    yield "accounts are read as they are today, under the ICPs in force now"
    yield "a segment that wins more was not made to win by the ICP: a difference says where, not why"
    if past.wiring is None:
        yield "these ICPs are files: which systems outside go by them is known of published ones alone"
    if not past.synced:
        yield "Redis did not answer, so what `sync` wrote into the CRM and into audiences is not counted"
    if past.actions is None:
        yield "no actions were given: proposals, kills and response times are not known"
