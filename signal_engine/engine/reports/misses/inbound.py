"""Everyone who asked to be called in the last 30 days, whether or not the account fits, the alert, and who answered."""

from typing import Final, NamedTuple

from signal_engine.core.actions.action import ANSWERS, CLAIM, ActionName
from signal_engine.core.actions.in_force import NOTHING
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.alerting.hand_raises import HandRaiseSeen
from signal_engine.core.fit.icp import Fit
from signal_engine.engine.reports.misses.reporting import ReportBasis, Rows, SeenAccount, Walk, head, reported
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.report_documents import HandRaised, Inbound


class _Answer(NamedTuple):
    at: int
    """ms."""
    by: str | None
    """Who; None where the log of actions no longer has it."""
    action: ActionName | None


class InboundBuilder:
    """Hand raises, newest first, including repeats and those of accounts without alerts."""

    walk: Final[Walk] = "raises"

    def __init__(self, basis: ReportBasis) -> None:
        self._basis = basis
        self._rows: Rows[HandRaised] = Rows(basis.max_rows)
        self._unanswered = 0

    def wants(self, by_rule: Fit | None) -> bool:
        """See `ReportBuilder`."""
        del by_rule
        return True

    def add(self, one: SeenAccount) -> None:
        """See `ReportBuilder`."""
        answers = _answers(one)
        for number, seen in enumerate(one.raises):
            answer = next((found for found in answers if found.at > seen.now), None)
            self._unanswered += answer is None and not seen.backfill
            self._rows.add((-seen.at, one.name, seen.text, number), _row(one, seen, answer))

    def document(self) -> Inbound:
        """See `ReportBuilder`."""
        shared = head("inbound", self._basis, self._rows.total)
        return {**shared, "unanswered": self._unanswered, "rows": self._rows.ranked()}


def _row(one: SeenAccount, seen: HandRaiseSeen, answer: _Answer | None) -> HandRaised:
    return {
        **reported(one),
        "raised_at": format_instant(seen.at),
        "text": seen.text,
        "persona": seen.persona,
        "decision": None if one.by_rule is None else one.by_rule.primary.decision,
        "alert": seen.alert,
        "why_not": seen.why_not,
        "backfill": seen.backfill,
        "answered_at": None if answer is None else format_instant(answer.at),
        "answered_by": None if answer is None else answer.by,
        "answered_with": None if answer is None else answer.action,
    }


def _answers(one: SeenAccount) -> list[_Answer]:
    """The answers for the account, oldest first. The state knows the last one also if the log of actions is cut."""
    found: list[_Answer] = []
    standing = NOTHING
    for taken in one.log.latest:
        if _answers_something(taken, taken.action.action != CLAIM or standing.at(taken.now).takes_claim(taken.action)):
            found.append(_Answer(taken.now, taken.action.by, taken.action.action))
        standing = standing.after(taken.action, taken.now, frozenset())
    last = one.state.answered_at
    if last is not None and not any(answer.at >= last for answer in found):
        found.append(_Answer(last, None, None))
    return found


def _answers_something(taken: LoggedAction, takes_effect: bool) -> bool:  # noqa: FBT001
    return taken.action.action in ANSWERS and takes_effect
