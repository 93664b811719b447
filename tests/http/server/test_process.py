"""`signal-engine api` as a process: where it listens, what it refuses, how it ends."""

import json
import os
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest

from signal_engine.adapters.http.edge.tokens import Tokens
from testing import processes
from testing.waiting import until
from tests.cli.running import ROOT

COMMAND = [sys.executable, "-m", "signal_engine", "api"]


def environment(**settings: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNAL_ENGINE_")}
    return {**kept, **{f"SIGNAL_ENGINE_{name}": value for name, value in settings.items()}}


def said(log: Path, what: str) -> dict[str, object] | None:
    lines = map(json.loads, log.read_text().splitlines())
    return next((line for line in lines if line["event"] == what), None)


@contextmanager
def serving(log: Path, files: int = 1_024, **settings: str) -> Iterator["tuple[subprocess.Popen[bytes], str]"]:
    with log.open("wb") as out:
        process = subprocess.Popen(
            ["sh", "-c", f'ulimit -n {files}; exec "$@"', "sh", *COMMAND],
            cwd=ROOT,
            env=environment(LOG="json", API_PORT="0", **settings),
            stdout=out,
            stderr=out,
        )
    try:
        until("it says where it listens", lambda: said(log, "api_started") is not None or process.poll() is not None)
        result = said(log, "api_started")
        assert result is not None, log.read_text()
        yield process, str(result["url"])
    finally:
        process.kill()
        process.wait(10)


def refused(code: int, *words: str, **settings: str) -> str:
    done = processes.run([*COMMAND, *words], env=environment(**settings), timeout=30)
    assert done.returncode == code, done.stderr
    return done.stderr


def test_it_listens_on_this_machine_and_ends_in_peace_with_streams_open(
    redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with serving(tmp_path / "log", REDIS_URL=redis_url, PREFIX=prefix) as (process, url):
        assert url.startswith("http://127.0.0.1:")
        with urllib.request.urlopen(f"{url}v1/lists/all", timeout=30) as result:
            assert json.load(result)["generated_at"] is None
        with urllib.request.urlopen(f"{url}v1/events", timeout=30) as stream:
            assert stream.readline() == b"retry: 2000\n"
            process.send_signal(signal.SIGTERM)
            stream.read()
        assert process.wait(10) == 0
    assert said(tmp_path / "log", "api_stopped") is not None


@pytest.mark.parametrize(("host", "named"), [("127.0.0.2", "127.0.0.2"), ("::1", "[::1]"), ("localhost", "127.0.0.1")])
def test_it_answers_on_the_address_of_this_machine_that_it_is_told(host: str, named: str, tmp_path: Path) -> None:
    with serving(tmp_path / "log", API_HOST=host, REDIS_URL="redis://127.0.0.1:1/0") as (_, url):
        assert url.startswith(f"http://{named}:")
        with urllib.request.urlopen(f"{url}livez", timeout=30) as result:
            assert result.status == 200
        elsewhere = urllib.request.Request(f"{url}livez", headers={"Host": "evil.example"})
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(elsewhere, timeout=30)
        assert answer.value.code == 421
        answer.value.close()


def test_flooded_with_half_requests_it_answers_and_ends_in_time(tmp_path: Path) -> None:
    with (
        serving(tmp_path / "log", files=400, REDIS_URL="redis://127.0.0.1:1/0") as (process, url),
        ExitStack() as stack,
    ):
        port = int(url.rstrip("/").rpartition(":")[2])
        for _ in range(1_100):
            half = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
            half.sendall(b"GET / HTTP/1.1\r\nX-Slow: ")
        with urllib.request.urlopen(f"{url}livez", timeout=30) as result:
            assert result.status == 200
        process.send_signal(signal.SIGTERM)
        assert process.wait(10) == 0
    assert said(tmp_path / "log", "api_stopped") is not None
    assert said(tmp_path / "log", "library_failure") is None, "it never ran out of file descriptors"


def test_it_starts_while_redis_is_away_and_says_so_without_the_password(tmp_path: Path) -> None:
    with serving(tmp_path / "log", REDIS_URL="redis://user:s3cret@127.0.0.1:1/0") as (_, url):
        with pytest.raises(urllib.error.HTTPError) as answer:
            urllib.request.urlopen(f"{url}readyz", timeout=30)
        assert answer.value.code == 503
        assert json.load(answer.value)["redis"] == "unreachable"
        answer.value.close()
    assert said(tmp_path / "log", "store_unavailable") is not None
    assert "s3cret" not in (tmp_path / "log").read_text()


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "192.0.2.1", "example.com"])
def test_others_are_not_let_in_without_tokens_unless_it_is_said(host: str) -> None:
    result = refused(2, API_HOST=host)
    assert host in result
    assert "SIGNAL_ENGINE_API_TOKENS" in result
    assert "SIGNAL_ENGINE_API_OPEN" in result


