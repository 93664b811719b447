"""`signal-engine rebuild`: read all events again into a new view, then serve it in one switch."""

import asyncio
import sys
import time
from collections.abc import Callable
from typing import Final, Literal, NamedTuple

import click

from signal_engine.adapters.kafka.topics.output_topics import OffsetRange, reaches
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.terminal import progress
from signal_engine.adapters.terminal.rebuild_table import show_rebuild
from signal_engine.adapters.terminal.screen import print_json, stderr, stdout
from signal_engine.engine.dead_letters.paused_topics import Paused, all_paused
from signal_engine.engine.ports.controls import FIT
from signal_engine.entrypoints.wiring.connections import MISSING, clock, event_log, run_live
from signal_engine.entrypoints.wiring.generations import begin_rebuild
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse
from signal_engine.entrypoints.wiring.rules.published import read_rules
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.config import scoring_file
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations.processes import RebuildDocument
from signal_engine.wire.storage.building import Building
from signal_engine.wire.topics import topic_names

_State = Literal["served", "building", "given_up"]
_SERVED: Final = "served"
_BUILDING: Final = "building"
_GIVEN_UP: Final = "given_up"
_POLL_INTERVAL_S: Final = 0.5
_STANDSTILL_S: Final = 10.0
"""Seconds without a transaction before a warning says that no worker runs. A worker makes one every second."""

_Reaches = dict[str, list[OffsetRange]]


@click.command()
@click.option("--yes", is_flag=True, help="Do not ask for confirmation.")
@click.option("--wait/--no-wait", default=True, show_default=True, help="Wait until the new view is served.")
@click.option("--give-up", is_flag=True, help="Cancel the running rebuild; the served view stays.")
@click.option("--json", "as_json", is_flag=True, help="Print the result as one JSON document.")
def rebuild(yes: bool, wait: bool, give_up: bool, as_json: bool) -> None:  # noqa: FBT001 (click passes them by name)
    """Read all events again and rebuild every score.

    Use it after topics were created anew, or after changing rules, half-lives or facets where no scoring file is
    published (`scoring publish` does it by itself). The running workers read the signal topics from their beginning
    into a new view, by the published scoring file or else that of the settings, and do nothing else meanwhile: lists
    stay as they are and no alert is sent. When every partition has passed the end offset it had at the start, the new
    view is served. If a rebuild is already running, this command follows it.
    """
    with failing_clearly():
        settings = read_settings()
    try:
        report = run_live(_give_up(settings) if give_up else _rebuild(settings, yes=yes, wait=wait))
    except KeyboardInterrupt:
        click.echo(
            "If the rebuild had started, the workers continue it; follow it with `signal-engine rebuild`.", err=True
        )
        raise SystemExit(1) from None
    if as_json:
        print_json(report)
    else:
        show_rebuild(stdout(), report)
    if report["state"] == _GIVEN_UP and not give_up:
        raise click.ClickException("the rebuild was cancelled meanwhile")


async def _rebuild(settings: Settings, *, yes: bool, wait: bool) -> RebuildDocument:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        topics = topic_names(settings.prefix).signals.values()
        reach = await reaches(kafka_connection(settings), topics)
        if missing := [topic for topic in topics if topic not in reach]:
            raise ConfigurationError([MISSING.format(topic) for topic in missing])
        building = (await generations.marks()).building
        if building is not None:
            click.echo(f"Following the rebuild that started at {format_instant(building.began_at)}.", err=True)
        else:
            _ask(await _rules_named(settings), reach, yes=yes)
            building = await _begun(settings, generations)
        state = await _follow(_FollowedRebuild(generations, building, reach)) if wait else _BUILDING
        return _report(building, reach, state)


async def _begun(settings: Settings, generations: RedisGenerations) -> Building:
    """Start a rebuild; return it, or the one that somebody else started at the same time."""
    building = await begin_rebuild(settings, generations, (await generations.marks()).served, event_log(settings))
    building = building or (await generations.marks()).building
    if building is None:
        raise click.ClickException("the view or the rules in force kept changing; no rebuild was started")
    return building


async def _give_up(settings: Settings) -> RebuildDocument:
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        marks = await generations.marks()
        if marks.building is None:
            raise click.ClickException("no rebuild is running")
        if marks.served is None:
            click.echo(
                "No view is served. If lists were published before, the workers start another rebuild.", err=True
            )
        if not await generations.give_up(marks.building):
            raise click.ClickException("the new view is already served")
        return _report(marks.building, {}, _GIVEN_UP)


