"""The exact top of a list at an instant, without looking at every account.

Scores decay at different speeds, so the order changes while nothing happens. But a priority never rises by itself
(law 3), so the stored one bounds the true one from above: accounts are taken by stored bound, descending, until no
bound that is left can reach the list. Cost is the length of the list and what changed, whatever the number of accounts.
"""

from collections.abc import Sequence
from typing import Final, NamedTuple

from signal_engine.core.account import Account
from signal_engine.core.fit import Fit
from signal_engine.core.flow import Judge, pass_time
from signal_engine.core.ranking import Candidate, candidate, listed_by, may_be_listed, order
from signal_engine.core.stack import Score, evaluate
from signal_engine.core.standing import Standing, standing
from signal_engine.engine.step_store import Bound, Fresh, StepStore
from signal_engine.wire import fit_rows, state

_MORE: Final = 50
_TIES: Final = 1e-9
"""Bounds this near may belong to equal priorities: the last bits of a sum depend on the order of its terms."""
_LOOKED_AT: Final = 2_000
"""Accounts looked at, each look counted, after which those that were not among them are forgotten."""


class Place(NamedTuple):
    """One account on a list at an instant."""

    candidate: Candidate
    standing: Standing
    fit: Fit


class _Seen:
    """An account as decoded when its bytes were last looked at, and taken on by time since."""

    __slots__ = ("_score", "account", "fit", "row", "shown", "stored")

    def __init__(self, stored: bytes | None, row: bytes | None) -> None:
        self.stored = stored
        self.row = row
        self.account = Account() if stored is None else state.decode(stored)
        self.fit = None if row is None else fit_rows.decode(row)
        self.shown: Standing | None = None
        """As of its last look: on several lists it is the same."""
        self._score: Score | None = None

    def score(self, at: int, judge: Judge) -> Score:
        """At `at` (ms), or when it was last decided or looked at, if that is later."""
        then = max(at, self.account.now)
        if self._score is None or self._score.at != then:
            self._score = evaluate(self.account, then, judge.policy)
        return self._score

    def stands(self, name: str, at: int, judge: Judge) -> Standing:
        """Where it stands at the instant of its score."""
        score = self.score(at, judge)
        if self.shown is None or self.shown.score is not score:
            pass_time(self.account, name, score.at, None, judge)  # levels only: its timer tells what is due
            self.shown = standing(name, self.account, score.at, judge.policy, self.shown, score)
        return self.shown


class Top:
    """Evaluates lists. Keeps the accounts it has decoded, so that a list looked at again decodes what changed.

    Those that are looked at again and again: all that ever came near a list would be a market, at 10 KB each.
    """

    def __init__(self, store: StepStore, looked_at: int = _LOOKED_AT) -> None:
        """Of so many accounts `looked_at`, each look counted, those of before stay decoded, and they themselves."""
        self._store = store
        self._most = looked_at
        self._looked_at = 0
        self._seen: dict[str, _Seen] = {}
        self._before: dict[str, _Seen] = {}
        self._judge: Judge | None = None
        self.loaded = 0
        """Accounts loaded so far: what a look costs."""

    async def of(
        self, name: str, partitions: Sequence[int], at: int, judge: Judge, size: int | None = None
    ) -> list[Place]:
        """List `name` at `at` (ms): the first `size` accounts (those of the scoring file), in order.

        An account decided after `at` is taken as of then. Bounds found too high are lowered on the way.
        """
        if judge is not self._judge:  # other rules, other levels
            self._judge = judge
            self._seen, self._before = {}, {}
        lists = judge.policy.lists
        least = lists.min_score * min(lists.tier_weight.values(), default=1.0)
        found: dict[str, Place | None] = {}
        size = lists.size if size is None else size
        limit = size + _MORE
        while True:
            bounds = await self._store.top(name, partitions, limit)
            await self._look([b for b in bounds if b.account not in found], name, at, judge, found)
            places = [place for place in found.values() if place is not None]
            best = order(place.candidate for place in places)[:size]
            last = best[-1].priority if len(best) == size else least
            if len(bounds) < limit or bounds[-1].priority < max(last, least) - _TIES:
                by_name = {place.candidate.account: place for place in places}
                return [by_name[one.account] for one in best]
            limit *= 2

    async def _look(
        self, bounds: Sequence[Bound], name: str, at: int, judge: Judge, found: dict[str, Place | None]
    ) -> None:
        """Evaluates accounts into `found`, None for one that is not on the list, and lowers their bounds."""
        for partition in {bound.partition for bound in bounds}:
            mine = [bound for bound in bounds if bound.partition == partition]
            seen = await self._load(partition, [bound.account for bound in mine])
            fresh = []
            for bound in mine:
                one = seen[bound.account]
                found[bound.account] = place = _place(bound.account, one, name, at, judge)
                priority = None if place is None else place.candidate.priority
                if priority is None or priority < bound.priority:
                    fresh.append(Fresh(bound.account, bound.priority, one.stored, priority))
            await self._store.refresh(partition, name, fresh)

    async def _load(self, partition: int, names: Sequence[str]) -> dict[str, _Seen]:
        loaded = await self._store.load(partition, names)
        self.loaded += len(names)
        self._looked_at += len(names)
        if self._looked_at > self._most:
            self._looked_at, self._before, self._seen = len(names), self._seen, {}
        found = {}
        for name, stored, row in zip(names, loaded.states, loaded.fits, strict=True):
            known = self._seen.get(name) or self._before.pop(name, None)
            if known is None or known.stored != stored or known.row != row:
                known = _Seen(stored, row)
            found[name] = self._seen[name] = known
        return found


def _place(name: str, seen: _Seen, list_name: str, at: int, judge: Judge) -> Place | None:
    """Where the account stands on the list at `at`; None when it is not on it."""
    fit, lists = seen.fit, judge.policy.lists
    decision = listed_by(fit, list_name)
    if fit is None or decision is None or not may_be_listed(fit, decision):
        return None
    if seen.score(at, judge).score < lists.min_score:
        return None
    shown = seen.stands(name, at, judge)
    return Place(candidate(name, shown.score.raw, decision, lists), shown, fit)


def ranks(places: Sequence[Place]) -> dict[str, int]:
    """Account -> rank (1..)."""
    return {place.candidate.account: rank for rank, place in enumerate(places, 1)}
