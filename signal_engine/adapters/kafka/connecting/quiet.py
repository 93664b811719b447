"""What aiokafka says on its own account, beside what it raises."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from aiokafka.errors import ProducerClosed


@contextmanager
def without_senders_log() -> Iterator[None]:
    """While a producer starts, on a broker without producer ids and transactions too: whatever is wrong is raised."""
    logger = logging.getLogger("aiokafka.producer.sender")
    level = logger.level
    logger.setLevel(logging.CRITICAL)
    try:
        yield
    finally:
        logger.setLevel(level)


def take_failures(producer: Any) -> None:
    """Ask the waiters inside an aiokafka producer for what failed: nobody else does, and asyncio prints a traceback for
    each. Whoever sent or committed has it raised anyway. Call it before a transaction is aborted; `stop_producer` does
    so itself.
    """
    waiters = [batch._drain_waiter for some in producer._message_accumulator._batches.values() for batch in some]  # noqa: SLF001 (tests pin it)
    if producer._txn_manager is not None:  # noqa: SLF001
        waiters.append(producer._txn_manager._transaction_waiter)  # noqa: SLF001
    for waiter in waiters:
        if waiter is not None and waiter.done() and not waiter.cancelled():
            waiter.exception()


async def stop_producer(producer: Any) -> None:
    """Stop an aiokafka producer, which may not have been started; what it could not send is said by whoever sent it."""
    try:
        await producer.stop()
    finally:
        take_failures(producer)


async def cut_off(producer: Any) -> None:
    """End an aiokafka producer that did not end in time. `stop` leaves such a one running: it would go on as long as
    the process does, and send what waits in it behind what somebody else sends by then.
    """
    sending, waiting, client = producer._sender.sender_task, producer._message_accumulator, producer.client  # noqa: SLF001 (as above)
    if sending is not None:
        sending.cancel()  # first, or it would send again over new connections
    batches = [*waiting._pending_batches, *(batch for some in waiting._batches.values() for batch in some)]  # noqa: SLF001
    waiting.fail_all(ProducerClosed())
    answers = [future for batch in batches for future in (batch.future, *(one for one, _ in batch._msg_futures))]  # noqa: SLF001
    for answer in answers:
        if answer.done() and not answer.cancelled():
            answer.exception()  # whoever still waits has it raised; nobody else may
    for connection in client._conns.values():  # noqa: SLF001
        if connection._writer is not None:  # noqa: SLF001
            connection._writer.transport.abort()  # noqa: SLF001 (to close it would be to wait until the broker reads)
    await client.close()
    take_failures(producer)
