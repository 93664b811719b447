"""A worker with SIGNAL_ENGINE_NATIVE=check under a mixed load: whether the native part ever differs from Python.

    python -m bench.native.soak [--minutes M] [--rate R] [--every N] [--seed S] [--json FILE]

Kafka and Redis of its own. Hot accounts, garbage and odd events, backfills, aliases, actions of people, fit tables that
change, another scoring file, and a clock that passes through a hundred days, so that levels end. First the native part
lies, in each way that `bench.native.worker` knows, and has to be found out: else agreement would show nothing. Exit 1
if anything differs, if a lie goes unnoticed, or if anything that is to be compared was never compared.
"""

import argparse
import asyncio
import json
import logging
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Awaitable, Callable
from functools import partial
from pathlib import Path
from typing import Any, Final

from bench.native.load import ACTED, MixedLoad
from bench.native.worker import COUNT, POINTS, RANK, READ
from faults.harness.market import easily_hot, higher_caps, market
from faults.harness.servers import Servers, servers
from faults.harness.stage import Stage, said
from signal_engine.adapters.native.reader import NativeUnusable, load
from signal_engine.core.rules.instants import DAY
from testing.clocked import put_ahead
from testing.processes import ROOT
from testing.worker import Worker

DAYS: Final = 100
"""Through which the clock passes, up to now: brokers take no record of tomorrow."""
OFF: Final = ("native_reader_off", "native_judge_off", "native_walker_off")
COMPARED: Final = ("batches", "events", "states", "judged_natively", "read_twice", "alerts", "levels_ended")
"""All of which must have been compared."""
LIES: Final = {RANK: "ranks", POINTS: "kinds", COUNT: "counts", READ: "confidence"}
"""How the native part lies -> in what an answer differs then, and in nothing else."""
_MOMENT_S: Final = 1.0
_STEP_EVERY_S: Final = 10.0
_FIT_EVERY_S: Final = 45.0
_LIE_AFTER: Final = 20
"""Batches."""
_WITHIN_S: Final = 180.0


class Soaked(Stage):
    """An engine whose worker and commands go by a clock of ours."""

    def __init__(self, on: Servers, folder: Path, seed: int, every: int) -> None:
        start = int(time.time() * 1000) - DAYS * DAY
        super().__init__(on, market(folder, seed, start, one_kind=False), folder, seed, short=True)
        self.set(NATIVE="check")
        self.load = MixedLoad(self.market, self.partitions, seed)
        self._clock, self.compared, self._every = folder / "clock", folder / "compared.json", every
        self._ahead = 0.0
        self.step(-DAYS * DAY / 1000)

    def step(self, seconds: float) -> None:
        """The clock goes on by so much, and never beyond the machine's."""
        self._ahead = min(0.0, self._ahead + seconds)
        put_ahead(self._clock, self._ahead)

    @property
    def now(self) -> int:
        """By the clock, in ms."""
        return round((time.time() + self._ahead) * 1000)

    def run(self, *words: str, code: int = 0) -> str:
        """What a command prints that goes by the clock."""
        command = [sys.executable, "-m", "testing.clocked", str(self._clock), "signal_engine", *words]
        done = subprocess.run(command, cwd=ROOT, env=self.environment, capture_output=True, text=True, check=False)
        assert done.returncode == code, (words, done.returncode, done.stderr[-2000:])
        return done.stdout

    def begin(self, **how: Any) -> Worker:
        """Starts the worker."""
        how = {"clock": str(self._clock), "compared": str(self.compared), "every": self._every, **how}
        return self.worker([sys.executable, "-m", "bench.native.worker", json.dumps(how)])

    def counts_compared(self) -> dict[str, int]:
        """What the worker has compared so far."""
        return json.loads(self.compared.read_text()) if self.compared.exists() else {}

    async def moment(self, rate: int) -> None:
        """A second of the load."""
        began = time.monotonic()
        made = self.load.moment(rate, self.now) + self.load.actions(max(1, round(rate * ACTED)), self.now)
        await self.produce(made)
        await asyncio.sleep(max(0.0, _MOMENT_S - (time.monotonic() - began)))


def off(worker: Worker) -> list[str]:
    """Why the native part is not used any more, as the log says."""
    return [f"{one['event']}: {one['reason']}" for name in OFF for one in said(worker, name)]


