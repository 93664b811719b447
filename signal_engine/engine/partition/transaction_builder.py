"""Builds a transaction: what judged accounts and their alerts become in the store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter

from signal_engine.core.alerting.alert import Alert
from signal_engine.core.alerting.alerts import cooldown_ends
from signal_engine.core.fit.acted import actions_of, fit_at, next_end
from signal_engine.core.fit.eligibility import hidden_by, unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import place_key, qualifies
from signal_engine.core.rules.policy import HEAT, HOT, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import cools_at, set_upper_bound
from signal_engine.core.score.snapshot import pin
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.ingest.activity import ActivityCounts
from signal_engine.engine.partition.account_cache import CachedAccount, lists_of, pins_of, places
from signal_engine.engine.partition.history_records import HistoryBuilder
from signal_engine.engine.ports.counters import ALERTED, CounterName
from signal_engine.engine.ports.transaction import Outbox, Outgoing, TopicPartition, TopicRead, Transaction
from signal_engine.engine.ports.views import ViewName
from signal_engine.wire.output import entries
from signal_engine.wire.storage import actions, state
from signal_engine.wire.storage.actions import StoredActions
from signal_engine.wire.storage.kept_json import kept

Hotness = tuple[int, bool, int | None]
"""Episode, whether it has alerted, and when a hand was last raised: while they stay, so does the instant at which the
account is due, or it moves later, because evidence only delays the end of a level."""


class TransactionBuilder:
    """Collects what one transaction writes. Not used again once the transaction is made."""

    def __init__(self, policy: Policy, config_version: str, alerts_topic: str) -> None:
        self.policy = policy
        self._config_version = config_version
        self._topic = alerts_topic
        self._states: dict[str, bytes | None] = {}
        self._fits: dict[str, bytes | None] = {}
        self._acts: dict[str, bytes | None] = {}
        self._ranks: dict[str, dict[str, float | None]] = {}
        self._due: dict[str, int | None] = {}
        self._alerts: list[tuple[str, int, Outgoing]] = []
        self.counts: dict[CounterName, int] = {}
        self.origins: dict[TopicPartition, int] = {}
        self.views: dict[ViewName, bytes | None] = {}
        self.rolled_out: set[str] = set()
        """Accounts that the transaction takes to the rules in force."""
        self.history = HistoryBuilder(policy)
        self.came_in: ActivityCounts | None = None
        """What came in with a batch."""

    @property
    def has_alerts(self) -> bool:
        """Whether something will wait in the outbox."""
        return bool(self._alerts)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        written = (self._states, self._fits, self._acts, self._ranks, self._due, self.counts, self.views)
        return not any(written) and self.history.empty

    def write(self, name: str, known: CachedAccount) -> None:
        """The account's state as it is now."""
        known.account.ids.tidy(known.account.now, self.policy.kinds)
        self._states[name] = state.encode(known.account)

    def judged(
        self,
        states: Mapping[str, bytes],
        ranks: Mapping[str, Mapping[str, float | None]],
        due: Iterable[tuple[str, int | None]],
    ) -> None:
        """States, places on lists, and when accounts are due, as `write`, `rank` and `due` would write them."""
        self._states |= states
        self._due.update(due)
        for place, keys in ranks.items():
            self._ranks.setdefault(place, {}).update(keys)

    def forget(self, name: str, lists: Iterable[str]) -> None:
        """The account has no state any more, nor a place on `lists`."""
        self._states[name] = None
        self._due[name] = None
        self.history.forget(name)
        for place in lists:
            self._place(place, name, None)
            self._place(pins_of(place), name, None)

    def write_fit(self, name: str, row: bytes | None) -> None:
        """The account's row of the fit table."""
        self._fits[name] = row

    def write_actions(self, name: str, known: CachedAccount) -> None:
        """What people decided about the account, as it is now."""
        self._acts[name] = actions.encode(StoredActions(actions_of(known.fit), known.log))

    def rank(self, name: str, known: CachedAccount) -> None:
        """The account's place on its lists, where signals added since may have raised it.

        An account that is not on them is left where it is: whoever publishes takes it out.
        """
        account, policy = known.account, self.policy
        is_warm_enough = HEAT[account.level] >= HEAT[policy.lists.min_level]
        until = pin(account, account.now, policy) if account.hand_raise is not None else None
        if known.fit is None or (until is None and not is_warm_enough):  # by far the most accounts
            return
        if weights := places(known.fit, policy):
            score = evaluate(account, account.now, policy)
            set_upper_bound(account, score, policy)
            if qualifies(account.level, score.score, policy.lists, pinned=until is not None):
                for place, weight in weights.items():
                    self._place(place, name, place_key(account.level, score.raw * weight))
                    if until is not None:
                        self._place(pins_of(place), name, float(until))

    def rank_anew(self, name: str, account: Account, lists: Iterable[str], fit: Fit | None) -> None:
        """The account's place on its lists, after its fit, the rules or time changed it; from other `lists` it goes."""
        policy = self.policy
        weights = places(fit_at(fit, account.now), policy)
        score, until = evaluate(account, account.now, policy), pin(account, account.now, policy)
        on_lists = qualifies(account.level, score.score, policy.lists, pinned=until is not None)
        for place in {*lists, *weights}:
            listed = on_lists and place in weights
            self._place(place, name, place_key(account.level, score.raw * weights[place]) if listed else None)
            self._place(pins_of(place), name, float(until) if listed and until is not None else None)

    def _place(self, place: str, name: str, upper_bound: float | None) -> None:
        self._ranks.setdefault(place, {})[name] = upper_bound

    def due_if_changed(self, name: str, known: CachedAccount, before: Hotness) -> None:
        """When the account is due, if it became hot or alerted since it was `before`."""
        if hotness(known.account) != before:
            self.due(name, known)

    def due(self, name: str, known: CachedAccount) -> None:
        """When the account is due: its episode ends, the cooldown that holds its alert back, its pin; mostly never.

        A pin that has ended before a timer got there is taken out here: none will come for it any more.
        """
        account = known.account
        self._due[name] = _next_due(account, known.fit, self.policy)
        if account.hand_raise is not None and pin(account, account.now, self.policy) is None:
            for listed in lists_of(known.fit):
                self._place(pins_of(listed), name, None)

    def send(self, alerts: Iterable[Alert]) -> None:
        """Alerts that leave through the outbox; those that are recorded only do not."""
        weights = self.policy.lists.tier_weight
        for alert in alerts:
            name, document = alert.snapshot.account, entries.alert(alert, weights, self._config_version)
            record, decided = kept(document), alert.decision
            self.history.alert(name, decided.at, document, record)
            if decided.recorded is None:
                self._alerts.append((decided.alert_id, decided.at, Outgoing(self._topic, name, record)))

    def send_only(self, is_news: Callable[[str, int], bool]) -> None:
        """Keeps back the alerts that are not news, by id and instant (ms); states and histories record all of them."""
        self._alerts = [one for one in self._alerts if is_news(*one[:2])]

    def build(self, partition: int, counter: int, reads: Sequence[TopicRead]) -> Transaction:
        """The transaction, under the partition's counter."""
        ranks: Mapping[str, Mapping[str, float | None]] = self._ranks
        alerted = {ALERTED: len(self._alerts)} if self._alerts else {}
        self._alerts.sort(key=itemgetter(1))  # accounts are judged one after another; people read in order of time
        return Transaction(
            partition=partition,
            counter=counter,
            reads=reads,
            states=self._states,
            fits=self._fits,
            actions=self._acts,
            ranks=ranks,
            due=self._due,
            outbox={Outbox.ALERTS: [record for _, _, record in self._alerts]} if self._alerts else {},
            counts=self.counts | alerted,
            origins=self.origins,
            views=self.views,
            history=self.history.history(),
        )


def hotness(account: Account) -> Hotness:
    """What decides anew when an account is due."""
    raised = account.hand_raise
    return (account.episode if account.level == HOT else 0, account.alerted, raised.at if raised is not None else None)


def _next_due(account: Account, fit: Fit | None, policy: Policy) -> int | None:
    """The next instant (ms) at which time alone gives an alert of the account, or ends its pin or a person's action;
    None when it cannot.
    """
    fit = fit_at(fit, account.now)
    due = [until for until in (pin(account, account.now, policy), next_end(fit)) if until is not None]
    if account.level == HOT and (unalerted_reason(fit, policy) is None or hidden_by(fit, policy) is not None):
        at = cools_at(account, account.now, policy) if account.alerted else cooldown_ends(account, policy)
        if at is not None and at > account.now:
            due.append(at)
    return min(due, default=None)
