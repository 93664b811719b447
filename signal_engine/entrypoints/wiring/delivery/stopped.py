"""Who wants no digests, in Redis and in Kafka."""

from signal_engine.adapters.kafka.stopped_topic import StoppedDigestsTopic
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.sent_digests import RedisSentDigests
from signal_engine.engine.digests.stopping import StoppedDigests
from signal_engine.entrypoints.wiring.kafka import kafka_connection
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.topics import topic_names


def stopped_digests(settings: Settings, channel: Channel) -> StoppedDigests:
    """Of this prefix; nothing is asked of either yet."""
    log = StoppedDigestsTopic(kafka_connection(settings), topic_names(settings.prefix).digests_stopped)
    return StoppedDigests(RedisSentDigests(channel, settings.prefix), log)
