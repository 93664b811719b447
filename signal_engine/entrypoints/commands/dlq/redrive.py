"""`dlq replay`: survey the dead letters, ask, send. Reads the topic twice, so as to hold no values while it asks."""

import sys
from typing import Final, NamedTuple

import click

from signal_engine.adapters.kafka.producer import KafkaProducer, Undeliverable
from signal_engine.engine.dead_letters.query import Once, Wanted
from signal_engine.engine.dead_letters.reader import DeadLetter
from signal_engine.engine.dead_letters.redrive import Judged, RedriveOutcome, outcome_of, redrive
from signal_engine.entrypoints.commands.dlq.output import redrive_document
from signal_engine.entrypoints.commands.dlq.session import DlqSession, dlq_session
from signal_engine.entrypoints.wiring.connections import clock, event_log
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.output.operations.dead_letters import RedriveDocument

__all__ = ["Undeliverable", "RedriveOptions", "redrive_dead_letters"]

_REQUEST_OVERHEAD_BYTES: Final = 64 * 1024
"""Bytes: the producer's own limit must not reject a record that the topic accepted before."""


class RedriveOptions(NamedTuple):
    """The options of `dlq replay`."""

    wanted: Wanted
    dry_run: bool
    yes: bool
    everything: bool
    again: bool


class _Survey:
    """The first pass: the outcome of each dead letter, without its content."""

    def __init__(self) -> None:
        self.judged: list[Judged] = []
        self.last_copies: dict[str, int] = {}
        """Dead letter -> the highest offset of its copies."""
        self.replayed: dict[int, set[str]] = {}
        """Partition of the dead-letter topic -> dead letters that were redriven before, selected or not."""
        self._once = Once()

    async def scan(self, opened: DlqSession, options: RedriveOptions) -> None:
        """Read the topic and decide the outcome of each selected dead letter."""
        memory, signals = opened.view.replayed, opened.topics.signals
        async for partition, dead_letters in opened.dead_letters():
            before = await memory.among(partition, [dead_letter.name for dead_letter in dead_letters])
            self.replayed.setdefault(partition, set()).update(before)
            for dead_letter in dead_letters:
                self.last_copies[dead_letter.name] = dead_letter.offset
                if options.wanted(dead_letter) and self._once.is_new(dead_letter):
                    verdict = outcome_of(dead_letter, signals, before, clock(), again=options.again)
                    self.judged.append(verdict._replace(dead_letter=dead_letter.without_content()))

    def to_be_sent(self, options: RedriveOptions) -> set[str]:
        """The names of the dead letters to send."""
        sent = (
            {RedriveOutcome.ACCEPTED, RedriveOutcome.REFUSED_AGAIN} if options.everything else {RedriveOutcome.ACCEPTED}
        )
        return {one.dead_letter.name for one in self.judged if one.outcome in sent}


async def redrive_dead_letters(settings: Settings, options: RedriveOptions) -> RedriveDocument:
    """Redrive the selected dead letters; return the document that `show_replay` shows.

    Raises `Undeliverable`, `TooLarge`, and the errors of unreachable servers.
    """
    async with dlq_session(settings) as opened:
        survey = _Survey()
        await survey.scan(opened, options)
        found = {one.dead_letter.place for one in survey.judged}
        if missing := sorted(set(options.wanted.places) - found):
            refuse(tuple(f"no such dead letter for {place}" for place in missing))
        chosen = survey.to_be_sent(options)
        if options.dry_run:
            return redrive_document(survey.judged, set(), dry_run=True)
        if chosen:
            _ask(len(chosen), options)
            await _send(settings, opened, survey, chosen)
        await _tidy(opened, survey)
        return redrive_document(survey.judged, chosen, dry_run=False)


async def _send(settings: Settings, opened: DlqSession, survey: _Survey, chosen: set[str]) -> None:
    left = set(chosen)
    largest = opened.topics.largest + _REQUEST_OVERHEAD_BYTES
    async with KafkaProducer(kafka_connection(settings), event_log(settings), largest) as producer:
        async for _, dead_letters in opened.dead_letters():
            now: dict[str, DeadLetter] = {
                dead_letter.name: dead_letter for dead_letter in dead_letters if dead_letter.name in left
            }
            if now:
                await redrive(list(now.values()), survey.last_copies, producer, opened.view.replayed)
                left -= now.keys()
    chosen -= left  # retention removed these between the two passes


async def _tidy(opened: DlqSession, survey: _Survey) -> None:
    """Forget redriven dead letters whose last copy has left the topic."""
    memory = opened.view.replayed
    for partition, names in survey.replayed.items():
        await memory.note(partition, {name: survey.last_copies[name] for name in names})
    for partition, beginning in opened.whole.beginnings.items():
        await memory.prune(partition, beginning)


def _ask(count: int, options: RedriveOptions) -> None:
    """Ask for confirmation; without a terminal, `--yes` or `--dry-run` is required."""
    if options.yes:
        return
    if not sys.stdin.isatty():
        refuse((f"this redrives {count:,} rejected events: confirm with --yes, or preview with --dry-run",))
    if not click.confirm(f"Redrive {count:,} rejected events?", err=True):
        raise SystemExit(1)
