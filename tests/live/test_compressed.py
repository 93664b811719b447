"""Compressed records, from a producer or by the topic's own setting, and batches that cannot be read."""

import json
import time
from pathlib import Path
from typing import Any

from aiokafka.admin import AIOKafkaAdminClient
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.wire.instants import format_instant
from testing.servers.finding import KafkaServer
from testing.topics import KINDS
from testing.worker import Worker
from tests import build
from tests.kafka.raw_batches import send_packed
from tests.live.commands.test_fit_and_lists import ICP, said
from tests.live.engine import engine

CODECS = ("gzip", "snappy", "lz4", "zstd")
BOMB = [b"{" + b" " * 999_999] * 40
"""40 MB in some 5 KB."""


def events(kind: str, first: int, many: int, partition: int = 0, partitions: int = 2) -> list[bytes]:
    """Events of accounts that belong to a partition."""
    partition_of, made, number = partitioner(partitions), [], 0
    while len(made) < many:
        number += 1
        account = f"account-{number % 40}.com"
        if partition_of(account) == partition:
            event = {
                "event_id": f"{kind}-{first + len(made)}",
                "account_id": account,
                "occurred_at": format_instant(int(time.time() * 1000) - 60_000),
                **build.FIELDS[kind],
            }
            made.append(json.dumps(event).encode())
    return made


async def configure(kafka: str, topic: str, **settings: str) -> None:
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    try:
        await admin.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, configs=settings)])
    finally:
        await admin.close()


async def paused(worker: Worker) -> dict[str, Any] | None:
    return next((line for line in worker.said() if line["event"] == "topic_paused"), None)


