"""What one partition of one generation holds, in plain dictionaries."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from signal_engine.core.rules.instants import days
from signal_engine.engine.ports.history import ALERTS_KEPT, FEED_DAYS, FEED_KEPT, SIGNALS_KEPT, Dated, History, ends_at
from signal_engine.engine.ports.store import HEAD, Damage, Damaged, Waiting
from signal_engine.engine.ports.transaction import (
    Applied,
    Conflict,
    LastRecord,
    NotApplied,
    Outbox,
    TopicPartition,
    Transaction,
    parts,
)

_Value = TypeVar("_Value")


@dataclass(slots=True)
class PartitionData:
    """One partition. `apply` defines what a transaction does; Redis does the same."""

    counter: int = 0
    topics: dict[str, int] = field(default_factory=dict)
    origins: dict[TopicPartition, int] = field(default_factory=dict)
    last: dict[str, LastRecord] = field(default_factory=dict)
    states: dict[str, bytes] = field(default_factory=dict)
    fits: dict[str, bytes] = field(default_factory=dict)
    actions: dict[str, bytes] = field(default_factory=dict)
    ranks: dict[str, dict[str, float]] = field(default_factory=dict)
    due: dict[str, int] = field(default_factory=dict)
    counts: dict[str, int] = field(default_factory=dict)
    views: dict[str, bytes] = field(default_factory=dict)
    outboxes: dict[Outbox, list[Waiting]] = field(default_factory=dict)
    signals: dict[str, list[bytes]] = field(default_factory=dict)
    alerts: dict[str, list[bytes]] = field(default_factory=dict)
    scores: dict[int, dict[str, float]] = field(default_factory=dict)
    feed: dict[bytes, int] = field(default_factory=dict)
    raises: dict[bytes, int] = field(default_factory=dict)
    opened: int | None = None
    """The counter that a transaction would have reached which did not come to its end."""
    marks: dict[str, int] = field(default_factory=dict)
    """Part -> the counter of the last transaction that wrote it, as it stands beside the counter."""
    carried: dict[str, int] = field(default_factory=dict)
    """The same as the part itself carries it: gone or outdated when the part is."""

    def apply(self, transaction: Transaction, entry: Callable[[], str]) -> Applied | NotApplied:
        """Everything of `transaction`, or nothing; `entry` names its records.

        Raises `Damaged`; from then on the transaction is open.
        """
        if self.opened is not None:
            raise Damaged(transaction.partition, [self._half_written(self.opened)])
        if transaction.counter != self.counter:
            return NotApplied(Conflict.STALE_COUNTER, self.counter)
        if any(self.topics.get(read.topic, read.start) != read.start for read in transaction.reads):
            return NotApplied(Conflict.STALE_POSITION, self.counter)
        if found := self._unlike(parts(transaction)):
            self.opened = transaction.counter + 1
            raise Damaged(transaction.partition, found)
        self.topics.update((read.topic, read.end) for read in transaction.reads)
        self.last.update((read.topic, read.last) for read in transaction.reads if read.last is not None)
        self.counter += 1
        for part in parts(transaction):
            self.marks[part] = self.carried[part] = self.counter
        _put(self.states, transaction.states)
        _put(self.fits, transaction.fits)
        _put(self.actions, transaction.actions)
        _put(self.views, transaction.views)
        _put(self.due, transaction.due)
        for name, ranks in transaction.ranks.items():
            _put(self.ranks.setdefault(name, {}), ranks)
        for count, number in transaction.counts.items():
            self.counts[count] = self.counts.get(count, 0) + number
        for origin, offset in transaction.origins.items():
            self.origins[origin] = max(offset, self.origins.get(origin, offset))
        for outbox, records in transaction.outbox.items():
            self.outboxes.setdefault(outbox, []).extend(Waiting(entry(), record) for record in records)
        self._add(transaction.history)
        return Applied(self.counter)

    def damages(self) -> list[Damage]:
        """See `Store.damages`."""
        if not self.counter and self.opened is None:
            found = [Damage(HEAD, f"it is missing, and {part} is not") for part in self.carried][:1]
            return found if not found or "fits" in self.carried else [*found, Damage("fits", "it is missing")]
        half = [] if self.opened is None else [self._half_written(self.opened)]
        return [*half, *self._unlike(self.marks)]

    def _unlike(self, names: Iterable[str]) -> list[Damage]:
        return [
            Damage(name, "it is missing" if name not in self.carried else "it is of another transaction")
            for name in names
            if self.carried.get(name) != self.marks.get(name)
        ]

    @staticmethod
    def _half_written(counter: int) -> Damage:
        return Damage(HEAD, f"the transaction to {counter} ended half-way")

    def scores_kept(self, day: int, now: int) -> Mapping[str, float]:
        """The scores of a day, if they are kept at `now` (ms)."""
        return self.scores.get(day, {}) if now < ends_at(day) * 1_000 else {}

    def _add(self, history: History) -> None:
        for one in history.withdrawn:
            self.feed.pop(one.feed, None)
            left = self.alerts.get(one.account, [])
            self.alerts[one.account] = [alert for alert in left if alert not in one.alerts]
        for stored, more, limit in (
            (self.signals, history.signals, SIGNALS_KEPT),
            (self.alerts, history.alerts, ALERTS_KEPT),
        ):
            for account, values in more.items():
                stored[account] = [*reversed(values), *stored.get(account, ())][:limit]
            for account in history.forgotten:
                stored.pop(account, None)
        for day, scores in history.scores.items():
            self.scores.setdefault(day, {}).update(scores)
        self.feed = _with(self.feed, history.feed)
        self.raises = _with(self.raises, history.raises)


def _with(stored: dict[bytes, int], new: Sequence[Dated]) -> dict[bytes, int]:
    """Dated records with `new` ones; the latest are kept."""
    if not new:
        return stored
    oldest = max(one.at for one in new) - days(FEED_DAYS)
    dated = {**stored, **{one.record: one.at for one in new}}
    kept = sorted((at, record) for record, at in dated.items() if at >= oldest)[-FEED_KEPT:]
    return {record: at for at, record in kept}


def _put(stored: dict[str, _Value], changes: Mapping[Any, _Value | None]) -> None:
    for name, value in changes.items():
        if value is None:
            stored.pop(name, None)
        else:
            stored[name] = value
