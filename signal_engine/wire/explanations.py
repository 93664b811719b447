"""The explanation of one account: score, parts, evidence, fit, and why or why not (contract.md, section 5)."""

from collections.abc import Iterable
from typing import Any, Protocol

from signal_engine.core.fit import Fit
from signal_engine.core.kinds import KINDS
from signal_engine.core.reasons import NotNow
from signal_engine.core.standing import Standing, why_now
from signal_engine.wire.entries import ALL_KEPT, instant, parts
from signal_engine.wire.reasons import IN_WORDS
from signal_engine.wire.rounding import rounded


class Owned(Protocol):
    """An ICP, as the file has it or as it is in force."""

    @property
    def icp(self) -> str:
        """Its id."""

    @property
    def owner_name(self) -> str:
        """The one person who decides it."""

    @property
    def review_by(self) -> str:
        """YYYY-MM-DD."""


def explanation(
    standing: Standing,
    fit: Fit | None,
    icps: Iterable[Owned],
    lists: dict[str, tuple[int | None, NotNow | None]],
    no_alert: NotNow,
) -> dict[str, Any]:
    """`lists` gives, per list, the account's rank and why it is not on it; `no_alert` why no alert is due now."""
    return {
        "account_id": standing.account,
        "name": fit.name if fit else None,
        "owner": fit.owner if fit else None,
        "segment": fit.segment if fit else None,
        "crm_id": fit.crm_id if fit else None,
        "suppressed": fit.suppressed if fit else False,
        "score": rounded(standing.score.score),
        "raw": rounded(standing.score.raw),
        "parts": parts(standing, ALL_KEPT),
        "kinds_live": [kind for kind in KINDS if kind in standing.score.live],
        "multiplier": standing.score.multiplier,
        "level": standing.level,
        "since": instant(standing.since),
        "cools_at": instant(standing.cools_at),
        "last_signal_at": instant(standing.last_signal_at),
        "why_now": why_now(standing) or None,
        "people": list(standing.people),
        "ids_forgotten_early": standing.ids_let_go,
        "fit": explained_fit(fit, icps),
        "lists": [{"list": name, "rank": rank, **not_now("why_not", reason)} for name, (rank, reason) in lists.items()],
        **not_now("why_no_alert", no_alert),
    }


def not_now(field: str, reason: NotNow | None) -> dict[str, str | None]:
    """A reason as its word and its sentence."""
    return {field: reason, f"{field}_in_words": IN_WORDS[reason] if reason else None}


def explained_fit(fit: Fit | None, icps: Iterable[Owned]) -> list[dict[str, Any]]:
    """What every ICP decides of an account, with its reasons and its owner; nothing when it is in no accounts file."""
    if fit is None:
        return []
    by_id = {icp.icp: icp for icp in icps}
    return [
        {
            "icp": decision.icp,
            "version": decision.version,
            "primary": decision is fit.primary,
            "decision": decision.decision,
            "fit": None if decision.fit is None else rounded(decision.fit),
            "tier": decision.tier,
            "reasons": list(decision.reasons),
            "icp_owner": by_id[decision.icp].owner_name,
            "review_by": by_id[decision.icp].review_by,
        }
        for decision in fit.decisions
    ]
