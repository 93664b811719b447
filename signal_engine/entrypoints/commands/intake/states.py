"""The state feeds of an import: rows are gathered, compared with what was seen last, and only changes are sent."""

from collections.abc import Sequence
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Final, Protocol

from signal_engine.adapters.files.import_places import ImportPlace
from signal_engine.adapters.files.seen_file import read_seen_file, write_seen_file
from signal_engine.adapters.kafka.seen_topic import FeedsSeenTopic, seen_records
from signal_engine.adapters.kafka.topics.cluster import connected
from signal_engine.engine.intake.outcomes import AccountRecord, EventLine
from signal_engine.engine.intake.row_mapper import Circumstances
from signal_engine.engine.intake.states.looking import FeedLook, FoundStates, changes
from signal_engine.engine.intake.states.seen import Seen
from signal_engine.entrypoints.commands.intake.outputs import Output, ToKafka
from signal_engine.entrypoints.wiring.connections import MISSING
from signal_engine.entrypoints.wiring.exports import Export
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.intake.mapping import Mapping
from signal_engine.wire.intake.seen_records import SeenRecord
from signal_engine.wire.topics import topic_names


class SeenStore(Protocol):
    """Where what was seen last is kept."""

    def read(self) -> Seen:
        """All of it."""

    def write(self, records: Sequence[SeenRecord]) -> None:
        """Comes after the events that `records` go with are where they belong."""


class _KeptNowhere:
    """Each look is the first one."""

    def read(self) -> Seen:
        """Nothing."""
        return Seen()

    def write(self, records: Sequence[SeenRecord]) -> None:
        """Nothing happens."""


class _KeptInFile:
    """`--state FILE`."""

    def __init__(self, path: Path) -> None:
        """Raises `ConfigurationError`."""
        self._path = path
        self._seen = Seen(read_seen_file(path))

    def read(self) -> Seen:
        """What the file had at the start."""
        return self._seen

    def write(self, records: Sequence[SeenRecord]) -> None:
        """The file as a whole."""
        self._seen.take(records)
        write_seen_file(self._path, self._seen.records())


class _KeptInKafka:
    """The topic `feeds.seen`."""

    def __init__(self, settings: Settings, out: ToKafka) -> None:
        self._settings, self._out = settings, out
        self._topic = topic_names(settings.prefix).feeds_seen

    def read(self) -> Seen:
        """All that the topic has now. Raises `ConfigurationError`, `NoConnection`, what `FeedsSeenTopic` does."""
        return self._out.run(self._read())

    def write(self, records: Sequence[SeenRecord]) -> None:
        """Acknowledged by all replicas."""
        self._out.send(seen_records(self._topic, records))

    async def _read(self) -> Seen:
        connection = kafka_connection(self._settings)
        async with AsyncExitStack() as stack:
            cluster = await stack.enter_async_context(connected(connection))
            if not await cluster.topics([self._topic]):
                raise ConfigurationError([MISSING.format(self._topic)])
            topic = await stack.enter_async_context(FeedsSeenTopic(connection, self._topic))
            return await topic.up_to_date()


def store_of(exports: Sequence[Export], state: str | None, *, to_kafka: bool) -> SeenStore:
    """Where what exports showed last is kept, until Kafka is connected. Raises `ConfigurationError`."""
    feeds = [export.mapping.name for export in exports if export.mapping.state_feed]
    if state is None or (to_kafka and not feeds):
        return _KeptNowhere()
    if to_kafka:
        refuse((f"--state: what {feeds[0]} showed last is kept in the topic feeds.seen; leave --state out",))
    if not feeds:
        refuse(("--state goes with --to kafka, or with state feeds: these exports are neither",))
    return _KeptInFile(Path(state))


class StateFeeds:
    """All state feeds of one import; files with the same mapping are parts of one look."""

    def __init__(self, given: Circumstances, kept: SeenStore, *, insist: bool) -> None:
        self._given, self._kept, self._insist = given, kept, insist
        self._rows: Final[dict[str, list[EventLine]]] = {}
        self._whole_of: Final[dict[str, frozenset[str] | None]] = {}
        self._refused: Final[set[str]] = set()
        self._records: list[SeenRecord] = []
        self.found: list[FoundStates] = []
        """What became of each feed."""

    def __bool__(self) -> bool:
        return bool(self._rows)

    @property
    def are_kept(self) -> bool:
        """Whether a next look will know of this one."""
        return not isinstance(self._kept, _KeptNowhere)

    def of(self, mapping: Mapping) -> Output:
        """Where the rows of an export of this mapping go."""
        account = self._given.given_account
        is_given = any(one.reference is None for production in mapping.productions for one in production.accounts)
        self._whole_of[mapping.name] = frozenset([account]) if is_given and account is not None else None
        return _GatheredRows(self._rows.setdefault(mapping.name, []))

    def has_refused(self, mapping: Mapping) -> None:
        """Some rows of this feed cannot be read."""
        self._refused.add(mapping.name)

    def tell(self, out: Output) -> None:
        """Gives what changed to `out`. Raises `BrokenFeed`, and what the store and `out` do."""
        seen = self._kept.read()
        for feed, rows in self._rows.items():
            has_refused = feed in self._refused
            given = self._given
            look = FeedLook(feed, rows, self._whole_of[feed], not has_refused, given.now, given.alerts)
            self.found.append(FoundStates(feed, changes(look, seen, insist=self._insist), has_refused))
        for one in self.found:
            for event in one.change.events:
                out.event(event)
                out.end_of_row(0)
            self._records += one.change.records

    def tell_kafka(self, settings: Settings, out: ToKafka) -> None:
        """Sends what changed; what was seen comes after, in the topic `feeds.seen`. Raises as `tell` does."""
        self._kept = _KeptInKafka(settings, out)
        out.begin(ImportPlace(None, "", "", self._given.now))
        self.tell(out)
        self.keep()

    def keep(self) -> None:
        """What was told is not told again. Only once it is where it belongs."""
        self._kept.write(self._records)


class _GatheredRows:
    """Takes the rows of one feed, until all of them are there."""

    def __init__(self, rows: list[EventLine]) -> None:
        self._rows = rows

    def event(self, event: EventLine) -> None:
        """A row that is there."""
        self._rows.append(event)

    def account(self, record: AccountRecord) -> None:
        """Never: a mapping of accounts is no state feed."""
        raise NotImplementedError(record)

    def end_of_row(self, rows: int) -> None:
        """Nothing is sent before the last row."""
