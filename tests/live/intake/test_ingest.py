"""`ingest` as a process, with Kafka and a worker: what it answers for is applied; what it cannot map is kept."""

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from testing import processes
from testing.ingest import IngestProcess, Senders
from testing.processes import COMMAND
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from tests.live.engine import Engine, engine

SECRET = "shh"
HOOKS = """
hooks:
  forms:
    mapping: forms.yaml
    signature: {scheme: hmac-sha256, header: X-Sig, secret_env: FORMS_SECRET}
"""
FORMS = """
mapping: forms
reads: json
produces: engagement
account: site
event_id: [at]
occurred_at: at
constants: {activity: form_fill, source: forms}
"""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path) as made:
        (tmp_path / "hooks.yaml").write_text(HOOKS)
        (tmp_path / "forms.yaml").write_text(FORMS)
        made.environment["FORMS_SECRET"] = SECRET
        made.set(HOOKS=str(tmp_path / "hooks.yaml"))
        yield made


async def door(live: Engine) -> IngestProcess:
    live.run("topics", "create")
    live.workers.append(made := IngestProcess(live.folder / "ingest.log", live.environment, free_port()))
    await made.started()
    return made


def post(url: str, document: Any, **headers: str) -> tuple[int, Any]:
    body = json.dumps(document).encode()
    told = {"Content-Type": "application/json", **{name.replace("_", "-"): value for name, value in headers.items()}}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, body, told), timeout=20) as answer:
            return answer.status, json.loads(answer.read())
    except urllib.error.HTTPError as refused:
        return refused.code, json.loads(refused.read())


def ago(**how_long: float) -> str:
    return (datetime.now(UTC) - timedelta(**how_long)).isoformat()


async def test_what_is_accepted_is_applied_on_the_partition_of_its_account(live: Engine) -> None:
    made = await door(live)
    event = {"kind": "engagement", "account_id": "https://www.acme.com", "activity": "pricing_view"}
    events = [{**event, "event_id": str(n), "occurred_at": ago(minutes=n)} for n in range(3)]
    status, told = post(f"{made.url}/v1/events", [*events, {**event, "event_id": "x"}, {**events[0], "backfill": True}])
    assert (status, told["accepted"], told["refused"]) == (207, 4, 1)
    records = await live.read("signals.engagement")
    assert {record.partition for record in records} == {partitioner(live.partitions)("acme.com")}
    assert {record.key for record in records} == {b"acme.com"}
    assert [dict(record.headers) for record in records] == [{}, {}, {}, {"backfill": b"1"}]
    live.worker()
    await live.caught_up()
    counts = await live.counts()
    assert (counts["applied"], counts["duplicate"], counts["rejected"]) == (3, 1, 0)


async def test_a_webhook_is_mapped_and_what_cannot_be_is_in_its_topic_as_it_came(live: Engine) -> None:
    made = await door(live)
    for document, counts in (
        ({"site": "acme.com", "at": ago(minutes=1)}, {"accepted": 1, "passed_over": 0, "kept": 0}),
        ({"site": "localhost", "at": ago(minutes=1)}, {"accepted": 0, "passed_over": 0, "kept": 1}),
    ):
        signature = hmac.new(SECRET.encode(), json.dumps(document).encode(), hashlib.sha256).hexdigest()
        assert post(f"{made.url}/v1/hooks/forms", document, X_Sig=signature) == (202, counts)
        assert post(f"{made.url}/v1/hooks/forms", document, X_Sig="00")[0] == 401
    (record,) = await live.read("signals.engagement")
    assert json.loads(record.value)["activity"] == "form_fill"
    (letter,) = await live.read("ingest.dlq")
    assert json.loads(letter.value)["site"] == "localhost"
    told = {name: value.decode() for name, value in letter.headers}
    assert (told["ingest.hook"], told["dlq.reason"]) == ("forms", "unmappable")
    assert "single label" in told["dlq.detail"]


async def test_what_could_not_be_mapped_is_sent_once_the_mapping_is_mended(live: Engine) -> None:
    made = await door(live)
    for document in ({"web": "acme.com", "at": ago(minutes=1)}, {"web": "localhost", "at": ago(minutes=1)}):
        signature = hmac.new(SECRET.encode(), json.dumps(document).encode(), hashlib.sha256).hexdigest()
        assert post(f"{made.url}/v1/hooks/forms", document, X_Sig=signature)[1]["kept"] == 1
    replay = ("dlq", "replay", "--topic", "ingest.dlq")
    tried = json.loads(live.run(*replay, "--dry-run", "--json"))
    assert tried["hooks"]["forms"]["refused_again"] == 2
    assert "account_id is missing" in tried["hooks"]["forms"]["why"]
    (live.folder / "forms.yaml").write_text(FORMS.replace("account: site", "account: web"))
    tried = json.loads(live.run(*replay, "--dry-run", "--json"))
    assert (tried["sent"], tried["hooks"]["forms"]["events"]) == (0, 1)
    refused = processes.run([*COMMAND, *replay], env=live.environment)
    assert (refused.returncode, "this sends 1 events of webhooks: confirm with --yes" in refused.stderr) == (2, True)
    assert await live.read("signals.engagement") == []
    for _ in range(2):
        shown = live.run(*replay, "--yes")
        assert "forms: deliveries 2, events 1, cannot be mapped 1" in shown
        assert "1 events sent" in shown
    records = await live.read("signals.engagement")
    assert len({record.value for record in records}) == 1, "the second time it is the same event"
    assert records[0].key == b"acme.com"
    live.run(*replay, "--yes", "--reason", "schema", code=2)
    live.set(HOOKS="")
    assert "the hooks file has no such hook" in live.run(*replay, "--dry-run")


async def test_it_says_how_safe_an_answer_is_ends_in_order_and_leaves_no_event_behind(live: Engine) -> None:
    made = await door(live)
    assert [line["min_insync_replicas"] for line in made.said() if line["event"] == "ingest_started"] == [1]
    assert any("min.insync.replicas is 1" in line.get("warning", "") for line in made.said())
    senders = Senders(made.url, many=4, events=5)
    senders.start()

    async def some_accepted() -> bool:
        return len(senders.accepted) > 100

    await live.until(some_accepted, 60, "nothing was accepted")
    assert made.end() == 0
    assert made.words()[-1] == "ingest_stopped"
    live.workers.append(again := IngestProcess(live.folder / "again.log", live.environment, int(made.url[-5:])))
    await again.started()
    await senders.end()
    there = {json.loads(record.value)["event_id"] for record in await live.read("signals.engagement")}
    assert senders.accepted == senders.given == there
    assert not {"error", "critical"} & {line["level"] for line in made.said()}


def test_without_its_topics_it_does_not_start_and_says_which_are_missing(live: Engine) -> None:
    done = processes.run([*COMMAND, "ingest"], env={**live.environment, "SIGNAL_ENGINE_INGEST_PORT": "0"})
    assert done.returncode == 2
    assert "signals.intent is missing; create it with `signal-engine topics create`" in done.stderr
    assert "ingest.dlq is missing" in done.stderr
