"""The events of one batch, judged one by one, and what that writes."""

from collections.abc import Iterable, Mapping

from signal_engine.core.flow import Judge, Outcome, advance
from signal_engine.engine.alert_memory import AlertMemory
from signal_engine.engine.draft import Draft, Hotness, hotness
from signal_engine.engine.intake import Arrived
from signal_engine.engine.known import Known


class Faulty(Exception):
    """An event at which our own code failed. States may be half changed: they have to be loaded again."""

    def __init__(self, one: Arrived, error: Exception) -> None:
        super().__init__(type(error).__name__)
        self.one = one
        self.error = error


def judge_all(
    arrived: Iterable[Arrived],
    known: Mapping[str, Known],
    judge: Judge,
    draft: Draft,
    memory: AlertMemory | None = None,
) -> None:
    """Judges events in order, each at its own `now`; `known` holds every account. Raises `Faulty`.

    `memory` holds the alerts that accounts remember though their states may not.
    """
    remembered = memory.past if memory is not None else {}
    counts = dict.fromkeys(Outcome, 0)
    before: dict[str, Hotness] = {}
    for one in arrived:
        _, event, now, backfill = one
        name = event.account
        its = known[name]
        account = its.account
        was = before.get(name) or hotness(account)
        draft.history.goes_on(name, account, now)
        try:
            if memory is not None and name in remembered:
                due = memory.take_up(account, name, max(now, account.now), its.fit, judge)
                draft.tell(due if not backfill else ())
                before[name] = was
            outcome, alerts, _ = advance(account, event, now, its.fit, judge)
        except Exception as error:
            raise Faulty(one, error) from error
        counts[outcome] += 1
        if outcome is Outcome.APPLIED:
            before[name] = was
            draft.history.applied(event, account)
        if alerts:
            draft.tell(alerts, quiet=backfill)
    draft.counts |= {outcome.value: count for outcome, count in counts.items() if count}
    for name, was in before.items():
        draft.rank(name, known[name])  # tightens the bound, which is part of the state
        draft.write(name, known[name])
        if name in remembered:
            draft.due(name, known[name])
        else:
            draft.due_if_changed(name, known[name], was)
