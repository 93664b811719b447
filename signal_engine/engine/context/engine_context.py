"""What the live engine uses: store, Kafka, clock, event log, and the rules in force."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol

from signal_engine.core.delivery.holdback import NO_CONTROL_GROUP, ControlGroup
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.engine.context.generation import OwnGeneration
from signal_engine.engine.context.retry import Retry, retrying
from signal_engine.engine.ingest.topic_identity import TopicIdentity
from signal_engine.engine.ports.controls import Controls
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.fetched import Position
from signal_engine.engine.ports.fit_changes import FitChanges
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts
from signal_engine.engine.ports.output_topics import OutputTopics
from signal_engine.engine.ports.producer import Producer
from signal_engine.engine.ports.store import Store
from signal_engine.engine.ports.transaction import TopicPartition
from signal_engine.wire.storage.in_force import AliasesInForce, FitInForce
from signal_engine.wire.topics import TopicNames


class Reading(Protocol):
    """The consumer of the signal topics."""

    def read_to_end_at(self, topic: str, partition: int) -> int | None:
        """The time (ms) at which everything in the topic had been applied; None if there is more, or unknown."""

    async def ends(self, places: Iterable[TopicPartition]) -> Mapping[TopicPartition, int]:
        """The end offsets of existing topic-partitions now; retries for as long as it takes."""

    def applied(self, topic: str, partition: int, end: int) -> None:
        """Note that everything handed over up to position `end` has been applied, which makes room for more."""

    async def reposition(self, positions: Sequence[Position]) -> None:
        """Continue from `positions` and drop what was fetched of those topic-partitions before."""


class BarePorts(NamedTuple):
    """The store as it is: it raises also what passes."""

    store: Store
    controls: Controls


class Rules(NamedTuple):
    """The scoring file in force."""

    scoring_context: ScoringContext
    config_version: str
    sequence: int
    """As in `wire.storage.in_force.ScoringInForce`."""


@dataclass(slots=True)
class EngineContext:
    """Shared by everything in one worker. `rules` and `fit` are replaced when new ones come into force."""

    store: Store
    """This, `controls` and `fit_changes` are retried for as long as it takes; what is given is wrapped."""
    controls: Controls
    fit_changes: FitChanges
    producer: Producer
    reading: Reading
    event_log: EventLog
    clock: Callable[[], int]
    """ms since 1970."""
    partition_of: Callable[[str], int]
    """Account -> partition of its events."""
    topics: TopicNames
    largest_dead_letter: int
    """Bytes."""
    rules: Rules
    fit: FitInForce | None = None
    aliases: Aliases = NO_ALIASES
    """By which events and actions are resolved; `engine.context.aliases` keeps this and the next two."""
    aliases_in_force: AliasesInForce | None = None
    aliases_read_at: int = 0
    """When (ms) it was last read which map is in force."""
    epoch: str = ""
    """Names the generation in the copies that it makes of misrouted records: by its number, which does not recur, also
    after the store has lost everything. Empty if there is none.
    """
    partitions: int = 0
    """Number of partitions of each signal topic."""
    takes_actions: bool = False
    """Whether the topic of account actions is there: a partition reads it beside its signal topics."""
    generation: OwnGeneration | None = None
    """None: there is no other."""
    output: OutputTopics | None = None
    """None if nothing was ever published."""
    loads: LoadedAccounts | None = None
    """The accounts as loaded; None if there is no Kafka to read them from."""
    control_group: ControlGroup = NO_CONTROL_GROUP
    """Whom the lists leave out."""
    identity: TopicIdentity | None = None
    """None: there is only one Kafka, and it never changes."""
    cpu: Callable[[], float] = field(default=lambda: 0.0)
    """Seconds of CPU that the process has taken, all of its threads; by default it never seems busy."""
    reached: Callable[[str], None] = field(default=lambda _: None)
    """Called at every named point of a batch: where the fault harness kills."""
    retry: Retry = field(init=False)
    bare: BarePorts = field(init=False)
    """For work that is to be done anew as a whole when the store fails in the middle of it."""
    kinds: dict[str, str] = field(init=False)
    """Signal topic -> kind."""
    inputs: tuple[str, ...] = field(init=False)
    """The topics that a partition reads: its signal topics, and the one of account actions."""

    def __post_init__(self) -> None:
        self.retry = Retry(self.event_log)
        self.bare = BarePorts(self.store, self.controls)
        self.store, self.controls = retrying(self.store, self.retry), retrying(self.controls, self.retry)
        self.fit_changes = retrying(self.fit_changes, self.retry)
        self.kinds = {topic: kind for kind, topic in self.topics.signals.items()}
        self.inputs = (*self.kinds, self.topics.actions) if self.takes_actions else tuple(self.kinds)

    @property
    def building(self) -> bool:
        """Whether the generation is being built: nothing may be sent, and history waits for what is in force."""
        return self.generation is not None and not self.generation.served.is_set()

    async def check_generation(self) -> None:
        """Raise `OtherGeneration` if this generation must not be worked on (any more)."""
        if self.generation is not None:
            await self.retry.call(self.generation.check)
