"""A record of `account.actions` as a TypedDict: what pydantic validates, strictly, and what the schema says."""

from typing import Annotated, Final, NotRequired, TypeAlias

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # typing's own tells pydantic too little before Python 3.12

from signal_engine.core.actions.action import ActionName, Outcome, Via

MAX_REASON: Final = 500
"""Characters."""
_MAX_EMAIL: Final = 254
"""Characters."""
_EMAIL: Final = r"^[^@\s]+@[^@\s]+$"
_ICP_ID: Final = r"^[a-z0-9-]{1,64}$"
_DIGEST: Final = r"^[0-9a-f]{16}$"
UUID_TEXT: Final = r"^[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}$"

Instant: TypeAlias = Annotated[str, Field(json_schema_extra={"format": "date-time"})]
Email: TypeAlias = Annotated[str, Field(max_length=_MAX_EMAIL, pattern=_EMAIL)]
IcpId: TypeAlias = Annotated[str, Field(pattern=_ICP_ID)]


class AuthorityFields(TypedDict):
    """The ICP by which whoever acted was entitled to."""

    icp: Annotated[IcpId, Field(description="Its id.")]
    version: Annotated[int, Field(ge=0, description="Its version in force then.")]
    owner: Annotated[Email, Field(description="Its owner then.")]


class ActionRecord(TypedDict):
    """What a named person decided about an account. Unknown fields are ignored; null means left out."""

    action_id: Annotated[
        str,
        Field(pattern=UUID_TEXT, description="The sender's UUID: the same id is the same action, and counts once."),
    ]
    account_id: Annotated[
        str,
        Field(
            json_schema_extra={"minLength": 1},  # an empty one is refused as `account`, not as `schema`
            description="Domain, URL or host of the company; normalised to its registrable domain.",
        ),
    ]
    action: Annotated[
        ActionName,
        Field(
            description="restore ends a kill, snooze or disposition, release a claim, lift a do_not_contact; assign "
            "needs assignee, disposition needs outcome."
        ),
    ]
    at: Annotated[Instant, Field(description="When the person acted; the record's timestamp decides.")]
    by: Annotated[Email, Field(description="E-mail of the person who acted.")]
    via: Annotated[Via, Field(description="By which way it came.")]
    authority: NotRequired[
        Annotated[
            AuthorityFields,
            Field(description="By which ICP the person was entitled to; checked before the record is written."),
        ]
    ]
    reason: NotRequired[
        Annotated[
            str,
            Field(min_length=1, max_length=MAX_REASON, description="Why, in a sentence, without personal data."),
        ]
    ]
    until: NotRequired[
        Annotated[
            Instant,
            Field(
                description="When the effect ends by itself. Required for snooze, claim, mute, and a disposition with "
                "any outcome but contacted and meeting_booked."
            ),
        ]
    ]
    icp: NotRequired[
        Annotated[IcpId, Field(description="Of kill and restore: for this ICP alone; everywhere when left out.")]
    ]
    outcome: NotRequired[Annotated[Outcome, Field(description="Of a disposition: what came of it.")]]
    assignee: NotRequired[Annotated[Email, Field(description="Of an assign: e-mail of who calls from now on.")]]
    take_over: NotRequired[
        Annotated[
            bool,
            Field(
                strict=True, description="Of a claim: it also replaces a claim of somebody else; false when left out."
            ),
        ]
    ]
    review_at: NotRequired[
        Annotated[Instant, Field(description="Of a kill: when it is due for review; it does not end then.")]
    ]
    request: NotRequired[
        Annotated[
            str,
            Field(
                pattern=_DIGEST,
                description="A digest of what was asked of command or API, by which the same request is known when it "
                "is sent again. Leave it out.",
            ),
        ]
    ]


@with_config(ConfigDict(extra="forbid", strict=True))
class ActionRequest(TypedDict):
    """What somebody asks for over HTTP. The account is in the path, who acts is told by the token, and the header
    `Idempotency-Key` is the action_id."""

    action: Annotated[ActionName, Field(description="Which; disposition needs outcome, assign assignee, snooze until.")]
    reason: NotRequired[
        Annotated[
            str, Field(min_length=1, max_length=MAX_REASON, description="Why; it is kept for ever: no personal data.")
        ]
    ]
    until: NotRequired[Annotated[Instant, Field(description="When it ends by itself; in the future.")]]
    icp: NotRequired[Annotated[IcpId, Field(description="Of kill and restore: for this ICP alone.")]]
    everywhere: NotRequired[Annotated[bool, Field(description="Of kill and restore: not for one ICP alone.")]]
    outcome: NotRequired[Annotated[Outcome, Field(description="Of a disposition: what came of it.")]]
    assignee: NotRequired[Annotated[Email, Field(description="Of an assign: e-mail of who calls from now on.")]]
    take_over: NotRequired[Annotated[bool, Field(description="Of a claim: it replaces a claim of somebody else.")]]
