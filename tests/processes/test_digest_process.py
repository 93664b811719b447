"""`digest --follow` as a process: what it serves, what it begins with, and that it ends in order."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from testing.clocked import put_ahead
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from testing.waiting import until
from testing.worker import Worker
from tests.cli.running import run
from tests.live.engine import engine

ROUTES = """\
version: 1
destinations:
  mail: {email: {from: signals@example.com}}
  ops: {webhook: {url_file: /u, secret_file: /s}}
people:
  Ann Roe: {email: ann@example.com}
routes:
  - {when: {audience: triage}, to: [ops]}
  - {to: [mail], digest: weekly Mon 08:30}
"""


@contextmanager
def following(kafka: str, redis_url: str, prefix: str, folder: Path, hour: int) -> Iterator[tuple[Worker, int]]:
    """`digest --follow` from a Monday, `hour` o'clock on, and the port of its probes."""
    (folder / "routes.yaml").write_text(ROUTES)
    today = datetime.now(UTC).replace(hour=hour, minute=0, second=0, microsecond=0)
    monday = today + timedelta(days=7 - today.weekday())
    put_ahead(folder / "clock", monday.timestamp() - time.time())
    port = free_port()
    settings = {
        "KAFKA_BOOTSTRAP_SERVERS": kafka,
        "REDIS_URL": redis_url, "PREFIX": prefix, "ROUTES": str(folder / "routes.yaml"), "SMTP_HOST": "127.0.0.1",
        "SMTP_TLS": "none", "OUTGOING_ALLOW": "127.0.0.0/8", "DIGEST_PORT": str(port), "LOG": "json",
    }  # fmt: skip
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNAL_ENGINE_")}
    given = {**kept, **{f"SIGNAL_ENGINE_{name}": value for name, value in settings.items()}}
    clocked = [sys.executable, "-u", "-m", "testing.clocked", str(folder / "clock"), "signal_engine"]
    process = Worker(folder / f"digest-{port}.log", given, [*clocked, "digest", "--follow"])
    try:
        yield process, port
    finally:
        if process.process.poll() is None:
            process.process.kill()
            process.process.wait(10)


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def test_before_the_hour_it_is_ready_and_ends_in_order(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.run("topics", "create")
    with following(kafka.address, redis_url, prefix, tmp_path, 7) as (process, port):
        until("it is there", lambda: "digests_followed" in process.words(), 60)
        until("it has looked", lambda: get(port, "/readyz")[0] == 200, 60)
        assert json.loads(get(port, "/readyz")[1]) == {"status": "ready", "problems": []}
        assert get(port, "/livez")[0] == 200
        assert "signal_engine_digest_delayed 0.0" in get(port, "/metrics")[1]
        assert get(port, "/v1/lists")[0] == 404
        assert process.words().count("digest_record_begun") == 1
        assert process.end(signal.SIGTERM) == 0
        assert process.words()[-1] == "digests_stopped"
    with following(kafka.address, redis_url, prefix, tmp_path, 7) as (process, port):
        until("it has looked", lambda: "digests_followed" in process.words() and get(port, "/readyz")[0] == 200, 60)
        assert "digest_record_begun" not in process.words(), "Redis knows since when"


def test_while_nothing_can_be_told_it_is_unready_and_says_why_once(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path) as live:
        live.run("topics", "create")
    with following(kafka.address, redis_url, prefix, tmp_path, 9) as (process, port):
        until("it has looked", lambda: "digests_delayed" in process.words(), 60)
        until("it says so", lambda: "nothing to tell yet" in get(port, "/readyz")[1], 60)
        assert get(port, "/readyz")[0] == 503
        assert "signal_engine_digest_delayed 1.0" in get(port, "/metrics")[1]
        assert process.end(signal.SIGTERM) == 0


def test_strangers_are_not_told_without_tokens(
    redis_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "routes.yaml").write_text(ROUTES)
    env = {
        "SIGNAL_ENGINE_REDIS_URL": redis_url, "SIGNAL_ENGINE_PREFIX": prefix, "SIGNAL_ENGINE_DIGEST_HOST": "0.0.0.0",
        "SIGNAL_ENGINE_ROUTES": str(tmp_path / "routes.yaml"), "SIGNAL_ENGINE_SMTP_HOST": "mail.example.com",
    }  # fmt: skip
    for name, value in env.items():
        monkeypatch.setenv(name, value)
    ran = run("digest", "--follow")
    assert (ran.code, "DIGEST_HOST: 0.0.0.0 is reachable from other machines" in ran.err) == (2, True)


def test_while_kafka_is_away_nobody_is_sent_any_and_it_says_so(redis_url: str, prefix: str, tmp_path: Path) -> None:
    """Who unsubscribed stands there: until that is known, nobody can say who wants none."""
    away = f"127.0.0.1:{free_port()}"
    with following(away, redis_url, prefix, tmp_path, 9) as (process, port):
        until("it has looked", lambda: "digests_delayed" in process.words(), 60)
        until("it says so", lambda: "Kafka" in get(port, "/readyz")[1], 60)
        assert get(port, "/readyz")[0] == 503
        assert away not in get(port, "/readyz")[1], "anybody may ask"
        assert process.end(signal.SIGTERM) == 0
