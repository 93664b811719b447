"""Reading parts of partitions: a key that is somebody else's is damage of its partition, not trouble with the server.

Whoever reads can be first to find it: before the next transaction, and before the look at all marks.
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
    """The replies, in one round trip; not atomic.

    Raises `Damaged` where a key is of another type than the transactions' own, `StoreTrouble` for what else goes wrong.
    """
    replies = await channel.answers([one.command for one in asked])
    for (partition, keys, command), reply in zip(asked, replies, strict=True):
        if isinstance(reply, ResponseError):
            if is_of_another_type(reply):
                raise Damaged(partition, [Damage(keys.name(str(command[1])), str(reply))])
            raise channel.trouble(reply) from None
    return replies
