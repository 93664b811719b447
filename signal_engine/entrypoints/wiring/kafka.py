"""The Kafka connection of the settings, and the accounts that are read over it."""

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.fit_topics import KafkaLoads
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.topics import topic_names


def kafka_connection(settings: Settings) -> KafkaConnection:
    """The Kafka connection of the settings."""
    return KafkaConnection(
        servers=settings.kafka_bootstrap_servers,
        protocol=settings.kafka_security_protocol,
        mechanism=settings.kafka_sasl_mechanism,
        username=settings.kafka_sasl_username,
        password=settings.kafka_sasl_password.get_secret_value(),
        cafile=settings.kafka_ssl_cafile,
        certfile=settings.kafka_ssl_certfile,
        keyfile=settings.kafka_ssl_keyfile,
    )


def accounts_loads(settings: Settings) -> KafkaLoads:
    """The accounts loads in Kafka; nothing is asked of it yet."""
    return KafkaLoads(kafka_connection(settings), topic_names(settings.prefix))
