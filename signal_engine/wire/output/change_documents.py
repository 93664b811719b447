"""What has changed on a list since yesterday (contract.md, section 4). Nothing is validated."""

from typing import Annotated, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.wire.output.models import Instant


class DayChange(TypedDict):
    """One account whose place on a list has changed."""

    account_id: str
    name: str | None
    owner: str | None
    sdr: str | None
    claimed_by: str | None
    rank: Annotated[int | None, Field(ge=1, description="Now; null if it has left the list.")]
    previous_rank: Annotated[int | None, Field(ge=1, description="At `since`; null if it was not on the list then.")]
    why: Annotated[str | None, Field(description="Why now; of an account that left, why it is not on the list.")]


_Changes: TypeAlias = list[DayChange]


class DayChanges(TypedDict):
    """What has changed on a list since yesterday began."""

    list: str
    version: Annotated[int, Field(ge=0, description="0 if never published.")]
    zone: Annotated[str, Field(description="The time zone whose yesterday it is.")]
    day: Annotated[Instant, Field(description="When yesterday began there.")]
    since: Annotated[
        Instant | None,
        Field(
            description="The instant that is compared with: the last half-hour (UTC) at or before `day` of which the "
            "ranks are kept, or the first after it. Null while none are."
        ),
    ]
    entered: Annotated[_Changes, Field(description="By rank.")]
    left: Annotated[_Changes, Field(description="By rank at `since`.")]
    up: Annotated[_Changes, Field(description="By rank.")]
    down: Annotated[_Changes, Field(description="By rank.")]
