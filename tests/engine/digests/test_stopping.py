"""Who unsubscribed gets no digests, also where Redis has lost everything; and nobody else is stopped."""

import pytest

from signal_engine.adapters.memory.sent_digests import MemorySentDigests
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.digests.stopping import StoppedDigests
from signal_engine.wire.messages.answers.stopped_digests import read_stopped, write_stopped
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf
from tests.engine.digests.stopped import StoppedInMemory

ANN = DigestsOf("Ann@example.com", "mail")
BO = DigestsOf("bo@example.com", "mail")
AWAY = SignalEngineError("Kafka does not answer")


def stopped_by(log: StoppedInMemory) -> StoppedDigests:
    """With an empty store."""
    return StoppedDigests(MemorySentDigests(MemoryServer()), log)


async def test_a_loss_of_redis_turns_nobody_on_again() -> None:
    log = StoppedInMemory()
    before = stopped_by(log)
    assert await before.stop(ANN, 7) is None
    assert await before.stop(BO, 8) is None
    assert await before.resume(BO)
    after = stopped_by(log)
    assert await after.known(ANN) is None, "the loss"
    assert await after.stopped_at(ANN) == 7
    assert await after.stopped_at(ANN._replace(email="ANN@EXAMPLE.COM")) == 7
    assert await after.stopped_at(ANN._replace(destination="other")) is None
    assert await after.stopped_at(BO) is None, "the last word counts"


async def test_the_record_is_read_once_and_not_for_each_digest() -> None:
    log = StoppedInMemory()
    stopped = stopped_by(log)
    for _ in range(3):
        assert await stopped.stopped_at(ANN) is None
    assert log.reads == 1
    assert await stopped.complete() == 0
    assert log.reads == 1


async def test_where_nobody_can_say_who_unsubscribed_it_is_said_and_not_presumed() -> None:
    log = StoppedInMemory()
    stopped = stopped_by(log)
    log.away = AWAY
    for _ in range(2):
        with pytest.raises(SignalEngineError, match="Kafka does not answer"):
            await stopped.stopped_at(ANN)
    log.away = None
    assert await stopped.stopped_at(ANN) is None


async def test_a_click_holds_at_once_where_kafka_is_away_and_is_recorded_by_the_next_start() -> None:
    log = StoppedInMemory()
    stopped = stopped_by(log)
    await stopped.complete()
    log.away = AWAY
    assert await stopped.stop(ANN, 7) == "Kafka does not answer"
    assert await stopped.stopped_at(ANN) == 7
    log.away = None
    assert await stopped.restore([ANN, BO]) == 0
    assert await stopped_by(log).stopped_at(ANN) == 7
    assert len(log.records) == 1, "of Bo there is nothing to record"


async def test_nobody_is_turned_on_again_in_redis_alone() -> None:
    log = StoppedInMemory()
    stopped = stopped_by(log)
    await stopped.complete()
    await stopped.stop(ANN, 7)
    log.away = AWAY
    with pytest.raises(SignalEngineError):
        await stopped.resume(ANN)
    assert await stopped.stopped_at(ANN) == 7
    log.away = None
    assert await stopped.resume(ANN)
    assert not await stopped.resume(ANN)
    assert await stopped.restore([ANN]) == 0
    assert await stopped.stopped_at(ANN) is None


async def test_a_start_that_meets_a_resumption_does_not_undo_it() -> None:
    """The record says by then that they get them again, the row not yet."""
    log = StoppedInMemory()
    stopped = stopped_by(log)
    await stopped.stop(ANN, 7)
    await log.write(ANN, None)
    assert await stopped.restore([ANN]) == 0
    assert (await log.read())[ANN._replace(email="ann@example.com")] is None


async def test_a_start_makes_rows_that_are_missing_also_where_others_are_there() -> None:
    log = StoppedInMemory()
    stopped = stopped_by(log)
    await stopped.complete()
    await log.write(ANN, 7)
    assert await stopped.complete() == 0
    assert await stopped.restore() == 1
    assert await stopped.stopped_at(ANN) == 7


@pytest.mark.parametrize(
    ("key", "value"),
    [
        (None, b"{}"),
        (b"{", None),
        (b'["a@b.com"]', None),
        (b'["a@b.com",1]', None),
        (b'[1,"mail"]', None),
        (b'["a@b.com","mail"]', b'{"v":2,"stopped_at":1}'),
        (b'["a@b.com","mail"]', b'{"v":1,"stopped_at":"soon"}'),
        (b'["a@b.com","mail"]', b'{"v":1}'),
        (b'["a@b.com","mail"]', b"[]"),
        (b'["a@b.com","mail"]', b"\xff"),
    ],
)
def test_what_says_nothing_is_refused_without_its_address(key: bytes | None, value: bytes | None) -> None:
    with pytest.raises(ValueError, match=r"^does not say whose digests are stopped$"):
        read_stopped(key, value)


def test_an_address_is_the_same_in_any_case_and_names_the_record() -> None:
    assert write_stopped(read_stopped(b'["ANN@example.com","mail"]', None)) == (b'["ann@example.com","mail"]', None)
