"""Several thousand records that should never come in, on all six topics, half and half with good ones.

Every record is counted once, each refusal is a letter with the bytes that came, the good ones are scored as a replay
scores them, and no worker stops.
"""

import itertools
import json
import random
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from aiokafka import AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.record.default_records import DefaultRecordBatchBuilder

import signal_engine.adapters.kafka.records.records  # noqa: F401 (else our own reading stops at a name that is no UTF-8)
from signal_engine.adapters.kafka.connecting.connection import KafkaConnection
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.producer import KafkaProducer
from signal_engine.adapters.kafka.topics.cluster import appeared
from signal_engine.engine.ports.producer import TooLarge, ToSend
from signal_engine.wire.instants import format_instant
from testing.engine import OUTCOMES
from testing.records import Produced, ToProduce
from testing.servers.finding import KafkaServer
from testing.topics import KINDS
from tests.bad_input import Bad, corpus
from tests.build import FIELDS
from tests.kafka.raw_batches import send_changed
from tests.kafka.test_what_kafka_takes import Silent
from tests.live.engine import Engine, engine
from tests.live.feed import DAY
from tests.live.judging import icp_files, replayed, same_order_and_scores
from tests.live.test_live_engine import easily_hot, live_scoring

MIB = 1024 * 1024
LARGEST = 1024 * 1024
"""Bytes of a batch that topics made by `topics create` take."""
LARGER = 11 * MIB
CASE = "case"


@pytest.fixture
def seed() -> int:
    made = random.SystemRandom().randrange(1_000_000)
    print(f"seed {made}")  # noqa: T201 (pytest shows it when the test fails)
    return made


async def make_topic_of_large_records(live: Engine, kind: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=live.kafka)
    await admin.start()
    settings = {"max.message.bytes": str(LARGER), "message.timestamp.type": "LogAppendTime", "retention.ms": "-1"}
    await admin.create_topics([NewTopic(live.topic(kind), live.partitions, 1, topic_configs=settings)])
    await admin.close()
    await appeared(KafkaConnection(live.kafka), live.topic(kind))  # a broker hears of it a moment later


def good_events(seed: int, each: int, now: int) -> list[ToProduce]:
    """So many for each topic-partition, about the same accounts on all topics."""
    dice = random.Random(seed)
    of_partition: dict[int, list[str]] = {0: [], 1: []}
    for name in (f"good-{number}.com" for number in range(300)):
        of_partition[partitioner(2)(name)].append(name)
    made = []
    for kind, partition, number in itertools.product(KINDS, (0, 1), range(each)):
        account = dice.choice(of_partition[partition])
        event = {
            "event_id": f"{kind}-{partition}-{number}",
            "account_id": account,
            "occurred_at": format_instant(now - dice.randrange(60 * DAY)),
            "confidence": dice.choice([0.3, 0.8, 1]),
            **FIELDS[kind],
        }
        made.append(ToProduce(kind, partition, account.encode(), json.dumps(event).encode(), event))
    return made


def accounts_file(folder: Path) -> Path:
    path = folder / "accounts.csv"
    rows = "".join(f"good-{number}.com,B2B,us,{1990 + number % 25},{number + 5}\n" for number in range(300))
    path.write_text("domain,industry,country,founded_year,employee_count\n" + rows)
    return path


def mixed(live: Engine, bads: Sequence[Bad], goods: Sequence[ToProduce]) -> list[ToSend]:
    """A good one before and after each bad one of the same topic-partition: never more than half are refused."""
    records, left = [], {}
    for good in goods:
        left.setdefault((good.kind, good.partition), []).append(good)
    for number, bad in enumerate(bads):
        partition = number // 22 % live.partitions  # 22 families take turns
        headers = [*bad.headers, (CASE, str(number).encode())]
        mine = left.get((bad.kind, partition), [])
        some = [mine.pop() for _ in range(min(len(mine), 2 if number % 10 == 0 else 1))]
        records += [ToSend(live.topic(good.kind), partition, good.key, good.value) for good in some]
        records.append(ToSend(live.topic(bad.kind), partition, bad.key, bad.value, headers))
    for (kind, partition), rest in left.items():
        records += [ToSend(live.topic(kind), partition, good.key, good.value) for good in rest]
    return records


async def send(live: Engine, records: Sequence[ToSend]) -> None:
    async with KafkaProducer(KafkaConnection(live.kafka), Silent(), LARGER + MIB) as producer:
        await producer.send(records)


