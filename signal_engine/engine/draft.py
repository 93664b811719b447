"""A step in the making: what judged accounts and their alerts become in the store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from operator import itemgetter
from typing import Final

from signal_engine.core.account import HOT, Account
from signal_engine.core.alerts import cooldown_ends
from signal_engine.core.fit import Fit
from signal_engine.core.levels import bind, cools_at, is_below
from signal_engine.core.policy import Policy
from signal_engine.core.stack import evaluate
from signal_engine.core.standing import Alert
from signal_engine.engine.known import Known, places
from signal_engine.engine.steps import Outbox, Outgoing, Step, TopicPartition, TopicRead
from signal_engine.engine.told_history import HistoryDraft
from signal_engine.wire import entries, state
from signal_engine.wire.kept_json import kept

ALERTED: Final = "alerted"
"""The counter of alerts that were sent: whoever watches for new ones sees it rise."""

Hotness = tuple[int, bool]
"""Episode and whether it has alerted: while they stay, so does the instant at which the account is due, or it moves
later, because evidence only delays the end of a level."""


class Draft:
    """Collects what one step writes. Not used again once the step is made."""

    def __init__(self, policy: Policy, config_version: str, alerts_topic: str) -> None:
        self._policy = policy
        self._config_version = config_version
        self._topic = alerts_topic
        self._states: dict[str, bytes | None] = {}
        self._fits: dict[str, bytes | None] = {}
        self._ranks: dict[str, dict[str, float | None]] = {}
        self._due: dict[str, int | None] = {}
        self._alerts: list[tuple[str, int, Outgoing]] = []
        self.counts: dict[str, int] = {}
        self.origins: dict[TopicPartition, int] = {}
        self.views: dict[str, bytes | None] = {}
        self.history = HistoryDraft(policy)

    @property
    def has_alerts(self) -> bool:
        """Whether something will wait in the outbox."""
        return bool(self._alerts)

    @property
    def empty(self) -> bool:
        """Whether there is nothing to write."""
        written = (self._states, self._fits, self._ranks, self._due, self.counts, self.views)
        return not any(written) and self.history.empty

    def write(self, name: str, known: Known) -> None:
        """The account's state as it is now."""
        known.account.ids.tidy(known.account.now, self._policy.kinds)
        self._states[name] = state.encode(known.account)

    def forget(self, name: str) -> None:
        """The account has no state any more."""
        self._states[name] = None
        self._due[name] = None
        self.history.forget(name)

    def write_fit(self, name: str, row: bytes | None) -> None:
        """The account's row of the fit table."""
        self._fits[name] = row

    def rank(self, name: str, known: Known) -> None:
        """The account's priority on its lists, where signals added since may have raised it.

        An account that cannot reach `lists.min_score` is left where it is: whoever publishes takes it out.
        """
        account = known.account
        if known.fit is None or is_below(account, self._policy.unlisted_below[len(account.kinds)], self._policy):
            return
        if weights := places(known.fit, self._policy.lists):
            score = evaluate(account, account.now, self._policy)
            bind(account, score, self._policy)
            if score.score >= self._policy.lists.min_score:
                for place, weight in weights.items():
                    self._ranks.setdefault(place, {})[name] = score.raw * weight

    def rank_anew(self, name: str, account: Account, lists: Iterable[str], fit: Fit | None) -> None:
        """The account's priority on its lists, after its fit or the rules changed; from other `lists` it goes."""
        weights = places(fit, self._policy.lists)
        score = evaluate(account, account.now, self._policy)
        for place in {*lists, *weights}:
            listed = place in weights and score.score >= self._policy.lists.min_score
            self._ranks.setdefault(place, {})[name] = score.raw * weights[place] if listed else None

    def due_if_changed(self, name: str, known: Known, before: Hotness) -> None:
        """When the account is due, if it became hot or alerted since it was `before`."""
        if hotness(known.account) != before:
            self.due(name, known)

    def due(self, name: str, known: Known) -> None:
        """When the account is due: its episode ends, or the cooldown that holds its alert back; mostly never."""
        self._due[name] = next_due(known.account, known.fit, self._policy)

    def tell(self, alerts: Iterable[Alert], *, quiet: bool = False) -> None:
        """Alerts that leave through the outbox; `quiet` ones are recorded only."""
        weights = self._policy.lists.tier_weight
        for alert in alerts:
            name, told = alert.standing.account, entries.alert(alert, weights, self._config_version)
            record = kept(told)
            self.history.alert(name, alert.call.at, told, record)
            if not quiet:
                self._alerts.append((alert.call.alert_id, alert.call.at, Outgoing(self._topic, name, record)))

    def tell_only(self, is_news: Callable[[str, int], bool]) -> None:
        """Keeps back the alerts that are not news, by id and instant (ms); states and histories record all of them."""
        self._alerts = [told for told in self._alerts if is_news(*told[:2])]

    def step(self, partition: int, counter: int, reads: Sequence[TopicRead]) -> Step:
        """The step, under the partition's counter."""
        ranks: Mapping[str, Mapping[str, float | None]] = self._ranks
        alerted = {ALERTED: len(self._alerts)} if self._alerts else {}
        self._alerts.sort(key=itemgetter(1))  # accounts are judged one after another; people read in order of time
        return Step(
            partition=partition,
            counter=counter,
            reads=reads,
            states=self._states,
            fits=self._fits,
            ranks=ranks,
            due=self._due,
            outbox={Outbox.ALERTS: [told for _, _, told in self._alerts]} if self._alerts else {},
            counts=self.counts | alerted,
            origins=self.origins,
            views=self.views,
            history=self.history.history(),
        )


def hotness(account: Account) -> Hotness:
    """What decides anew when an account is due."""
    return (account.episode if account.level == HOT else 0, account.alerted)


def next_due(account: Account, fit: Fit | None, policy: Policy) -> int | None:
    """The instant (ms) at which time alone gives an alert of the account; None when it cannot."""
    if account.level != HOT or fit is None or fit.barred is not None:
        return None
    if account.alerted:
        return cools_at(account, account.now, policy)
    retry = cooldown_ends(account, policy)
    return retry if retry > account.now else None
