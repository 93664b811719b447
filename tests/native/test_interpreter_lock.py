"""While a batch is read natively, the event loop of another thread goes on: the consumer's, with the heartbeats."""

import asyncio
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.aliases import NO_ALIASES
from tests.build import T0, policy
from tests.engine.stand import Rec, event_bytes

RECORDS = [Rec(n, T0, event_bytes(account=f"account-{n % 50}.com", event_id=f"{n}")) for n in range(5_000)]
PARTITION_OF = partitioner(1)
NEVER_S = 3600.0
"""Between two demands of one thread that another hand over the interpreter: it is only given up of its own accord."""


class OtherLoop:
    """An event loop in another thread, and how many turns it has made."""

    turns = 0

    async def turn(self, stop: threading.Event) -> None:
        while not stop.is_set():
            self.turns += 1
            await asyncio.sleep(0)

    def goes_on(self) -> None:
        """Wait until it has made two more turns: the last one began after this was called."""
        turns, deadline = self.turns + 2, time.monotonic() + 60
        while self.turns < turns:
            assert time.monotonic() < deadline, "the other event loop stands still"
            time.sleep(0.001)


@contextmanager
def other_loop() -> Iterator[OtherLoop]:
    loop, stop, before = OtherLoop(), threading.Event(), sys.getswitchinterval()
    thread = threading.Thread(target=lambda: asyncio.run(loop.turn(stop)), daemon=True)
    thread.start()
    loop.goes_on()
    sys.setswitchinterval(NEVER_S)
    try:
        loop.goes_on()  # while it waited for the interpreter so far, it would demand it after the interval before
        yield loop
    finally:
        sys.setswitchinterval(before)
        stop.set()
        thread.join()


def test_the_interpreter_is_given_up_while_a_batch_is_read(native_module: Any) -> None:
    judge = NativeJudge(native_module, ScoringContext(policy()))
    deadline, went_on = time.monotonic() + 60, 0
    with other_loop() as other:
        while not went_on and time.monotonic() < deadline:  # the scheduler decides who gets it
            events, before = judge.events(many=False), other.turns
            left = judge.take(events, 0, "intent", RECORDS, T0, 0, PARTITION_OF, NO_ALIASES.changes)
            went_on = other.turns - before
            assert not left
    assert went_on


def test_a_few_records_are_read_without_giving_it_up(native_module: Any) -> None:
    judge = NativeJudge(native_module, ScoringContext(policy()))
    with other_loop() as other:
        before = other.turns
        for _ in range(500):
            judge.take(judge.events(many=False), 0, "intent", RECORDS[:8], T0, 0, PARTITION_OF, NO_ALIASES.changes)
        assert other.turns == before
