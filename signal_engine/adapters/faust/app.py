"""The Faust application: one agent per kind, each a few lines, and everything else of Faust's switched off."""

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
"""Batches that may wait for one agent, never reached: `fetch_budget` bounds them earlier. At its own bound Faust
would leave topic-partitions out, and sleep for a second when none is left."""
_SLOW_STORE_TIMEOUT_S: Final = 600.0
"""Seconds for which a store that is away may hold up an assignment."""

Receive = Callable[[Sequence[Fetch]], Awaitable[None]]


class KafkaConsumersOnly(BootStrategy):
    """No producer (ours awaits delivery) and no web server (Faust's listens everywhere, without authentication)."""

    enable_kafka_producer = False
    enable_web = False


class BatchSchema(faust.Schema[Any, Any]):
    """Passes a batch on as it is: bytes are decoded by the wire, where what is wrong has a name."""

    def compile(self, app: Any, **_: Any) -> Any:
        """The function that makes an event of a message."""
        create_event = app.create_event

        async def decode(message: Any, *, propagate: bool = False) -> Any:
            del propagate
            return create_event(None, message.value, message.headers, message)

        return decode


class SignalApp(faust.App):
    """An app that makes no folders."""

    BootStrategy = KafkaConsumersOnly

    def _create_directories(self) -> None:
        pass


def signal_app(
    membership: Membership, topics: TopicNames, receive: Receive, *, takes_actions: bool = False
) -> SignalApp:
    """The app, without its transport; `receive` gets every batch, also of account actions if it `takes_actions`."""
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
