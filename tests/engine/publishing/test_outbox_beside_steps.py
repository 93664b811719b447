"""An alert leaves while partitions work off backlogs: after a few of their steps, and not behind all of them."""

import asyncio
from typing import Any

from signal_engine.core.rules.kinds import INTENT as INTENT_KIND
from signal_engine.engine.partition.batch_size import BUDGET_S, BatchSize
from signal_engine.engine.partition.consumer_loop import ConsumerLoop
from signal_engine.engine.ports.transaction import Outbox, Outgoing, Transaction
from signal_engine.engine.publishing.outbox_relay import OutboxRelay
from tests.build import T0
from tests.engine.stand import Rec, Stand, event_bytes, fetch, until

PARTITIONS = 4
STEPS = 100
"""Of each partition."""
ON_TIME_S = 2.0
"""Seconds that steps may add to an alert's way, beside the wait for the disk that takes about as long."""


class Distant:
    """A store that answers later: whoever asks gives up the loop, as with Redis."""

    def __init__(self, store: Any) -> None:
        self._store = store
        self.steps = 0

    def __getattr__(self, name: str) -> Any:
        its = getattr(self._store, name)

        async def asked(*arguments: Any, **named: Any) -> Any:
            await asyncio.sleep(0)
            answer = await its(*arguments, **named)
            self.steps += name == "apply"
            return answer

        return asked


async def test_an_alert_waits_for_so_few_steps_that_it_is_on_time(monkeypatch: Any) -> None:
    monkeypatch.setattr(BatchSize, "took", lambda *_: None)
    stand = Stand(now=T0 + 10**9)
    entry = Outgoing("alerts", "acme.com", b"{}")
    await stand.memory.apply(Transaction(partition=0, counter=0, outbox={Outbox.ALERTS: [entry]}))
    store = stand.context.store = Distant(stand.memory)  # type: ignore[assignment]
    partitions = [await stand.partition(number) for number in range(PARTITIONS)]
    stand.context.partition_of = lambda account: int(account[8])
    loops = []
    for partition in partitions:
        partition.pace.records = 1
        partition.settled.set()
        loop = ConsumerLoop(stand.context, partition)
        name = f"account-{partition.number}.com"
        those = [Rec(n, T0, event_bytes(INTENT_KIND, T0, account=name, event_id=f"{n}")) for n in range(STEPS)]
        loop.receive(fetch(*those, partition=partition.number))
        loops.append(loop)
    tasks = [asyncio.create_task(loop.run()) for loop in loops]
    await until(lambda: store.steps >= PARTITIONS)
    before, sent_at = store.steps, 0
    relay = asyncio.create_task(OutboxRelay(stand.context, 0, Outbox.ALERTS, asyncio.Event()).run())
    while not stand.producer.sent:
        await asyncio.sleep(0)
        sent_at = store.steps
    for partition, loop in zip(partitions, loops, strict=True):
        partition.open = False
        loop.wake()
    relay.cancel()
    await asyncio.gather(*tasks)
    assert sent_at < PARTITIONS * STEPS, "the backlogs were worked off before"
    assert (sent_at - before) * BUDGET_S <= ON_TIME_S
