"""History in the making: what one step adds to what people look at later.

A signal is told as `{id, kind, at, points, text}`, with `source_url` where it has one; an alert of an account without
its evidence, since the partition's feed has it whole.
"""

from collections.abc import Mapping
from typing import Any, Final

import orjson

from signal_engine.core.account import Account
from signal_engine.core.events import Event
from signal_engine.core.instants import DAY
from signal_engine.core.policy import Policy
from signal_engine.core.rules import worth
from signal_engine.core.stack import evaluate
from signal_engine.core.wording import line
from signal_engine.engine.history import ALERTS_KEPT, SIGNALS_KEPT, Dated, History
from signal_engine.wire.instants import format_instant
from signal_engine.wire.rounding import rounded

_OF_AN_ALERT: Final = (
    "alert_id", "type", "at", "episode", "score", "level", "previous_level", "why_now", "kinds_live", "icp",
)  # fmt: skip


class HistoryDraft:
    """Collects it. Not used again once the step is made."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self._signals: dict[str, list[Event]] = {}
        self._alerts: dict[str, list[bytes]] = {}
        self._scores: dict[int, dict[str, float]] = {}
        self._feed: list[Dated] = []
        self._forgotten: list[str] = []

    def applied(self, event: Event) -> None:
        """A signal that was folded into its account."""
        self._signals.setdefault(event.account, []).append(event)

    def score(self, name: str, account: Account) -> None:
        """The account's score, as of the last signal of its day."""
        score = evaluate(account, account.now, self._policy).score
        self._scores.setdefault(account.now // DAY, {})[name] = rounded(score)

    def alert(self, name: str, at: int, told: Mapping[str, Any], record: bytes) -> None:
        """An alert dated `at` (ms), sent or not, and the record of it."""
        self._feed.append(Dated(at, record))
        self._alerts.setdefault(name, []).append(orjson.dumps({field: told[field] for field in _OF_AN_ALERT}))

    def forget(self, name: str) -> None:
        """An account of which nothing is left."""
        self._forgotten.append(name)

    @property
    def empty(self) -> bool:
        """Whether nothing was collected."""
        return not (self._signals or self._scores or self._feed or self._forgotten)

    def history(self) -> History:
        """What the step adds."""
        return History(
            signals={name: [self._told(e) for e in some[-SIGNALS_KEPT:]] for name, some in self._signals.items()},
            alerts={name: some[-ALERTS_KEPT:] for name, some in self._alerts.items()},
            scores=self._scores,
            feed=self._feed,
            forgotten=self._forgotten,
        )

    def _told(self, event: Event) -> bytes:
        points, _ = worth(event, self._policy.kinds[event.kind])
        told: dict[str, Any] = {
            "id": event.event_id,
            "kind": event.kind,
            "at": format_instant(event.occurred_at),
            "points": rounded(points),
            "text": line(event),
        }
        if url := event.fields.get("source_url"):
            told["source_url"] = url
        return orjson.dumps(told)
