"""`dlq replay`: looks at every letter, asks, and sends. Reads the topic twice, so that no values are held meanwhile."""

import sys
from typing import Any, Final, NamedTuple

import click

from signal_engine.adapters.kafka.producer import KafkaProducer, Undeliverable
from signal_engine.engine.dead_letters.query import Once, Wanted
from signal_engine.engine.dead_letters.reader import DeadLetter
from signal_engine.engine.dead_letters.redrive import Judged, RedriveOutcome, outcome_of, send_again
from signal_engine.entrypoints.commands.dlq.output import replay_told
from signal_engine.entrypoints.commands.dlq.session import DlqSession, dlq_session
from signal_engine.entrypoints.wiring.connections import clock, event_log
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.entrypoints.wiring.settings import Settings

__all__ = ["Undeliverable", "RedriveOptions", "replay_letters"]

_FOR_A_REQUEST: Final = 64 * 1024
"""Bytes: the producer's own bound must not be what refuses a record that the topic took before."""


class RedriveOptions(NamedTuple):
    """What was asked for."""

    wanted: Wanted
    dry_run: bool
    yes: bool
    everything: bool
    again: bool


class _Survey:
    """The first reading: what becomes of each letter, without its content."""

    def __init__(self) -> None:
        self.judged: list[Judged] = []
        self.last_copies: dict[str, int] = {}
        """Letter -> the highest offset at which a copy of it lies."""
        self.replayed: dict[int, set[str]] = {}
        """Partition of the dead-letter topic -> letters that have been sent again, wanted or not."""
        self._once = Once()

    async def look(self, opened: DlqSession, wish: RedriveOptions) -> None:
        """Reads the topic and judges those wanted."""
        memory, signals = opened.view.replayed, opened.topics.signals
        async for partition, letters in opened.letters():
            before = await memory.among(partition, [letter.name for letter in letters])
            self.replayed.setdefault(partition, set()).update(before)
            for letter in letters:
                self.last_copies[letter.name] = letter.offset
                if wish.wanted(letter) and self._once.is_new(letter):
                    told = outcome_of(letter, signals, before, clock(), again=wish.again)
                    self.judged.append(told._replace(letter=letter.without_content()))

    def to_be_sent(self, wish: RedriveOptions) -> set[str]:
        """The letters that are sent."""
        sent = {RedriveOutcome.ACCEPTED, RedriveOutcome.REFUSED_AGAIN} if wish.everything else {RedriveOutcome.ACCEPTED}
        return {one.letter.name for one in self.judged if one.outcome in sent}


async def replay_letters(settings: Settings, wish: RedriveOptions) -> dict[str, Any]:
    """What became of the letters, for `show_replay` and as JSON.

    Raises `Undeliverable`, `TooLarge`, and what servers that are away raise.
    """
    async with dlq_session(settings) as opened:
        survey = _Survey()
        await survey.look(opened, wish)
        found = {one.letter.place for one in survey.judged}
        if missing := sorted(set(wish.wanted.places) - found):
            refuse(tuple(f"there is no such dead letter of {place}" for place in missing))
        chosen = survey.to_be_sent(wish)
        if wish.dry_run:
            return replay_told(survey.judged, set(), dry_run=True)
        if chosen:
            _ask(len(chosen), wish)
            await _send(settings, opened, survey, chosen)
        await _tidy(opened, survey)
        return replay_told(survey.judged, chosen, dry_run=False)


async def _send(settings: Settings, opened: DlqSession, survey: _Survey, chosen: set[str]) -> None:
    left = set(chosen)
    largest = opened.topics.largest + _FOR_A_REQUEST
    async with KafkaProducer(kafka_connection(settings), event_log(settings), largest) as producer:
        async for _, letters in opened.letters():
            now: dict[str, DeadLetter] = {letter.name: letter for letter in letters if letter.name in left}
            if now:
                await send_again(list(now.values()), survey.last_copies, producer, opened.view.replayed)
                left -= now.keys()
    chosen -= left  # what retention took away between the two readings


async def _tidy(opened: DlqSession, survey: _Survey) -> None:
    """A letter is remembered as long as its last copy lies in the topic, and no longer."""
    memory = opened.view.replayed
    for partition, names in survey.replayed.items():
        await memory.note(partition, {name: survey.last_copies[name] for name in names})
    for partition, beginning in opened.whole.beginnings.items():
        await memory.prune(partition, beginning)


def _ask(count: int, wish: RedriveOptions) -> None:
    """Asks first; without a terminal to ask on, the answer has to be an option."""
    if wish.yes:
        return
    if not sys.stdin.isatty():
        refuse((f"this sends {count:,} refused events again: --yes does it, --dry-run only says what would become",))
    if not click.confirm(f"Send {count:,} refused events again?", err=True):
        raise SystemExit(1)
