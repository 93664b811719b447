"""The distribution of a replayed market: how many accounts get warm and hot, and what keeps the others from it."""

from collections import Counter
from collections.abc import Mapping
from typing import Final

from signal_engine.core.fit.eligibility import kept_off, unalerted_reason
from signal_engine.core.fit.icp import Fit
from signal_engine.core.flow import EventOutcome
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import BEGINNING, DAY, SECOND
from signal_engine.core.rules.kinds import ENGAGEMENT, KINDS
from signal_engine.core.rules.personas import OTHER, UNKNOWN
from signal_engine.core.rules.points import never_counts, no_rule_holds
from signal_engine.core.rules.policy import COLD, HOT, KindPolicy, Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.levels import is_silent, set_upper_bound
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.distribution.hiders import QuietMarket, hidden_by
from signal_engine.engine.distribution.ladder import HighestFew, Ladder
from signal_engine.engine.partition.ordinary.replayed import JudgedMarket
from signal_engine.wire.config.scoring_advice import kinds_that_ask
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.output.distribution import Distribution, Hider, OffList, PersonasRead

MAX_HIGHEST_ACCOUNTS: Final = 10
"""Number of highest-scoring accounts reported."""

_APPLIED, _IGNORED = (
    EventOutcome.APPLIED,
    EventOutcome.IGNORED,
)  # members are looked up in 40 ns, and that once an event


def within_reach(fit: Fit, policy: Policy) -> bool:
    """Whether only its signals decide if an account is listed or alerted: what `fit` counts."""
    return fit.unchased is None and (kept_off(fit, policy) is None or unalerted_reason(fit, policy) is None)


class _Tally:
    """Counts the events of one kind whose rules refer to what we sell."""

    __slots__ = ("can_hold_for_nothing", "judged", "off_list")

    def __init__(self, kind: KindPolicy) -> None:
        self.judged = 0
        self.off_list = 0
        self.can_hold_for_nothing = any(rule.points <= 0 for rule in kind.rules)
        """Whether an event can be ignored although a rule holds; otherwise the rules need not be asked again."""


