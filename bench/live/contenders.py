"""Who is measured, how each is started, and how far each is. One process each."""

import os
import signal
import struct
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple, Protocol

from bench.live.ground import PEERS_PYTHON, Field
from bench.ours.ways import BEFORE, OURS, PYTHON, Judged, judged
from signal_engine.adapters.redis.connecting.keys import Keys
from testing.engine import OUTCOMES
from testing.processes import ROOT
from testing.worker import Worker


class Contender(NamedTuple):
    """One row."""

    name: str
    title: str
    command: tuple[str, ...] = ()
    """In the peers' environment; empty: ours, in the way of that name."""
    option: str = ""
    does_the_job: bool = True
    """False: a floor, whose scores nobody asks for."""


_BYTEWAX: Final = ("bytewax.run", "bench.peers.bytewax_flow:flow")
CONTENDERS: Final = {
    contender.name: contender
    for contender in (
        Contender(OURS, "Signal Engine worker, with the native part"),
        Contender(PYTHON, "Signal Engine worker, without it"),
        Contender(BEFORE, "Signal Engine worker, before the native step"),
        Contender("bytewax-1s", "Bytewax 0.21, recovery every 1 s", _BYTEWAX, option="1"),
        Contender("bytewax-10s", "Bytewax 0.21, recovery every 10 s", _BYTEWAX, option="10"),
        Contender("quix", "Quix Streams 3.28, state and changelog", ("bench.peers.quix",)),
        Contender("faust", "stock Faust 0.15, agent and table", ("bench.peers.stock_faust",)),
        Contender("aiokafka", "floor: aiokafka, orjson, dict", ("bench.peers.floor_aiokafka",), "", False),
        Contender("confluent", "floor: confluent-kafka, orjson, dict", ("bench.peers.floor_confluent",), "", False),
    )
}  # fmt: skip


class WrongJudge(Exception):
    """A worker of which events were not read and judged by whom they should be."""


class Running(Protocol):
    """A contender at work."""

    @property
    def pids(self) -> Sequence[int]:
        """Its processes."""

    def counts(self) -> list[int]:
        """Events processed so far, by partition where that is known. It has begun when none is 0."""

    def alive(self) -> bool:
        """Whether all of it runs."""

    def server_cpu(self) -> float:
        """CPU of the Redis that it works on so far, in seconds; 0 without one."""

    def end(self) -> None:
        """Ends it."""

    def said(self) -> str:
        """Its last words."""


class RunningPeer:
    """A peer or a floor. It counts in a file of eight bytes that both have mapped into memory."""

    def __init__(self, field: Field, contender: Contender, round_: str, scores: tuple[Path, int] | None = None) -> None:
        """`scores` is where it writes its scores at the end of the events, and as of which instant (ms)."""
        folder = field.folder / f"{contender.name}-{round_}"
        (folder / "state").mkdir(parents=True)
        self._progress, self._log = folder / "progress", folder / "log"
        self._progress.write_bytes(bytes(8))
        environment = {name: value for name, value in os.environ.items() if not name.startswith("SIGNAL_ENGINE_")} | {
            "BENCH_KAFKA": field.ground.kafka, "BENCH_GROUP": f"{field.live.prefix}{contender.name}-{round_}",
            "BENCH_PREFIX": field.live.prefix, "BENCH_KINDS": ",".join(field.load.kinds),
            "BENCH_PARTITIONS": str(field.partitions), "BENCH_SCORING": str(field.scoring),
            "BENCH_ICP": str(field.icp), "BENCH_ACCOUNTS": str(field.accounts),
            "BENCH_FOLDER": str(folder / "state"), "BENCH_PROGRESS": str(self._progress),
        }  # fmt: skip
        if scores is not None:
            path, until = scores
            environment |= {"BENCH_SCORES": str(path), "BENCH_UNTIL": str(until), "BENCH_EVENTS": str(field.many)}
        command = [str(PEERS_PYTHON), "-m", *contender.command]
        if contender.command == _BYTEWAX:
            recovery = str(folder / "state")
            subprocess.run([str(PEERS_PYTHON), "-m", "bytewax.recovery", recovery, "1"], check=True)
            command += ["-r", recovery, "-s", contender.option, "-b", "0"]
        with self._log.open("wb") as out:
            self._process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=out, stderr=out)

    @property
    def pids(self) -> Sequence[int]:
        """As `Running` says."""
        return (self._process.pid,)

    def counts(self) -> list[int]:
        """As `Running` says."""
        return [int(struct.unpack("q", self._progress.read_bytes())[0])]

    def alive(self) -> bool:
        """As `Running` says."""
        return self._process.poll() is None

    def server_cpu(self) -> float:
        """As `Running` says."""
        return 0.0

    def end(self) -> None:
        """Killed: what it left behind is not used again."""
        self._process.kill()
        self._process.wait(30)

    def said(self) -> str:
        """As `Running` says."""
        return self._log.read_text(errors="replace")[-3000:]


