"""Reads parts of partitions. A key of a foreign type is damage to its partition, not trouble with the server.

A reader can be the first to find damage, before the next transaction and before the check of all marks.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

from redis.exceptions import ResponseError

from signal_engine.adapters.redis.connecting.channel import Channel, Command
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.transactions.marks import is_of_another_type
from signal_engine.engine.ports.store import Damage, Damaged


class PartCommand(NamedTuple):
    """A command about one part of a partition; its key comes first among its arguments."""

    partition: int
    keys: Keys
    command: Command


async def ask(channel: Channel, asked: Sequence[PartCommand]) -> list[Any]:
    """Send the commands in one round trip and return the replies. Not atomic.

    Raises `Damaged` for a key of a foreign type, and `StoreTrouble` for other failures.
    """
    replies = await channel.answers([one.command for one in asked])
    for (partition, keys, command), reply in zip(asked, replies, strict=True):
        if isinstance(reply, ResponseError):
            if is_of_another_type(reply):
                raise Damaged(partition, [Damage(keys.name(str(command[1])), str(reply))])
            raise channel.trouble(reply) from None
    return replies
