"""Replay: the live engine's decisions over ordered events, without Kafka and Redis."""

from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Final, NamedTuple

from signal_engine.core.actions.log import ActionLog
from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import AlertDecision
from signal_engine.core.fit.acted import fit_at
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import Candidate
from signal_engine.core.fit.reasons import NoAlertReason, Recorded
from signal_engine.core.flow import EventOutcome, ScoringContext, advance, no_alert, pass_time
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import BEGINNING, DAY, start_of_day
from signal_engine.core.rules.policy import COLD
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import AccountSnapshot, take_snapshot
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.backtest.actions import FitsNow, ReplayedActions
from signal_engine.engine.backtest.arrivals import Arrival, Block
from signal_engine.engine.backtest.observers import FollowsAccounts, FollowsDays
from signal_engine.engine.backtest.ordinary import OrdinaryReplay
from signal_engine.engine.backtest.states import States
from signal_engine.engine.partition.ordinary.checking import JudgedBlock, compare_block
from signal_engine.engine.partition.ordinary.judge import OrdinaryJudge, judging
from signal_engine.engine.partition.ordinary.replayed import ReplayedMarket
from signal_engine.engine.publishing.ranked_lists import ListBuilder, Ranked

Watch = Callable[[Event, int, EventOutcome, Sequence[Alert], NoAlertReason | None], None]
"""Called after each processed event: its instant (ms), the alerts decided, and why the event itself gave none."""


_now: Final = itemgetter(0)


