"""What it costs to take every account of a partition to another scoring file, and where that goes.

    python -m bench.ours.rescoring [--accounts N] [--signals N] [--rounds N]

In one process without servers, the store in memory; natively and by Python alone, in turn. Every account has had the
same signals, in five facets; a third of them fits. `core` is what decides and scores; the rest reads and writes.
"""

import argparse
import asyncio
import gc
import os
import statistics
import time
from collections.abc import Callable
from typing import Any, Final
from unittest.mock import patch

from rich.console import Console
from rich.table import Table

from bench.growth import Bench, name
from signal_engine.adapters.memory.fit_changes import MemoryFitChanges
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.core.flow import ScoringContext
from signal_engine.engine.context.engine_context import Rules
from signal_engine.engine.partition import rescore
from signal_engine.entrypoints.wiring.process.native import offer_native_part

WAYS: Final = {"native": "auto", "Python alone": "off"}
CORE: Final = "apply_new_policy"


async def rescored(accounts: int, signals: int) -> dict[str, float]:
    """CPU us an account: `whole`, and what of it is the core's."""
    bench = Bench()
    await bench.begin()
    for _ in range(signals):
        await bench.play(iter([name(0)]))
    bench.copy(name(0), accounts)
    decision = FitDecision("b2b", 1, "chase", 85.0, "A", ("because",))
    await bench.stand.fits(*(Fit(name(number), (decision,)) for number in range(0, accounts, 3)))
    context = bench.stand.context
    context.fit_changes = MemoryFitChanges(bench.stand.server)  # not a few rows at once, as tests have it
    partition = await bench.stand.partition()
    context.rules = Rules(ScoringContext(bench.stand.policy), "2-rescoring", context.rules.sequence + 1)
    spent = {"seconds": 0.0, "calls": 0.0}
    with patch.object(rescore, CORE, _timed(getattr(rescore, CORE), spent)):
        gc.collect()
        started = time.process_time()
        if not await rescore.rescore(context, partition):
            raise AssertionError("the partition was refused")
        whole = time.process_time() - started
    if spent["calls"] != accounts:
        raise AssertionError(f"{spent['calls']} accounts of {accounts} were decided")
    return {"whole": whole / accounts * 1e6, "core": spent["seconds"] / accounts * 1e6}


def _timed(decide: Callable[..., Any], spent: dict[str, float]) -> Callable[..., Any]:
    def timed(*given: Any) -> Any:
        started = time.process_time()
        result = decide(*given)
        spent["seconds"] += time.process_time() - started
        spent["calls"] += 1
        return result

    return timed


def main() -> None:
    """Measures and prints a table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", type=int, default=50_000)
    parser.add_argument("--signals", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    found: dict[str, list[dict[str, float]]] = {way: [] for way in WAYS}
    for _ in range(options.rounds):
        for way, runs in found.items():
            os.environ["SIGNAL_ENGINE_NATIVE"] = WAYS[way]
            offer_native_part()
            runs.append(asyncio.run(rescored(options.accounts, options.signals)))
    table = Table(title=f"CPU us an account that is re-scored: {options.accounts:,}, {options.signals} signals each")
    for column in ("", "whole", "of it the core"):
        table.add_column(column, justify="right" if column else "left")
    for way, runs in found.items():
        table.add_row(way, *(f"{statistics.median(run[what] for run in runs):.1f}" for what in ("whole", "core")))
    Console(width=110).print(table)


if __name__ == "__main__":
    main()
