"""The events of one step, judged one by one, and what that writes."""

from collections.abc import Callable, Iterable, Mapping

from signal_engine.core.errors import SignalEngineError
from signal_engine.core.flow import EventOutcome, ScoringContext, advance
from signal_engine.core.rules.instants import DAY
from signal_engine.core.score.stacking import Signal
from signal_engine.engine.ingest.triage import TriagedEvent
from signal_engine.engine.partition.account_cache import CachedAccount
from signal_engine.engine.partition.background_count import Background
from signal_engine.engine.partition.past_alerts import PastAlerts
from signal_engine.engine.partition.transaction_builder import TransactionBuilder, hotness
from signal_engine.engine.ports.counters import outcome_counter


class Faulty(SignalEngineError):
    """An event at which our own code failed. States may be half changed: they have to be loaded again."""

    def __init__(self, one: TriagedEvent, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.one = one
        self.error = error


def evaluate_batch(
    arrived: Iterable[TriagedEvent],
    known: Mapping[str, CachedAccount],
    scoring_context: ScoringContext,
    builder: TransactionBuilder,
    memory: PastAlerts | None = None,
    roll_out: Callable[[str, CachedAccount], None] = lambda *_: None,
) -> None:
    """Judges events, those of each account in order, each at its own `now`; `known` holds every account.

    Account by account, because accounts do not see each other, and one that is looked at once is read from memory once
    (2 us an event where the accounts are many). `roll_out` is told of each before it is judged: it may have to be
    taken to other rules. Raises `Faulty`.
    """
    remembered = memory.past if memory is not None else {}
    counts, background = dict.fromkeys(EventOutcome, 0), Background(scoring_context.policy)
    for name, its_events in _by_account(arrived).items():
        its = known[name]
        account, fit = its.account, its.fit
        was = hotness(account)
        roll_out(name, its)
        changed = False
        signals: list[Signal] = []
        day_ends = account.now - account.now % DAY + DAY
        for one in its_events:
            _, event, now = one
            try:
                if now >= day_ends:
                    builder.history.goes_on(name, account, now)
                    day_ends = now - now % DAY + DAY
                if memory is not None and name in remembered:
                    builder.send(memory.apply(account, name, max(now, account.now), fit, scoring_context))
                    changed = True
                outcome, alerts, _ = advance(account, event, now, fit, scoring_context, signals)
            except Exception as error:
                raise Faulty(one, error) from error
            counts[outcome] += 1
            background.note(event, outcome)
            if alerts:
                builder.send(alerts)
        if signals:
            builder.history.applied(name, signals)
        elif not changed:
            continue
        builder.rank(name, its)  # tightens the bound, which is part of the state
        builder.write(name, its)
        if name in remembered:
            builder.due(name, its)
        else:
            builder.due_if_changed(name, its, was)
    builder.counts |= {
        outcome_counter(outcome): count for outcome, count in counts.items() if count
    } | background.counts


def _by_account(arrived: Iterable[TriagedEvent]) -> dict[str, list[TriagedEvent]]:
    grouped: dict[str, list[TriagedEvent]] = {}
    for one in arrived:
        name = one[1][0]
        if (its := grouped.get(name)) is None:
            grouped[name] = [one]
        else:
            its.append(one)
    return grouped
