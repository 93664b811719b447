"""Which topics there must be, and what is said of those that differ. No Kafka is asked."""

from collections.abc import Mapping
from pathlib import Path

import pytest

from signal_engine.adapters.kafka.topics.creation import (
    DEAD_LETTER_MARGIN_BYTES,
    MAX_RECORD_BYTES,
    DifferentPartitions,
    SeenTopic,
    Topic,
    differences,
    wanted_topics,
)
from signal_engine.core.rules.instants import DAY
from signal_engine.wire.config import scoring_file
from signal_engine.wire.topics import SIGNAL_TOPICS

ROOT = Path(__file__).parents[2]
POLICY = scoring_file.parse("scoring.yaml", (ROOT / "config" / "scoring.yaml").read_bytes()).policy
MAIN = "signals.intent"


def wanted(seen: Mapping[str, SeenTopic] | None = None, prefix: str = "", partitions: int = 12) -> dict[str, Topic]:
    """The topics by name."""
    return {topic.name: topic for topic in wanted_topics(prefix, partitions, POLICY, seen or {})}


def seen(name: str, partitions: int = 12, **changed: str | None) -> dict[str, SeenTopic]:
    """A topic that is as it must be, but for what is changed (`retention_ms="1"`)."""
    topic = wanted()[name]
    settings: dict[str, str | None] = {**topic.must, **topic.made_with}
    settings |= {setting.replace("_", "."): value for setting, value in changed.items()}
    return {name: SeenTopic(name, partitions, settings)}


def said(there: Mapping[str, SeenTopic]) -> list[tuple[str, str, str]]:
    """Setting, found, wanted of every difference."""
    return [(it.setting, it.found, it.wanted) for it in differences(wanted(there).values(), there)]


def test_the_topics_are_those_of_the_contract() -> None:
    assert list(wanted()) == [
        *("signals.intent", "signals.hiring", "signals.funding", "signals.engagement", "signals.technographic"),
        *("signals.leadership", "priority.lists", "priority.accounts", "alerts", "signals.dlq"),
        *("ingest.dlq", "account.actions", "rules", "fit.accounts", "fit.history"),
        "feeds.seen",
        "outcomes",
        "digests.stopped",
    ]


def test_the_prefix_is_put_before_every_name_as_it_stands() -> None:
    assert list(wanted(prefix="staging.")) == [f"staging.{name}" for name in wanted()]


def test_signal_topics_keep_six_half_lives_of_the_longest_kind_and_take_kafkas_time() -> None:
    for name in SIGNAL_TOPICS.values():
        assert wanted()[name].must == {
            "cleanup.policy": "delete",
            "retention.ms": str(6 * 60 * DAY),
            "retention.bytes": "-1",
            "message.timestamp.type": "LogAppendTime",
        }


@pytest.mark.parametrize("name", ["priority.lists", "priority.accounts"])
def test_lists_and_their_entries_are_compacted(name: str) -> None:
    assert wanted()[name].must["cleanup.policy"] == "compact"


@pytest.mark.parametrize("name", ["alerts", "signals.dlq"])
def test_alerts_and_dead_letters_are_kept_for_thirty_days(name: str) -> None:
    assert wanted()[name].must["cleanup.policy"] == "delete"
    assert wanted()[name].must["retention.ms"] == str(30 * DAY)


def test_rules_are_in_one_partition_compacted_and_have_kafkas_time() -> None:
    topic = wanted()["rules"]
    assert topic.partitions == 1
    assert (topic.must["cleanup.policy"], topic.must["message.timestamp.type"]) == ("compact", "LogAppendTime")
    assert int(topic.must["max.message.bytes"]) >= 1_000_000


def test_deliveries_that_cannot_be_mapped_are_kept_for_a_week_as_they_came() -> None:
    topic = wanted()["ingest.dlq"]
    assert (topic.partitions, topic.must["retention.ms"]) == (1, str(7 * DAY))
    assert int(topic.must["max.message.bytes"]) == 1_100_000


