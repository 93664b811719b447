"""The flow of a replay, from lines to lists, alerts and counts (contract.md section 5)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tests.oracle.fits.accounts import Account, audience_of, read_accounts
from tests.oracle.history import Given, History
from tests.oracle.inputs.configuration import Scoring, read_scoring
from tests.oracle.inputs.instants import from_datetime, midnight_at_or_before, to_datetime
from tests.oracle.inputs.lines import Event, Refusal, read_line
from tests.oracle.lists import Market
from tests.oracle.memory import RememberedIds

OUTCOMES = ("applied", "duplicate", "ignored", "expired", "rejected")
REMEMBERED = 1024


@dataclass(frozen=True, slots=True)
class Question:
    """What the events are judged by. `remembered` is how many ids an account remembers."""

    accounts: Mapping[str, Account]
    icps: tuple[str, ...]
    scoring: Scoring
    remembered: int


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

    `accounts` here is beyond what it prints: level, score and episode of every account that had an event, listed or
    not. Alerts are in the order of their instants, refused lines in that of the file.
    """
    known = read_accounts(accounts, icps)
    question = Question(known, tuple(icp["icp"] for icp in icps), read_scoring(scoring), remembered)
    read = [read_line(number, line, known) for number, line in enumerate(lines, 1)]
    end = _last_now(read) if until is None else from_datetime(until)
    taken = _in_order(read, end)
    outcomes, market = _played(taken, question, 0 if end is None else end)
    return {
        "until": None if end is None else to_datetime(end),
        "counts": {"received": outcomes.total(), **{name: outcomes[name] for name in OUTCOMES}},
        "lists": _lists(market, taken, question),
        "alerts": _alerts(market.histories.values()),
        "rejected": _rejected(taken),
        "accounts": {account_id: _account(history, market.t) for account_id, history in market.histories.items()},
    }


def _last_now(read: list[Event | Refusal]) -> int | None:
    """T when none is given. Ambiguous: "the last event" is the last line whose `now` can be read, refused ones too.

    Otherwise a refused line after the last valid one would be after T, and so passed over in silence.
    """
    return max((one.now for one in read if one.now is not None), default=None)


def _in_order(read: list[Event | Refusal], end: int | None) -> list[Event | Refusal]:
    """The lines that count, by (now, event_id by code point, line).

    Those after T are passed over, valid or not; those whose `now` cannot be read are refused whatever T.
    """
    counted = [one for one in read if one.now is None or end is None or one.now <= end]
    return sorted(counted, key=lambda one: (one.now is not None, one.now or 0, one.event_id, one.line))


def _played(taken: Iterable[Event | Refusal], question: Question, t: int) -> tuple[Counter[str], Market]:
    """The outcome of every line, and the market at t: all timers run, accounts that are in no file included."""
    outcomes: Counter[str] = Counter()
    histories: dict[str, History] = {}
    for one in taken:
        if isinstance(one, Refusal):
            outcomes["rejected"] += 1
            continue
        if one.account_id not in histories:
            audience = audience_of(question.accounts.get(one.account_id), question.scoring)
            ids = RememberedIds(question.remembered)
            histories[one.account_id] = History(one.account_id, audience, question.scoring, ids)
        outcomes[histories[one.account_id].take(one)] += 1
    for history in histories.values():
        history.run_timers(t)
    return outcomes, Market(question.accounts, histories, question.icps, question.scoring, t)


def _lists(market: Market, taken: list[Event | Refusal], question: Question) -> dict[str, list[dict[str, Any]]]:
    """The lists at T with the ranks of the last midnight, for which everything is played once more up to it.

    Ambiguous: the list "at the last 00:00 UTC" is what a replay until that midnight prints: over lines with `now` at or
    before it. So it is at T itself when T is a midnight, and every previous rank is then the rank.
    """
    midnight = midnight_at_or_before(market.t)
    _, earlier = _played([one for one in taken if one.now is not None and one.now <= midnight], question, midnight)
    before = earlier.lists()
    return {name: market.entries(places, before[name]) for name, places in market.lists().items()}


def _alerts(histories: Iterable[History]) -> list[dict[str, Any]]:
    """All alerts by instant, then account; those of one account as they were decided."""
    given = [one for history in histories for one in history.alerts]
    given.sort(key=lambda one: (one.alert.moment.at, one.alert.moment.account_id))
    return [_alert(one) for one in given]


def _alert(given: Given) -> dict[str, Any]:
    alert, moment = given.alert, given.alert.moment
    return {
        "type": alert.type,
        "at": to_datetime(moment.at),
        "account_id": moment.account_id,
        "episode": alert.episode,
        "kinds_live": sorted(moment.live),
        "personas_live": sorted(moment.people),
        "level": moment.level,
        "score": moment.score,
        "identity": alert.identity,
        "audience": given.audience,
        "why_not": given.why_not,
        "recorded": given.recorded,
        "raised_by": alert.raised_by,
        "why_now": None if alert.why_now is None else alert.why_now.event_id,
        "why_now_at": None if alert.why_now is None else to_datetime(alert.why_now.at),
        "tipped_by": None if alert.tipped_by is None else alert.tipped_by.event_id,
    }


def _account(history: History, t: int) -> dict[str, Any]:
    score = history.score_at(t)
    return {
        "level": history.level,
        "score": score.score,
        "kinds": score.kinds,
        "kinds_live": sorted(score.live),
        "personas_live": sorted(score.people),
        "episode": history.memory.episode,
    }


def _rejected(taken: Iterable[Event | Refusal]) -> list[dict[str, Any]]:
    refused = sorted((one for one in taken if isinstance(one, Refusal)), key=lambda one: one.line)
    return [{"line": one.line, "reason": one.reason, "detail": one.detail} for one in refused]
