"""The threshold of hot that gives about as many alerts a week as people can work on, found by replay."""

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Final, Literal, NamedTuple

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import COOLED, INBOUND
from signal_engine.core.errors import FAILED, SignalEngineError
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.outcomes.opportunities import LOST, WON
from signal_engine.engine.validation.deals import Deal, free_since
from signal_engine.engine.validation.documents import rate
from signal_engine.engine.validation.panel import DEFAULT_CYCLE_DAYS
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.calibration_documents import Calibration, PersonAlerts, ThresholdTried
from signal_engine.wire.output.reports.validation_documents import MissedDeal
from signal_engine.wire.output.words import count

_WEEK: Final = 7 * DAY
_STEP: Final = 0.5
"""Points: finer thresholds differ by less than the weeks do."""
_HIGHEST: Final = 100.0
_MIN_WEEKS: Final = 4
_Verdict = Literal["found", "too_many_at_any", "fewer_at_any"]


class TooLittlePast(SignalEngineError):
    """Not enough weeks to say how many alerts come in one."""

    exit_code = FAILED


class Alerted(NamedTuple):
    """An alert that somebody would have got."""

    account: str
    at: int
    """ms."""
    type: str
    person: str | None


class Market(NamedTuple):
    """The past that is replayed."""

    fits: Mapping[str, Fit]
    deals: Sequence[Deal]
    cycle_days: Mapping[str, int]
    """By ICP."""
    since: int
    """Alerts from here on count (ms) ..."""
    until: int
    """... up to here (ms)."""

    @property
    def weeks(self) -> float:
        """How long that is."""
        return (self.until - self.since) / _WEEK

    def cycle(self, account: str) -> int:
        """How long before a deal an alert counts for it (ms)."""
        fit = self.fits.get(account)
        icp = None if fit is None or not fit.decisions else fit.primary.icp
        return self.cycle_days.get(icp or "", DEFAULT_CYCLE_DAYS) * DAY


class _UnderThreshold(NamedTuple):
    """One threshold."""

    tried: ThresholdTried
    alerted: frozenset[Deal]
    """The won deals that were foreseen."""


def alerted(alert: Alert) -> Alerted | None:
    """The alert as somebody's work; None for one that nobody has to act on or that was only recorded."""
    decision, fit = alert.decision, alert.fit
    if decision.recorded is not None or decision.type in {COOLED, INBOUND} or fit is None:
        return None
    person = fit.owner if alert.audience == "owner" else fit.sdr or fit.owner
    return Alerted(alert.snapshot.account, decision.at, decision.type, person)


def calibration(
    policy: Policy,
    market: Market,
    capacity: int,
    alerts_under: Callable[[Policy], Iterable[Alerted]],
    *,
    per_person: bool,
) -> Calibration:
    """The threshold under which at most `capacity` alerts a week came, or came to the busiest person.

    `alerts_under` replays the past under a policy. The search halves the range some eight times, in steps of half a
    point; where alerts do not fall as the threshold rises, it settles for what it has replayed. Raises `TooLittlePast`.
    """
    if market.weeks < _MIN_WEEKS:
        raise TooLittlePast(
            f"the events cover {market.weeks:.1f} weeks; {_MIN_WEEKS} are needed to count alerts a week"
        )
    seen: dict[float, _UnderThreshold] = {}

    def load(enter: float) -> float:
        if enter not in seen:
            changed = with_threshold(policy, enter)
            seen[enter] = _tried(changed, market, alerts_under(changed), per_person=per_person)
        return seen[enter].tried["a_week"]

    now = policy.levels.hot.enter
    load(now)
    lowest, highest = policy.levels.warm.enter, _HIGHEST
    verdict: _Verdict = "found"
    if load(highest) > capacity:
        verdict = "too_many_at_any"
    elif (most := load(lowest)) <= capacity:
        verdict, highest = "found" if most == capacity else "fewer_at_any", lowest
    else:
        _narrow(lowest, highest, lambda enter: load(enter) <= capacity)
    fitting = [enter for enter, one in seen.items() if one.tried["a_week"] <= capacity]
    if fitting and verdict == "too_many_at_any":  # fewer hot alerts can leave more triggers: those wait for a cooldown
        verdict = "found"
    found = seen[min(fitting)] if fitting else seen[highest]
    return _document(market, capacity, verdict, seen, seen[now], found, per_person=per_person)


def with_threshold(policy: Policy, enter: float) -> Policy:
    """`policy` with another threshold of hot; it ends as far below, in proportion, as it did, and warm holds below."""
    hot = policy.levels.hot
    if enter == hot.enter:
        return policy
    ends = max(round(enter * hot.exit / hot.enter, 1), policy.levels.warm.exit)
    return replace(policy, levels=replace(policy.levels, hot=replace(hot, enter=enter, exit=ends)))


