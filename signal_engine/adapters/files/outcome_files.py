"""Files of outcomes: JSON Lines, each a record of `outcomes`, for `validate --outcomes`."""

from typing import NamedTuple

from signal_engine.adapters.files.text_files import Source
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.outcomes.record import AccountOutcome, read_outcome


class RefusedOutcome(NamedTuple):
    """A line that is no outcome."""

    line: int
    refusal: Refusal


class OutcomeFile(NamedTuple):
    """What is in a file of outcomes: its lines = outcomes + repeated + refused."""

    outcomes: list[AccountOutcome]
    """In the order of the file."""
    repeated: int
    """Lines whose id an earlier line has; the first counts."""
    refused: list[RefusedOutcome]


def read_outcomes(path: str) -> OutcomeFile:
    """The outcomes in the file at `path`; blank lines are passed over. Raises `UnreadableInput`."""
    outcomes: dict[str, AccountOutcome] = {}
    refused: list[RefusedOutcome] = []
    repeated = 0
    source = Source(path)
    try:
        for line, text in enumerate(source.lines(), 1):
            if not text or text.isspace():
                continue
            verdict = read_outcome(text)
            if isinstance(verdict, Refusal):
                refused.append(RefusedOutcome(line, verdict))
            elif verdict.outcome_id in outcomes:
                repeated += 1
            else:
                outcomes[verdict.outcome_id] = verdict
    finally:
        source.close()
    return OutcomeFile([*outcomes.values()], repeated, refused)
