"""The history that one transaction adds: signals, alerts and scores for people to look at later.

A signal is stored as a compact JSON list (`signal_document` reads it), since nearly every event writes one;
formatting it is left to the reader. An account's alert is stored without its evidence, which the partition's feed has.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final

import orjson

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.hand_raises import HandRaiseSeen, hand_raise_seen
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.stack import evaluate
from signal_engine.core.score.stacking import Signal
from signal_engine.engine.ports.history import ALERTS_KEPT, SIGNALS_KEPT, Dated, History, Withdrawn
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.api_documents import PastSignal
from signal_engine.wire.storage import hand_raises
from signal_engine.wire.storage.kept_json import kept

_OF_AN_ALERT: Final = (
    "alert_id", "type", "at", "episode", "score", "level", "previous_level", "why_now", "why_now_at", "kinds_live",
    "icp", "audience", "triage_reason", "recorded",
)  # fmt: skip


Decided = tuple[EventOutcome, Sequence[Alert], NoAlertReason | None]
"""What `core.flow.advance` returns."""
_APPLIED: Final = EventOutcome.APPLIED  # members are looked up in 40 ns, and that once an event


class HistoryBuilder:
    """Collects it. Not used again once the transaction is made."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._signals: dict[str, list[Signal]] = {}
        self._records: dict[str, Sequence[bytes]] = {}
        self._alerts: dict[str, list[bytes]] = {}
        self._scores: dict[int, dict[str, float]] = {}
        self._feed: list[Dated] = []
        self._raises: list[Dated] = []
        self._withdrawn: list[Withdrawn] = []
        self._forgotten: list[str] = []

    def applied(self, name: str, signals: list[Signal]) -> None:
        """Signals that were folded into an account, in order. The list is kept."""
        self._signals[name] = signals

    def judged(self, signals: Mapping[str, Sequence[bytes]], scores: Sequence[tuple[int, str, float]]) -> None:
        """What came before all that `applied` and `goes_on` were told of an account: the records of signals; and the
        scores with which accounts ended days, of which the last of a day counts.
        """
        self._records |= signals
        for day, name, score in reversed(scores):
            self._scores.setdefault(day, {}).setdefault(name, round(score, 2))

    def goes_on(self, name: str, account: Account, now: int) -> None:
        """Keeps the score with which `account` ends a day, when it is to be judged at `now` (ms) of a later one.

        To be called before. A day that has not ended costs nothing: who asks has its score from the state.
        """
        if account.now // DAY < now // DAY and account.kinds:
            day, score = day_and_score(account, self._policy)
            self._scores.setdefault(day, {})[name] = score

    def alert(self, name: str, at: int, document: Mapping[str, Any], record: bytes) -> None:
        """An alert dated `at` (ms), sent or not, and the record of it."""
        self._feed.append(Dated(at, record))
        self._alerts.setdefault(name, []).append(_of_account(document))

    def raised(self, event: Event, now: int, signals: Sequence[Signal], decided: Decided) -> None:
        """Keeps the last of `signals`, which `event` became at `now` (ms), if it is a hand raise."""
        outcome, alerts, reason = decided
        if outcome is _APPLIED and (persona := signals[-1].raised_by) is not None:
            self.hand_raise(hand_raise_seen(event, persona, now, alerts, reason))

    def hand_raise(self, seen: HandRaiseSeen) -> None:
        """Somebody asked to be called."""
        self._raises.append(Dated(seen.at, hand_raises.encode(seen)))

    def withhold(self, name: str, at: int, record: bytes, why: Recorded) -> None:
        """An alert dated `at` (ms) that was to be sent, and is kept as not sent instead. Safe to repeat."""
        was: dict[str, Any] = orjson.loads(record)
        now = {**was, "recorded": why}
        self._withdrawn.append(Withdrawn(name, record, [_of_account(was), _of_account(now)]))
        self.alert(name, at, now, kept(now))

    def forget(self, name: str) -> None:
        """An account of which nothing is left."""
        self._forgotten.append(name)

    @property
    def empty(self) -> bool:
        """Whether nothing was collected."""
        return not (self._signals or self._records or self._scores or self._feed or self._forgotten)

    def history(self) -> History:
        """What the transaction adds."""
        return History(
            signals=self._records | {name: self._latest(name, some) for name, some in self._signals.items()},
            alerts={name: some[-ALERTS_KEPT:] for name, some in self._alerts.items()},
            scores=self._scores,
            feed=self._feed,
            raises=self._raises,
            withdrawn=self._withdrawn,
            forgotten=self._forgotten,
        )

    def _latest(self, name: str, signals: Sequence[Signal]) -> Sequence[bytes]:
        latest = [*map(_signal, signals[-SIGNALS_KEPT:])]
        before = self._records.get(name)
        return latest if before is None else [*before, *latest][-SIGNALS_KEPT:]


def _of_account(alert: Mapping[str, Any]) -> bytes:
    return kept({field: alert[field] for field in _OF_AN_ALERT})


def _signal(signal: Signal) -> bytes:
    event_id, kind, occurred_at, points, text, url, _, alias = signal
    return kept((event_id, kind, occurred_at, round(points, 2), text, url, *(() if alias is None else (alias,))))


def day_and_score(account: Account, policy: Policy) -> tuple[int, float]:
    """The day (since 1970-01-01) on which the account was last judged, and its score then, rounded."""
    return account.now // DAY, round(evaluate(account, account.now, policy).score, 2)


def signal_document(kept: bytes) -> PastSignal:
    """A kept signal as a document."""
    event_id, kind, at, points, text, url, *alias = orjson.loads(kept)
    document: PastSignal = {"id": event_id, "kind": kind, "at": format_instant(at), "points": points, "text": text}
    if url:
        document["source_url"] = url
    if alias:
        document["alias"] = alias[0]
    return document
