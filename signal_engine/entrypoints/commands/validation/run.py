"""The past of `validate`: events replayed without what the cut takes, Mondays looked at, outcomes as deals."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import ExitStack
from itertools import chain
from typing import Any, Final, NamedTuple, TypeAlias, TypeVar

from signal_engine.adapters.files.event_files import Arrivals, OutOfOrder, RefusedLine
from signal_engine.adapters.files.sorting import ExternalSorter
from signal_engine.adapters.files.text_files import Source
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.errors import FAILED, SignalEngineError
from signal_engine.core.fit.icp import Icp
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.aliases import Aliases
from signal_engine.core.rules.instants import BEGINNING, DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.backtest.actions import ReplayedActions, TimedAction
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.replay import Replay
from signal_engine.engine.fit.table import AccountTable
from signal_engine.engine.outcomes.opportunities import WON
from signal_engine.engine.validation.cutting import Cut
from signal_engine.engine.validation.deals import Deal, away, by_account
from signal_engine.engine.validation.known_then import KnownThen, known_then, refuse_disqualified, without_owners
from signal_engine.engine.validation.loads.known_loads import LoadsKnown, known_by_loads
from signal_engine.engine.validation.loads.past_loads import LoadHistory
from signal_engine.engine.validation.mondays import Called, HotSpells, Mondays, calls_of
from signal_engine.engine.validation.panel import cycles
from signal_engine.engine.validation.report import Replayed
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.words import count

_MIN_RUN_UP_DAYS: Final = 30
"""Days before a deal whose signals are looked through for traces of it, however short the cycle is."""


_Result = TypeVar("_Result")
_Ordered: TypeAlias = Callable[[Arrivals], Iterable[Block]]


class NothingToValidate(SignalEngineError):
    """No Monday to look at: there are no events, or they are of less than a week."""

    exit_code = FAILED


class Past(NamedTuple):
    """The inputs of a validation."""

    events: Sequence[str]
    """Paths of event files."""
    scoring: ScoringFile
    icps: tuple[Icp, ...]
    table: AccountTable
    deals: Sequence[Deal]
    actions: Sequence[TimedAction] | None
    outcome_fields: Sequence[str]
    sales_sources: Sequence[str]
    since: int
    """Mondays before are not looked at (ms)."""
    until: int
    """Up to here outcomes are known (ms); later events are not looked at."""
    history: LoadHistory | None = None
    """What loads told of accounts up to then, in place of `table`; None: that is all that is known."""

    @property
    def aliases(self) -> Aliases:
        """Which other names mean an account, and since when."""
        return Aliases.of(self.table.aliases) if self.history is None else self.history.aliases


class ReplayedPast(NamedTuple):
    """A replayed past, and the lines of it that are no events."""

    replayed: Replayed
    names: Sequence[str]
    """Of the event files."""
    refused: Sequence[RefusedLine]
    arrived: Mapping[str, Sequence[Arrival]]
    """Account -> its events that count, in order of arrival; only if asked for."""


def replay_past(
    past: Past, on_read: Callable[[int], None] = lambda _: None, *, keep_events: bool = False
) -> ReplayedPast:
    """Replays the past. Raises `NothingToValidate`, `WonAreDisqualified`, `UnreadableInput`.

    With `keep_events` it holds all events of accounts of the file in memory.
    """
    known = known_fits(past)
    if past.history is None:
        known = without_owners(known)
    return _in_order(
        past, on_read, lambda sources, ordered: _replay(past, known, sources, ordered, keep_events=keep_events)
    )


def known_fits(past: Past) -> KnownThen:
    """The fits as they may be read before deals. Raises `WonAreDisqualified`."""
    table, deals = past.table, by_account(past.deals)
    if past.history is None:
        fields: Mapping[str, dict[str, Any]] = table.fields
        known = known_then(table.fits, table.fields, past.icps, deals, past.outcome_fields)
    else:
        fields = past.history.fields
        by = LoadsKnown(past.icps, past.scoring.policy, past.outcome_fields)
        known = known_by_loads(past.history, by, deals)
    refuse_disqualified(known, fields, past.icps, {deal.account for deal in past.deals if deal.result == WON})
    return known


def replay_alerts(
    past: Past,
    known: KnownThen,
    policy: Policy,
    take_alert: Callable[[Alert], None],
    on_read: Callable[[int], None] = lambda _: None,
) -> Cut:
    """Replays the past under `policy`, for its alerts alone; what the cut took. Raises `UnreadableInput`."""

    def replayed(sources: Sequence[Source], ordered: _Ordered) -> Cut:
        alerts: list[Alert] = []
        context, icps = ScoringContext(policy), [icp.icp for icp in past.icps]
        replay = Replay(context, known.at_first, icps, alerts.append, actions=_changing(past, known))
        cut = _run(past, replay, known, sources, ordered, [])
        for alert in alerts:  # events out of order start the replay anew
            take_alert(alert)
        return cut

    return _in_order(past, on_read, replayed)


def _changing(past: Past, known: KnownThen) -> ReplayedActions | None:
    """What changes accounts in the replay besides events; None where nothing does."""
    if past.actions is None and not known.later:
        return None
    loaded = chain.from_iterable(known.later.values())
    return ReplayedActions(known.at_first, past.actions or (), loaded)


def _in_order(
    past: Past, on_read: Callable[[int], None], replay: Callable[[Sequence[Source], _Ordered], _Result]
) -> _Result:
    with ExitStack() as stack:
        sources = [Source(name) for name in past.events]
        for source in sources:
            stack.callback(source.close)
            source.on_read = on_read
        try:
            return replay(sources, lambda arrivals: arrivals.in_order())
        except OutOfOrder:
            sorter = stack.enter_context(ExternalSorter())
            return replay(sources, lambda arrivals: arrivals.sorted(sorter))


def _run(
    past: Past,
    replay: Replay,
    known: KnownThen,
    sources: Sequence[Source],
    ordered: _Ordered,
    refused: list[RefusedLine],
    arrived: dict[str, list[Arrival]] | None = None,
) -> Cut:
    run_up = max(_MIN_RUN_UP_DAYS, *cycles(past.icps).values()) * DAY
    times = {account: away(of) for account, of in by_account(past.deals).items()}
    cut = Cut(times, run_up, past.until, past.actions or (), past.sales_sources)
    arrivals = Arrivals(sources, refused.append, known.fits, past.aliases, as_live=True)
    for block in cut.through(ordered(arrivals)):
        replay.take(block, past.until)
        if arrived is not None:
            for one in block.arrivals:
                if one.event.account in known.fits and one.now <= past.until:
                    arrived.setdefault(one.event.account, []).append(one)
    if replay.now > BEGINNING:
        replay.end(past.until)
    return cut


def _why_none(cut: Cut, past: Past) -> str:
    end = format_instant(past.until)[:10]
    if cut.first is None or cut.last is None:
        later = f"; {count(cut.later, 'event')} arrived later" if cut.later else ""
        return f"no event arrived up to {end}, where outcomes end{later}"
    return (
        f"events arrived from {format_instant(cut.first)[:10]} to {format_instant(cut.last)[:10]}, and no Monday of the"
        f" time looked at, which ends on {end}, comes after the first. An event counts from when it arrived; what was"
        " imported at once counts from when it happened only where it is marked as history (`backfill`)"
    )


def _replay(
    past: Past, known: KnownThen, sources: Sequence[Source], ordered: _Ordered, *, keep_events: bool
) -> ReplayedPast:
    context, refused, alerts = ScoringContext(past.scoring.policy), list[RefusedLine](), list[Called]()
    changing = _changing(past, known)
    fits_now = known.fits if changing is None else changing
    mondays, hot = Mondays(context, known.fits, fits_now, past.since), HotSpells()
    replay = Replay(
        context,
        known.at_first,
        [icp.icp for icp in past.icps],
        calls_of(alerts, past.since),
        view=hot,
        weeks=mondays,
        actions=changing,
    )
    arrived: dict[str, list[Arrival]] = {}
    cut = _run(past, replay, known, sources, ordered, refused, arrived if keep_events else None)
    if not mondays.seen:
        raise NothingToValidate(f"no Monday to look at: {_why_none(cut, past)}")
    replayed = Replayed(
        mondays,
        hot.began,
        alerts,
        cut,
        known,
        past.deals,
        past.icps,
        past.scoring.policy,
        past.scoring.config_version,
        past.until,
        past.actions,
    )
    return ReplayedPast(replayed, [source.name for source in sources], refused, arrived)
