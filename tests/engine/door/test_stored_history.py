"""What the door knows of before: what the store has, and what this process has just written."""

from typing import Any

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.store import MemoryGenerations, MemoryStore
from signal_engine.core.actions.action import AccountAction
from signal_engine.core.actions.log import LoggedAction
from signal_engine.engine.actions.overlay import UNSEEN
from signal_engine.engine.door import stored_history
from signal_engine.engine.door.past_actions import fold
from signal_engine.engine.door.stored_history import StoredHistory
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.storage import actions
from signal_engine.wire.storage.actions import NO_ACTIONS
from tests.build import ACME, T0, after
from tests.engine.door.test_check import ID, SAM
from tests.engine.door.test_door import OTHER_ID, Kafka

PARTITIONS = 3
CLAIM = LoggedAction(T0, AccountAction(ACME, ID, "claim", T0, SAM, "api", until=after(days=14)))
RELEASE = LoggedAction(T0 + 1, AccountAction(ACME, OTHER_ID, "release", T0 + 1, SAM, "api"))


async def partitions() -> int:
    return PARTITIONS


def history(server: MemoryServer, topic: Kafka | None = None) -> StoredHistory:
    return StoredHistory(MemoryGenerations(server), partitioner, partitions, topic or Kafka())


async def store(server: MemoryServer, *taken: LoggedAction) -> None:
    """As the engine applies them."""
    number, bytes_ = partitioner(PARTITIONS)(ACME), actions.encode(fold(taken))
    await MemoryGenerations(server).swap(None, 0)
    counter = (await MemoryStore(server).positions(number)).counter
    await MemoryStore(server).apply(Transaction(partition=number, counter=counter, actions={ACME: bytes_}))


async def test_the_store_is_asked_account_by_account() -> None:
    server = MemoryServer(lambda: T0)
    await store(server, CLAIM)
    acme, other = await history(server).past([ACME, "example.de"])
    assert acme == fold([CLAIM])
    assert other == NO_ACTIONS


async def test_what_was_written_here_counts_before_the_engine_has_applied_it_and_once() -> None:
    server = MemoryServer(lambda: T0)
    known = history(server)
    known.wrote(CLAIM)
    assert await known.past([ACME]) == [fold([CLAIM])]
    known.wrote(RELEASE)
    await store(server, CLAIM)
    assert await known.past([ACME]) == [fold([CLAIM, RELEASE])]
    await store(server, CLAIM, RELEASE)
    assert await known.past([ACME]) == [fold([CLAIM, RELEASE])]


async def test_only_so_many_accounts_are_remembered(monkeypatch: Any) -> None:
    monkeypatch.setattr(stored_history, "_ACCOUNTS_KEPT", 2)
    known = history(MemoryServer(lambda: T0))
    for account in (ACME, "b.com", "c.com"):
        known.wrote(LoggedAction(T0, CLAIM.action._replace(account=account)))
    first, *others = await known.past([ACME, "b.com", "c.com"])
    assert first == NO_ACTIONS
    assert NO_ACTIONS not in others


async def test_what_was_seen_and_waits_for_its_turn_counts_and_once() -> None:
    server, number = MemoryServer(lambda: T0), partitioner(PARTITIONS)(ACME)
    await store(server)
    await MemoryStore(server).put_overlay(number, {ACME: UNSEEN.then(0, CLAIM).then(1, RELEASE).encode()})
    known = history(server)
    assert await known.past([ACME]) == [fold([CLAIM, RELEASE])]
    known.wrote(CLAIM)
    assert await known.past([ACME]) == [fold([CLAIM, RELEASE])]
    await store(server, CLAIM)
    assert await known.past([ACME]) == [fold([CLAIM, RELEASE])]


async def test_while_nothing_is_served_the_topic_is_asked() -> None:
    topic = Kafka()
    await topic.write([ToSend("", None, ACME.encode(), write_action(CLAIM.action))])
    known = history(MemoryServer(lambda: T0), topic)
    known.wrote(RELEASE)
    (past,) = await known.past([ACME])
    assert [taken.action for taken in past.log.latest] == [CLAIM.action, RELEASE.action]
    assert await known.find(ACME, ID) == CLAIM
