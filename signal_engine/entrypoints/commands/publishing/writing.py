"""Write a publication, and wait until it is in force at all partitions."""

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from difflib import unified_diff
from typing import Final

import click

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.engine.ports.controls import Controls
from signal_engine.engine.ports.rules_topic import RuleRecord, ToPublish, Written
from signal_engine.engine.rules.log import RulesLog
from signal_engine.engine.rules.progress import PublicationProgress, ViewHas, progress
from signal_engine.engine.rules.publishing import Plan, to_publish
from signal_engine.entrypoints.commands.publishing.asking import PublishOptions
from signal_engine.entrypoints.wiring.rules.published import rules_topic
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.output.operations.rules import PublicationOutcome

_POLL_INTERVAL_S: Final = 0.3

MovedCheck = Callable[[Controls, int], Awaitable[ViewHas | None]]
"""Whether a view has the publication at an offset, or a later one."""

NOTHING_WRITTEN: Final[PublicationOutcome] = {
    "published": False,
    "in_transaction": None,
    "in_force": None,
    "waiting_for": None,
}


async def write(settings: Settings, plan: Plan, moved: MovedCheck, options: PublishOptions) -> PublicationOutcome:
    """Publish what `plan` makes of the topic as it is then, and wait. Raises what it raises, and `StoreTrouble`."""

    def decide(there: Sequence[RuleRecord]) -> Sequence[ToPublish]:
        return to_publish(plan(RulesLog.of(there)))

    written = await rules_topic(settings).publish(decide)
    if written is None:
        return NOTHING_WRITTEN
    if not written.in_transaction:
        click.echo(
            "warning: this broker has no transactions: the records were written one by one, `current` last, and of two"
            " people who publish in the same second the later one wins",
            err=True,
        )
    return await _in_force(settings, written, moved, options)


async def _in_force(
    settings: Settings, written: Written, moved: MovedCheck, options: PublishOptions
) -> PublicationOutcome:
    reached: PublicationProgress | None = None
    if options.wait > 0:
        reached = await _waited(settings, written, moved, options.wait)
    return {
        "published": True,
        "in_transaction": written.in_transaction,
        "in_force": None if reached is None else f"{reached.reached} of {reached.partitions} partitions",
        "waiting_for": None if reached is None else reached.waiting_for,
    }


async def _waited(settings: Settings, written: Written, moved: MovedCheck, seconds: float) -> PublicationProgress:
    """Until it is in force everywhere, or `seconds` have passed; says once what it waits for, and when that changes."""
    deadline, said = time.monotonic() + seconds, None
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        generations = RedisGenerations(channel, settings.prefix)
        while True:
            reached = await progress(generations, written.offset, moved)
            if reached.waiting_for is None or time.monotonic() >= deadline:
                return reached
            if reached.waiting_for != said:
                said = reached.waiting_for
                click.echo(f"Published; waiting for {said}", err=True)
            await asyncio.sleep(_POLL_INTERVAL_S)


def fail_unless_in_force(outcome: PublicationOutcome) -> None:
    """Exit with 1 if the wait ended before it was in force everywhere. What was published stays published."""
    if outcome["waiting_for"] is not None:
        raise click.ClickException(
            f"it is published, and not in force everywhere yet ({outcome['in_force']}): it waits for"
            f" {outcome['waiting_for']}. It comes into force by itself; do not publish it again"
        )


def text_difference(before: str | None, after: str) -> list[str]:
    """Lines of a unified diff without its head; nothing where there was no file."""
    if before is None:
        return []
    lines = unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=1)
    return [line for line in lines if not line.startswith(("---", "+++"))]
