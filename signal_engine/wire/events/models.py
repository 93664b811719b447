"""The events of the six kinds as TypedDicts: pydantic validates them strictly, and the schemas are made from them.

TypedDict, because validating into one takes half the time of a BaseModel. `kind`, `received_at` and `backfill` are not
among the fields: they say how to read the event, and `decode` handles them. Unknown fields are dropped. A null means
the same as leaving out the field, and is removed before validation.
"""

from collections.abc import Callable
from functools import cache
from typing import Annotated, Any, Final, Literal, NotRequired, TypeAlias, cast

from pydantic import AfterValidator, ConfigDict, Field, TypeAdapter, WithJsonSchema, with_config
from typing_extensions import TypedDict  # typing's own tells pydantic too little before Python 3.12

from signal_engine.core.rules import kinds

# No function validators on the common way: one costs 0.8 us, a built-in check 0.05. So instants are read by `events`.
Instant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
# In JSON 3.0 is the integer 3, and JSON Schema agrees; pydantic's strict int does not, hence the second arm.
# From 20 digits on, orjson gives integers as floats: the bound refuses them.
Count: TypeAlias = Annotated[
    Annotated[int, Field(ge=0, le=2**63 - 1)]
    | Annotated[float, Field(ge=0, lt=2**63, multiple_of=1), AfterValidator(int)],
    Field(union_mode="left_to_right"),
    WithJsonSchema({"type": "integer", "minimum": 0, "maximum": 2**63 - 1}),
]
Amount: TypeAlias = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Share: TypeAlias = Annotated[float, Field(ge=0, le=1, allow_inf_nan=False)]
MAX_ID_LENGTH: Final = 128
MAX_SOURCE_LENGTH: Final = 64
Text64: TypeAlias = Annotated[str, Field(max_length=64)]
# No `format: uri`: addresses found in the wild hold letters that RFC 3986 would have escaped, and it only has to open.
ADDRESS_PATTERN: Final = r"^[Hh][Tt][Tt][Pp][Ss]?://[^\s\x00-\x1f\x7f/?#:@][^\s\x00-\x1f\x7f]*$"
WebAddress: TypeAlias = Annotated[str, Field(pattern=ADDRESS_PATTERN)]
Seniority: TypeAlias = Literal["c_level", "vp", "head", "director", "manager", "senior", "mid", "junior", "intern"]


class EventFields(TypedDict):
    """The fields that events of all kinds have."""

    event_id: Annotated[
        str,
        Field(
            min_length=1,
            max_length=MAX_ID_LENGTH,
            description="The producer's id: the same id for the same account and kind is the same event, counted once.",
        ),
    ]
    account_id: Annotated[
        str,
        Field(
            json_schema_extra={"minLength": 1},  # an empty one is refused as `account`, not as `schema`
            description="Domain, URL or host of the company; normalised to its registrable domain.",
        ),
    ]
    occurred_at: Annotated[
        Instant,
        Field(description="When it happened, not when it was seen: RFC 3339 with a zone, truncated to milliseconds."),
    ]
    source: NotRequired[
        Annotated[str, Field(max_length=MAX_SOURCE_LENGTH, description="The provider, for people to read.")]
    ]
    source_url: NotRequired[Annotated[WebAddress, Field(description="A page (http or https) shown to people.")]]
    confidence: NotRequired[
        Annotated[Share, Field(description="The provider's confidence, 0..1; 1 if left out. Scales the points.")]
    ]
    detected_at: NotRequired[Annotated[Instant, Field(description="When the provider noticed it.")]]
    account_name: NotRequired[Annotated[str, Field(description="The company's name as the provider spells it.")]]


class IntentFields(EventFields):
    """Someone at the company researches a topic."""

    topic: Annotated[str, Field(max_length=200, description="The topic that is researched.")]
    score: Annotated[
        float, Field(ge=0, le=100, allow_inf_nan=False, description="The provider's strength of interest, 0..100.")
    ]
    people: NotRequired[Annotated[Count, Field(description="How many people at the company.")]]
    trend: NotRequired[Annotated[str, Field(description="The direction of interest, in the provider's words.")]]