class RunningOurs:
    """Workers of ours. How far they are is what their counters in Redis say: written with the states, in one step."""

    def __init__(self, field: Field, workers: int = 1) -> None:
        self._field = field
        self._client: Any = field.ground.redis()
        keys = [Keys.of(field.live.prefix, 0, number) for number in range(field.partitions)]
        self._counts = [one.counts for one in keys]
        self.looks = 0
        """How often the counters have been asked for: commands that are not the engine's own."""
        self.workers: list[Worker] = [field.live.worker() for _ in range(workers)]

    @property
    def pids(self) -> Sequence[int]:
        """As `Running` says."""
        return [worker.process.pid for worker in self.workers]

    def counts(self) -> list[int]:
        """As `Running` says: by partition, so that one is waited for that still takes over the fit table."""
        pipeline = self._client.pipeline(transaction=False)
        for key in self._counts:
            pipeline.hmget(key, OUTCOMES)
        self.looks += len(self._counts)
        return [sum(int(one or 0) for one in found) for found in pipeline.execute()]

    def alive(self) -> bool:
        """As `Running` says."""
        return all(worker.process.poll() is None for worker in self.workers)

    def server_cpu(self) -> float:
        """As `Running` says."""
        found = self._client.info("cpu")
        return float(found["used_cpu_user"]) + float(found["used_cpu_sys"])

    def judged(self) -> Judged:
        """Who reads and judges events, as soon as a worker has said it. Raises `WrongJudge` where that is another."""
        wanted, found = self._field.way.by, [judged(worker.said()) for worker in self.workers]
        for one in found:
            if one.by not in {wanted, ""} or one.left:
                raise WrongJudge(f"events are read and judged by {one.by}, not {wanted}: {one.left}")
        return found[0]

    def end(self) -> None:
        """Told to stop, as an operator does. Raises `WrongJudge`."""
        for worker in self.workers:
            worker.end(signal.SIGTERM, within=30)
        self._client.close()
        self.judged()

    def said(self) -> str:
        """As `Running` says."""
        return self._field.live.log_tails()[-3000:]


def started(field: Field, contender: Contender, round_: str) -> Running:
    """Starts a contender on a field, as if nobody had been there before."""
    if contender.command:
        return RunningPeer(field, contender, round_)
    field.use(contender.name)
    field.start_anew(f"{contender.name}-{round_}")
    return RunningOurs(field)


def need_peers(contenders: Sequence[Contender]) -> None:
    """Raises SystemExit where the peers' environment is missing."""
    if any(contender.command for contender in contenders) and not PEERS_PYTHON.exists():
        raise SystemExit(f"{PEERS_PYTHON} is missing: `make bench-peers` installs it")
    if sys.platform != "linux":
        raise SystemExit("CPU time and memory of others are read from /proc: Linux only")
