"""What `ingest` takes and answers (intake.md)."""

from typing import Annotated, Any, Final, Literal, NotRequired, TypeAlias

from pydantic import Field
from typing_extensions import TypedDict

from signal_engine.core.rules.kinds import Kind
from signal_engine.wire.output.api_documents import Live, ProblemDocument


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
    passed_over: Annotated[int, Field(description="Rows that the mapping's `when` leaves out.")]
    kept: Annotated[int, Field(description="Rows that could not be mapped; the delivery is kept for `dlq replay`.")]


class IngestEvent(TypedDict):
    """An event as programs send it: the fields of its kind (contract.md, section 1), and these."""

    kind: Annotated[Kind, Field(description="Of a CloudEvent, the last part of `type` will do.")]
    event_id: NotRequired[Annotated[str, Field(description="Required without `natural_key`.")]]
    natural_key: NotRequired[
        Annotated[list[Any], Field(description="The values that make the event what it is: the same give the same id.")]
    ]
    backfill: NotRequired[Annotated[bool, Field(description="History: counted, its alerts recorded and not sent.")]]


class IngestReady(TypedDict):
    """Whether events are accepted."""

    status: Literal["ready", "unready"]
    problems: list[str]


IngestBody: TypeAlias = IngestEvent | list[IngestEvent]

INGEST_MODELS: Final[dict[str, Any]] = {
    "IngestBody": IngestBody,
    "IngestEvent": IngestEvent,
    "IngestResult": IngestResult,
    "DeliveryResult": DeliveryResult,
    "Live": Live,
    "IngestReady": IngestReady,
    "ProblemDocument": ProblemDocument,
}
"""Name -> model of the OpenAPI document of `ingest`. Nothing is validated by them."""
