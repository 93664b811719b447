"""What a large accounts file costs: `fit load`, the partitions' decisions, and both again after Redis lost everything.

    PYTHONPATH=. python -m bench.fit_speed [--accounts N] [--partitions N]

Kafka and Redis of its own, one worker. Memory is the peak of the process (on Linux).
"""

import argparse
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import redis

from testing.processes import COMMAND, ROOT
from testing.servers.finding import kafka_server, redis_server
from testing.worker import Worker
from tests.live.engine import Engine, engine

_ICP: Final = {
    "icp": "b2b",
    "version": 1,
    "owner": {"name": "Bench", "email": "bench@example.com"},
    "review_by": "2099-01-01",
    "must_have": {"industry": {"in": ["Software", "Banking"]}, "employees": {"gte": 200, "lte": 5000}},
    "base": 40,
    "points": [{"when": {"tech": {"has_any": ["Salesforce", "HubSpot"]}}, "points": 40, "label": "runs a CRM we know"}],
    "tiers": {"A": 80, "B": 40},
    "decisions": {"A": "chase", "B": "chase"},
}
_INDUSTRIES: Final = ("Software", "Banking", "Retail", "Mining", "Health Care")
_TECH: Final = ("Salesforce; Slack", "HubSpot", "In-house CRM", "")
_WITHIN_S: Final = 1_800.0


def main() -> None:
    """Prints a line for each step."""
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--accounts", type=int, default=1_000_000)
    arguments.add_argument("--partitions", type=int, default=12)
    options = arguments.parse_args()
    with (
        tempfile.TemporaryDirectory() as folder,
        kafka_server() as kafka,
        redis_server() as store,
        engine(kafka["address"], store["url"], "fit.", Path(folder), options.partitions) as live,
    ):
        _measure(live, store["url"], options.accounts, options.partitions)


def _measure(live: Engine, store: str, accounts: int, partitions: int) -> None:
    live.set(SCORING=str(ROOT / "config" / "scoring.yaml"))
    live.run("topics", "create")
    path, icp = _file(live.folder / "accounts.csv", accounts), live.folder / "b2b.yaml"
    icp.write_text(json.dumps(_ICP))
    print(f"{accounts:,} accounts, {path.stat().st_size / 1e6:,.0f} MB, {partitions} partitions")
    for what in ("fit load", "fit load of the same file"):
        seconds, memory = _load(live, path, icp)
        print(f"{what}: {seconds:,.1f} s of CPU, memory {memory:,.0f} MB")
    worker, began = live.worker(), time.monotonic()
    _until(lambda: _decided(worker) >= partitions)
    print(f"decided by one worker: {time.monotonic() - began:,.1f} s, memory {_peak(worker):,.0f} MB")
    began = time.monotonic()
    with redis.Redis.from_url(store) as client:
        client.flushall()
    _until(lambda: _decided(worker) >= 2 * partitions)
    print(f"decided again after FLUSHALL: {time.monotonic() - began:,.1f} s")


def _file(path: Path, accounts: int) -> Path:
    with path.open("w") as file:
        file.write("domain,name,industry,employees,country,tech,owner,crm_id,revenue,parent\n")
        for n in range(accounts):
            parent = f"company{n - n % 10}.com" if n % 10 else ""
            file.write(
                f"company{n}.com,Company {n},{_INDUSTRIES[n % 5]},{n % 9000},us,{_TECH[n % 4]},"
                f"owner{n % 40}@example.com,crm-{n},{n % 977}.5,{parent}\n"
            )
    return path


def _load(live: Engine, path: Path, icp: Path) -> tuple[float, float]:
    """Seconds of CPU, so that whatever else runs does not count, and megabytes at the peak."""
    words = [*COMMAND, "fit", "load", str(path), "--icp", str(icp), "--yes"]
    with subprocess.Popen(words, env=live.environment, stdout=subprocess.DEVNULL, cwd=ROOT) as command:
        _, status, usage = os.wait4(command.pid, 0)
        command.returncode = os.waitstatus_to_exitcode(status)
    assert command.returncode == 0, "the load failed"
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024


def _decided(worker: Worker) -> int:
    return worker.words().count("fit_rolled_out")


def _peak(worker: Worker) -> float:
    """Megabytes."""
    status = Path(f"/proc/{worker.process.pid}/status").read_text()
    return int(next(line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))) / 1024


def _until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + _WITHIN_S
    while not holds():
        assert time.monotonic() < deadline, f"not within {_WITHIN_S:g} s"
        time.sleep(0.2)


if __name__ == "__main__":
    main()
