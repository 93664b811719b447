"""What the door for events answers (intake.md)."""

from typing import Annotated, Literal, NotRequired, TypedDict

from pydantic import Field


class EventResult(TypedDict):
    """What became of one event."""

    event_id: NotRequired[Annotated[str, Field(description="The id under which it counts; not of refused events.")]]
    status: Annotated[
        Literal["accepted", "refused", "unknown"],
        Field(description="`accepted`: Kafka has it. `unknown`: it may be there; send it again with the same id."),
    ]
    reason: NotRequired[Annotated[str, Field(description="Why it was refused: a reason of dead letters.")]]
    detail: NotRequired[Annotated[str, Field(description="The field and what is wrong with it.")]]


class IngestResult(TypedDict):
    """What became of the events of one request, in their order."""

    accepted: int
    refused: int
    unknown: int
    results: list[EventResult]


class DeliveryResult(TypedDict):
    """What became of the delivery of a webhook."""

    accepted: Annotated[int, Field(description="Events that Kafka has.")]
    passed_over: Annotated[int, Field(description="Rows that the mapping does not mean.")]
    kept: Annotated[int, Field(description="Rows that could not be mapped; the delivery is kept for `dlq replay`.")]
