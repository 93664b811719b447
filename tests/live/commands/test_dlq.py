"""`dlq list`, `show`, `replay` and `resume` on real servers, as a user meets them. Nobody works meanwhile."""

import asyncio
import base64
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import orjson
import pytest

from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.engine.dead_letters.writer import dead_letter
from signal_engine.engine.ports.producer import ToSend
from signal_engine.engine.ports.transaction import TopicPartition, Transaction
from signal_engine.engine.ports.views import paused
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.wire.events.rejections import Refusal
from testing.servers.finding import KafkaServer
from tests.engine.stand import Rec, event_bytes
from tests.kafka.test_what_kafka_takes import Silent
from tests.live.commands.test_fit_and_lists import said
from tests.live.engine import Engine, engine

BINARY = b"\xff\x00{"


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine without a worker, with letters: mended by time, not JSON, truncated, of another engine."""
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        made.run("topics", "create")
        now = clock()
        good = Rec(7, now, event_bytes(at=now - 1000), b"acme.com", [("backfill", b""), ("trace", b"\xff")])
        bad = Rec(8, now, BINARY, None, [("ü", None)])
        letters = [
            letter(made, good, "future", now - 3000),
            letter(made, good, "future", now - 3000),
            letter(made, bad, "not_json", now - 2000, partition=1),
            letter(made, Rec(9, now, b"x" * 70_000), "too_large", now - 1000, most=1),
            letter(made, Rec(10, now, b"{}"), "schema", now, topic="of.others"),
            ToSend(f"{prefix}signals.dlq", 0, None, b"no letter", [("dlq.reason", b"schema")]),
        ]
        asyncio.run(send(made, letters))
        yield made


def letter(
    live: Engine, record: Rec, reason: Any, at: int, partition: int = 0, topic: str = "", most: int = 1_000_000
) -> ToSend:
    place = TopicPartition(topic or live.topic("intent"), partition)
    detail = "score must be a number\x1b[31m"
    return dead_letter(record, Refusal(reason, detail), place, at, f"{live.prefix}signals.dlq", most)


async def send(live: Engine, records: Sequence[ToSend]) -> None:
    async with KafkaProducer(KafkaConnection(live.kafka), Silent(), 1_000_000) as producer:
        await producer.send(records)


def dlq(live: Engine, *words: str, code: int = 0) -> Any:
    return json.loads(said(live, "dlq", *words, "--json", code=code).stdout)


def in_topic(live: Engine, kind: str = "intent") -> list[Any]:
    return asyncio.run(live.read(f"signals.{kind}"))


def test_the_list_is_newest_first_each_once_with_counts(live: Engine) -> None:
    intent = live.topic("intent")
    listed = dlq(live, "list")
    assert [one["place"] for one in listed["letters"]] == [
        "of.others/0/10", f"{intent}/0/9", f"{intent}/1/8", f"{intent}/0/7",
    ]  # fmt: skip
    assert [one["reason"] for one in listed["letters"]] == ["schema", "too_large", "not_json", "future"]
    assert [one["truncated"] for one in listed["letters"]] == ["", "value", "", ""]
    assert listed["counts"]["total"] == 4
    assert listed["counts"]["by_reason"] == {"future": 1, "too_large": 1, "schema": 1, "not_json": 1}
    assert listed["counts"]["by_topic"] == {intent: 3, "of.others": 1}
    assert listed["paused"] == []
    assert "value" not in listed["letters"][0], "content is shown by `show` alone"
    assert [one["reason"] for one in dlq(live, "list", "-n", "1")["letters"]] == ["schema"]
    assert [one["reason"] for one in dlq(live, "list", "--topic", "intent", "--reason", "future")["letters"]] == [
        "future"
    ]
    since = listed["letters"][1]["at"]
    assert [one["place"] for one in dlq(live, "list", "--since", since)["letters"]][-1] == f"{intent}/0/9"
    assert "not one of" in said(live, "dlq", "list", "--reason", "whim", code=2).stderr


def test_people_get_a_table_that_fits_and_that_no_letter_can_colour(live: Engine) -> None:
    live.environment |= {"COLUMNS": "100"}
    shown = said(live, "dlq", "list").stdout
    assert "4 rejected: future 1, not_json 1, schema 1, too_large 1" in shown
    assert "\x1b" not in shown
    assert max(map(len, shown.splitlines())) <= 150
    one = said(live, "dlq", "show", "intent/1/8").stdout
    assert "\x1b" not in one
    assert f"base64 {base64.b64encode(BINARY).decode()}" in one
    assert "3 bytes" in one


def test_one_is_shown_whole(live: Engine) -> None:
    good = dlq(live, "show", "signals.intent/0/7")
    assert json.loads(good["value"]["text"])["account_id"] == "acme.com"
    assert (good["key"], good["headers"]) == (
        {"text": "acme.com"}, [["backfill", {"text": ""}], ["trace", {"base64": "/w=="}]],
    )  # fmt: skip
    assert "\n" not in good["value"]["text"]
    assert "\n" in dlq(live, "show", "intent/0/7", "--pretty")["value"]["text"]
    bad = dlq(live, "show", f"{live.topic('intent')}/1/8", "--pretty")
    assert (base64.b64decode(bad["value"]["base64"]), bad["key"], bad["headers"]) == (BINARY, None, [["ü", None]])
    short = dlq(live, "show", "intent/0/9")
    assert (short["value"], short["size"], len(short["sha256"])) == (None, 70_000, 64)
    assert "the value had 70,000 bytes" in said(live, "dlq", "show", "intent/0/9").stdout
    for missing in ("intent/0/8", "intent/9/7", "nowhere/0/7"):
        assert "no dead letter for" in said(live, "dlq", "show", missing, code=2).stderr
    assert "is not TOPIC/PARTITION/OFFSET" in said(live, "dlq", "show", "intent/0", code=2).stderr


def test_what_was_mended_is_sent_once_as_it_was_received(live: Engine) -> None:
    tried = dlq(live, "replay", "--dry-run")
    assert tried["counts"] == {"accepted": 1, "refused_again": 1, "truncated": 1, "no_topic": 1}
    why = {one["outcome"]: one["why"] for one in tried["letters"]}
    assert why["refused_again"].startswith("not_json: the value is not UTF-8: invalid byte at 0")
    assert (tried["sent"], in_topic(live)) == (0, [])
    assert "this redrives 1 rejected events: confirm with --yes" in said(live, "dlq", "replay", code=2).stderr
    assert in_topic(live) == []

    assert dlq(live, "replay", "--yes")["sent"] == 1
    (record,) = in_topic(live)
    assert (record.partition, record.key, list(record.headers)) == (
        0, b"acme.com", [("backfill", b""), ("trace", b"\xff")],
    )  # fmt: skip
    assert record.value.decode() == dlq(live, "show", "intent/0/7")["value"]["text"]

    second = dlq(live, "replay", "--yes")
    assert (second["sent"], second["counts"]["replayed"]) == (0, 1)
    assert [one["place"] for one in dlq(live, "list")["letters"] if one["replayed"]] == [f"{live.topic('intent')}/0/7"]
    assert "redriven" in said(live, "dlq", "list").stdout
    assert len(in_topic(live)) == 1

    assert dlq(live, "replay", "--yes", "--again", "intent/0/7")["sent"] == 1
    assert dlq(live, "replay", "--yes", "--all", "--reason", "not_json")["sent"] == 1
    assert [(r.partition, r.value == BINARY) for r in in_topic(live)].count((1, True)) == 1
    table = said(live, "dlq", "replay", "--yes", "--topic", "intent").stdout
    assert "3 dead letters: 2 redriven before, 1 truncated\n0 redriven" in table


def test_letters_that_are_named_must_be_there(live: Engine) -> None:
    missing = said(live, "dlq", "replay", "--yes", "intent/0/7", "intent/0/6", code=2).stderr
    assert "no such dead letter for" in missing
    assert in_topic(live) == []


def test_a_pause_is_shown_and_lifted(live: Engine) -> None:
    pause = {"at": 1_767_225_600_000, "refused": 612, "of": 1000, "reasons": {"schema": 612}, "offset": 4711}

    async def send_many() -> None:
        async with live.store() as store:
            counter = (await store.positions(1)).counter
            views = {paused(live.topic("hiring")): orjson.dumps(pause)}
            await store.apply(Transaction(partition=1, counter=counter, views=views))

    asyncio.run(send_many())
    (listed,) = dlq(live, "list")["paused"]
    hiring = live.topic("hiring")
    way_on = {"unreadable": "", "end": None, "then": f"signal-engine dlq resume {hiring}/1"}
    assert listed == {"topic": hiring, "partition": 1, **pause, "at": "2026-01-01T00:00:00Z", **way_on}
    words = f"{live.topic('hiring')}/1 since 1 Jan 2026 00:00: 612 of 1,000 records were rejected (schema 612)"
    shown = said(live, "dlq", "list").stdout
    assert f"paused {words}" in shown
    assert way_on["then"] in shown
    assert said(live, "dlq", "resume", "hiring/1").stdout == f"resumed: {words}\n"
    assert dlq(live, "list")["paused"] == []
    second = said(live, "dlq", "resume", "signals.hiring/1")
    assert (second.stdout, "is not paused; nothing to do" in second.stderr) == ("", True)
    assert dlq(live, "resume", "hiring/1") == {"resumed": None}
    assert "has partitions 0 to 1" in said(live, "dlq", "resume", "hiring/2", code=2).stderr
    assert "the signal topics are" in said(live, "dlq", "resume", "weather/0", code=2).stderr
    assert "is not TOPIC/PARTITION" in said(live, "dlq", "resume", "hiring", code=2).stderr


@pytest.mark.parametrize(
    "words", [("list",), ("show", "intent/0/7"), ("replay", "--yes"), ("resume", "intent/0")], ids=lambda w: w[0]
)
def test_servers_that_are_away_are_named_without_a_traceback(live: Engine, words: tuple[str, ...]) -> None:
    live.set(REDIS_URL="redis://user:s3cret@127.0.0.1:1/0")
    away = said(live, "dlq", *words, code=1).stderr
    assert "Redis at 127.0.0.1:1/0 cannot be reached" in away
    assert "s3cret" not in away
    live.set(KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
    away = said(live, "dlq", *words, code=1)
    assert (away.stdout, "Kafka does not answer: 127.0.0.1:1" in away.stderr) == ("", True)


def test_without_topics_it_says_what_makes_them(live: Engine) -> None:
    live.set(PREFIX=f"{live.prefix}other.")
    assert "create it with `signal-engine topics create`" in said(live, "dlq", "list", code=2).stderr