def _narrow(low: float, high: float, fits: Callable[[float], bool]) -> None:
    """Asks of thresholds between, one that does not fit and one that does, until they are neighbours."""
    steps_low, steps_high = int(low // _STEP), round(high / _STEP)
    while steps_high - steps_low > 1:
        middle = (steps_low + steps_high) // 2
        if fits(middle * _STEP):
            steps_high = middle
        else:
            steps_low = middle


def _tried(policy: Policy, market: Market, alerts: Iterable[Alerted], *, per_person: bool) -> _UnderThreshold:
    counted = [one for one in alerts if market.since <= one.at < market.until]
    people = _people(counted, market)
    by_week = Counter((one.at - market.since) // _WEEK for one in counted)
    named = [one for one in people if one["person"] is not None]
    busiest = max((one["a_week"] for one in named or people), default=0.0)  # where nobody is named, all are one's
    foreseen = frozenset(_foreseen(market, counted))
    closed = {result: [one for one in _counted_deals(market) if one.result == result] for result in (WON, LOST)}
    caught, lost = (rate(sum(one in foreseen for one in closed[result]), len(closed[result])) for result in (WON, LOST))
    tried: ThresholdTried = {
        "enter": policy.levels.hot.enter,
        "exit": policy.levels.hot.exit,
        "alerts": len(counted),
        "a_week": busiest if per_person else round(len(counted) / market.weeks, 2),
        "busiest_week": max(by_week.values(), default=0),
        "by_type": dict(sorted(Counter(one.type for one in counted).items())),
        "people": people,
        "caught": caught,
        "lost": lost,
    }
    return _UnderThreshold(tried, frozenset(one for one in foreseen if one.result == WON))


def _people(alerts: Sequence[Alerted], market: Market) -> list[PersonAlerts]:
    of: dict[str | None, Counter[int]] = {}
    for one in alerts:
        of.setdefault(one.person, Counter())[(one.at - market.since) // _WEEK] += 1
    people: list[PersonAlerts] = [
        {"person": person, "a_week": round(weeks.total() / market.weeks, 2), "busiest_week": max(weeks.values())}
        for person, weeks in of.items()
    ]
    return sorted(people, key=lambda one: (-one["a_week"], one["person"] is None, one["person"] or ""))


def _counted_deals(market: Market, free: Mapping[Deal, int] | None = None) -> list[Deal]:
    """Those whose account could have been alerted in the time looked at; `free` as of `free_since`."""
    free = free_since(market.deals) if free is None else free
    return [
        one
        for one in market.deals
        if market.since < one.cut <= market.until and one.account in market.fits and one in free
    ]


def _foreseen(market: Market, alerts: Iterable[Alerted]) -> Iterable[Deal]:
    at: dict[str, list[int]] = {}
    for one in alerts:
        at.setdefault(one.account, []).append(one.at)
    free = free_since(market.deals)
    for deal in _counted_deals(market, free):
        begin = max(deal.cut - market.cycle(deal.account), free[deal])  # an alert before the deal before is none of it
        if any(begin <= instant < deal.cut for instant in at.get(deal.account, ())):
            yield deal


def _document(
    market: Market,
    capacity: int,
    verdict: _Verdict,
    seen: Mapping[float, _UnderThreshold],
    now: _UnderThreshold,
    found: _UnderThreshold,
    *,
    per_person: bool,
) -> Calibration:
    won = [one for one in _counted_deals(market) if one.result == WON]
    return {
        "summary": _summary(verdict, capacity, found.tried, per_person=per_person),
        "capacity": capacity,
        "per_person": per_person,
        "since": format_instant(market.since),
        "until": format_instant(market.until),
        "weeks": round(market.weeks, 1),
        "verdict": verdict,
        "in_force": now.tried,
        "found": found.tried,
        "tried": [seen[enter].tried for enter in sorted(seen, reverse=True)],
        "missed": _named(market, [one for one in won if one not in found.alerted], "no alert in the cycle before"),
        "gained": _named(market, found.alerted - now.alerted, "alerted under what was found only"),
        "given_up": _named(market, now.alerted - found.alerted, "alerted under the file only"),
    }


def _summary(verdict: _Verdict, capacity: int, found: ThresholdTried, *, per_person: bool) -> str:
    whose = " of the busiest person" if per_person else ""
    wanted = f"{count(capacity, 'alert')} a week{whose}"
    if verdict == "too_many_at_any":
        return (
            f"No threshold gives {wanted}: even at {_HIGHEST:g} points {found['a_week']:.1f} come, from hand raises and"
            " triggers, which do not go by the score."
        )
    if verdict == "fewer_at_any":
        return (
            f"No threshold gives {wanted}: even from {found['enter']:g} on, where warm begins, only"
            f" {found['a_week']:.1f} come."
            " There are too few signals, too few accounts fit, or hot asks for more kinds of signal than come together."
        )
    gives = f"{found['a_week']:.1f} alerts a week{whose}"
    return f"hot from {found['enter']:g} points gives {gives}; {capacity} were asked for at most."


def _named(market: Market, deals: Iterable[Deal], why: str) -> list[MissedDeal]:
    ordered = sorted(deals, key=lambda one: (-(one.amount_usd or 0.0), one.account, one.cut))
    return [
        {
            "account_id": one.account,
            "name": market.fits[one.account].name,
            "opened_at": format_instant(one.cut),
            "amount_usd": one.amount_usd,
            "why": why,
        }
        for one in ordered
    ]
