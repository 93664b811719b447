"""What a change would have done to lists and alerts, by comparing two replays of the same events."""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from signal_engine.core.rules.instants import days
from signal_engine.engine.backtest.weekly_lists import WeekEnd
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.output.reports.icp_documents import (
    AlertDifference,
    AlertDifferences,
    ListDifference,
    MarketDifference,
)

_SEEN_BACK: Final = days(90)
"""Period before the end that is compared, in ms."""


class ComparedReplay(NamedTuple):
    """The compared results of one replay."""

    until: int
    """ms."""
    weeks: tuple[WeekEnd, ...]
    """The lists at the end of each of the last weeks, then at `until`."""
    alerts: Mapping[str, AlertDifference]
    """Alert id -> alert, in order of time."""


def market_diff(before: ComparedReplay, after: ComparedReplay) -> MarketDifference:
    """The difference between two replays of the same events that end at the same instant."""
    since = after.until - _SEEN_BACK
    return {
        "since": format_instant(since),
        "until": format_instant(after.until),
        "lists": [
            difference
            for was, will in zip(before.weeks, after.weeks, strict=True)
            if will.at > since
            for difference in _lists(was, will)
        ],
        "alerts": _alerts(_since(before, since), _since(after, since)),
    }


def _lists(was: WeekEnd, will: WeekEnd) -> Iterator[ListDifference]:
    for name, accounts in will.lists.items():
        old = was.lists[name]
        had, new = set(old), set(accounts)
        yield {
            "list": name,
            "at": format_instant(will.at),
            "before": len(old),
            "after": len(accounts),
            "enter": [account for account in accounts if account not in had],
            "leave": [account for account in old if account not in new],
        }


def _since(market: ComparedReplay, since: int) -> dict[str, AlertDifference]:
    return {one["alert_id"]: one for one in market.alerts.values() if parse_instant(one["at"]) > since}


def _alerts(old: Mapping[str, AlertDifference], new: Mapping[str, AlertDifference]) -> AlertDifferences:
    return {
        "before": len(old),
        "after": len(new),
        "only_before": [alert for alert_id, alert in old.items() if alert_id not in new],
        "only_after": [alert for alert_id, alert in new.items() if alert_id not in old],
    }
