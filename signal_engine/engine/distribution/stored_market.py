"""The distribution that `fit load` prints: how many accounts that fit get warm and hot, from stored data.

A state says where an account stands and that it was hot, but not its scores in between. So the figures by threshold use
the stored history: the score at the end of each day with signals. That is an approximation: it misses a score that rose
and fell within a day, it ignores the number of live signal types, and an account that decayed below a threshold between
two such days and rose again counts once.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.instants import DAY
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import is_silent
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.distribution.hiders import QuietMarket, hidden_by
from signal_engine.engine.distribution.ladder import HighestFew, Ladder
from signal_engine.engine.distribution.replayed_market import MAX_HIGHEST_ACCOUNTS, within_reach
from signal_engine.engine.partition.background_count import shares
from signal_engine.engine.ports.history import DAYS_KEPT
from signal_engine.engine.ports.store import Store
from signal_engine.wire.config.scoring_advice import kinds_that_ask
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.output.distribution import Distribution, Hider
from signal_engine.wire.storage import state

_BATCH_ACCOUNTS = 1_000
"""Accounts read at once."""


async def stored_distribution(
    store: Store, by_partition: Iterable[tuple[int, Mapping[str, Fit]]], scoring: ScoringFile, now: int
) -> Distribution:
    """The distribution at `now` (ms) over the accounts of a fit table, which comes by partition. Raises `StoreTrouble`.

    Reads counters, days and the states of accounts that fit, one partition after the other.
    """
    seen = _MarketReading(scoring)
    today = now // DAY
    for number, table in by_partition:
        mine = seen.fits(table)
        if not mine:
            continue
        seen.counted(await store.counts(number))
        for day in range(today - DAYS_KEPT + 1, today + 1):
            for name, score in (await store.scores(number, day)).items():
                if name in mine:
                    seen.day(name, day, score)
        await _states(store, number, sorted(mine), seen)
        seen.keep_names(table)
    return seen.document(today)


async def _states(store: Store, number: int, names: Sequence[str], seen: "_MarketReading") -> None:
    for start in range(0, len(names), _BATCH_ACCOUNTS):
        some = names[start : start + _BATCH_ACCOUNTS]
        for name, stored in zip(some, (await store.load(number, some)).states, strict=True):
            if stored is not None:
                seen.state(name, state.decode(stored))


class _MarketReading:
    """Figures of the partitions read so far. Memory: two numbers per account that fits and has had a high score."""

    def __init__(self, scoring: ScoringFile) -> None:
        self._scoring = scoring
        self._policy: Policy = scoring.policy
        self._accounts = self._chased = self._fit = 0
        self._names: dict[str, str | None] = {}
        """Of the accounts with the highest scores so far."""
        self._ladder = Ladder(scoring.policy.levels)
        self._highest = HighestFew(MAX_HIGHEST_ACCOUNTS)
        self._last_day: dict[str, int] = {}
        self._first_day: int | None = None
        self._with_signals = self._hot = self._warm = 0
        self._kinds: set[str] = set()
        self._counts: Counter[str] = Counter()
        self._high_but: set[Hider] = set()

    def fits(self, table: Mapping[str, Fit]) -> frozenset[str]:
        """Add the accounts of a partition; return those that fit."""
        mine = frozenset(name for name, fit in table.items() if within_reach(fit, self._policy))
        self._accounts += len(table)
        self._chased += sum(fit.unchased is None for fit in table.values())
        self._fit += len(mine)
        return mine

    def keep_names(self, table: Mapping[str, Fit]) -> None:
        """Keep what people call the accounts with the highest scores."""
        names = self._names
        self._names = {name: table[name].name if name in table else names[name] for name, _ in self._highest.ranked()}

    def day(self, name: str, day: int, score: float) -> None:
        """Note that an account ended a day with `score`; the days of an account must be in order."""
        self._first_day = day if self._first_day is None else min(day, self._first_day)
        self._highest.see(name, score)
        if name not in self._ladder and score < self._ladder.lowest:
            return
        quiet = (day - self._last_day.get(name, day)) * DAY
        silence = self._policy.levels.hot.max_silence
        self._ladder.roll_down(name, score, silent=silence is not None and quiet >= silence)
        self._ladder.roll_up(name, score)
        self._last_day[name] = day

    def counted(self, counts: Mapping[str, int]) -> None:
        """Add the counters of a partition."""
        self._counts.update(counts)

    def state(self, name: str, account: Account) -> None:
        """Add the state of an account, after its days."""
        if account.last_signal_at is None:
            return
        self._with_signals += 1
        self._kinds.update(account.kinds)
        if account.episode:
            self._hot += 1
        elif account.since is not None:
            self._warm += 1
        score = evaluate(account, account.now, self._policy)
        self.day(name, account.now // DAY, score.score)
        if score.score >= self._policy.levels.hot.enter:
            if len(score.live) < self._policy.levels.hot.min_kinds:
                self._high_but.add("too_few_kinds")
            elif is_silent(account, score.at, self._policy):
                self._high_but.add("silence")

    def document(self, today: int) -> Distribution:
        """The document."""
        days = 0 if self._first_day is None else today - self._first_day + 1
        ranked = self._highest.ranked()
        found = QuietMarket(
            accounts=self._accounts,
            chased=self._chased,
            within_reach=self._fit,
            with_signals=self._with_signals,
            highest=max((score for _, score in ranked), default=0.0),
            kinds=frozenset(self._kinds),
            refused_at=frozenset(self._high_but),
            personas=None,
        )
        return {
            "accounts": found.accounts,
            "fit": self._fit,
            "with_signals": self._with_signals,
            "warm": self._warm,
            "hot": self._hot,
            "days": float(days),
            "hot_a_week": self._ladder.a_week(days * DAY),
            "highest": [
                {"account_id": name, "name": self._names[name], "score": round(score, 2)} for name, score in ranked
            ],
            "off_list": shares(self._counts, kinds_that_ask(self._scoring)),
            "personas": None,
            "hidden_by": [] if self._hot else hidden_by(found, self._scoring),
        }
