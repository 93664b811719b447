"""`sync` as a process: what it serves while there is nothing to follow, and that it ends in order."""

import json
import os
import signal
from pathlib import Path
from urllib.error import HTTPError
from urllib.request import urlopen

import pytest

from testing.processes import COMMAND
from testing.servers.process import free_port
from testing.waiting import until
from testing.worker import Worker
from tests.cli.running import run

FILE = "version: 1\nsinks:\n  lake: {files: {folder: FOLDER}}\n"


def environment(redis_url: str, prefix: str, folder: Path, port: int) -> dict[str, str]:
    file = folder / "sync.yaml"
    file.write_text(FILE.replace("FOLDER", str(folder)))
    kept = {name: value for name, value in os.environ.items() if not name.startswith("SIGNAL_ENGINE_")}
    settings = {"REDIS_URL": redis_url, "PREFIX": prefix, "SYNC": str(file), "SYNC_PORT": str(port), "LOG": "json"}
    return {**kept, **{f"SIGNAL_ENGINE_{name}": value for name, value in settings.items()}}


def get(port: int, path: str) -> tuple[int, str]:
    try:
        with urlopen(f"http://127.0.0.1:{port}{path}", timeout=30) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as refused:
        return refused.code, refused.read().decode()


def test_it_serves_probes_and_metrics_and_ends_in_order(redis_url: str, prefix: str, tmp_path: Path) -> None:
    port = free_port()
    given = environment(redis_url, prefix, tmp_path, port)
    sync = Worker(tmp_path / "sync.log", given, [*COMMAND, "sync"])
    try:
        until("it says that nothing is there to follow", lambda: "sink_stopped" in sync.words(), 60)
        status, body = get(port, "/readyz")
        assert status == 503
        (problem,) = json.loads(body)["problems"]
        assert problem.startswith("lake: nothing was computed yet")
        assert get(port, "/livez")[0] == 200
        assert 'signal_engine_sync_follows{sink="lake"} 0.0' in get(port, "/metrics")[1]
        assert get(port, "/v1/lists")[0] == 404
        assert sync.end(signal.SIGTERM) == 0
        assert sync.words()[-1] == "sync_stopped"
    finally:
        if sync.process.poll() is None:
            sync.process.kill()
            sync.process.wait(10)


@pytest.mark.parametrize("words", [("run",), ("run", "--dry-run"), ("run", "none")])
def test_a_run_with_nothing_to_send_says_so(
    words: tuple[str, ...], redis_url: str, prefix: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in environment(redis_url, prefix, tmp_path, 0).items():
        monkeypatch.setenv(name, value)
    ran = run("sync", *words)
    if "none" in words:
        assert (ran.code, "none: is none of the sinks: lake" in ran.err) == (2, True)
    else:
        assert (ran.code, "nothing to send yet" in ran.err) == (1, True)
    status = run("sync", "status", "--json")
    assert json.loads(status.out)["sinks"][0]["ran_at"] is None
