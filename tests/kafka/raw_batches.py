"""Batches as no client of ours would make them."""

import struct
from collections.abc import Sequence
from typing import Any

from aiokafka import AIOKafkaProducer
from aiokafka.record.util import calc_crc32c

_CRC, _ATTRIBUTES = 17, 21
"""Places in the header of a batch."""


def with_bytes_changed(batch: bytes, old: bytes, new: bytes) -> bytes:
    """An uncompressed batch with some of its bytes changed and a checksum that is right."""
    assert len(old) == len(new)
    changed = bytearray(batch.replace(old, new))
    assert changed != batch
    struct.pack_into(">I", changed, _CRC, calc_crc32c(bytes(changed[_ATTRIBUTES:])))
    return bytes(changed)


async def send_changed(
    kafka: str, topic: str, partition: int, records: Sequence[tuple[Any, ...]], old: bytes, new: bytes
) -> None:
    """Produces (key, value, headers) as one batch, with `old` changed into `new` on the way."""
    async with AIOKafkaProducer(bootstrap_servers=kafka) as client:
        batch = client.create_batch()
        for key, value, headers in records:
            assert batch.append(key=key, value=value, timestamp=None, headers=headers)
        batch._buffer = with_bytes_changed(bytes(batch._build()), old, new)
        await (await client.send_batch(batch, topic, partition=partition))


async def send_packed(
    kafka: str, topic: str, partition: int, codec: str | None, values: Sequence[bytes], key: bytes = b"key"
) -> int:
    """Produces values as one batch, packed by `codec`, however large unpacked; returns the offset of the first."""
    async with AIOKafkaProducer(bootstrap_servers=kafka, compression_type=codec, max_batch_size=1 << 30) as client:
        batch = client.create_batch()
        for value in values:
            assert batch.append(key=key, value=value, timestamp=None)
        return int((await (await client.send_batch(batch, topic, partition=partition))).offset)
