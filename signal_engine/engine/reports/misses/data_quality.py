"""Gaps in accounts and events: nobody to call, merged rows, unread columns and titles, silent sources."""

from collections.abc import Callable, Iterator
from typing import Final

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.reports.misses.market import ReportMarket, head
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.report_documents import DataCheck, DataQuality, Finding

_MAX_EXAMPLES: Final = 5
_LACKS: Final[dict[DataCheck, Callable[[Fit], bool]]] = {
    "no_owner": lambda fit: not fit.owner,
    "no_sdr": lambda fit: not fit.sdr,
    "nobody_calls": lambda fit: not (fit.owner or fit.sdr),
}


def data_quality(market: ReportMarket) -> DataQuality:
    """All findings, check by check, the largest first."""
    rows = [
        *_nobody_to_call(market),
        *_merged(market),
        *(_finding("unread_column", column, 1) for column in market.table.unread_columns),
        *_titles(market),
        *(
            _finding("off_list", one["kind"], one["off_list"], one["events"])
            for one in market.off_list
            if one["off_list"]
        ),
        *_silent(market),
    ]
    name, at, version = head("data-quality", market)
    return {"report": name, "at": at, "config_version": version, "rows": rows}


def _finding(
    check: DataCheck, subject: str, count: int, of: int | None = None, since: int | None = None, *examples: str
) -> Finding:
    return {
        "check": check,
        "subject": subject,
        "count": count,
        "of": of,
        "since": None if since is None else format_instant(since),
        "examples": list(examples[:_MAX_EXAMPLES]),
    }


def _nobody_to_call(market: ReportMarket) -> Iterator[Finding]:
    fits = market.table.fits.values()
    groups = {"all accounts": list(fits), "accounts to chase": [fit for fit in fits if fit.unchased is None]}
    for check, lacks in _LACKS.items():
        for subject, group in groups.items():
            if found := [fit.account for fit in group if lacks(fit)]:
                yield _finding(check, subject, len(found), len(group), None, *sorted(found)[:_MAX_EXAMPLES])


def _merged(market: ReportMarket) -> Iterator[Finding]:
    lines = market.table.lines
    for account in sorted(lines, key=lambda account: (-len(lines[account]), account)):
        named = (f"line {line}" for line in lines[account])
        yield _finding("merged_rows", account, len(lines[account]), None, None, *named)


def _titles(market: ReportMarket) -> Iterator[Finding]:
    titles = market.watcher.other_titles
    for title in sorted(titles, key=lambda title: (-titles[title], title)):
        yield _finding("other_persona", title, titles[title], market.watcher.engagement)


def _silent(market: ReportMarket) -> Iterator[Finding]:
    silent = {name: one for name, one in market.watcher.sources.items() if one.is_silent(market.at)}
    for name in sorted(silent, key=lambda name: (silent[name].last, name)):
        yield _finding("silent_source", name, silent[name].events, None, silent[name].last)