class HiringFields(EventFields):
    """A job was posted or closed."""

    title: Annotated[str, Field(max_length=300, description="Job title as posted.")]
    department: NotRequired[Annotated[str, Field(description="Department the job belongs to.")]]
    seniority: NotRequired[Annotated[Seniority, Field(description="Rank of the job.")]]
    location: NotRequired[Annotated[str, Field(description="Where the job is.")]]
    posting_url: NotRequired[Annotated[str, Field(description="The posting itself.")]]
    status: NotRequired[
        Annotated[Literal["open", "closed"], Field(description="`open` if left out; `closed` is ignored.")]
    ]


class FundingFields(EventFields):
    """The company raised money."""

    round: NotRequired[
        Annotated[
            Text64,
            Field(description="pre_seed, seed, series_a ..., debt, grant, ipo, other; any text is accepted."),
        ]
    ]
    amount_usd: NotRequired[Annotated[Amount, Field(description="Amount in US dollars.")]]
    amount: NotRequired[Annotated[Amount, Field(description="Amount in `currency`; used if amount_usd is left out.")]]
    currency: NotRequired[
        Annotated[str, Field(min_length=3, max_length=3, description="ISO 4217 code of the currency of `amount`: EUR.")]
    ]
    investors: NotRequired[Annotated[list[str], Field(description="Names of the investors.")]]


class EngagementFields(EventFields):
    """Someone at the company interacted with us."""

    activity: Annotated[
        Literal[
            "page_view",
            "pricing_view",
            "careers_view",
            "email_open",
            "email_click",
            "ad_click",
            "content_download",
            "form_fill",
            "event_attended",
            "trial_signup",
            "demo_request",
            "contact_sales",
            "other",
        ],
        Field(description="The kind of interaction."),
    ]
    person_id: NotRequired[Annotated[str, Field(description="The provider's id of the person; never shown.")]]
    persona: NotRequired[Annotated[Text64, Field(description="Role of the person, such as engineering.")]]
    page: NotRequired[Annotated[str, Field(description="Page or asset concerned.")]]
    dwell_seconds: NotRequired[Annotated[Amount, Field(description="Time spent, in seconds.")]]
    automated: NotRequired[
        Annotated[
            bool, Field(description="true: no person did it, but, for example, a mail scanner; the event is ignored.")
        ]
    ]


class TechnographicFields(EventFields):
    """The company adopted or dropped a technology."""

    technology: Annotated[str, Field(description="Name of the technology.")]
    change: Annotated[Literal["adopted", "dropped", "switched"], Field(description="What happened to it.")]
    replaces: NotRequired[Annotated[str, Field(description="The technology that it replaces.")]]


class LeadershipFields(EventFields):
    """A leader joined, left or was promoted."""

    role: Annotated[str, Field(max_length=100, description="Role as announced.")]
    change: Annotated[Literal["joined", "left", "promoted"], Field(description="What happened.")]
    level: NotRequired[Annotated[Seniority, Field(description="Rank of the role.")]]
    person_id: NotRequired[Annotated[str, Field(description="The provider's id of the person; never shown.")]]
    relationship: NotRequired[
        Annotated[
            Literal["champion", "past_user", "lost_contact"],
            Field(description="The person's earlier relationship with us."),
        ]
    ]


EVENT_MODELS: Final[dict[str, type[EventFields]]] = {
    kinds.INTENT: IntentFields,
    kinds.HIRING: HiringFields,
    kinds.FUNDING: FundingFields,
    kinds.ENGAGEMENT: EngagementFields,
    kinds.TECHNOGRAPHIC: TechnographicFields,
    kinds.LEADERSHIP: LeadershipFields,
}
"""Kind -> the model of its fields."""


Validate: TypeAlias = Callable[[dict[str, Any]], dict[str, Any]]


@cache
def field_validator(kind: str) -> Validate:
    """Gives the fields of `kind` in an object without nulls, or raises ValidationError. KeyError for another kind."""
    model: Any = with_config(ConfigDict(strict=True))(EVENT_MODELS[kind])
    return cast("Validate", TypeAdapter(model).validator.validate_python)
