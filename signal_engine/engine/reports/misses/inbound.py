"""Everyone who asked to be called in the last 30 days, whether or not the account fits, and the alert it gave."""

from signal_engine.engine.reports.misses.market import ReportMarket, head
from signal_engine.engine.reports.misses.watcher import HandRaiseSeen
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.report_documents import HandRaised, Inbound


def inbound(market: ReportMarket) -> Inbound:
    """Hand raises, newest first, including repeats and those of accounts without alerts."""
    rows = [_row(market, seen) for seen in market.watcher.hand_raises(market.at)]
    name, at, version = head("inbound", market)
    unanswered = sum(row["answered_at"] is None and not row["backfill"] for row in rows)
    return {"report": name, "at": at, "config_version": version, "unanswered": unanswered, "rows": rows}


def _row(market: ReportMarket, seen: HandRaiseSeen) -> HandRaised:
    fit = market.table.fits.get(seen.account)
    answered = market.judged.state(seen.account, market.at).answered_at
    return {
        **market.reported(market.snapshot(seen.account)),
        "raised_at": format_instant(seen.at),
        "text": seen.text,
        "persona": seen.persona,
        "decision": None if fit is None else fit.primary.decision,
        "alert": seen.alert,
        "why_not": seen.why_not,
        "backfill": seen.backfill,
        "answered_at": format_instant(answered) if answered is not None and answered > seen.now else None,
    }