@pytest.mark.parametrize("name", ["account.actions", "outcomes"])
def test_actions_and_outcomes_are_kept_for_ever_with_kafkas_time_in_the_partitions_of_the_signals(name: str) -> None:
    topic = wanted(seen(MAIN, partitions=6))[name]
    assert topic.partitions == 6
    assert topic.must == {
        "cleanup.policy": "delete",
        "retention.ms": "-1",
        "retention.bytes": "-1",
        "message.timestamp.type": "LogAppendTime",
    }


def test_the_dead_letter_topic_takes_64_kib_more_than_signal_topics() -> None:
    assert wanted()[MAIN].made_with["max.message.bytes"] == str(MAX_RECORD_BYTES)
    assert wanted()["signals.dlq"].must["max.message.bytes"] == str(MAX_RECORD_BYTES + DEAD_LETTER_MARGIN_BYTES)


def test_the_dead_letter_topic_grows_with_a_signal_topic_that_takes_more() -> None:
    there = seen(MAIN, max_message_bytes="2000000")
    assert wanted(there)["signals.dlq"].must["max.message.bytes"] == str(2_000_000 + DEAD_LETTER_MARGIN_BYTES)


def test_new_signal_topics_take_the_partitions_of_those_that_are_there() -> None:
    topics = wanted(seen(MAIN, partitions=6))
    assert {topics[name].partitions for name in SIGNAL_TOPICS.values()} == {6}


def test_signal_topics_with_different_partitions_are_refused_by_name() -> None:
    with pytest.raises(DifferentPartitions, match=r"signals\.intent 6, signals\.hiring 12"):
        wanted(seen(MAIN, partitions=6) | seen("signals.hiring"))


@pytest.mark.parametrize("name", list(wanted()))
def test_a_topic_as_we_make_it_does_not_differ(name: str) -> None:
    assert said(seen(name)) == []


@pytest.mark.parametrize(
    ("name", "setting", "found"),
    [
        (MAIN, "retention_ms", "-1"),  # for ever
        (MAIN, "retention_ms", str(400 * DAY)),
        (MAIN, "max_message_bytes", "100000"),  # what producers may send is theirs
        (MAIN, "message_timestamp_type", None),  # not reported, so not judged
        ("alerts", "retention_ms", str(31 * DAY)),
        ("signals.dlq", "max_message_bytes", "9000000"),
        ("priority.lists", "segment_ms", "1000"),
    ],
)
def test_more_than_needed_will_do(name: str, setting: str, found: str | None) -> None:
    assert said(seen(name, **{setting: found})) == []


@pytest.mark.parametrize(
    ("name", "setting", "found"),
    [
        (MAIN, "retention_ms", str(7 * DAY)),
        (MAIN, "retention_bytes", "1000000000"),
        (MAIN, "message_timestamp_type", "CreateTime"),
        (MAIN, "cleanup_policy", "compact"),
        (MAIN, "cleanup_policy", "compact,delete"),
        ("alerts", "retention_ms", str(7 * DAY)),
        ("priority.lists", "cleanup_policy", "delete"),
        ("priority.accounts", "cleanup_policy", "compact,delete"),  # a quiet account's entry would go
        ("priority.lists", "max_message_bytes", "500000"),
        ("signals.dlq", "max_message_bytes", str(MAX_RECORD_BYTES)),
    ],
)
def test_what_loses_records_differs(name: str, setting: str, found: str) -> None:
    real = setting.replace("_", ".")
    assert said(seen(name, **{setting: found})) == [(real, found, wanted()[name].must[real])]


def test_loaded_accounts_are_compacted_in_the_partitions_of_the_signals_and_what_changed_is_kept() -> None:
    topics = wanted(seen(MAIN, partitions=6))
    accounts, history, rules = topics["fit.accounts"], topics["fit.history"], topics["rules"]
    assert (accounts.partitions, accounts.must["cleanup.policy"]) == (6, "compact")
    assert accounts.made_with["min.compaction.lag.ms"] == str(DAY), (
        "who decides by the load before still finds its rows"
    )
    assert (history.partitions, history.must["cleanup.policy"], history.must["retention.ms"]) == (6, "delete", "-1")
    assert (rules.partitions, rules.must["cleanup.policy"]) == (1, "compact")
    assert rules.must["message.timestamp.type"] == "LogAppendTime"