async def _rules_named(settings: Settings) -> str:
    """The scoring file that the new view is built by, checked. Raises `ConfigurationError`."""
    log = await read_rules(settings)
    if log is not None and (published := log.scoring_in_force()) is not None:
        scoring_file.parse(published.rule.name, published.rule.text.encode())
        return f"the published scoring file {published.rule.config_version}"
    read_scoring(settings.scoring)
    return settings.scoring


def _ask(rules: str, reach: _Reaches, *, yes: bool) -> None:
    """Say what will happen and ask; without a terminal, `--yes` is required."""
    records = sum(one.records for partitions in reach.values() for one in partitions)
    stderr().print(
        f"This reads {records:,} records of {len(reach)} topics again, by {rules}."
        " Until it is done, lists stay as they are and no alert is sent."
    )
    if yes:
        return
    if not sys.stdin.isatty():
        refuse(("a rebuild needs confirmation: use --yes",))
    if not click.confirm("Rebuild?", err=True):
        raise SystemExit(1)


class _FollowedRebuild(NamedTuple):
    """A rebuild being followed."""

    generations: RedisGenerations
    building: Building
    reach: _Reaches

    async def share(self) -> tuple[float, int]:
        """The share that has been read (0..1), and the number of transactions so far."""
        store = self.generations.store(self.building.generation)
        read = whole = transactions = 0
        for number in range(max(map(len, self.reach.values()), default=0)):
            reached = await store.positions(number)
            transactions += reached.counter
            for topic, partitions in self.reach.items():
                beginning, end = partitions[number].beginning, self.building.ends[topic][number]
                whole += max(0, end - beginning)
                read += max(0, min(reached.topics.get(topic, 0), end) - beginning)
        return (read / whole if whole else 1.0), transactions


async def _follow(rebuild: _FollowedRebuild) -> Literal["served", "given_up"]:
    """Wait until the rebuild ends; return `served` or `given_up`."""
    with progress.share("Rebuild") as shown:
        watch = _ProgressWatch(rebuild)
        while True:
            marks = await rebuild.generations.marks()
            if marks.building != rebuild.building:
                return _SERVED if marks.served == rebuild.building.generation else _GIVEN_UP
            await watch.poll(shown)
            await asyncio.sleep(_POLL_INTERVAL_S)


class _ProgressWatch:
    """Report progress, and warn once when there is none."""

    def __init__(self, rebuild: _FollowedRebuild) -> None:
        self._rebuild = rebuild
        self._steps = -1
        self._since = time.monotonic()
        self._said = False
        self._paused: dict[tuple[str, int], Paused] = {}

    async def poll(self, shown: Callable[[float], None]) -> None:
        share, transactions = await self._rebuild.share()
        shown(share)
        await self._poll_pauses()
        if transactions != self._steps:
            self._steps, self._since, self._said = transactions, time.monotonic(), False
        elif not self._said and not self._paused and time.monotonic() - self._since > _STANDSTILL_S:
            self._said = True
            stderr().print(f"warning: {await self._why()}")

    async def _poll_pauses(self) -> None:
        """Warn of paused topic-partitions: the new view is not served until it is complete, so they hold it up."""
        store = self._rebuild.generations.store(self._rebuild.building.generation)
        partitions = range(max(map(len, self._rebuild.reach.values()), default=0))
        now = {
            (topic, number): why for topic, number, why in await all_paused(store, partitions, [*self._rebuild.reach])
        }
        for (topic, number), why in now.items():
            if self._paused.get((topic, number)) != why:
                warning = f"{topic}/{number} is paused, and the rebuild waits for it: {why.why()}"
                stderr().print(f"warning: {warning}. To resume: {why.way_on(topic, number)}", soft_wrap=True)
        self._paused = now

    async def _why(self) -> str:
        building = self._rebuild.building
        fit = await self._rebuild.generations.controls(building.generation).read(FIT)
        if building.needs_fit and fit is None:
            return "the workers wait for a fit table; load one with `signal-engine fit load`"
        return "no progress: is `signal-engine worker` running?"


def _report(building: Building, reach: _Reaches, state: _State) -> RebuildDocument:
    """The result as JSON; `show_rebuild` prints it as text."""
    return {
        "state": state,
        "generation": building.generation,
        "began_at": format_instant(building.began_at),
        "seconds": round((clock() - building.began_at) / 1000, 1),
        "records": {topic: sum(one.records for one in partitions) for topic, partitions in reach.items()},
    }