def _decided(alert: Alert) -> AlertDecision:
    """What was decided, apart from what an account's parents have."""
    return alert.decision._replace(recorded=None)


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
        view: FollowsAccounts | None = None,
        weeks: FollowsDays | None = None,
        watch: Watch | None = None,
        actions: ReplayedActions | None = None,
        judge: OrdinaryJudge | None = None,
        market: ReplayedMarket | None = None,
    ) -> None:
        """`judge` judges before Python, unless `view` or `watch` has to be told of each event; `market` is the `view`
        where it need not.
        """
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
        self._can_be_cold = scoring_context.policy.lists.min_level == COLD
        self._ordinary = None
        if judge is not None and watch is None and (view is None or market is not None):
            acted, policy = self._actions.acted, scoring_context.policy
            self._ordinary = OrdinaryReplay(judge, self._states, self._fits, acted, policy, self._tell, market)

    def take(self, block: Block, until: int | None = None) -> None:
        """Process the events of a block in order; skip those after `until` (ms).

        Ranks of the day before are needed for the last day only; a day before that of the horizon cannot be the last.
        """
        if self._ordinary is not None and judging.is_checked() and self._actions.next > block.horizon:
            self._take_checked(block, until)
        else:
            self._take(block, until)

    def _take_checked(self, block: Block, until: int | None) -> None:
        """Take a block that Python judges, too, on copies; raises `JudgeFailed` where the two differ.

        Not compared is one in which garbage was collected: the copies are too few for that.
        """
        acted, context = self._actions.acted, self._scoring_context
        arrivals = [one for one in block.arrivals if one.event.account not in acted]
        names, counts, told = {one.event.account for one in arrivals}, dict(self.counts), list[Alert]()
        python, alerts = States(context.policy), list[Alert]()
        python.restore(self._states.stored(names))
        collections = self._states.collections
        shadow = Replay(context, self._actions.rows, self._icps, alerts.append, python)
        shadow._midnight = self._midnight
        shadow._take(Block(arrivals, block.horizon), until)
        self._on_alert, on_alert = told.append, self._on_alert
        self._take(block, until)
        self._on_alert = on_alert
        whole = len(arrivals) == len(block.arrivals)
        outcomes = [self.counts[one] - counts[one] for one in EventOutcome] if whole else ()
        if self._states.collections == collections:
            compare_block(
                JudgedBlock(python.stored(names), [*shadow.counts.values()] if whole else (), [*map(_decided, alerts)]),
                JudgedBlock(
                    self._states.stored(names),
                    outcomes,
                    [_decided(alert) for alert in told if alert.snapshot.account in names],
                ),
                context.policy,
            )
        for alert in told:
            on_alert(alert)

    def _take(self, block: Block, until: int | None) -> None:
        last_midnight = start_of_day(block.horizon if until is None else until)
        arrivals, ordinary = block.arrivals, self._ordinary
        ends = len(arrivals) if until is None else bisect_right(arrivals, until, key=_now)
        next_action, tomorrow, place = self._actions.next, self._midnight + DAY, 0
        while place < ends:
            now = arrivals[place][0]
            if now > next_action:
                next_action = self._act(now, last_midnight)
                tomorrow = self._midnight + DAY
            if now >= tomorrow:
                tomorrow = self._begin_day(now)
            if ordinary is not None:
                last = min(next_action, tomorrow - 1, arrivals[ends - 1][0])
                place = ordinary.run(arrivals, place, last, last_midnight)
            limit = ends if ordinary is None else min(place + 1, ends)
            place = self._decide(arrivals, place, limit, min(next_action, tomorrow - 1), last_midnight)
        if ends:
            self.now = max(self.now, arrivals[ends - 1][0])
        if ordinary is not None:
            ordinary.count(self.counts)

    def _decide(self, arrivals: list[Arrival], place: int, ends: int, last: int, last_midnight: int) -> int:
        """Decide arrivals from `place` to `ends`, up to `last` (ms); return how far it came."""
        get, fits, scoring_context, counts = self._states.get, self._fits.get, self._scoring_context, self.counts
        view, watch, acted = self._view, self._watch, self._actions.acted
        for now, _, _, _, event in islice(arrivals, place, ends):
            if now > last:
                return place
            account = get(event.account)
            fit = fits(event.account)
            if last_midnight < now and account.now <= last_midnight and self._may_be_listed(account):
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
                    self._tell(alert)
            self.now = now
            place += 1
        return place

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
        for name, account in self._states.items():
            fit = self._fits.get(name)
            before = self._at_midnight.get(name)
            if account.level == COLD and not (account.hand_raise or self._can_be_cold or before):
                continue  # no level can end, and it was on no list and is on none
            if before is None and account.now <= midnight:
                before = self._places_at(name, account, midnight, fit)
            then.put(before or {})
            for alert in pass_time(account, name, until, fit, self._scoring_context):
                self._tell(alert)
            now.add(name, account, evaluate(account, until, policy), self._actions.shown(name, fit_at(fit, until)))
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
        return no_alert(self.state(name, at), at, self.fit(name, at), self._scoring_context)

    def fit(self, name: str, at: int) -> Fit | None:
        """The fit of an account as people's actions leave it at `at` (ms, not before the last event), parents' too."""
        return self._actions.shown(name, fit_at(self._fits.get(name), at))

    def logs(self) -> dict[str, ActionLog]:
        """The actions so far of each account about which people decided something."""
        return {name: acted.log for name, acted in self._actions.acted.items()}

    def _act(self, before: int, last_midnight: int) -> int:
        """Applies the actions and rows recorded before `before` (ms); returns when the next one was.

        The state of an account without signals is not kept: nothing of it would be left.
        """
        actions = self._actions
        while actions.next < before:
            timed = actions.take()
            now, name = timed.now, timed.account
            if now >= self._midnight + DAY:
                self._begin_day(now)
            account = Account() if self._states.peek(name) is None else self._states.get(name)
            if last_midnight < now and account.now <= last_midnight and self._may_be_listed(account):
                self._note_midnight(name, account, self._fits.get(name))
            if self._view is not None and name in self._view.ladder:
                self._view.before(name, account, now)
            for alert in actions.apply(timed, account, self._scoring_context):
                self._tell(alert)
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

    def _may_be_listed(self, account: Account) -> bool:
        """Whether the account may stand on a list, so that its place at midnight is worth noting."""
        return bool(account.kinds) and (account.level != COLD or self._can_be_cold or account.hand_raise is not None)

    def _note_midnight(self, name: str, account: Account, fit: Fit | None) -> None:
        """Note the account's place at midnight, for yesterday's rank: after this event it can no longer be computed."""
        if places := self._places_at(name, account, self._midnight, fit):
            self._at_midnight[name] = places

    def _places_at(self, name: str, account: Account, at: int, fit: Fit | None) -> dict[str, Candidate]:
        """Its places on lists at `at` (ms, not before its last decision); alerts due until then go to `on_alert`."""
        if fit is None:
            return {}
        for alert in pass_time(account, name, at, fit, self._scoring_context):
            self._tell(alert)
        score = evaluate(account, at, self._scoring_context.policy)
        return self._places.places(name, account, score, self._actions.shown(name, fit_at(fit, at)))

    def _tell(self, alert: Alert) -> None:
        """Hand an alert over; it is recorded if the account inherits a `do_not_contact` now, as before it is sent."""
        if alert.decision.recorded is None and self._actions.inherits(alert.snapshot.account):
            alert = alert._replace(decision=alert.decision._replace(recorded=Recorded.DO_NOT_CONTACT))
        self._on_alert(alert)
