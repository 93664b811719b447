"""The Faust application: one small agent per signal topic; everything else of Faust is switched off."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final

import faust
from faust.app.base import BootStrategy

from signal_engine.adapters.faust.consumer_thread import Fetch
from signal_engine.adapters.faust.group import (
    HEARTBEAT_S,
    POLL_INTERVAL_S,
    REQUEST_TIMEOUT_S,
    SESSION_TIMEOUT_S,
    Membership,
)
from signal_engine.wire.topics import TopicNames

_MAX_WAITING_BATCHES: Final = 4_096
"""Batches that may wait for one agent. Never reached: `fetch_budget` limits them earlier. At its own limit Faust would
leave out topic-partitions, and sleep for a second if none is left.
"""
_SLOW_STORE_TIMEOUT_S: Final = 600.0
"""Seconds for which an unreachable store may delay an assignment."""

Receive = Callable[[Sequence[Fetch]], Awaitable[None]]


class KafkaConsumersOnly(BootStrategy):
    """Faust without producer (ours awaits delivery) and without web server (Faust's listens everywhere, without
    authentication).
    """

    enable_kafka_producer = False
    enable_web = False


class BatchSchema(faust.Schema[Any, Any]):
    """Passes batches through unchanged: `wire` decodes the bytes and gives reasons for rejections."""

    def compile(self, app: Any, **_: Any) -> Any:
        """The function that turns a message into a Faust event."""
        create_event = app.create_event

        async def decode(message: Any, *, propagate: bool = False) -> Any:
            del propagate
            return create_event(None, message.value, message.headers, message)

        return decode


class SignalApp(faust.App):
    """An app that creates no folders."""

    BootStrategy = KafkaConsumersOnly

    def _create_directories(self) -> None:
        pass


def signal_app(
    membership: Membership, topics: TopicNames, receive: Receive, *, takes_actions: bool = False
) -> SignalApp:
    """The app, without its transport; it calls `receive` with every batch, also of account actions if it
    `takes_actions`.
    """
    app = SignalApp(
        id=membership.group,
        broker="kafka://" + ";".join(membership.connection.servers.split(",")),
        autodiscover=False,
        consumer_group_instance_id=membership.instance or None,
        broker_session_timeout=SESSION_TIMEOUT_S,
        broker_heartbeat_interval=HEARTBEAT_S,
        broker_max_poll_interval=POLL_INTERVAL_S,
        broker_request_timeout=max(REQUEST_TIMEOUT_S, _SLOW_STORE_TIMEOUT_S),
        broker_commit_interval=5.0,
        stream_buffer_maxsize=_MAX_WAITING_BATCHES,
        stream_wait_empty=False,  # can hang a rebalance; the engine waits for the transaction in hand
        table_standby_replicas=1,  # with 0 and no tables, partitions are dealt out round-robin, topic by topic
        topic_allow_declare=False,
        topic_disable_leader=True,
        web_enabled=False,
    )
    for kind, name in topics.signals.items():
        app.agent(app.topic(name, schema=BatchSchema()), name=f"signals.{kind}")(_agent(receive))
    if takes_actions:
        app.agent(app.topic(topics.actions, schema=BatchSchema()), name="account.actions")(_agent(receive))
    return app


def _agent(receive: Receive) -> Any:
    async def agent(stream: Any) -> None:
        async for event in stream.events():
            await receive(event.value)

    return agent
