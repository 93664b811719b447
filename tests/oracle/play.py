"""The flow of a replay, from lines to lists, alerts and counts (contract.md section 5)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from .accounts import Account, read_accounts
from .alerts import Alert
from .configuration import Scoring, read_scoring
from .history import History
from .instants import from_datetime, midnight_at_or_before, to_datetime
from .lines import Event, Refusal, read_line
from .lists import Market
from .memory import RememberedIds

OUTCOMES = ("applied", "duplicate", "ignored", "expired", "rejected")
REMEMBERED = 1024


def replay(
    lines: Iterable[bytes],
    accounts: list[dict[str, Any]],
    icps: list[dict[str, Any]],
    scoring: dict[str, Any],
    until: datetime | None = None,
    *,
    remembered: int = REMEMBERED,
) -> dict[str, Any]:
    """What `replay --json` prints, with numbers unrounded and instants as datetimes.

    Alerts are in the order of their instants, refused lines in that of the file. `remembered` is how many ids an
    account remembers.
    """
    read = [read_line(number, line) for number, line in enumerate(lines, 1)]
    end = _last_now(read) if until is None else from_datetime(until)
    known = read_accounts(accounts, icps)
    rules = read_scoring(scoring)
    taken = _in_order(read, end)
    outcomes, histories = _take(taken, known, rules, remembered)
    market = Market(known, histories, tuple(icp["icp"] for icp in icps), rules)
    return {
        "until": None if end is None else to_datetime(end),
        "counts": {"received": outcomes.total(), **{name: outcomes[name] for name in OUTCOMES}},
        "lists": _lists(market, end),
        "alerts": _alerts(histories.values()),
        "rejected": _rejected(taken),
    }


def _last_now(read: list[Event | Refusal]) -> int | None:
    """T when none is given. Ambiguous: "the last event" is the last line whose `now` can be read, refused ones too.

    Otherwise a refused line after the last valid one would be after T, and so passed over in silence.
    """
    return max((one.now for one in read if one.now is not None), default=None)


def _in_order(read: list[Event | Refusal], end: int | None) -> list[Event | Refusal]:
    """The lines that count, by (now, event_id), equal ones as they stand in the files.

    Those after T are passed over, valid or not; those whose `now` cannot be read are refused whatever T.
    """
    counted = [one for one in read if one.now is None or end is None or one.now <= end]
    return sorted(counted, key=lambda one: (one.now is not None, one.now or 0, one.event_id))


def _take(
    taken: Iterable[Event | Refusal], accounts: Mapping[str, Account], scoring: Scoring, remembered: int
) -> tuple[Counter[str], dict[str, History]]:
    """The outcome of every line, and the histories of all accounts, those in no accounts file included."""
    outcomes: Counter[str] = Counter()
    histories: dict[str, History] = {}
    for one in taken:
        if isinstance(one, Refusal):
            outcomes["rejected"] += 1
            continue
        if one.account_id not in histories:
            account = accounts.get(one.account_id)
            may_alert = account is not None and account.may_alert()
            histories[one.account_id] = History(one.account_id, may_alert, scoring, RememberedIds(remembered))
        outcomes[histories[one.account_id].take(one)] += 1
    return outcomes, histories


def _lists(market: Market, end: int | None) -> dict[str, list[dict[str, Any]]]:
    """The lists at T, once every timer up to T has been decided.

    Ambiguous: the list "at the last 00:00 UTC" is what a replay until that midnight prints: over lines with `now` at or
    before it. So it is at T itself when T is a midnight, and every previous rank is then the rank.
    """
    if end is None:
        return {name: [] for name in ("all", *market.icps)}
    for history in market.histories.values():
        history.run_timers(end)
    before = market.lists_at(midnight_at_or_before(end))
    return {name: market.entries(places, before[name]) for name, places in market.lists_at(end).items()}


def _alerts(histories: Iterable[History]) -> list[dict[str, Any]]:
    """All alerts by instant, then account; those of one account as they were decided."""
    given = [alert for history in histories for alert in history.alerts]
    given.sort(key=lambda alert: (alert.moment.at, alert.moment.account_id))
    return [_alert(alert) for alert in given]


def _alert(alert: Alert) -> dict[str, Any]:
    moment = alert.moment
    return {
        "type": alert.type,
        "at": to_datetime(moment.at),
        "account_id": moment.account_id,
        "episode": alert.episode,
        "kinds_live": sorted(moment.live),
        "level": moment.level,
        "score": moment.score,
        "identity": alert.identity,
    }


def _rejected(taken: Iterable[Event | Refusal]) -> list[dict[str, Any]]:
    refused = sorted((one for one in taken if isinstance(one, Refusal)), key=lambda one: one.line)
    return [{"line": one.line, "reason": one.reason, "detail": one.detail} for one in refused]