async def find_out(stage: Soaked, wrong: str, rate: int) -> str:
    """What the log says of a lie. Raises `AssertionError` if it says nothing."""
    await stage.prepare(create_time=True)
    worker = stage.begin(wrong=wrong, after=_LIE_AFTER)
    deadline = time.monotonic() + _WITHIN_S
    while not (found := off(worker)):
        assert worker.process.poll() is None, f"the worker has ended\n{stage.log_tails()}"
        assert time.monotonic() < deadline, f"nobody noticed that the native part lies in {wrong}"
        await stage.moment(rate)
    assert f" differs in {LIES[wrong]}" in found[0], f"lied in {wrong}, and found was: {found[0]}"
    await stage.caught_up(_WITHIN_S)
    return found[0]


async def soak(stage: Soaked, minutes: float, rate: int) -> dict[str, Any]:
    """What was compared. Raises `AssertionError` if anything differs, or nothing was compared."""
    await stage.prepare(create_time=True)
    worker = stage.begin()
    began = time.monotonic()
    ends, stepped, fitted, published, fits = began + 60 * minutes, began, began, False, 0
    pace = DAYS * DAY / 1000 / (60 * minutes)
    while (now := time.monotonic()) < ends:
        assert worker.process.poll() is None, f"the worker has ended\n{stage.log_tails()}"
        assert not off(worker), off(worker)
        await stage.moment(rate)
        if now - stepped > _STEP_EVERY_S:
            stage.step(pace * (now - stepped))
            stepped = now
        if now - fitted > _FIT_EVERY_S:
            fitted, fits = now, fits + 1
            await stage.load_fit(stage.load.accounts(stage.folder / f"accounts-{fits}.csv"))
        if not published and now - began > 30 * minutes:
            published = True
            await _other_scoring(stage)
    await stage.caught_up(_WITHIN_S)
    assert worker.end() == 0, f"the worker did not end in order\n{stage.log_tails()}"
    assert not off(worker), off(worker)
    [judged] = said(worker, "events_judged_by")[:1]
    assert judged["judge"] == "native and python", judged
    compared, counts = stage.counts_compared(), await stage.counts()
    missing = [name for name in COMPARED if not compared.get(name)]
    assert not missing, f"never compared: {', '.join(missing)}"
    outcomes = {name: many for name, many in sorted(counts.items()) if "." not in name and ":" not in name}
    return {"minutes": minutes, "compared": compared, "fit_tables": fits, "scoring_files": 2, "counts": outcomes}


async def _other_scoring(stage: Soaked) -> None:
    kinds = json.loads(stage.market.scoring.read_text())["kinds"]
    changed = easily_hot(stage.folder, "caps.yaml", kinds=higher_caps(kinds), version=2)
    signed = ("--by", "bench@example.com", "--reason", "Another scoring file under load.")
    await stage.command("scoring", "publish", str(changed), *signed, "--wait", "120")


def main() -> int:
    """The exit code."""
    given = _options()
    try:
        load()
    except NativeUnusable as unusable:
        print(f"signal_engine_native {unusable}: nothing can be compared", file=sys.stderr)
        return 1
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    report: dict[str, Any] = {"seed": given.seed, "every": given.every, "lies_found": {}}
    with servers() as mine:
        try:
            for wrong in () if given.no_lies else LIES:
                found = asyncio.run(_on(mine, given, partial(find_out, wrong=wrong, rate=given.rate)))
                report["lies_found"][wrong] = found
                print(f"lies in {wrong}: found, {found}", flush=True)
            if given.minutes:
                report |= asyncio.run(_on(mine, given, partial(soak, minutes=given.minutes, rate=given.rate)))
        except AssertionError as error:
            print(f"FAILED: {error}", file=sys.stderr)
            return 1
    print(json.dumps(report, indent=2))
    if given.json:
        given.json.write_text(json.dumps(report, indent=2) + "\n")
    return 0


async def _on(mine: Servers, given: argparse.Namespace, play: Callable[[Soaked], Awaitable[Any]]) -> Any:
    await asyncio.to_thread(mine.refresh)
    with tempfile.TemporaryDirectory(prefix="native-soak-") as folder:
        stage = Soaked(mine, Path(folder), given.seed, given.every)
        try:
            return await play(stage)
        finally:
            await stage.close()


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench.native.soak", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--minutes", type=float, default=20, help="of the soak; 0: only the lies")
    parser.add_argument("--rate", type=int, default=150, help="events a second")
    parser.add_argument("--every", type=int, default=1, help="Python judges one batch of so many, too")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)), help="to repeat the load")
    parser.add_argument("--no-lies", action="store_true", help="leave out the lies")
    parser.add_argument("--json", type=Path, metavar="FILE", help="the report also as a file")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
