"""The topic `account.actions` from its end on, without a group: which accounts somebody acted on just now."""

import asyncio
from typing import Any, Final

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.failures import words
from signal_engine.adapters.kafka.records.skipping import SkippingConsumer
from signal_engine.adapters.kafka.topics.cluster import NoConnection, connected
from signal_engine.core.actions.action import AccountAction
from signal_engine.engine.ports.delivery.acted_accounts import Woken
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.delivery import ActionsNotFollowed
from signal_engine.wire.actions.record import read_action

_WAIT_MS: Final = 500
_PAUSE_S: Final = 1.0
_MISSING_S: Final = 30.0
"""Seconds between two looks for a topic that is not there."""


class ActedAccountsTopic:
    """`engine.ports.delivery.acted_accounts.ActedAccounts`."""

    def __init__(self, connection: KafkaConnection, topic: str, event_log: EventLog) -> None:
        self._connection = connection
        self._topic = topic
        self._event_log = event_log

    async def run(self, woken: Woken) -> None:
        """See `ActedAccounts`. A missing topic or an unreachable Kafka is said once, and waited for."""
        said = False
        while True:
            missing = False
            try:
                async with connected(self._connection) as cluster:
                    found = await cluster.topics([self._topic])
                missing = self._topic not in found
                if not missing:
                    said = False
                    await self._follow(found[self._topic].partitions, woken)
                reason = f"topic {self._topic} is missing; create it with `signal-engine topics create`"
            except KafkaError as error:
                reason = words(error, self._connection.protocol)
            except NoConnection as error:
                reason = str(error)
            if not said:
                self._event_log.write(ActionsNotFollowed(reason=reason))
                said = True
            await asyncio.sleep(_MISSING_S if missing else _PAUSE_S)

    async def _follow(self, partitions: int, woken: Woken) -> None:
        """Read from the end on until Kafka fails."""
        skipping = SkippingConsumer()
        client: Any = AIOKafkaConsumer(
            **self._connection.options(),
            value_deserializer=skipping.plain,
            auto_offset_reset="latest",
            enable_auto_commit=False,
            isolation_level="read_committed",
        )
        try:
            await client.start()
            client.assign([TopicPartition(self._topic, number) for number in range(partitions)])
            await client.seek_to_end()
            while True:
                came = await client.getmany(timeout_ms=_WAIT_MS)
                skipping.read_on(client)
                skipping.passed_over.clear()  # whoever applies them has said so
                actions = (read_action(one.value, one.timestamp) for records in came.values() for one in records)
                accounts = {one.account for one in actions if isinstance(one, AccountAction)}
                if accounts:
                    woken(accounts)
        finally:
            await client.stop()
