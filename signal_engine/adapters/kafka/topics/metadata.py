"""Metadata with topic ids: version 10 of the request, which aiokafka lacks.

Brokers support it since Kafka 2.8; `ids` of older ones are unknown.
"""

from io import BytesIO
from typing import Any, Final
from uuid import UUID

from aiokafka.protocol.api import Request, RequestStruct, Response
from aiokafka.protocol.types import (
    AbstractType,
    Boolean,
    CompactArray,
    CompactString,
    Int16,
    Int32,
    Schema,
    TaggedFields,
)

_NO_ID: Final = UUID(int=0)


class _Uuid(AbstractType[UUID]):  # type: ignore[misc]  # aiokafka has no type hints
    """16 bytes."""

    @classmethod
    def encode(cls, value: UUID) -> bytes:
        """As bytes."""
        return value.bytes

    @classmethod
    def decode(cls, data: BytesIO) -> UUID:
        """From bytes."""
        return UUID(bytes=data.read(16))


class _MetadataResponse_v10(Response):  # type: ignore[misc]  # noqa: N801 (as aiokafka's are named)
    """As Kafka's MetadataResponse.json says."""

    API_KEY = 3
    API_VERSION = 10
    SCHEMA = Schema(
        ("throttle_time_ms", Int32),
        (
            "brokers",
            CompactArray(
                ("node_id", Int32),
                ("host", CompactString("utf-8")),
                ("port", Int32),
                ("rack", CompactString("utf-8")),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_id", CompactString("utf-8")),
        ("controller_id", Int32),
        (
            "topics",
            CompactArray(
                ("error_code", Int16),
                ("topic", CompactString("utf-8")),
                ("topic_id", _Uuid),
                ("is_internal", Boolean),
                (
                    "partitions",
                    CompactArray(
                        ("error_code", Int16),
                        ("partition", Int32),
                        ("leader", Int32),
                        ("leader_epoch", Int32),
                        ("replicas", CompactArray(Int32)),
                        ("isr", CompactArray(Int32)),
                        ("offline_replicas", CompactArray(Int32)),
                        ("tags", TaggedFields),
                    ),
                ),
                ("authorized_operations", Int32),
                ("tags", TaggedFields),
            ),
        ),
        ("cluster_authorized_operations", Int32),
        ("tags", TaggedFields),
    )


class MetadataRequest_v10(RequestStruct):  # type: ignore[misc]  # noqa: N801
    """As Kafka's MetadataRequest.json says."""

    API_KEY = 3
    API_VERSION = 10
    FLEXIBLE_VERSION = True
    RESPONSE_TYPE = _MetadataResponse_v10
    SCHEMA = Schema(
        ("topics", CompactArray(("topic_id", _Uuid), ("topic", CompactString("utf-8")), ("tags", TaggedFields))),
        ("allow_auto_topic_creation", Boolean),
        ("include_cluster_authorized_operations", Boolean),
        ("include_topic_authorized_operations", Boolean),
        ("tags", TaggedFields),
    )


class TopicIds(Request[MetadataRequest_v10]):  # type: ignore[misc]
    """Ask for topics by name without creating them. Sending raises NotImplementedError if the broker is too old."""

    API_KEY = 3

    def __init__(self, names: list[str]) -> None:
        self._names = names

    def build(self, request_struct_class: type[MetadataRequest_v10]) -> MetadataRequest_v10:
        """As aiokafka asks."""
        return request_struct_class([(_NO_ID, name, {}) for name in self._names], False, False, False, {})


def ids(response: Any) -> dict[str, str]:
    """Existing topic -> its id; empty if the broker reports none."""
    return {topic[1]: "" if topic[2] == _NO_ID else str(topic[2]) for topic in response.topics if not topic[0]}


def epochs(response: Any) -> dict[tuple[str, int], tuple[int, int]]:
    """(topic, partition) -> (leader, leader epoch)."""
    return {(topic[1], one[1]): (one[2], one[3]) for topic in response.topics for one in topic[4]}
