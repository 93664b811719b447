"""What the bench gives a contender, and how it sees how far one is: a counter in a small file that both have mapped."""

import json
import mmap
import os
from pathlib import Path
from typing import Any

from bench.peers.job import Job, State


class Given:
    """Servers, topics, files; from the environment."""

    def __init__(self) -> None:
        read = os.environ
        self.kafka = read["BENCH_KAFKA"]
        self.group = read["BENCH_GROUP"]
        self.prefix = read["BENCH_PREFIX"]
        self.kinds = {f"{self.prefix}signals.{kind}": kind for kind in read["BENCH_KINDS"].split(",")}
        """Topic -> kind."""
        self.partitions = int(read["BENCH_PARTITIONS"])
        self.alerts, self.dead_letters = f"{self.prefix}peer.alerts", f"{self.prefix}peer.dlq"
        self.folder = Path(read["BENCH_FOLDER"])
        """Empty, for what the framework keeps on disk."""
        self.option = read.get("BENCH_OPTION", "")

    def job(self) -> Job:
        """The job, its tables read."""
        read = os.environ
        return Job(Path(read["BENCH_SCORING"]), Path(read["BENCH_ICP"]), Path(read["BENCH_ACCOUNTS"]))


class Seen:
    """What has been processed: as a number that the bench reads, and, when it asks, as scores at the end."""

    def __init__(self) -> None:
        with Path(os.environ["BENCH_PROGRESS"]).open("r+b") as file:
            self._count = memoryview(mmap.mmap(file.fileno(), 8)).cast("q")
        self._scores = os.environ.get("BENCH_SCORES")
        self._total = int(os.environ.get("BENCH_EVENTS", "0"))
        self._until = int(os.environ.get("BENCH_UNTIL", "0"))
        self._states: dict[str, State] = {}
        self._outcomes: dict[str, int] = {}

    def events(self, many: int) -> None:
        """So many more, whatever became of them."""
        self._count[0] += many

    def outcome(self, outcome: str, account: str, state: State, job: Job) -> None:
        """One event judged; `state` is its account's from now on."""
        self._count[0] += 1
        if self._scores:
            self._states[account] = state
            self._note(outcome, job)

    def refused(self, job: Job) -> None:
        """One event refused."""
        self._count[0] += 1
        if self._scores:
            self._note("rejected", job)

    def _note(self, outcome: str, job: Job) -> None:
        self._outcomes[outcome] = self._outcomes.get(outcome, 0) + 1
        if self._count[0] == self._total:
            self._tell(job)

    def _tell(self, job: Job) -> None:
        result: dict[str, Any] = {"counts": self._outcomes, "accounts": {}}
        for account, state in self._states.items():
            alerted = bool(state["alerted_at"] or state["raised_at"] or state["triggered_at"])
            result["accounts"][account] = (job.score(state, self._until), state["level"], alerted)
        unfinished = Path(f"{self._scores}.part")
        unfinished.write_text(json.dumps(result))
        unfinished.rename(str(self._scores))
