"""Checks before `ingest` serves: its topics exist, take what it lets in, and how safe an answer is."""

from typing import Final, NamedTuple

from signal_engine.adapters.kafka.topics.cluster import Cluster
from signal_engine.adapters.kafka.topics.creation import LARGEST, MAX_RECORD_BYTES
from signal_engine.adapters.kafka.topics.start_checks import UnusableTopics
from signal_engine.wire.events.one_event import MAX_VALUE_BYTES
from signal_engine.wire.topics import TopicNames

_MIN_INSYNC: Final = "min.insync.replicas"
_HEADERS_BYTES: Final = 8 * 1024
"""Of a record besides its value."""


class CheckedTopics(NamedTuple):
    """What `ingest` needs to know of its topics."""

    largest: int
    """Largest record that any of them accepts, in bytes."""
    min_insync_replicas: int
    """Brokers that have an event when it is acknowledged, at least."""
    warnings: tuple[str, ...]
    accounts_partitions: int
    """Of `fit.accounts`; 0 if it is missing and nobody looks accounts up."""


async def check_ingest_topics(
    cluster: Cluster, names: TopicNames, *, states: bool, outcomes: bool, accounts: bool
) -> CheckedTopics:
    """Check the signal topics and `ingest.dlq`; if a hook is a state feed (`states`), `feeds.seen`; if one gives
    outcomes, their topic; if one looks `accounts` up, `fit.accounts`.

    Raises `UnusableTopics`, `NoConnection`.
    """
    ours = [*names.signals.values(), names.ingest_dead_letters]
    ours += [*[names.feeds_seen] * states, *[names.outcomes] * outcomes]
    read = [names.fit_accounts]
    found = await cluster.topics([*ours, *read])
    seen = {name: topic for name, topic in found.items() if name not in read}
    problems = [
        f"topic {name} is missing; create it with `signal-engine topics create`"
        for name in [*ours, *read * accounts]
        if name not in found
    ]
    sizes = {name: int(topic.settings.get(LARGEST) or MAX_RECORD_BYTES) for name, topic in seen.items()}
    problems += [
        f"topic {name}: {LARGEST} is {size}; an event may need {MAX_VALUE_BYTES + _HEADERS_BYTES}"
        for name, size in sizes.items()
        if size < MAX_VALUE_BYTES + _HEADERS_BYTES
    ]
    if problems:
        raise UnusableTopics(problems)
    replicas = min(int(topic.settings.get(_MIN_INSYNC) or 1) for topic in seen.values())
    warnings: tuple[str, ...] = ()
    if replicas < 2:
        warnings = (f"{_MIN_INSYNC} is {replicas}: an acknowledged event is lost if the disk of one broker is",)
    accounts_partitions = found[names.fit_accounts].partitions if names.fit_accounts in found else 0
    return CheckedTopics(max(sizes.values()), replicas, warnings, accounts_partitions)
