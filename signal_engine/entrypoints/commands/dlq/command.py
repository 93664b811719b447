"""`signal-engine dlq`: list, show and redrive dead letters; resume a paused topic-partition."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click
from rich.console import Console

from signal_engine.adapters.kafka.topics.output_topics import reaches
from signal_engine.adapters.terminal.dead_letter_tables import (
    paused_in_words,
    show_dead_letter,
    show_dead_letters,
    show_deliveries,
    show_replay,
)
from signal_engine.adapters.terminal.screen import print_json, stderr, stdout
from signal_engine.engine.dead_letters.paused_topics import PausedTopic, all_paused, resume
from signal_engine.engine.dead_letters.query import DeadLetterQuery, Wanted
from signal_engine.engine.dead_letters.reader import DeadLetter, RecordPosition, parse_place, parse_topic_partition
from signal_engine.entrypoints.commands.dlq.deliveries import replay_deliveries
from signal_engine.entrypoints.commands.dlq.output import dead_letter_document, list_document, pause_document
from signal_engine.entrypoints.commands.dlq.redrive import RedriveOptions, redrive_dead_letters
from signal_engine.entrypoints.commands.dlq.session import (
    dlq_session,
    full_name,
    replayed_among,
    topics_seen,
    with_full_name,
)
from signal_engine.entrypoints.wiring.connections import run_live, worked_on_view
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import Instant, failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.events.rejections import REASONS
from signal_engine.wire.output.operations.dead_letters import DeadLetterDocument, DeadLetterList, ResumeDocument
from signal_engine.wire.topics import topic_names

_Document = TypeVar("_Document", bound=Mapping[str, object])
_Command = TypeVar("_Command", bound=Callable[..., Any])
_JSON: Final = "as_json"


class _Named(click.ParamType):
    """A place on Kafka: a topic with a partition, and perhaps an offset."""

    def __init__(self, name: str, parse: Callable[[str], Any], example: str) -> None:
        self.name = name
        self._parse = parse
        self._example = example

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The parsed place; fails with an example of what is accepted."""
        try:
            return value if isinstance(value, tuple) else self._parse(value)
        except ValueError:
            self.fail(f"{value!r} is not {self.name.upper()}, such as {self._example}", param, ctx)


_PLACE: Final = _Named("topic/partition/offset", parse_place, "signals.intent/3/17")
_TOPIC_PARTITION: Final = _Named("topic/partition", parse_topic_partition, "signals.intent/3")


def _choosing(command: _Command) -> _Command:
    """Add the options that select dead letters."""
    reason = click.option("--reason", type=click.Choice(REASONS), help="Only events rejected for this reason.")
    topic = click.option("--topic", help="Only events from this topic (a signal type is enough).")
    return reason(topic(command))


@click.group()
def dlq() -> None:
    """List and redrive rejected events; resume paused partitions."""


