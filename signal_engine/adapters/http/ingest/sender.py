"""What was taken in, on its way to Kafka."""

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.engine.intake.outcomes import EventLine
from signal_engine.engine.intake.topic_records import signal_record
from signal_engine.engine.ports.producer import PromptProducer, Sent, ToSend

_RETRY_AFTER_S: Final = 2


class IngestTopics(NamedTuple):
    """Where records go."""

    signals: dict[str, str]
    """Kind -> topic, that of outcomes included."""
    dead_letters: str
    feeds_seen: str


class Sender:
    """Sends events and kept deliveries to their topics."""

    def __init__(self, producer: PromptProducer, topics: IngestTopics) -> None:
        self._producer = producer
        self.topics: Final = topics

    @property
    def is_up(self) -> bool:
        """Whether Kafka takes events."""
        return self._producer.is_up

    async def send(self, events: Sequence[EventLine], kept: Sequence[ToSend] = ()) -> list[Sent]:
        """What became of each event, then of each kept delivery. Raises `HttpProblem` 503 if nothing was sent."""
        records = [*(signal_record(event, self.topics.signals) for event in events), *kept]
        outcomes = await self._producer.attempt(records) if records else []
        if records and all(outcome is Sent.NOT_SENT for outcome in outcomes):
            raise away("Kafka is unreachable: nothing was taken; send all of it again")
        return outcomes


def away(detail: str, more: dict[str, Any] | None = None) -> HttpProblem:
    """The problem for a Kafka that is away, with further members of the document."""
    return HttpProblem(503, detail, headers={"Retry-After": str(_RETRY_AFTER_S)}, more=more)
