"""Replay: the live engine's decisions over ordered events, without Kafka and Redis."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import NamedTuple

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.fit.acted import fit_at
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import Candidate
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.flow import EventOutcome, ScoringContext, advance, no_alert, pass_time
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import BEGINNING, DAY, start_of_day
from signal_engine.core.rules.policy import COLD
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import AccountSnapshot, take_snapshot
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.backtest.actions import FitsNow, ReplayedActions
from signal_engine.engine.backtest.arrivals import Block
from signal_engine.engine.backtest.states import States
from signal_engine.engine.backtest.weekly_lists import WeeklyLists
from signal_engine.engine.distribution.replayed_market import MarketView
from signal_engine.engine.publishing.ranked_lists import ListBuilder, Ranked

Watch = Callable[[Event, int, EventOutcome, Sequence[Alert], NoAlertReason | None], None]
"""Called after each processed event: its instant (ms), the alerts decided, and why the event itself gave none."""


class Verdicts(NamedTuple):
    """The result of a replay at its last instant."""

    until: int
    """ms."""
    lists: dict[str, Ranked]
    previous_ranks: dict[str, dict[str, int]]
    """List -> account -> rank at the last 00:00 UTC."""


class Replay:
    """Processes events in the order of (now, event_id) and ranks the market at their end; `view` is notified of each.

    Memory grows with the number of live accounts, not of events; alerts go to `on_alert` as they are decided. An alert
    is dated when it is due, which can be before the event that reveals it. `actions` are taken in order of time, too,
    those of an instant after its events.
    """

    def __init__(
        self,
        scoring_context: ScoringContext,
        fits: Mapping[str, Fit],
        icps: Sequence[str],
        on_alert: Callable[[Alert], None],
        states: States | None = None,
        view: MarketView | None = None,
        weeks: WeeklyLists | None = None,
        watch: Watch | None = None,
        actions: ReplayedActions | None = None,
    ) -> None:
        self.counts: dict[EventOutcome, int] = dict.fromkeys(EventOutcome, 0)
        self.now = BEGINNING
        """The instant of the last event or action (ms)."""
        self._scoring_context = scoring_context
        self._actions = ReplayedActions(fits) if actions is None else actions
        self._fits: FitsNow = fits if actions is None else actions
        self._icps = icps
        self._on_alert = on_alert
        self._view = view
        self._weeks = weeks
        self._watch = watch
        self._states = States(scoring_context.policy) if states is None else states
        self._midnight = BEGINNING
        self._places = ListBuilder(icps, scoring_context.policy)
        self._at_midnight: dict[str, dict[str, Candidate]] = {}
        """Account -> its places on lists at the last midnight; only accounts with signals since then."""

    def take(self, block: Block, until: int | None = None) -> None:
        """Process the events of a block in order; skip those after `until` (ms).

        Ranks of the day before are needed for the last day only; a day before that of the horizon cannot be the last.
        """
        last_midnight = start_of_day(block.horizon if until is None else until)
        tomorrow = self._midnight + DAY
        get, fits, scoring_context, counts = self._states.get, self._fits.get, self._scoring_context, self.counts
        view, watch, acted, next_action = self._view, self._watch, self._actions.acted, self._actions.next
        for now, _, _, _, event in block.arrivals:
            if until is not None and now > until:
                break
            if now > next_action:
                next_action = self._act(now, last_midnight)
                tomorrow = self._midnight + DAY
            if now >= tomorrow:
                tomorrow = self._begin_day(now)
            account = get(event.account)
            fit = fits(event.account)
            if last_midnight < now and account.now <= last_midnight and account.kinds:
                self._note_midnight(event.account, account, fit)
            if view is not None and event.account in view.ladder:
                view.before(event.account, account, now)
            people = acted.get(event.account) if acted else None
            outcome, alerts, reason = advance(account, event, now, fit, scoring_context, None, people)
            counts[outcome] += 1
            if view is not None:
                view.after(event, account, outcome)
            if watch is not None:
                watch(event, now, outcome, alerts, reason)
            if alerts:
                for alert in alerts:
                    self._on_alert(alert)
            self.now = now

    def end(self, until: int) -> Verdicts:
        """Advance every account to `until` (ms, not before the last event) and rank them."""
        self._act(until + 1, start_of_day(until))
        if self._weeks is not None:
            self._weeks.pass_to(until + 1, self._states)
        policy = self._scoring_context.policy
        midnight = start_of_day(until)
        if midnight != self._midnight:
            self._at_midnight.clear()
        then, now = ListBuilder(self._icps, policy), ListBuilder(self._icps, policy)
        can_be_cold = policy.lists.min_level == COLD
        for name, account in self._states.items():
            fit = self._fits.get(name)
            before = self._at_midnight.get(name)
            if account.level == COLD and not (account.hand_raise or can_be_cold or before):
                continue  # no level can end, and it was on no list and is on none
            if before is None and account.now <= midnight:
                before = self._places_at(name, account, midnight, fit)
            then.put(before or {})
            for alert in pass_time(account, name, until, fit, self._scoring_context):
                self._on_alert(alert)
            now.add(name, account, evaluate(account, until, policy), fit_at(fit, until))
        previous = {name: ranked.ranks() for name, ranked in then.ranked().items()}
        return Verdicts(until, now.ranked(), previous)

    def snapshot(self, name: str, at: int) -> AccountSnapshot:
        """The snapshot of an account at `at` (ms, not before the last event); blank if it has no signals."""
        return take_snapshot(name, self.state(name, at), at, self._scoring_context.policy)

    def items(self) -> Iterator[tuple[str, Account]]:
        """Every account with signals, as of its last event. Read only."""
        return self._states.items()

    def state(self, name: str, at: int) -> Account:
        """The state of an account at `at` (ms, not before the last event); blank if it has no signals. Read only."""
        account = self._states.peek(name) or Account()
        pass_time(account, name, at, self._fits.get(name), self._scoring_context)  # its alerts are already sent
        return account

    def no_alert(self, name: str, at: int) -> NoAlertReason:
        """Why no alert is due for an account at `at` (ms, not before the last event)."""
        return no_alert(self.state(name, at), at, self._fits.get(name), self._scoring_context)

    def fit(self, name: str, at: int) -> Fit | None:
        """The fit of an account as people's actions leave it at `at` (ms, not before the last event)."""
        return fit_at(self._fits.get(name), at)

    def _act(self, before: int, last_midnight: int) -> int:
        """Applies the actions recorded before `before` (ms); returns when the next one was.

        The state of an account without signals is not kept: nothing of it would be left.
        """
        actions = self._actions
        while actions.next < before:
            timed = actions.take()
            now, name = timed.now, timed.action.account
            if now >= self._midnight + DAY:
                self._begin_day(now)
            account = Account() if self._states.peek(name) is None else self._states.get(name)
            if last_midnight < now and account.now <= last_midnight and account.kinds:
                self._note_midnight(name, account, self._fits.get(name))
            if self._view is not None and name in self._view.ladder:
                self._view.before(name, account, now)
            for alert in actions.apply(timed, account, self._scoring_context):
                self._on_alert(alert)
            self.now = max(self.now, now)
        return actions.next

    def _begin_day(self, now: int) -> int:
        """Forget the ranks of the day before; return when the new day ends."""
        if self._weeks is not None:
            self._weeks.pass_to(now, self._states)
        self._midnight = start_of_day(now)
        self._at_midnight.clear()
        self._states.collect_garbage_if_due(now)
        return self._midnight + DAY

    def _note_midnight(self, name: str, account: Account, fit: Fit | None) -> None:
        """Note the account's place at midnight, for yesterday's rank: after this event it can no longer be computed."""
        if places := self._places_at(name, account, self._midnight, fit):
            self._at_midnight[name] = places

    def _places_at(self, name: str, account: Account, at: int, fit: Fit | None) -> dict[str, Candidate]:
        """Its places on lists at `at` (ms, not before its last decision); alerts due until then go to `on_alert`."""
        if fit is None:
            return {}
        for alert in pass_time(account, name, at, fit, self._scoring_context):
            self._on_alert(alert)
        return self._places.places(name, account, evaluate(account, at, self._scoring_context.policy), fit_at(fit, at))
