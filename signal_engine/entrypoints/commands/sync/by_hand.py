"""The turn of a command at a sink, which it waits for."""

from contextlib import AbstractAsyncContextManager
from uuid import uuid4

import click

from signal_engine.engine.sync.turns import PATIENCE_BY_HAND_S, turn_at
from signal_engine.entrypoints.wiring.sync.sinks import ReadySink


def by_hand(ready: ReadySink) -> AbstractAsyncContextManager[None]:
    """A context in which nobody else uses the sink. Raises `SinkInUse` after ten minutes, and `StoreTrouble`."""
    name = ready.sink.name

    def waiting() -> None:
        click.echo(f"{name}: waits for another `signal-engine sync` that is at it", err=True)

    return turn_at(ready.ledger, str(uuid4()), PATIENCE_BY_HAND_S, waiting)
