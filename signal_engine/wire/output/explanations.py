"""The explanation of one account: score, parts, evidence, fit, and why or why not (contract.md, section 5)."""

from collections.abc import Iterable
from typing import Protocol

from signal_engine.core.fit.acted import actions_of
from signal_engine.core.fit.icp import Fit
from signal_engine.core.fit.ranking import badge
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.rules.relations import PROSPECT
from signal_engine.core.score.snapshot import AccountSnapshot
from signal_engine.wire.output import api_documents as documents
from signal_engine.wire.output.actions import in_force
from signal_engine.wire.output.entries import claimed, instant, kinds_live, parts, people
from signal_engine.wire.output.rounding import rounded
from signal_engine.wire.output.words import IN_WORDS


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

    @property
    def annual_review_by(self) -> str | None:
        """YYYY-MM-DD; None if there is none beside `review_by`."""

    @property
    def buying_group(self) -> tuple[str, ...]:
        """The personas that must say yes."""


def explanation(
    snapshot: AccountSnapshot,
    fit: Fit | None,
    icps: Iterable[Owned],
    lists: dict[str, tuple[int | None, NoAlertReason | None]],
    no_alert: NoAlertReason,
    next_step: str | None,
) -> documents.Explanation:
    """`lists` gives, per list, the account's rank and why it is not on it; `no_alert` why no alert is due now;
    `next_step` what whoever calls does.
    """
    why_now = snapshot.why_now
    return {
        "account_id": snapshot.account,
        "name": fit.name if fit else None,
        "owner": fit.owner if fit else None,
        "sdr": (fit.sdr or fit.owner) if fit else None,
        "relation": fit.relation if fit else PROSPECT,
        "parent": fit.parent if fit else None,
        "parent_relation": fit.parent_relation if fit else None,
        "segment": fit.segment if fit else None,
        "crm_id": fit.crm_id if fit else None,
        "suppressed": fit.suppressed if fit else False,
        "badge": badge(snapshot.level, pinned=snapshot.pinned),
        "hand_raised_at": instant(snapshot.hand_raised_at),
        "pinned_until": instant(snapshot.pinned_until),
        **claimed(fit),
        "score": rounded(snapshot.score.score),
        "raw": rounded(snapshot.score.raw),
        "parts": parts(snapshot),
        "kinds_live": kinds_live(snapshot),
        "multiplier": snapshot.score.multiplier,
        "level": snapshot.level,
        "since": instant(snapshot.since),
        "cools_at": instant(snapshot.cools_at),
        "last_signal_at": instant(snapshot.last_signal_at),
        "why_now": why_now.text if why_now else None,
        "why_now_at": instant(why_now.at) if why_now else None,
        "next_step": next_step,
        "people": people(snapshot.people),
        "personas_live": sorted(snapshot.personas_live),
        "ids_evicted": snapshot.ids_evicted,
        "fit": explained_fit(fit, icps, snapshot.personas_live),
        "lists": [
            {"list": name, "rank": rank, "why_not": reason, "why_not_in_words": in_words(reason)}
            for name, (rank, reason) in lists.items()
        ],
        "why_no_alert": no_alert,
        "why_no_alert_in_words": in_words(no_alert),
        "actions": in_force(actions_of(fit)),
    }


def in_words(reason: NoAlertReason | None) -> str | None:
    """The sentence of a reason."""
    return IN_WORDS[reason] if reason else None


def explained_fit(
    fit: Fit | None, icps: Iterable[Owned], personas_live: frozenset[str] = frozenset()
) -> list[documents.IcpDecision]:
    """What every ICP decides of an account, with its reasons, its owner, and who of its buying group is missing.

    Nothing when it is in no accounts file. While a new fit table is taken over, its row may still hold decisions of
    ICPs that are in force no more: those are left out.
    """
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
            "review_by": _next_review(by_id[decision.icp]),
            "buying_group": [
                {"persona": persona, "seen": persona in personas_live} for persona in by_id[decision.icp].buying_group
            ],
        }
        for decision in fit.decisions
        if decision.icp in by_id
    ]


def _next_review(icp: Owned) -> str:
    """The sooner of its review dates, YYYY-MM-DD: whichever passes first is what a reader must know of."""
    return min(icp.review_by, icp.annual_review_by or icp.review_by)
