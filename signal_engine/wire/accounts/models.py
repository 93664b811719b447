"""A row of `fit.accounts` as a TypedDict: what pydantic validates, strictly, and what the schema says."""

from typing import Annotated, Any, Literal, NotRequired, TypeAlias

from pydantic import ConfigDict, Field, with_config
from typing_extensions import TypedDict  # typing's own tells pydantic too little before Python 3.12

from signal_engine.core.rules.relations import Relation

_Domain: TypeAlias = Annotated[str, Field(min_length=1, max_length=253)]
_CrmId: TypeAlias = Annotated[str, Field(min_length=1)]
Meaning: TypeAlias = Literal["decimals", "thousands"]
"""What the point of a value such as 1.200 separates."""


@with_config(ConfigDict(extra="forbid", strict=True))
class LoadedAccountRecord(TypedDict):
    """One account as loaded; a null value (tombstone) when it left. Closed: a new field is a new format."""

    format: Annotated[Literal[1], Field(description="Of the record; another one is not read.")]
    account_id: Annotated[_Domain, Field(description="The registrable domain.")]
    columns: Annotated[
        dict[str, Any],
        Field(description="Column as written -> value, of the row that gives the account's fields; no blank ones."),
    ]
    suppressed: Annotated[bool, Field(description="Whether a row of the account says so.")]
    relation: Annotated[
        Relation, Field(description="What it is to us by its own rows: do_not_contact if one of them says so.")
    ]
    name: NotRequired[Annotated[str, Field(description="As people know it.")]]
    segment: NotRequired[Annotated[str, Field(description="Segment of the market.")]]
    owner: NotRequired[Annotated[str, Field(description="Who it belongs to.")]]
    sdr: NotRequired[Annotated[str, Field(description="Who calls.")]]
    crm_id: NotRequired[Annotated[_CrmId, Field(description="Its id in the CRM.")]]
    others: NotRequired[
        Annotated[list[_CrmId], Field(description="CRM ids of further rows that name the account, sorted.")]
    ]
    rows: NotRequired[Annotated[int, Field(ge=2, description="How many rows name the account, if several.")]]
    parent: NotRequired[Annotated[_Domain, Field(description="The account that it belongs to.")]]
    parent_relation: NotRequired[
        Annotated[
            Relation,
            Field(
                description="What the parent is to us, a do_not_contact of its own parents included; missing if the "
                "parent is in no accounts file."
            ),
        ]
    ]
    aliases: NotRequired[
        Annotated[list[_Domain], Field(description="Further domains of the company: events that name one are its own.")]
    ]
    numbers: NotRequired[
        Annotated[
            dict[str, Meaning],
            Field(description="Column -> what the point in its value separates, as the rest of the column shows."),
        ]
    ]
