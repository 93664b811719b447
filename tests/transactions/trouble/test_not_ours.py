"""What is kept where ours should be, and is not ours, is a message that names it and quotes nothing of it."""

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.adapters.redis.transactions.store import RedisStore
from signal_engine.engine.dead_letters.paused_topics import Paused
from signal_engine.engine.partition.account_cache import decoded
from signal_engine.engine.ports.store import Damaged, Loaded
from signal_engine.engine.ports.transaction import Outbox, Transaction
from signal_engine.wire.storage.building import Building
from signal_engine.wire.storage.documents import UnreadableDocument
from signal_engine.wire.storage.in_force import FitInForce, ScoringInForce, TopicsInForce
from tests.transactions.places import key_of
from tests.transactions.trouble.test_damage import found, transaction

DOCUMENTS = (Building, FitInForce, Paused, ScoringInForce, TopicsInForce)
SECRET = "s3cr"


@pytest.mark.parametrize("text", [b"", b"{}", b"s3cr", b"[1]", b'{"s3cr":1}', b"\xff", b'{"version":1,"icps":[{}]}'])
@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda one: one.__name__)
def test_a_document_that_is_not_ours_is_named(document: type, text: bytes) -> None:
    with pytest.raises(UnreadableDocument, match="in the store cannot be read") as caught:
        document.decode(text)  # type: ignore[attr-defined]
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "loaded", [Loaded([b"\x02"], [None], [None]), Loaded([None], [b"s3cr"], [None])], ids=["state", "fit row"]
)
def test_an_account_that_is_not_ours_is_named(loaded: Loaded) -> None:
    with pytest.raises(UnreadableDocument, match="of an account") as caught:
        decoded(["acme.com"], loaded)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("key", ["generation", "building:{generation}"])
async def test_a_mark_of_generations_that_is_not_ours_is_named(channel: Channel, key: str) -> None:
    await channel.call("SET", key, "s3cr")
    with pytest.raises(UnreadableDocument) as caught:
        await RedisGenerations(channel).marks()
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize("field", ["counter", "at:signals.intent", "from:5:signals.intent", "mark:states"])
async def test_a_head_whose_numbers_are_none_is_damaged(channel: Channel, field: str) -> None:
    store = RedisStore(channel)
    await store.apply(transaction(0))
    await channel.call("HSET", key_of(0, "head"), field, "s3cr")
    assert found(await store.damages(0)) == ["head"]
    with pytest.raises(Damaged):
        await store.apply(transaction(1))
    if not field.startswith("mark:"):
        with pytest.raises(Damaged, match="head") as caught:
            await store.positions(0)
        assert SECRET not in str(caught.value)


async def test_a_counter_that_is_none_is_damage(channel: Channel) -> None:
    store = RedisStore(channel)
    await store.apply(transaction(0))
    await channel.call("HSET", key_of(0, "counts"), "received", "s3cr")
    with pytest.raises(Damaged, match="counts"):
        await store.counts(0)


async def test_an_entry_of_an_outbox_that_no_transaction_wrote_is_damage(channel: Channel) -> None:
    """It is not sent, and the mark shows it too: a stream counts what it was given."""
    store = RedisStore(channel)
    await store.apply(transaction(0))
    await channel.call("XADD", key_of(0, "outbox:alerts"), "*", "somebody", "else's")
    with pytest.raises(Damaged, match="outbox:alerts"):
        await store.waiting(0, Outbox.ALERTS, 10)
    assert found(await store.damages(0)) == ["outbox:alerts"]
    with pytest.raises(Damaged, match="outbox:alerts"):
        await store.apply(Transaction(partition=0, counter=1, outbox=transaction(1).outbox))
