"""Past alerts of one partition, read from the `alerts` topic while its states are rebuilt from history.

An alert decided again from history is sent only if nobody has received it and it is not too old to act on. History may
be shorter than the alerts topic: see `core.past_alerts`.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import orjson

from signal_engine.core import past_alerts
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import COOLED
from signal_engine.core.fit.icp import Fit
from signal_engine.core.flow import ScoringContext
from signal_engine.core.past_alerts import RecordedAlert
from signal_engine.core.rules.instants import DAY
from signal_engine.core.score.account import Account
from signal_engine.engine.ports.output_topics import OutputTopics
from signal_engine.wire.instants import parse_instant

_NEWS_FOR_MS: Final = DAY
"""ms. Older alerts decided from history are recorded, not sent."""


class PastAlerts:
    """The alerts of one partition's accounts."""

    def __init__(self, partition: int, partition_of: Callable[[str], int], news_from: int) -> None:
        """Alerts from `news_from` (ms) on are not history: they are sent whatever their age."""
        self._partition = partition
        self._partition_of = partition_of
        self._news_from = news_from
        self._ids: set[bytes] = set()
        self._past: dict[str, list[RecordedAlert]] = {}
        self._read_to: dict[int, int] = {}
        self.unreadable = 0
        """Records that are no alerts."""

    def __len__(self) -> int:
        return len(self._ids)

    @property
    def past(self) -> Mapping[str, Sequence[RecordedAlert]]:
        """Account -> its alerts, but for the ends of episodes, in order of time."""
        return self._past

    async def read(self, output: OutputTopics, topic: str, places: Sequence[int]) -> None:
        """Reads partitions of the topic, from where it was read before to their ends."""
        for place in places:
            self._read_to[place] = await output.read(topic, place, self._read_to.get(place, 0), self._take)
        for alerts in self._past.values():
            alerts.sort(key=lambda alert: alert.at)

    def is_news(self, alert_id: str, at: int, clock: int) -> bool:
        """Whether an alert dated `at` (ms) is sent if it is decided now (`clock`, ms)."""
        return not self.knows(alert_id) and (at >= self._news_from or at > clock - _NEWS_FOR_MS)

    def knows(self, alert_id: str) -> bool:
        """Whether it is in the topic."""
        return UUID(alert_id).bytes in self._ids

    def apply(
        self, account: Account, name: str, before: int, fit: Fit | None, scoring_context: ScoringContext
    ) -> list[Alert]:
        """As `core.past_alerts.apply_past_alerts`, with the alerts of account `name`."""
        return past_alerts.apply_past_alerts(account, name, self._past.get(name, ()), before, fit, scoring_context)

    def _take(self, key: bytes | None, value: bytes | None) -> None:
        del key
        try:
            document: dict[str, Any] = orjson.loads(value or b"")
            name, alert_id = document["account_id"], UUID(document["alert_id"]).bytes
            if self._partition_of(name) != self._partition or alert_id in self._ids:
                return
            since = None if document["since"] is None else parse_instant(document["since"])
            past = RecordedAlert(
                parse_instant(document["at"]),
                document["type"],
                document["episode"],
                since,
                frozenset(document["kinds_live"]),
                frozenset(document.get("personas_live", ())),
                document.get("raised_by"),
            )
        except (ValueError, KeyError, TypeError, AttributeError):
            self.unreadable += 1
            return
        self._ids.add(alert_id)
        if past.type != COOLED:
            self._past.setdefault(name, []).append(past)
