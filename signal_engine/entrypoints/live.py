"""What every command on the live engine needs: the servers of the settings, and what failures of them mean."""

import asyncio
import sys
import time
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, NamedTuple, TypeVar

import click

from signal_engine.adapters.journal import StderrJournal
from signal_engine.adapters.kafka.cluster import NoConnection
from signal_engine.adapters.kafka.connection import UnusableCertificates
from signal_engine.adapters.kafka.topics import DifferentPartitions
from signal_engine.adapters.redis.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.engine.controls import Controls
from signal_engine.engine.fit_changes import FitChanges
from signal_engine.engine.step_store import StepStore, StoreTrouble, WrongServer
from signal_engine.entrypoints.options import refuse
from signal_engine.entrypoints.settings import Settings
from signal_engine.wire.yaml_files import ConfigurationError

Answer = TypeVar("Answer")


class View(NamedTuple):
    """The generation that is served, in Redis."""

    store: StepStore
    controls: Controls
    fit_changes: FitChanges


def clock() -> int:
    """ms since 1970."""
    return time.time_ns() // 1_000_000


def journal(settings: Settings) -> StderrJournal:
    """The journal in the form that the settings ask for."""
    form = settings.log
    if form == "auto":
        form = "text" if sys.stderr.isatty() else "json"
    return StderrJournal(form)


@asynccontextmanager
async def served_view(settings: Settings) -> AsyncIterator[View]:
    """What the settings' Redis serves; a Redis that was never used begins with generation 0. Raises `StoreTrouble`."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        generation = await generations.current()
        if generation is None:
            await generations.swap(None, 0)
            generation = await generations.current() or 0
        yield View(generations.store(generation), generations.controls(generation), generations.fit_changes(generation))


def run_live(work: Coroutine[Any, Any, Answer]) -> Answer:
    """Runs a command on the live engine; what goes wrong with servers is a message and the contract's exit code."""
    try:
        return asyncio.run(work)
    except ConfigurationError as error:
        refuse(error.lines)
    except (UnusableCertificates, DifferentPartitions, WrongServer) as error:
        refuse((str(error),))
    except (NoConnection, StoreTrouble) as error:
        click.echo(f"error: {error}", err=True)
        raise SystemExit(1) from None
