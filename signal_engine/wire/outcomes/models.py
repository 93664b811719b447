"""A record of `outcomes` as a TypedDict: what pydantic validates, strictly, and what the schema says."""

from typing import Annotated, Final, Literal, NotRequired, TypeAlias, get_args

from pydantic import Field
from typing_extensions import TypedDict  # typing's own tells pydantic too little before Python 3.12

from signal_engine.core.actions.action import Outcome

OutcomeStage = Literal["opened", "meeting", "moved", "won", "lost", "reopened", "churned", "expanded"]
OUTCOME_STAGES: Final[tuple[OutcomeStage, ...]] = get_args(OutcomeStage)

_Id: TypeAlias = Annotated[str, Field(min_length=1, max_length=128)]
OutcomeInstant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]


class OutcomeRecord(TypedDict):
    """What came of an account. Unknown fields are ignored; null means left out. It never changes a score."""

    outcome_id: Annotated[
        _Id, Field(description="The sender's id: the same id is the same outcome, and the first of them counts.")
    ]
    account_id: Annotated[
        str,
        Field(
            json_schema_extra={"minLength": 1},  # an empty one is refused as `account`, not as `schema`
            description="Domain, URL or host of the company; normalised to its registrable domain.",
        ),
    ]
    stage: Annotated[
        OutcomeStage,
        Field(description="What happened; reopened takes a won or lost back, moved is any other change of stage."),
    ]
    at: Annotated[OutcomeInstant, Field(description="When it happened.")]
    opportunity_id: NotRequired[
        Annotated[
            _Id,
            Field(description="Of the deal; without it, the account's outcomes up to a won or lost are one deal."),
        ]
    ]
    stage_name: NotRequired[
        Annotated[str, Field(min_length=1, max_length=100, description="What the CRM calls the stage.")]
    ]
    meeting_no: NotRequired[Annotated[int, Field(ge=1, description="Of a meeting: which of the deal, from 1.")]]
    opened_at: NotRequired[
        Annotated[
            OutcomeInstant,
            Field(description="When the deal was created; at or before `at`. Signals count up to then."),
        ]
    ]
    amount_usd: NotRequired[Annotated[float, Field(ge=0, allow_inf_nan=False, description="Value of the deal.")]]
    reason: NotRequired[Annotated[Outcome, Field(description="Why, in the codes of the account action `disposition`.")]]
    icp: NotRequired[
        Annotated[str, Field(pattern=r"^[a-z0-9-]{1,64}$", description="Id of the ICP that it was sold under.")]
    ]
    source: NotRequired[Annotated[str, Field(max_length=64, description="Where it comes from, such as a CRM.")]]