def test_a_port_that_is_taken_is_a_message(redis_url: str, tmp_path: Path) -> None:
    with serving(tmp_path / "log", REDIS_URL=redis_url) as (_, url):
        port = url.rstrip("/").rpartition(":")[2]
        result = refused(1, API_PORT=port, REDIS_URL=redis_url)
    assert f"cannot listen on 127.0.0.1:{port}" in result
    assert "Traceback" not in result


def test_settings_that_cannot_be_used_are_named_and_secrets_are_not_quoted() -> None:
    result = refused(2, API_TOKENS="read:s3cret")
    assert "SIGNAL_ENGINE_API_TOKENS" in result
    assert "s3cret" not in result
    assert "SIGNAL_ENGINE_API_ORIGINS" in refused(2, API_ORIGINS="crm.example")


@pytest.mark.parametrize(
    ("words", "actor"), [(["read"], None), (["act", "--email", "ann@example.com"], "ann@example.com")]
)
def test_a_new_token_is_shown_once_and_known_by_its_hash(words: list[str], actor: str | None) -> None:
    done = processes.run([*COMMAND, "--new-token", *words], env=environment(), timeout=30)
    token, known_as = done.stdout.strip(), done.stderr.strip().rpartition("=")[2]
    accepted = Tokens.parse(known_as).accepted(f"Bearer {token}".encode())
    assert accepted is not None
    assert accepted.actor == actor
    assert token not in done.stderr


@pytest.mark.parametrize("words", [["act"], ["read", "--email", "ann@example.com"], ["act", "--email", "ann"]])
def test_a_new_token_that_acts_names_a_person(words: list[str]) -> None:
    assert "--email" in refused(2, "--new-token", *words)


def test_a_token_that_names_nobody_is_warned_of(tmp_path: Path) -> None:
    with serving(tmp_path / "log", API_TOKENS="act:" + "a" * 64, REDIS_URL="redis://127.0.0.1:1/0"):
        warned = said(tmp_path / "log", "setting_questionable")
    assert warned is not None
    assert "act:EMAIL:SHA256" in str(warned["warning"])


def test_it_ends_in_time_with_a_client_that_does_not_read_and_one_that_does_not_end(tmp_path: Path) -> None:
    with serving(tmp_path / "log", REDIS_URL="redis://127.0.0.1:1/0", API_RATE="0") as (process, url):
        port = int(url.rstrip("/").rpartition(":")[2])
        with ExitStack() as stack:
            for _ in range(20):
                deaf = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
                deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
                deaf.sendall(b"GET /static/style.css HTTP/1.1\r\nHost: localhost\r\n\r\n" * 16)
                slow = stack.enter_context(socket.create_connection(("127.0.0.1", port), timeout=5))
                slow.sendall(b"GET /v1/events HTTP/1.1\r\nHost: localhost\r\n\r\n")
            with urllib.request.urlopen(f"{url}livez", timeout=30) as result:
                assert result.status == 200
            process.send_signal(signal.SIGTERM)
            assert process.wait(10) == 0
    assert said(tmp_path / "log", "api_stopped") is not None
