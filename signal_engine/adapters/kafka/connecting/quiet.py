"""What aiokafka says on its own account, beside what it raises."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


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
    each. Whoever sent or committed has it raised anyway. For producers that are about to abort; see
    `stop_producer`, too.
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
