"""Runs scenarios one after another on servers of their own; exit 1 when anything was not as promised.

`python -m faults --help` tells the options.
"""

import argparse
import asyncio
import logging
import os
import random
import shutil
import signal
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from faults.harness.market import market
from faults.harness.servers import Servers, servers
from faults.harness.stage import Stage
from faults.registry import SCENARIOS, named
from faults.report import Ran, keep, ran, show
from faults.scenario import Outcome, Scenario
from signal_engine.engine.ports.log_events.processes import NativeJudgeOff, NativeReaderOff, NativeWalkerOff

_OFF: Final = (NativeJudgeOff.name, NativeReaderOff.name, NativeWalkerOff.name)
"""Log events by which a worker says that it does without the native part."""


def main() -> int:
    """The exit code."""
    options = _options()
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)  # what it says of a broker that was killed is no news
    chosen = named(options.only) if options.only else [*SCENARIOS]
    if options.list:
        for scenario in chosen:
            print(f"{scenario.name:28} {scenario.fault}")
        return 0
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # as Ctrl-C does: no worker is left behind
    dice = random.Random(options.seed)
    runs: list[Ran] = []
    print(f"seed {options.seed} (--seed {options.seed} repeats it)", flush=True)
    has = "is installed" if find_spec("signal_engine_native") else "is not installed, so Python judges (`make native`)"
    print(f"the native part {has}", flush=True)
    began = time.monotonic()
    with servers() as mine:
        for scenario in chosen:
            if scenario.apache and not mine.apache:
                print(f"left out {scenario.name}: it needs Apache Kafka (Java and Maven)", flush=True)
                continue
            many = options.runs or (scenario.short_runs if options.short else scenario.runs)
            many = many or (1 if options.only else 0)
            for _ in range(many):
                seed = options.seed if options.only and not runs else dice.randrange(1_000_000)
                runs.append(_run(mine, scenario, seed, options))
                print(runs[-1].line, flush=True)
                if options.json:
                    keep(options.json, runs)
    show(runs)
    print(f"{len(runs)} runs in {time.monotonic() - began:.0f} s")
    for run in (run for run in runs if run.failure):
        short = " --short" if options.short else ""
        print(f"to repeat: python -m faults{short} --only {run.scenario} --runs 1 --seed {run.seed}")
    return int(any(run.failure for run in runs) or not runs)


def _run(mine: Servers, scenario: Scenario, seed: int, options: argparse.Namespace) -> Ran:
    """One run. What goes wrong in it is its result."""
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as temporary:
        folder = Path(temporary) if options.logs is None else options.logs / f"{scenario.name}-{seed}"
        if options.logs is not None:
            shutil.rmtree(folder, ignore_errors=True)  # of an earlier run with the same seed
        folder.mkdir(parents=True, exist_ok=True)
        try:
            outcome = asyncio.run(_play(mine, scenario, seed, folder, options))
        except Exception as error:  # noqa: BLE001 (the others are still to be run)
            failure = f"{type(error).__name__}: {error}"
            return Ran(scenario.name, seed, round(time.monotonic() - began, 1), failure)
    return ran(scenario, seed, time.monotonic() - began, outcome)


async def _play(mine: Servers, scenario: Scenario, seed: int, folder: Path, options: argparse.Namespace) -> Outcome:
    await asyncio.to_thread(mine.refresh)
    made = market(folder, seed, int(time.time() * 1000), scenario.accounts)
    stage = Stage(mine, made, folder, seed, short=options.short)
    stage.minutes = options.minutes
    try:
        async with asyncio.timeout(scenario.within):
            outcome = await scenario.play(stage)
            if said := _off(folder):
                raise AssertionError(f"the native part was given up: {said}")
            return outcome
    except TimeoutError:
        raise AssertionError(f"hung for {scenario.within:g} s\n{stage.log_tails()}") from None
    finally:
        await stage.close()


def _off(folder: Path) -> str | None:
    """The line by which a worker said that it does without the native part from then on."""
    lines = (line for log in folder.rglob("*.log") for line in log.read_text(errors="replace").splitlines())
    return next((line for line in lines if any(event in line for event in _OFF)), None)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m faults", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--short", action="store_true", help="fewer faults a run and fewer runs: some 22 minutes")
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these scenarios, or those whose names begin so")
    parser.add_argument("--runs", type=int, metavar="N", help="runs of each scenario, instead of its own number")
    parser.add_argument("--seed", type=int, default=int.from_bytes(os.urandom(2)), help="to repeat what happened")
    parser.add_argument("--minutes", type=float, help="how long the soak lasts (default 20)")
    parser.add_argument("--json", type=Path, metavar="FILE", help="also as JSON, for `python -m faults.report`")
    parser.add_argument("--logs", type=Path, metavar="FOLDER", help="keep what the workers said")
    parser.add_argument("--list", action="store_true", help="only say which scenarios there are")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
