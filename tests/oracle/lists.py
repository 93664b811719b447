"""The lists: one per ICP, and `all` by the primary ICP (scoring.md section 7)."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from .accounts import Account
from .configuration import Scoring
from .fit import Fit
from .history import History
from .instants import to_datetime
from .scoring import Score, evaluate

Lists = dict[str, list["Place"]]


@dataclass(frozen=True, slots=True)
class Place:
    """One account on one list at one instant."""

    account: Account
    fit: Fit
    score: Score
    priority: float


@dataclass(frozen=True, slots=True)
class Market:
    """All accounts with their fit, and the histories of those that had events."""

    accounts: Mapping[str, Account]
    histories: Mapping[str, History]
    icps: tuple[str, ...]
    scoring: Scoring

    def lists_at(self, t: int) -> Lists:
        """Every list at t, over what had arrived up to t (t included)."""
        scores = {account_id: self._score(account_id, t) for account_id in self.accounts}
        return {name: self._ordered(self._decided(name), scores) for name in ("all", *self.icps)}

    def _decided(self, name: str) -> list[tuple[Account, Fit]]:
        """Every account with the decision that counts on the list: of its ICP, on `all` of its primary ICP."""
        fits = [(one, one.primary if name == "all" else one.fits[name]) for one in self.accounts.values()]
        return [(account, fit) for account, fit in fits if fit is not None]

    def _score(self, account_id: str, t: int) -> Score:
        history = self.histories.get(account_id)
        return evaluate((), t, self.scoring) if history is None else history.score_at(t)

    def _ordered(self, pairs: Iterable[tuple[Account, Fit]], scores: Mapping[str, Score]) -> list[Place]:
        """Priority descending, then fit descending, then account_id; cut at `lists.size`.

        Priorities that agree to 11 decimals are equal, so that the last bits of a sum decide no order.
        Ambiguous: with `min_score: 0` an account without any signal is listed, since its score 0 is not below 0.
        """
        places = [
            Place(account, fit, score, score.raw * self.scoring.tier_weight[str(fit.tier)])
            for account, fit in pairs
            if fit.decision == "chase"
            and not account.suppressed
            and (score := scores[account.account_id]).score >= self.scoring.min_score
        ]
        places.sort(key=lambda one: (-round(one.priority, 11), -(one.fit.fit or 0.0), one.account.account_id))
        return places[: self.scoring.size]

    def entries(self, places: list[Place], before: list[Place]) -> list[dict[str, Any]]:
        """The entries of a list (contract.md section 2), numbers unrounded; `before` is the list at midnight."""
        ranks = {place.account.account_id: rank for rank, place in enumerate(before, 1)}
        return [
            {"rank": rank, "previous_rank": ranks.get(place.account.account_id), **self._entry(place)}
            for rank, place in enumerate(places, 1)
        ]

    def _entry(self, place: Place) -> dict[str, Any]:
        account, fit, score = place.account, place.fit, place.score
        return {
            "account_id": account.account_id,
            **{column: account.carried(column) for column in ("name", "owner", "segment", "crm_id")},
            "score": score.score,
            "raw": score.raw,
            "priority": place.priority,
            "fit": fit.fit,
            "tier": fit.tier,
            "icp": fit.icp,
            "icp_version": fit.version,
            "parts": score.parts(),
            "kinds_live": sorted(score.live),
            **_state(self.histories.get(account.account_id)),
        }


def _state(history: History | None) -> dict[str, Any]:
    """Level and dates of an account; one without events is cold. The history stands at the list's instant."""
    if history is None:
        return {"level": "cold", "since": None, "cools_at": None, "last_signal_at": None, "episode": 0}
    dates = {"since": history.since, "cools_at": history.cools_at(), "last_signal_at": history.last_signal_at()}
    moments = {name: None if at is None else to_datetime(at) for name, at in dates.items()}
    return {"level": history.level, "episode": history.memory.episode, **moments}
