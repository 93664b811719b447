"""The inbox of a rule's owner: what colleagues propose against the rule, and kills that are to be looked at again."""

from collections import Counter
from typing import Final

from signal_engine.core.actions.in_force import EVERYWHERE, InForce, StandingAction
from signal_engine.core.fit.criteria import told
from signal_engine.core.fit.icp import CHASE, Fit, FitDecision
from signal_engine.engine.reports.misses.reporting import ReportBasis, Rows, SeenAccount, Walk, head, reported
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.decision_documents import (
    Decisions,
    IcpInbox,
    OpenDecision,
    ProposedCriterion,
    Question,
)

_PROPOSAL: Final = "proposal"
_REVIEW: Final = "review"
_NOT_A_FIT: Final = "not_a_fit"


class DecisionsBuilder:
    """Open proposals, then kills whose review has come; those that wait longest come first."""

    walk: Final[Walk] = "acted"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._rows: Rows[OpenDecision] = Rows(basis.max_rows)
        self._open = Counter[tuple[str | None, Question]]()
        self._admitted = Counter[str | None]()
        self._criteria = Counter[tuple[str, str, bool]]()

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        del by_rule
        return True

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        if one.fit is None or one.fit.actions.do_not_contact is not None:
            return
        actions = one.fit.actions
        if (proposal := _proposal(actions, one.by_rule)) is not None:
            self._count_criteria(one.by_rule)
            self._add(one, _PROPOSAL, None if one.by_rule is None else one.by_rule.primary.icp, proposal)
        for icp, kill in actions.kills.items():
            if kill.review_at is not None and kill.review_at <= self._basis.at:
                self._add(one, _REVIEW, None if icp == EVERYWHERE else icp, kill)

    def document(self) -> Decisions:
        """See `ReportBuilder`."""
        shared = head("decisions", self._basis, self._rows.total)
        return {**shared, "icps": self._inboxes(), "criteria": self._ranked_criteria(), "rows": self._rows.ranked()}

    def _add(self, one: SeenAccount, question: Question, icp: str | None, said: StandingAction) -> None:
        decision = None if one.by_rule is None else _decision(one.by_rule, icp)
        against = None if decision is None else told(decision).by
        self._open[icp, question] += 1
        if question == _PROPOSAL and decision is not None:
            self._admitted[icp] += decision.decision == CHASE
        row: OpenDecision = {
            **reported(one),
            "question": question,
            "icp": icp,
            "rule_owner": self._inbox_of(icp, question, said),
            "by": said.by,
            "decided_at": format_instant(said.at),
            "reason": said.reason,
            "review_at": None if said.review_at is None else format_instant(said.review_at),
            "decision": None if decision is None else decision.decision,
            "tier": None if decision is None else decision.tier,
            "criterion": None if against is None else against.words,
        }
        since = said.at if said.review_at is None else said.review_at
        self._rows.add((question == _REVIEW, since, one.name, icp or ""), row)

    def _inbox_of(self, icp: str | None, question: Question, said: StandingAction) -> str | None:
        """Whose question it is. Only the owner of a rule kills everywhere, so the review comes back to that person."""
        if icp is None and question == _REVIEW:
            return said.by
        return None if icp is None else self._basis.owners.get(icp)

    def _count_criteria(self, by_rule: Fit | None) -> None:
        """What lets a proposed account in, or already keeps it out."""
        if by_rule is None:
            return
        decision = by_rule.primary
        if decision.decision == CHASE:
            self._criteria.update((decision.icp, words, True) for words in dict.fromkeys(decision.reasons[:-1]))
        else:
            self._criteria.update((decision.icp, one.words, False) for one in dict.fromkeys(told(decision).against))

    def _ranked_criteria(self) -> list[ProposedCriterion]:
        ranked = sorted(self._criteria, key=lambda one: (-self._criteria[one], one))
        return [
            {"icp": icp, "criterion": words, "admits": admits, "proposals": self._criteria[icp, words, admits]}
            for icp, words, admits in ranked
        ]

    def _inboxes(self) -> list[IcpInbox]:
        asked = dict.fromkeys(icp for icp, _ in self._open)
        return [
            {
                "icp": icp,
                "rule_owner": None if icp is None else self._basis.owners.get(icp),
                "proposals": self._open[icp, _PROPOSAL],
                "admitted": self._admitted[icp],
                "reviews": self._open[icp, _REVIEW],
            }
            for icp in sorted(asked, key=lambda icp: (icp is None, icp or ""))
        ]


def _proposal(actions: InForce, by_rule: Fit | None) -> StandingAction | None:
    """A proposal that nobody has decided: the account is not killed for the ICP, nor everywhere."""
    said = actions.disposition
    if said is None or said.outcome != _NOT_A_FIT or EVERYWHERE in actions.kills:
        return None
    return None if by_rule is not None and by_rule.primary.icp in actions.kills else said


def _decision(by_rule: Fit, icp: str | None) -> FitDecision | None:
    """What an ICP says by its rule; the primary one where none is named, and none where it is no longer in force."""
    return by_rule.primary if icp is None else by_rule.by(icp)
