"""The exact top of a list at an instant, without evaluating every account.

Scores decay at different speeds, so the order changes while nothing happens. But a priority never rises by itself (law
3), so the stored one is an upper bound: accounts are evaluated by descending bound until no remaining bound can reach
the list. Pinned accounts come first, from a ranking of their own, by the end of their pins. The cost depends on the
length of the list and on what changed, not on the number of accounts.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Final, NamedTuple

from signal_engine.core.fit.acted import fit_at
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import Candidate, Ordered, candidate, listed_by, order
from signal_engine.core.flow import ScoringContext, pass_time
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import AccountSnapshot, take_snapshot
from signal_engine.core.score.stack import Score, evaluate
from signal_engine.engine.actions.inheriting import PartitionOf, inherited, with_inherited
from signal_engine.engine.actions.overlay import Overlay, overlaid
from signal_engine.engine.partition.account_cache import CachedAccount, pins_of
from signal_engine.engine.ports.store import Fresh, Store, StoredRank
from signal_engine.wire.storage import fit_rows, state

_MORE_ACCOUNTS: Final = 50
_TIE_PRIORITY: Final = 1e-8
"""Bounds this close may belong to equal priorities: the last bits of a sum depend on the order of its terms, and a
bound that includes a level has fewer bits left.
"""
_GENERATION_LOADS: Final = 2_000
"""Account loads in one generation; an account that is not loaded for a whole generation is forgotten."""


class RankedAccount(NamedTuple):
    """One account on a list at an instant."""

    ordered: Ordered
    snapshot: AccountSnapshot
    fit: Fit

    @property
    def account(self) -> str:
        """Its name."""
        return self.ordered.candidate.account


class _Qualified(NamedTuple):
    """One account that qualifies for a list."""

    candidate: Candidate
    seen: "_DecodedAccount"


class _DecodedAccount:
    """An account as decoded from its stored bytes, with time passed since."""

    __slots__ = ("_score", "account", "actions", "fit", "row", "shown", "stored")

    def __init__(self, name: str, stored: bytes | None, row: bytes | None, actions: bytes | None) -> None:
        self.stored = stored
        self.row = row
        self.actions = actions
        account = Account() if stored is None else state.decode(stored)
        known = CachedAccount.of(name, account, None if row is None else fit_rows.decode(row), actions)
        self.account, self.fit = account, known.fit
        self.shown: AccountSnapshot | None = None
        """As last evaluated: on several lists it is the same."""
        self._score: Score | None = None

    def score(self, name: str, at: int, scoring_context: ScoringContext) -> Score:
        """The score at `at` (ms), or at its last decision or evaluation if later; the level is rolled to then."""
        then = max(at, self.account.now)
        if self._score is None or self._score.at != then:
            pass_time(self.account, name, then, None, scoring_context)  # levels only: its timer tells what is due
            self._score = evaluate(self.account, then, scoring_context.policy)
        return self._score

    def stands(self, name: str, at: int, scoring_context: ScoringContext) -> AccountSnapshot:
        """Its snapshot at the instant of its score."""
        score = self.score(name, at, scoring_context)
        if self.shown is None or self.shown.score is not score:
            self.shown = take_snapshot(name, self.account, score.at, scoring_context.policy, self.shown, score)
        return self.shown


class Top:
    """Evaluates lists. Keeps decoded accounts, so that the next evaluation decodes only what has changed.

    It keeps only those it loads again and again: all that ever came near a list would be a market, at 10 KB each.
    """

    def __init__(self, store: Store, generation_loads: int = _GENERATION_LOADS) -> None:
        """Decoded accounts stay for at least `generation_loads` further account loads."""
        self._store = store
        self._generation_loads = generation_loads
        self._loads = 0
        self._seen: dict[str, _DecodedAccount] = {}
        self._before: dict[str, _DecodedAccount] = {}
        self._scoring_context: ScoringContext | None = None
        self._overlay: Overlay = {}
        """What hides or annotates accounts before its turn, or because a parent has it."""
        self._seen_overlay: Overlay = {}
        """Without what accounts inherit."""
        self._partition_of: PartitionOf | None = None
        self._inherits: set[str] = set()
        """Accounts of which it is known what they inherit."""
        self.loaded = 0
        """Accounts loaded so far: the cost of evaluations."""

    def hide(self, overlay: Overlay, partition_of: PartitionOf) -> None:
        """Go by `overlay`, that of all partitions, and by what parents have now, until it is called again."""
        self._overlay = self._seen_overlay = overlay
        self._partition_of, self._inherits = partition_of, set()

    async def of(
        self,
        name: str,
        partitions: Sequence[int],
        at: int,
        scoring_context: ScoringContext,
        size: int | None = None,
        leaves_out: Callable[[Candidate], bool] | None = None,
    ) -> list[RankedAccount]:
        """List `name` at `at` (ms): the first `size` accounts (those of the scoring file), in order.

        Whom it `leaves_out` has no place, and others move up.

        An account decided after `at` is evaluated as of its decision. Bounds that turn out too high are lowered.
        """
        if scoring_context is not self._scoring_context:  # other rules, other levels
            self._scoring_context = scoring_context
            self._seen, self._before = {}, {}
        size = scoring_context.policy.lists.size if size is None else size
        found: dict[str, _Qualified | None] = {}
        await self._find_pinned(name, partitions, at, scoring_context, size // 2, found)
        limit = size + _MORE_ACCOUNTS
        while True:
            bounds = await self._store.top(name, partitions, limit)
            await self._evaluate([b for b in bounds if b.account not in found], name, name, at, scoring_context, found)
            its = (one.candidate for one in found.values() if one is not None)
            best = order((one for one in its if leaves_out is None or not leaves_out(one)), size)[:size]
            last = best[-1].candidate.key if len(best) == size else 0.0
            if len(bounds) < limit or bounds[-1].priority < last - _TIE_PRIORITY:
                return [
                    self._placed(ordered, found[ordered.candidate.account], at, scoring_context) for ordered in best
                ]
            limit *= 2

    async def _find_pinned(
        self,
        name: str,
        partitions: Sequence[int],
        at: int,
        scoring_context: ScoringContext,
        limit: int,
        found: dict[str, "_Qualified | None"],
    ) -> None:
        """Find the accounts that can be among the first `limit` pinned ones of list `name`."""
        limit = limit + _MORE_ACCOUNTS
        while limit > 0:
            bounds = await self._store.top(pins_of(name), partitions, limit)
            news = [b for b in bounds if b.account not in found]
            await self._evaluate(news, pins_of(name), name, at, scoring_context, found)
            ends = sorted((one.candidate.pinned_until or 0 for one in found.values() if one is not None), reverse=True)
            if len(bounds) < limit or (len(ends) >= limit and bounds[-1].priority < ends[limit - 1]):
                return
            limit *= 2

    async def _evaluate(
        self,
        bounds: Sequence[StoredRank],
        place: str,
        name: str,
        at: int,
        scoring_context: ScoringContext,
        found: dict[str, "_Qualified | None"],
    ) -> None:
        """Puts evaluated accounts into `found` (None: not on list `name`) and lowers their bounds in `place`.

        `place` is the ranking of the list, or that of its pins.
        """
        for partition in {bound.partition for bound in bounds}:
            mine = [bound for bound in bounds if bound.partition == partition]
            seen = await self._load(partition, [bound.account for bound in mine])
            await self._inherit(seen, at)
            fresh = []
            for bound in mine:
                one = seen[bound.account]
                fit = self._fit(bound.account, one, at)
                its = candidate(
                    bound.account,
                    one.account,
                    one.score(bound.account, at, scoring_context),
                    listed_by(fit, name),
                    fit,
                    scoring_context.policy,
                )
                found[bound.account] = None if its is None else _Qualified(its, one)
                key = None if its is None else its.key if place == name else its.pinned_until
                if bound.account in self._overlay:
                    continue  # its place is left to the action's own turn, or to the parent's
                if key is None or key < bound.priority:
                    fresh.append(Fresh(bound.account, bound.priority, one.stored, key))
            await self._store.refresh(partition, place, fresh)

    def _placed(
        self, ordered: Ordered, found: "_Qualified | None", at: int, scoring_context: ScoringContext
    ) -> RankedAccount:
        if found is None or found.seen.fit is None:
            raise AssertionError("an account without a fit is on no list")
        fit = self._fit(ordered.candidate.account, found.seen, at) or found.seen.fit
        return RankedAccount(ordered, found.seen.stands(ordered.candidate.account, at, scoring_context), fit)

    def _fit(self, name: str, one: "_DecodedAccount", at: int) -> Fit | None:
        """At `at` (ms), or when it was last decided, if that is later."""
        fit, over = fit_at(one.fit, max(at, one.account.now)), self._overlay.get(name)
        return fit if over is None else overlaid(name, fit, over)

    async def _inherit(self, seen: Mapping[str, "_DecodedAccount"], at: int) -> None:
        if self._partition_of is None:
            return
        new = {name: one.fit for name, one in seen.items() if name not in self._inherits}
        self._inherits.update(new)
        if taken := await inherited(self._store, self._partition_of, new, at, self._seen_overlay):
            self._overlay = with_inherited(self._overlay, taken)

    async def _load(self, partition: int, names: Sequence[str]) -> dict[str, _DecodedAccount]:
        loaded = await self._store.load(partition, names)
        self.loaded += len(names)
        self._loads += len(names)
        if self._loads > self._generation_loads:
            self._loads, self._before, self._seen = len(names), self._seen, {}
        found = {}
        for name, stored, row, actions in zip(names, *loaded, strict=True):
            known = self._seen.get(name) or self._before.pop(name, None)
            if known is None or known.stored != stored or known.row != row or known.actions != actions:
                known = _DecodedAccount(name, stored, row, actions)
            found[name] = self._seen[name] = known
        return found


def ranks(places: Sequence[RankedAccount]) -> dict[str, int]:
    """Account -> rank (1..)."""
    return {place.account: rank for rank, place in enumerate(places, 1)}