async def send_large(live: Engine, value: bytes, headers: Sequence[tuple[str, bytes]], kind: str, key: bytes) -> None:
    """Compressed: what a broker takes is measured then, what a letter holds is not."""
    client = AIOKafkaProducer(bootstrap_servers=live.kafka, compression_type="gzip", max_request_size=40 * MIB)
    async with client:
        await client.send_and_wait(live.topic(kind), value, key, partition=0, headers=list(headers))


def as_large_as_possible(key: bytes, headers: Sequence[tuple[str, bytes | None]], largest: int) -> bytes:
    """A value with which the batch has exactly `largest` bytes."""
    size = largest - DefaultRecordBatchBuilder.estimate_size_in_bytes(key, b"", list(headers))
    while True:
        builder = DefaultRecordBatchBuilder(2, 0, 0, -1, -1, -1, 10 * largest)
        builder.append(0, 0, key, b"x" * size, list(headers))
        if (missing := largest - len(builder.build())) == 0:
            return b"x" * size
        size += missing


async def test_bad_input_stops_nobody_and_is_all_accounted_for(
    apache_kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path, seed: int
) -> None:
    with engine(apache_kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        await make_topic_of_large_records(live, "intent")
        live.run("topics", "create")
        live.run("fit", "load", str(accounts_file(tmp_path)), *icp_files(tmp_path), "--yes")
        now = int(time.time() * 1000)
        bads = corpus(seed, 4_000, now)
        goods = good_events(seed, 400, now)
        records = mixed(live, bads, goods)
        await send(live, records)
        await send_what_is_hard_to_refuse(live, now)
        worker = live.worker()
        await live.caught_up(180)
        await live.complete(int(time.time() * 1000))

        received = [r for kind in KINDS for r in await live.read(f"signals.{kind}") if not is_copy(r)]
        counts = await live.counts()
        assert sum(counts[outcome] for outcome in OUTCOMES) == len(received)
        dead_letters = {place_told(dead_letter): dead_letter for dead_letter in await live.read("signals.dlq")}
        assert len(dead_letters) == counts["rejected"]
        for record in received:
            case = dict(record.headers).get(CASE)
            dead_letter = dead_letters.get((record.topic, record.partition, record.offset))
            if case is None:
                continue
            expected = bads[int(case)].reason if case.isdigit() else case.decode()
            assert (dead_letter is not None) == (expected is not None), (case, expected)
            if dead_letter is not None:
                same_bytes(dead_letter, record, expected)
        judge_the_good_ones(live, tmp_path, goods, received, counts)
        await live.agrees(lambda lists: same_lists(live, tmp_path, goods, received, lists))
        assert not {"event_failed", "transaction_refused", "not_json"} & set(worker.words())
        listed = json.loads(live.run("dlq", "list", "--json", "-n", "1"))
        assert listed["counts"]["total"] == len(dead_letters)
        tried = json.loads(live.run("dlq", "replay", "--dry-run", "--json"))
        assert sum(tried["counts"].values()) == len(dead_letters)
        assert (tried["counts"]["truncated"], tried["sent"]) == (2, 0)
        await what_is_mended_is_applied_once(live)
        assert worker.end() == 0


async def what_is_mended_is_applied_once(live: Engine) -> None:
    """An event ahead of its time, mended by waiting: sent again it is applied, and sent once more a duplicate."""
    before = await live.counts()
    name, at = "ahead.com", int(time.time() * 1000) + 5 * 60_000 + 4_000
    event = {"event_id": "ahead", "account_id": name, "occurred_at": format_instant(at), **FIELDS["intent"]}
    partition = partitioner(2)(name)
    await send(live, [ToSend(live.topic("intent"), partition, name.encode(), json.dumps(event).encode())])
    await live.caught_up()
    assert (await live.counts())["rejected:future"] == before["rejected:future"] + 1
    (letter,) = json.loads(live.run("dlq", "list", "--json", "--reason", "future", "-n", "1"))["letters"]

    async def mended() -> bool:
        tried = json.loads(live.run("dlq", "replay", "--dry-run", "--json", letter["place"]))
        return bool(tried["counts"] == {"accepted": 1})

    await live.until(mended, 30, "the time of the event did not come")
    for words, outcome in (([], "applied"), ([], None), (["--again"], "duplicate")):
        seen = await live.counts()
        sent = json.loads(live.run("dlq", "replay", "--yes", "--json", *words, letter["place"]))["sent"]
        assert sent == (0 if outcome is None else 1)
        await live.caught_up()
        changed = await live.counts() - seen
        assert {o: n for o, n in changed.items() if o in OUTCOMES} == ({outcome: 1} if outcome else {})


async def send_what_is_hard_to_refuse(live: Engine, now: int) -> None:
    """At the limit of a topic, beyond what a letter holds, and good events that do not fit when they are sent on."""
    key, case = b"k", (CASE, b"too_large")
    at_the_limit = as_large_as_possible(key, [case], LARGEST)
    many = [*((f"h{n}", b"x" * 150) for n in range(1_000)), case]
    records = [
        ToSend(live.topic("hiring"), 0, key, at_the_limit, [case]),
        ToSend(live.topic("funding"), 1, key, as_large_as_possible(key, many, LARGEST), many),
        ToSend(live.topic("intent"), 1, None, b"y" * (10 * MIB), [case]),
        ToSend(live.topic("leadership"), 0, b"k" * 900_000, None, [(CASE, b"not_json")]),
        ToSend(live.topic("technographic"), 0, None, None, [(CASE, b"not_json")]),
    ]
    account = next(f"astray-{n}.com" for n in range(99) if partitioner(2)(f"astray-{n}.com") == 0)
    event = {
        "event_id": "1",
        "account_id": account,
        "occurred_at": format_instant(now),
        "role": "CFO",
        "change": "left",
    }
    value = json.dumps(event).encode()
    filling = as_large_as_possible(key, [("pad", b""), case], LARGEST - len(value) - 6)
    records.append(ToSend(live.topic("leadership"), 1, key, value, [("pad", filling), case]))
    await send(live, records)
    named = [(b"k", b"{", [("na!!me", b"1"), (CASE, b"not_json")])]
    await send_changed(live.kafka, live.topic("hiring"), 1, named, b"na!!me", b"na\xff\xfeme")
    with pytest.raises(TooLarge):  # a byte more is none that the broker takes
        await send(live, [ToSend(live.topic("hiring"), 0, key, at_the_limit + b"x", [case])])
    await send_large(live, b"z" * (14 * MIB), [case], "engagement", key)
    await send_large(live, b"z" * (14 * MIB), [("pad", b"p" * 20_000), case], "engagement", b"k" * 10_000)


def is_copy(record: Any) -> bool:
    """Whether a worker sent it on."""
    return {"origin.topic", "origin.timestamp"} <= {name for name, _ in record.headers}


def place_told(dead_letter: Any) -> tuple[str, int, int]:
    result = dict(dead_letter.headers)
    return result["dlq.topic"].decode(), int(result["dlq.partition"]), int(result["dlq.offset"])


def same_bytes(dead_letter: Any, record: Any, reason: str | None) -> None:
    """As received, but for what does not fit, of which the size is told."""
    result = dict(dead_letter.headers)
    assert result["dlq.reason"].decode() == reason, (record.headers[-1], result)
    left_out = (result.get("dlq.truncated") or b"").decode().split(", ") if "dlq.truncated" in result else []
    if "value" in left_out:
        assert (dead_letter.value, result["dlq.size"]) == (None, str(len(record.value)).encode())
        assert len(record.value) > LARGER
    else:
        assert dead_letter.value == record.value
    assert dead_letter.key == (None if "key" in left_out else record.key)
    if "headers" not in left_out:
        assert list(dead_letter.headers)[: len(record.headers)] == list(record.headers)


def judge(live: Engine, folder: Path, goods: Sequence[ToProduce], received: Sequence[Any], until: str) -> Any:
    """What a replay says of the good ones, each at the instant at which it arrived."""
    by_value = {good.value: good for good in goods}
    arrived = [
        Produced(by_value[record.value], record.offset, record.timestamp)
        for record in received
        if record.value in by_value and not record.headers
    ]
    return replayed(folder, arrived, until, live_scoring(live), folder / "accounts.csv")


def judge_the_good_ones(
    live: Engine, folder: Path, goods: Sequence[ToProduce], received: Sequence[Any], counts: dict[str, int]
) -> None:
    """Each outcome of the good ones is that of a replay; the unusual events of the corpus are on top."""
    judged = judge(live, folder, goods, received, "2999-01-01T00:00:00Z")
    assert (judged["counts"]["received"], judged["counts"]["rejected"]) == (len(goods), 0)
    on_top = {o: counts[o] - judged["counts"][o] for o in OUTCOMES if o != "rejected"}
    assert min(on_top.values()) >= 0, on_top
    assert sum(on_top.values()) == len(received) - len(goods) - counts["rejected"]


def same_lists(
    live: Engine, folder: Path, goods: Sequence[ToProduce], received: Sequence[Any], lists: dict[str, dict[str, Any]]
) -> None:
    for name in ("all", "b2b", "grown-up"):
        judged = judge(live, folder, goods, received, lists[name]["generated_at"])
        assert lists[name]["entries"], "a test of empty lists shows nothing"
        same_order_and_scores(lists[name]["entries"], judged["lists"][name])
