"""`signal-engine rebuild`: everything read again into a view beside the one that is served, and swapped in at once."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import click
import orjson

from signal_engine.adapters.kafka.topics.output_topics import Reach, reaches
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.rebuild_table import show_rebuild
from signal_engine.adapters.terminal.screen import stderr, stdout
from signal_engine.engine.dead_letters.paused_topics import Paused, all_paused
from signal_engine.engine.ports.controls import FIT
from signal_engine.entrypoints.wiring.connections import MISSING, clock, event_log, run_live
from signal_engine.entrypoints.wiring.generations import begin_rebuild
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage.building import Building
from signal_engine.wire.topics import topic_names

SERVED, BUILDING, GIVEN_UP = "served", "building", "given_up"
_POLL_INTERVAL_S: Final = 0.5
_STANDS_STILL: Final = 10.0
"""Seconds without a step after which it is said that nobody works. A worker makes one every second."""

Reaches = dict[str, list[Reach]]


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Stay until it is served.")
@click.option("--give-up", is_flag=True, help="End a rebuild that is under way; what is served stays.")
@click.option("--json", "as_json", is_flag=True, help="What was done as one JSON document.")
def rebuild(yes: bool, wait: bool, give_up: bool, as_json: bool) -> None:  # noqa: FBT001 (click passes them by name)
    """Read the signal topics from their beginning, by the scoring file of the settings, into a new view.

    The running workers do it, and nothing else meanwhile. Lists stay as they were and no alert leaves until every
    partition has passed the end it had at the start; then the new view is served at once. One that is under way
    already is followed. Needed after a change of rules, half-lives or facets, or when topics were made anew.
    """
    with failing_clearly():
        settings = read_settings()
        read_scoring(settings.scoring)
    try:
        told = run_live(_give_up(settings) if give_up else _rebuild(settings, yes=yes, wait=wait))
    except KeyboardInterrupt:
        click.echo("The rebuild, if it had begun, goes on by itself: `signal-engine rebuild` follows it.", err=True)
        raise SystemExit(1) from None
    if as_json:
        sys.stdout.buffer.write(orjson.dumps(told) + b"\n")
    else:
        show_rebuild(stdout(), told)
    if told["state"] == GIVEN_UP and not give_up:
        raise click.ClickException("the rebuild was given up meanwhile")


async def _rebuild(settings: Settings, *, yes: bool, wait: bool) -> dict[str, Any]:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        topics = topic_names(settings.prefix).signals.values()
        reach = await reaches(kafka_connection(settings), topics)
        if missing := [topic for topic in topics if topic not in reach]:
            raise ConfigurationError([MISSING.format(topic) for topic in missing])
        building = (await generations.marks()).building
        if building is not None:
            click.echo(f"A rebuild is under way since {format_instant(building.began_at)}: following it.", err=True)
        else:
            _ask(settings, reach, yes=yes)
            building = await _begun(settings, generations)
        state = await _follow(_Rebuild(generations, building, reach)) if wait else BUILDING
        return _told(building, reach, state)


async def _begun(settings: Settings, generations: RedisGenerations) -> Building:
    """The rebuild that begins now, or that somebody else began at the same time."""
    building = await begin_rebuild(settings, generations, (await generations.marks()).served, event_log(settings))
    building = building or (await generations.marks()).building
    if building is None:
        raise click.ClickException("what is served or in force changed, again and again; nothing was begun")
    return building


async def _give_up(settings: Settings) -> dict[str, Any]:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        marks = await generations.marks()
        if marks.building is None:
            raise click.ClickException("no rebuild is under way")
        if marks.served is None:
            click.echo("Nothing is served; workers begin another rebuild where lists were told before.", err=True)
        if not await generations.give_up(marks.building):
            raise click.ClickException("it is served already")
        return _told(marks.building, {}, GIVEN_UP)


def _ask(settings: Settings, reach: Reaches, *, yes: bool) -> None:
    """Says what will be done, and asks; without a terminal to ask on, the answer has to be an option."""
    records = sum(one.records for partitions in reach.values() for one in partitions)
    stderr().print(
        f"This reads {records:,} records of {len(reach)} topics again, by {settings.scoring}."
        " Lists stay as they are and no alert leaves until that is done."
    )
    if yes:
        return
    if not sys.stdin.isatty():
        refuse(("a rebuild asks first: --yes answers",))
    if not click.confirm("Rebuild?", err=True):
        raise SystemExit(1)


class _Rebuild(NamedTuple):
    """One that is followed."""

    generations: RedisGenerations
    building: Building
    reach: Reaches

    async def share(self) -> tuple[float, int]:
        """How much of it has been read (0..1), and how many steps that took."""
        store = self.generations.store(self.building.generation)
        read = whole = steps = 0
        for number in range(max(map(len, self.reach.values()), default=0)):
            reached = await store.positions(number)
            steps += reached.counter
            for topic, partitions in self.reach.items():
                beginning, end = partitions[number].beginning, self.building.ends[topic][number]
                whole += max(0, end - beginning)
                read += max(0, min(reached.topics.get(topic, 0), end) - beginning)
        return (read / whole if whole else 1.0), steps


async def _follow(rebuild: _Rebuild) -> str:
    """Returns when it is over: served, or given up."""
    with progress.share("Rebuild") as shown:
        watch = _Watch(rebuild)
        while True:
            marks = await rebuild.generations.marks()
            if marks.building != rebuild.building:
                return SERVED if marks.served == rebuild.building.generation else GIVEN_UP
            await watch.poll(shown)
            await asyncio.sleep(_POLL_INTERVAL_S)


class _Watch:
    """Says how far it is, and once when it does not go on."""

    def __init__(self, rebuild: _Rebuild) -> None:
        self._rebuild = rebuild
        self._steps = -1
        self._since = time.monotonic()
        self._said = False
        self._paused: dict[tuple[str, int], Paused] = {}

    async def poll(self, shown: Callable[[float], None]) -> None:
        share, steps = await self._rebuild.share()
        shown(share)
        await self._look_at_pauses()
        if steps != self._steps:
            self._steps, self._since, self._said = steps, time.monotonic(), False
        elif not self._said and not self._paused and time.monotonic() - self._since > _STANDS_STILL:
            self._said = True
            stderr().print(f"warning: {await self._why()}")

    async def _look_at_pauses(self) -> None:
        """A topic-partition that is paused holds the rebuild up: what is served is not given up for less than all."""
        store = self._rebuild.generations.store(self._rebuild.building.generation)
        partitions = range(max(map(len, self._rebuild.reach.values()), default=0))
        now = {
            (topic, number): why for topic, number, why in await all_paused(store, partitions, [*self._rebuild.reach])
        }
        for (topic, number), why in now.items():
            if self._paused.get((topic, number)) != why:
                told = f"{topic}/{number} is paused, and the rebuild waits for it: {why.why()}"
                stderr().print(f"warning: {told}. To go on: {why.way_on(topic, number)}", soft_wrap=True)
        self._paused = now

    async def _why(self) -> str:
        building = self._rebuild.building
        fit = await self._rebuild.generations.controls(building.generation).read(FIT)
        if building.needs_fit and fit is None:
            return "the workers wait for a fit table: `signal-engine fit load`"
        return "no worker seems to be reading: is `signal-engine worker` running?"


def _told(building: Building, reach: Reaches, state: str) -> dict[str, Any]:
    """For machines; `show_rebuild` reads it for people."""
    return {
        "state": state,
        "generation": building.generation,
        "began_at": format_instant(building.began_at),
        "seconds": round((clock() - building.began_at) / 1000, 1),
        "records": {topic: sum(one.records for one in partitions) for topic, partitions in reach.items()},
    }
