"""The lists: one per ICP, and `all` by the primary ICP (scoring.md section 7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.oracle.fits.accounts import Account
from tests.oracle.fits.fit import Fit
from tests.oracle.history import History
from tests.oracle.inputs.configuration import Scoring
from tests.oracle.inputs.instants import to_datetime
from tests.oracle.pins import pinning
from tests.oracle.scores import evidence
from tests.oracle.scores.scoring import Score

LEVELS = ("cold", "warm", "hot")


@dataclass(frozen=True, slots=True)
class Place:
    """One account on one list. `raised_at` is h while the account is pinned, in whichever block it stands."""

    account: Account
    fit: Fit
    history: History
    score: Score
    priority: float
    raised_at: int | None
    pinned: bool = False

    def order(self) -> tuple[Any, ...]:
        """Level, priority, fit, account_id.

        Priorities that agree to 11 decimals are equal, so that the last bits of a sum decide no order.
        """
        fit = self.fit.fit or 0.0
        return (-LEVELS.index(self.history.level), -round(self.priority, 11), -fit, self.account.account_id)

    def badge(self) -> str:
        """What is shown first."""
        return self.history.level if self.raised_at is None else "inbound"


@dataclass(frozen=True, slots=True)
class Market:
    """All accounts with their fit, and the histories of those that had events, all timers run up to `t`."""

    accounts: Mapping[str, Account]
    histories: Mapping[str, History]
    icps: tuple[str, ...]
    scoring: Scoring
    t: int

    def lists(self) -> dict[str, list[Place]]:
        """Every list at t."""
        return {name: self._ordered(self._candidates(name)) for name in ("all", *self.icps)}

    def _candidates(self, name: str) -> list[Place]:
        """Who may be on the list: chased by its ICP, on `all` by the primary one, listed, not suppressed, and so on."""
        candidates = []
        for account in self.accounts.values():
            fit = account.primary if name == "all" else account.fits[name]
            history = self.histories.get(account.account_id)
            relation = self.scoring.relations.get(account.relation)
            listed = relation is not None and relation.listed and not account.suppressed
            if listed and history is not None and fit is not None and fit.decision == "chase":
                place = self._place(account, fit, history)
                if self._may_stand(place):
                    candidates.append(place)
        return candidates

    def _place(self, account: Account, fit: Fit, history: History) -> Place:
        score = history.score_at(self.t)
        raised = pinning(history.signals, history.answered_at, self.t, self.scoring)
        priority = score.raw * self.scoring.tier_weight[str(fit.tier)]
        return Place(account, fit, history, score, priority, None if raised is None else raised.at)

    def _may_stand(self, place: Place) -> bool:
        """Pinned, or at min_level with a score above 0 and at least min_score."""
        if place.raised_at is not None:
            return True
        high = LEVELS.index(place.history.level) >= LEVELS.index(self.scoring.min_level)
        return high and place.score.score > 0 and place.score.score >= self.scoring.min_score

    def _ordered(self, candidates: Iterable[Place]) -> list[Place]:
        """At most half of the size for pins, the latest first; then the others; cut at `lists.size`."""
        ordered = sorted(candidates, key=Place.order)
        pins = sorted((one for one in ordered if one.raised_at is not None), key=lambda one: -(one.raised_at or 0))
        first = pins[: self.scoring.size // 2]
        at_the_top = {one.account.account_id for one in first}
        others = [one for one in ordered if one.account.account_id not in at_the_top]
        return [*(_as_pinned(one) for one in first), *others][: self.scoring.size]

    def entries(self, places: list[Place], before: list[Place]) -> list[dict[str, Any]]:
        """The entries of a list (contract.md section 2), numbers unrounded; `before` is the list at midnight."""
        ranks = {place.account.account_id: rank for rank, place in enumerate(before, 1)}
        return [
            {"rank": rank, "previous_rank": ranks.get(place.account.account_id), **self._entry(place)}
            for rank, place in enumerate(places, 1)
        ]

    def _entry(self, place: Place) -> dict[str, Any]:
        account, fit, score, history = place.account, place.fit, place.score, place.history
        why_now = evidence.why_now(history.signals, history.answered_at, self.t, self.scoring)
        return {
            "account_id": account.account_id,
            **{column: account.carried(column) for column in ("name", "owner", "segment", "crm_id")},
            "sdr": account.carried("sdr") or account.carried("owner"),
            "relation": account.relation,
            "badge": place.badge(),
            "pinned": place.pinned,
            "hand_raised_at": _moment(place.raised_at),
            "why_now": None if why_now is None else why_now.event_id,
            "why_now_at": None if why_now is None else to_datetime(why_now.at),
            "score": score.score,
            "raw": score.raw,
            "priority": place.priority,
            "fit": fit.fit,
            "tier": fit.tier,
            "icp": fit.icp,
            "icp_version": fit.version,
            "parts": evidence.parts(history.signals, score, self.t, self.scoring),
            "kinds_live": sorted(score.live),
            "level": history.level,
            "episode": history.memory.episode,
            "since": _moment(history.since),
            "cools_at": _moment(history.cools_at()),
            "last_signal_at": _moment(history.last_signal_at()),
        }


def _as_pinned(place: Place) -> Place:
    return Place(place.account, place.fit, place.history, place.score, place.priority, place.raised_at, pinned=True)


def _moment(at: int | None) -> Any:
    return None if at is None else to_datetime(at)
