"""What `calibrate --fit` prints with `--json` (contract.md, section 5). Nothing is validated with them.

Intervals are 95 %.
"""

from typing import Annotated, Literal

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.wire.output.reports.validation_documents import EstimateFound, Share

FitVerdict = Literal["draft", "nothing_to_change", "not_confirmed", "no_sign"]


class FittedNumber(TypedDict):
    """A number of the scoring file, and what the earlier deals say of it."""

    field: Annotated[str, Field(description="As in the file; two caps of a kind move together.")]
    in_force: list[float]
    factor: Annotated[EstimateFound, Field(description="On the file's number; of points: beside those of the others.")]
    p_value: Share
    claimed: Annotated[bool, Field(description="Whether it may be said to differ from the file's.")]
    proposed: Annotated[list[float], Field(description="In the draft: at most a quarter away.")]
    moves: Annotated[Share, Field(description="Share of the scores looked at that the draft's number moves.")]
    by_points: Annotated[float, Field(description="By so many points on average, up or down, where it does.")]


class SilentNumber(TypedDict):
    """A number of which the deals say nothing."""

    field: str
    why: str


class OutOfSample(TypedDict):
    """The later deals, which were not fitted."""

    sets: Annotated[int, Field(description="Won deals, each with four controls on the same Monday.")]
    in_force: Annotated[
        EstimateFound | None, Field(description="Share of controls that score below the account that won; 0.5: chance.")
    ]
    draft: Annotated[EstimateFound | None, Field(description="The same under the draft.")]
    difference: Annotated[EstimateFound | None, Field(description="Draft minus file, deal by deal.")]


class Fitted(TypedDict):
    """A scoring file fitted to outcomes."""

    verdict: FitVerdict
    summary: str
    config_version: str
    fitted_to: Annotated[int, Field(description="The earlier won deals.")]
    unmatched: Annotated[int, Field(description="Won deals that could not be looked at.")]
    seed: int
    numbers: list[FittedNumber]
    silent: list[SilentNumber]
    out_of_sample: OutOfSample
    draft: Annotated[str | None, Field(description="The scoring file with other numbers; only where there is a draft.")]