@dlq.command(name="list")
@_choosing
@click.option("-n", "most", type=click.IntRange(1), default=20, show_default=True, help="Dead letters to show.")
@click.option("--since", type=Instant(), help="Only events rejected at or after this instant.")
@click.option("--json", _JSON, is_flag=True, help="Print dead letters, counts and pauses as one JSON document.")
def list_(reason: str | None, topic: str | None, most: int, since: int | None, as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """List rejected events, newest first, and what is paused."""
    settings = _settings()
    wanted = Wanted(reason, full_name(settings, topic) if topic else None, since)
    document = run_live(_list(settings, wanted, most))
    _print(document, show_dead_letters, as_json=as_json)


@dlq.command()
@click.argument("place", type=_PLACE, metavar="TOPIC/PARTITION/OFFSET")
@click.option("--pretty", is_flag=True, help="Indent the value if it is JSON.")
@click.option("--json", _JSON, is_flag=True, help="Print the dead letter as one JSON document.")
def show(place: RecordPosition, pretty: bool, as_json: bool) -> None:  # noqa: FBT001 (click passes them by name)
    """Show one rejected event in full, including its value."""
    settings = _settings()
    place = with_full_name(settings, place)
    document = run_live(_show(settings, place, pretty=pretty))
    if document is None:
        refuse((f"no dead letter for {place}; `signal-engine dlq list` shows what there is",))
    _print(document, show_dead_letter, as_json=as_json)


@dlq.command()
@_choosing
@click.argument("places", nargs=-1, type=_PLACE, metavar="[TOPIC/PARTITION/OFFSET]...")
@click.option("--dry-run", is_flag=True, help="Show what would happen to each event; send nothing.")
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--all", "everything", is_flag=True, help="Include events that would be rejected again.")
@click.option("--again", is_flag=True, help="Include events that were redriven before.")
@click.option("--json", _JSON, is_flag=True, help="Print the outcome of each event as one JSON document.")
def replay(
    places: tuple[RecordPosition, ...],
    reason: str | None,
    topic: str | None,
    dry_run: bool,  # noqa: FBT001 (click passes them by name)
    yes: bool,  # noqa: FBT001
    everything: bool,  # noqa: FBT001
    again: bool,  # noqa: FBT001
    as_json: bool,  # noqa: FBT001
) -> None:
    """Redrive rejected events to their topic-partitions.

    Each event is sent once, byte for byte. Events that would be rejected again are reported and not sent. An event
    that has grown too old since may count as expired. With --topic ingest.dlq, webhooks that could not be mapped are
    mapped again, and their events sent; what was sent before changes nothing.
    """
    settings = _settings()
    if topic is not None and full_name(settings, topic) == topic_names(settings.prefix).ingest_dead_letters:
        if places or reason or everything or again:
            raise click.UsageError("--topic ingest.dlq goes with --dry-run, --yes and --json only")
        deliveries = run_live(replay_deliveries(settings, dry_run=dry_run, yes=yes))
        _print(deliveries, show_deliveries, as_json=as_json)
        return
    named = frozenset(with_full_name(settings, place) for place in places)
    wanted = Wanted(reason, full_name(settings, topic) if topic else None, None, named)
    options = RedriveOptions(wanted, dry_run=dry_run, yes=yes, everything=everything, again=again)
    document = run_live(redrive_dead_letters(settings, options))
    _print(document, show_replay, as_json=as_json)


@dlq.command(name="resume")
@click.argument("place", type=_TOPIC_PARTITION, metavar="TOPIC/PARTITION")
@click.option(
    "--skip-to", type=click.IntRange(0), metavar="OFFSET", help="Resume at this offset; skip the records before it."
)
@click.option("--json", _JSON, is_flag=True, help="Print the pause that was lifted as one JSON document.")
def resume_(place: tuple[str, int], skip_to: int | None, as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Resume a paused topic-partition.

    A topic-partition is paused when too many of its records are rejected or a batch is unreadable. It resumes at the
    offset where it stopped and tries an unreadable batch again; --skip-to skips the batch.
    """
    settings = _settings()
    topic, partition = full_name(settings, place[0]), place[1]
    lifted = run_live(_resume(settings, topic, partition, skip_to))
    if lifted is None:
        stderr().print(f"{topic}/{partition} is not paused; nothing to do")
    document: ResumeDocument = {
        "resumed": None if lifted is None else {**pause_document(lifted), "skipped_to": skip_to}
    }
    _print(document, _show_resumed, as_json=as_json)


async def _list(settings: Settings, wanted: Wanted, most: int) -> DeadLetterList:
    box = DeadLetterQuery(wanted, most)
    async with dlq_session(settings) as opened:
        async for _, dead_letters in opened.dead_letters():
            box.add(dead_letters)
        replayed = await replayed_among(opened.view.replayed, box.newest)
        kinds, partitions = opened.topics.signals
        pauses = await all_paused(opened.view.store, range(partitions), list(kinds))
        unreadable = opened.whole.unreadable
    return list_document(box, replayed, pauses, unreadable, asked_for=wanted != Wanted())


async def _show(settings: Settings, place: RecordPosition, *, pretty: bool) -> DeadLetterDocument | None:
    found: DeadLetter | None = None
    async with dlq_session(settings, place.partition) as opened:
        async for _, dead_letters in opened.dead_letters():
            found = next((dead_letter for dead_letter in reversed(dead_letters) if dead_letter.place == place), found)
        if found is None:
            return None
        replayed = await replayed_among(opened.view.replayed, [found])
    return dead_letter_document(found, replayed=bool(replayed), pretty=pretty)


async def _resume(settings: Settings, topic: str, partition: int, skip_to: int | None) -> PausedTopic | None:
    kinds, partitions = (await topics_seen(settings)).signals
    if topic not in kinds:
        refuse((f"unknown signal topic {topic}; the signal topics are {', '.join(kinds)}",))
    if partition >= partitions:
        refuse((f"no partition {partition}; {topic} has partitions 0 to {partitions - 1}",))
    if skip_to is not None:
        end = (await reaches(kafka_connection(settings), [topic]))[topic][partition].end
        if skip_to > end:
            refuse((f"cannot skip to {skip_to}: {topic}/{partition} ends at {end}",))
    async with worked_on_view(settings) as view:
        return await resume(view.store, partition, topic, skip_to)


def _show_resumed(screen: Console, document: ResumeDocument) -> None:
    if (lifted := document["resumed"]) is None:
        return
    screen.print(f"resumed: {paused_in_words(lifted)}", soft_wrap=True)
    if lifted["skipped_to"] is not None:
        screen.print(f"  offsets {lifted['offset']} to {lifted['skipped_to'] - 1} are skipped", soft_wrap=True)


def _settings() -> Settings:
    with failing_clearly():
        return read_settings()


def _print(document: _Document, table: Callable[[Console, _Document], None], *, as_json: bool) -> None:
    if as_json:
        printed = {name: value for name, value in document.items() if name != "asked_for"}
        print_json(printed)
    else:
        table(stdout(), document)