class MarketView:
    """Follows a replay. Memory: two words per account that fits and has signals.

    An event costs one set lookup. An account is scored only if its upper bound says that it may pass the lowest
    threshold or be among the ten highest.
    """

    def __init__(self, scoring: ScoringFile, fits: Mapping[str, Fit]) -> None:
        self._scoring = scoring
        self._policy = policy = scoring.policy
        self._fits = fits
        self.reached = frozenset(name for name, fit in fits.items() if within_reach(fit, policy))
        self._tallies = {kind: _Tally(policy.kinds[kind]) for kind in kinds_that_ask(scoring)}
        self._seen: set[str] = set()
        self._warm: set[str] = set()
        self._hot: set[str] = set()
        self._highest = HighestFew(MAX_HIGHEST_ACCOUNTS)
        self._personas: Counter[str] = Counter()
        self._kinds: set[str] = set()
        self._high_but: set[Hider] = set()
        self._began = BEGINNING
        self.asks = 0.0
        """A score below this changes nothing."""
        group = policy.group is not None
        self.most_by_kinds = [policy.stack.multiplier(n + group if n else 0) for n in range(len(KINDS) + 1)]
        self.ladder = Ladder(policy.levels)

    def before(self, name: str, account: Account, now: int) -> None:
        """Called before an account of `ladder` is decided at `now` (ms): lowers it as far as its level has ended.

        Levels end on whole seconds, so the score is evaluated there.
        """
        at = max(now - now % SECOND, account.now)
        if at == account.now:
            return  # no time has passed since it was judged
        score = evaluate(account, at, self._policy).raw
        self.rolled_down(name, score, is_silent(account, at, self._policy))

    @property
    def climbed(self) -> dict[str, int]:
        """The accounts of `ladder`."""
        return self.ladder.hot

    def rolled_down(self, name: str, score: float, silent: bool, /) -> None:  # noqa: FBT001 (a native caller)
        """An account of `ladder` has `score` before it is decided."""
        self.ladder.roll_down(name, score, silent=silent)

    def told(self, judged: JudgedMarket) -> None:
        """What came of events that somebody else judged."""
        if judged.began is not None and (self._began == BEGINNING or judged.began < self._began):
            self._began = judged.began
        for persona, signals in judged.personas:
            self._personas[persona] += signals
        self._kinds.update(judged.kinds)
        for name, level in judged.seen:
            self._seen.add(name)
            if level != COLD:
                (self._hot if level == HOT else self._warm).add(name)
        for kind, asked, off_list in judged.background:
            if (tally := self._tallies.get(kind)) is not None:
                tally.judged += asked
                tally.off_list += off_list

    def after(self, event: Event, account: Account, outcome: EventOutcome) -> None:
        """Called after an event was processed."""
        name, kind = event.account, event.kind
        if outcome is _IGNORED:
            if (tally := self._tallies.get(kind)) is not None:
                self._note_ignored(event, tally)
            return
        if outcome is not _APPLIED:
            return
        if (tally := self._tallies.get(kind)) is not None:
            tally.judged += 1
        if kind == ENGAGEMENT:
            self._personas[self._policy.personas.name_of(event.fields.get("persona"))] += 1
        if self._began == BEGINNING:
            self._began = account.now
        if name not in self.reached:
            return
        self._seen.add(name)
        self._kinds.add(kind)
        if account.level != COLD:
            (self._hot if account.level == HOT else self._warm).add(name)
        upper_bound = account.upper_bound * self.most_by_kinds[len(account.kinds)]
        if upper_bound >= self.asks or account.upper_bound_stamp != self._policy.stamp:
            self._score(name, account)

    def document(self, until: int) -> Distribution:
        """The document, for a period of so many ms."""
        hot = self._policy.levels.hot
        period = max(0, until - self._began) if self._began > BEGINNING else 0
        found = QuietMarket(
            accounts=len(self._fits),
            chased=sum(fit.unchased is None for fit in self._fits.values()),
            within_reach=len(self.reached),
            with_signals=len(self._seen),
            highest=max((score for _, score in self._highest.ranked()), default=0.0),
            kinds=frozenset(self._kinds),
            refused_at=frozenset(self._high_but),
            personas=self._read(),
        )
        return {
            "accounts": found.accounts,
            "fit": found.within_reach,
            "with_signals": found.with_signals,
            "warm": len(self._warm - self._hot),
            "hot": len(self._hot),
            "days": round(period / DAY, 2),
            "hot_a_week": self.ladder.a_week(period),
            "highest": [
                {"account_id": name, "name": self._fits[name].name, "score": round(min(score, 100.0), 2)}
                for name, score in self._highest.ranked()
            ],
            "off_list": self._shares(),
            "personas": found.personas,
            "hidden_by": [] if self._hot or self.ladder.rises_at(hot.enter) else hidden_by(found, self._scoring),
        }

    def _score(self, name: str, account: Account) -> None:
        policy = self._policy
        score = evaluate(account, account.now, policy)
        set_upper_bound(account, score, policy)  # a bound that is as tight as can be: the next event is passed over
        self.scored(name, score.raw, len(score.live), is_silent(account, score.at, policy))

    def scored(self, name: str, score: float, live: int, silent: bool, /) -> float:  # noqa: FBT001 (a native caller)
        """An account has `score` after a signal, with so many live kinds; returns `asks`."""
        self._highest.see(name, score)
        if score < self.ladder.lowest:
            pass
        elif live < self._policy.levels.hot.min_kinds:
            self._note_refusal("too_few_kinds", score)
        elif silent:
            self._note_refusal("silence", score)
        else:
            self.ladder.roll_up(name, score)
        self.asks = min(self.ladder.lowest, self._highest.asks)
        return self.asks

    def _note_refusal(self, why: Hider, score: float) -> None:
        if score >= self._policy.levels.hot.enter:
            self._high_but.add(why)

    def _note_ignored(self, event: Event, tally: "_Tally") -> None:
        if never_counts(event):
            return
        tally.judged += 1
        if (tally.can_hold_for_nothing or not event.confidence) and not no_rule_holds(event, self._policy):
            return
        tally.off_list += 1

    def _shares(self) -> list[OffList]:
        return [
            {
                "kind": kind,
                "events": tally.judged,
                "off_list": tally.off_list,
                "share": round(tally.off_list / tally.judged, 4),
            }
            for kind in KINDS
            if (tally := self._tallies.get(kind)) is not None and tally.judged
        ]

    def _read(self) -> PersonasRead | None:
        everybody = sum(self._personas.values())
        if not everybody or not len(self._policy.personas):
            return None
        other, unknown = self._personas[OTHER], self._personas[UNKNOWN]
        return {"named": everybody - other - unknown, "other": other, "unknown": unknown}
