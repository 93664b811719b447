"""Decide the events and actions of one account about which people decided something, in order of time."""

from collections import Counter
from collections.abc import Callable, Iterable
from typing import NamedTuple

from signal_engine.core.acting import act
from signal_engine.core.actions.action import AccountAction
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.flow import EventOutcome, ScoringContext, advance
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.core.score.stacking import Signal
from signal_engine.engine.ingest.triage import TriagedEvent
from signal_engine.engine.partition.account_cache import CachedAccount, lists_of
from signal_engine.engine.partition.past_alerts import PastAlerts
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.counters import CounterName, action_counter


class EvaluationFailed(SignalEngineError):
    """Our own code failed on an event. States may be half changed and must be loaded again."""

    def __init__(self, one: TriagedEvent, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.one = one
        self.error = error


class ActedBatch(NamedTuple):
    """What all such accounts of one batch share."""

    scoring_context: ScoringContext
    builder: TransactionBuilder
    memory: PastAlerts | None
    note: Callable[[Event, EventOutcome, int], None]
    """Is told of each event that was decided, and when (ms)."""
    actions: Counter[CounterName]
    """What became of the actions."""

    def decide(self, name: str, its: CachedAccount, arrived: Iterable[TriagedEvent]) -> None:
        """Decide what arrived for an account, in order, and add what that writes. Raises `EvaluationFailed`."""
        signals: list[Signal] = []
        account, log, builder = its.account, its.log, self.builder
        remembered = self.memory is not None and name in self.memory.past
        for one in arrived:
            try:
                builder.history.goes_on(name, account, one.now)
                if self.memory is not None and remembered:
                    past = max(one.now, account.now)
                    builder.send(self.memory.apply(account, name, past, its.fit, self.scoring_context))
                self._decide(its, one, signals)
            except Exception as error:
                raise EvaluationFailed(one, error) from error
        if signals:
            builder.history.applied(name, signals)
        if signals or remembered or its.log is not log:
            self._write(name, its)

    def _decide(self, its: CachedAccount, one: TriagedEvent, signals: list[Signal]) -> None:
        what = one.event
        if isinstance(what, AccountAction):
            done, its.log, alerts = act(its.account, what, one.now, its, its.log, self.scoring_context)
            self.actions[action_counter(done)] += 1
        else:
            decided = advance(its.account, what, one.now, its.fit, self.scoring_context, signals, its)
            self.builder.history.raised(what, one.now, signals, decided)
            outcome, alerts, _ = decided
            self.note(what, outcome, one.now)
        self.builder.send(alerts)

    def _write(self, name: str, its: CachedAccount) -> None:
        """Of an account without signals only its actions are kept; a signal may have ended what people decided."""
        self.builder.write_actions(name, its)
        if its.account.now > BEGINNING:
            self.builder.rank_anew(name, its.account, lists_of(its.fit), its.fit)
            self.builder.write(name, its)
            self.builder.due(name, its)