async def test_records_of_every_codec_are_applied_and_letters_read_from_a_compressed_topic(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.run("topics", "create")
        sent = 0
        for kind, codec in zip(KINDS, (None, *CODECS, "lz4"), strict=True):
            good = events(kind, 0, 50)
            await send_packed(kafka.address, live.topic(kind), 0, codec, [*good, b"none"])
            sent += len(good)
        worker = live.worker()
        await live.caught_up()
        counts = await live.counts()
        assert (counts["applied"] + counts["ignored"], counts["rejected"]) == (sent, 6)
        assert await paused(worker) is None
        assert worker.end() == 0
        assert json.loads(said(live, "dlq", "list", "--json").stdout)["counts"]["by_reason"] == {"not_json": 6}


async def test_a_batch_that_unpacks_to_too_much_pauses_its_topic_partition_alone(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.run("topics", "create")
        topic = live.topic("intent")
        await send_packed(kafka.address, topic, 0, "zstd", events("intent", 0, 7))
        at = await send_packed(kafka.address, topic, 0, "zstd", BOMB)
        await send_packed(kafka.address, topic, 0, "lz4", events("intent", 7, 5))
        await send_packed(kafka.address, topic, 1, "lz4", events("intent", 12, 3, partition=1))
        await send_packed(kafka.address, live.topic("hiring"), 0, None, events("hiring", 0, 4))
        assert at == 7
        worker = live.worker()

        async def others_read() -> bool:
            return (await live.counts())["applied"] == 7 + 3 + 4 and await paused(worker) is not None

        await live.until(others_read, 60, "the others do not go on, or nothing is paused")
        line = await paused(worker)
        assert line is not None
        why = "the batch at offset 7 to 46 cannot be read: it decompresses to more than 32 MiB"
        assert (line["topic"], line["partition"], line["offset"], line["why"]) == (topic, 0, 7, why)
        assert line["advice"] == f"signal-engine dlq resume {topic}/0 --skip-to 47"
        assert (await live.positions())[topic, 0] == 7
        (result,) = json.loads(said(live, "dlq", "list", "--json").stdout)["paused"]
        assert (result["offset"], result["end"], result["unreadable"]) == (7, 47, "it decompresses to more than 32 MiB")
        shown = said(live, "dlq", "list").stdout
        assert why in shown.replace("\n", " ")
        assert f"dlq resume {topic}/0 --skip-to 47" in shown

        assert (
            "it can only be skipped to a later offset"
            in said(live, "dlq", "resume", "intent/0", "--skip-to", "7", code=2).stderr
        )
        assert "ends at 52" in said(live, "dlq", "resume", "intent/0", "--skip-to", "53", code=2).stderr
        said(live, "dlq", "resume", "intent/0")

        async def tried_again() -> bool:
            return worker.words().count("topic_paused") == 2

        await live.until(tried_again, 30, "it is not paused again")
        assert worker.end() == 0
        again = live.worker()
        await live.until(lambda: _says(again, "topic_paused"), 30, "a restart has forgotten it")
        assert "offsets 7 to 46 are skipped" in said(live, "dlq", "resume", "intent/0", "--skip-to", "47").stdout
        await live.caught_up()
        assert (await live.counts())["applied"] == 7 + 3 + 4 + 5
        assert json.loads(said(live, "dlq", "list", "--json").stdout)["paused"] == []
        assert "unpacks" not in "".join(json.dumps(line) for line in again.said()[-3:])
        assert again.end() == 0


async def test_what_may_be_unpacked_is_a_setting(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.set(BATCH_MEGABYTES="64")
        live.run("topics", "create")
        good = events("intent", 0, 3)
        await send_packed(kafka.address, live.topic("intent"), 0, "gzip", [*BOMB, *good])
        worker = live.worker()
        await live.caught_up()
        counts = await live.counts()
        assert (counts["applied"], counts["rejected:too_large"]) == (3, 40)
        assert await paused(worker) is None


async def test_a_rebuild_waits_for_a_batch_that_cannot_be_read_and_says_so(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.run("topics", "create")
        topic = live.topic("intent")
        await send_packed(kafka.address, topic, 0, "zstd", events("intent", 0, 7))
        await send_packed(kafka.address, topic, 0, "zstd", BOMB)
        await send_packed(kafka.address, topic, 0, "zstd", events("intent", 7, 5))
        worker = live.worker()
        await live.until(lambda: _says(worker, "topic_paused"), 60, "nothing is paused")
        live.run("dlq", "resume", "intent/0", "--skip-to", "47")
        await live.caught_up()
        began = json.loads(said(live, "rebuild", "--yes", "--no-wait", "--json").stdout)
        assert began["state"] == "building"

        async def paused_again() -> bool:
            return worker.words().count("topic_paused") >= 2

        await live.until(paused_again, 60, "the rebuild does not come to it")
        assert (await live.marks()).building is not None, "less than all is not served"
        said(live, "dlq", "resume", "intent/0", "--skip-to", "47")

        async def served() -> bool:
            return (await live.marks()).building is None

        await live.until(served, 60, "the rebuild does not go on")
        assert (await live.marks()).served == began["generation"]
        assert (await live.counts())["applied"] == 12
        assert worker.end() == 0


async def test_outputs_that_the_broker_compresses_are_read_again(
    apache_kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(apache_kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.run("topics", "create")
        outputs = ("alerts", "priority.lists", "priority.accounts", "signals.dlq")
        for name, codec in zip(outputs, CODECS, strict=True):
            settings = {"compression.type": codec, "max.message.bytes": "1114112"}  # else it is as the broker has it
            await configure(apache_kafka.address, prefix + name, **settings)
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        rows = "".join(f"account-{number}.com,B2B,us\n" for number in range(1, 41))
        (tmp_path / "accounts.csv").write_text(f"domain,industry,country\n{rows}")
        live.run("fit", "load", str(tmp_path / "accounts.csv"), "--icp", str(tmp_path / "b2b.yaml"), "--yes")
        raised = [
            json.dumps({**json.loads(one), "activity": "demo_request"}).encode() for one in events("engagement", 0, 3)
        ]
        await send_packed(apache_kafka.address, live.topic("engagement"), 0, None, [*raised, b"none"])
        worker = live.worker()

        async def published() -> bool:
            return len(await live.read("alerts")) == 3 and len(await live.read("priority.lists")) >= 2

        await live.until(published, 60, "no alerts, or no lists")
        assert json.loads(said(live, "dlq", "list", "--json").stdout)["counts"]["total"] == 1
        said(live, "rebuild", "--yes")
        await live.until(lambda: _says(worker, "rebuild_completed"), 30, "the rebuild is not served")
        (rebuilt,) = {line["known_alerts"] for line in worker.said() if line["event"] == "partition_rebuilt"} - {0}
        assert rebuilt == 3, "it has read again what was told"
        assert "output_batch_unreadable" not in worker.words()
        assert worker.end() == 0
        assert len(await live.read("alerts")) == 3


async def _says(worker: Worker, what: str) -> bool:
    return what in worker.words()
