"""What an event costs as the market grows and as accounts grow: CPU time of the engine alone, on the store in memory.

    python -m bench.growth [--accounts 1000,1000000] [--signals 1,500] [--json FILE]

Natively, where the native part is installed, and by Python alone. By accounts: events fall on all accounts of the store
alike, each of which has had five signals; a worker remembers the last few thousand accounts, so of more than that
nearly every one is decoded from its bytes, as in production. By signals: of accounts that the worker remembers; and
with nothing remembered at the beginning of a batch, so that decoding what an account holds counts, too.
"""

import argparse
import asyncio
import gc
import json
import os
import random
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

import orjson

from bench.live.ground import SCORING
from bench.report.tables import tables_of_growth
from bench.report.telling import show
from signal_engine.engine.partition.ordinary.judge import judging
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.entrypoints.wiring.process.native import offer_native_part
from signal_engine.wire.instants import format_instant
from tests.build import DAY, T0
from tests.engine.stand import INTENT, Rec, Stand, fetch

ROOT: Final = Path(__file__).resolve().parents[1]
BATCH: Final = 1_000
"""Events of a step."""
BATCHES: Final = 20
FACETS: Final = 5
OLD: Final = 5
"""Signals that every account of the store has had."""
_MODES: Final = {"native": "auto", "Python alone": "off"}
FEW_ACCOUNTS: Final = 200
"""Accounts, where it is about their signals."""


class Bench:
    """One partition of an engine without servers, and events for it."""

    def __init__(self, seed: int = 1) -> None:
        self.stand = Stand(policy=read_scoring(str(SCORING)).policy)
        self._dice = random.Random(seed)
        self._offset = self._number = 0

    async def begin(self) -> None:
        """Takes the partition."""
        await self.stand.fits()  # under the rules in force, else nothing is judged natively
        self.partition = await self.stand.partition()

    async def play(self, accounts: Iterator[str]) -> None:
        """One batch, an event for each of `accounts`."""
        records = [Rec(self._offset + at, T0, self._event(account)) for at, account in enumerate(accounts)]
        fetched = fetch(*records, topic=INTENT, start=self._offset)
        self._offset += len(records)
        if await process_batch(self.stand.context, self.partition, fetched):
            raise AssertionError("the step was refused")

    def copy(self, account: str, many: int) -> None:
        """Gives `many` accounts the state of one."""
        states = self.stand.data().states
        states |= dict.fromkeys(map(name, range(many)), states[account])

    def draws(self, accounts: int, many: int) -> Iterator[str]:
        """`many` accounts, by chance."""
        return (name(self._dice.randrange(accounts)) for _ in range(many))

    def _event(self, account: str) -> bytes:
        self._number += 1
        at = format_instant(T0 - self._dice.randrange(30 * DAY))
        result = {"event_id": f"int-{self._number}", "account_id": account, "occurred_at": at, "source": "example"}
        return orjson.dumps(result | {"topic": f"topic {self._dice.randrange(FACETS)}", "score": 85})


def name(number: int) -> str:
    """An account of the partition."""
    return f"account-{number}.com"


async def by_accounts(accounts: int) -> float:
    """CPU us per event when the store holds so many accounts."""
    bench = Bench()
    await bench.begin()
    for _ in range(OLD):
        await bench.play(iter([name(0)]))
    bench.copy(name(0), accounts)
    bench.partition.known.clear()
    return await _measured(bench, lambda: bench.draws(accounts, BATCH))


async def by_signals(signals: int, *, remembered: bool) -> float:
    """CPU us per event when every account has had so many signals, in a few facets."""
    bench = Bench()
    await bench.begin()
    for _ in range(signals):
        await bench.play(iter([name(0)]))
    bench.copy(name(0), FEW_ACCOUNTS)

    def accounts() -> Iterator[str]:
        if not remembered:
            bench.copy(name(0), FEW_ACCOUNTS)  # so that none has more signals in the last batch than in the first
            bench.partition.known.clear()
        return map(name, range(1, FEW_ACCOUNTS))

    return await _measured(bench, accounts)


async def _measured(bench: Bench, batch: Callable[[], Iterator[str]]) -> float:
    await bench.play(batch())  # what is only made once does not count
    gc.collect()
    gc.freeze()
    spent, events = 0.0, 0
    for _ in range(BATCHES):
        accounts = list(batch())
        started = time.process_time()
        await bench.play(iter(accounts))
        spent += time.process_time() - started
        events += len(accounts)
    gc.unfreeze()
    return spent / events * 1e6


def _grown(mode: str, accounts: list[str], signals: list[str]) -> dict[str, dict[str, float]]:
    """By what -> number -> us, judged as `mode` says; empty where the native part is asked for and not installed."""
    os.environ["SIGNAL_ENGINE_NATIVE"] = mode
    offer_native_part()
    if judging.is_offered is not (mode == "auto"):
        return {}
    return {
        "accounts": {many: asyncio.run(by_accounts(int(many))) for many in accounts},
        "signals": {many: asyncio.run(by_signals(int(many), remembered=False)) for many in signals},
        "signals-remembered": {many: asyncio.run(by_signals(int(many), remembered=True)) for many in signals},
    }


def main() -> None:
    """Measures, prints tables and writes JSON."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--accounts", default="1000,10000,100000,1000000")
    parser.add_argument("--signals", default="1,5,20,100,500")
    parser.add_argument("--json", type=Path, default=ROOT / ".cache" / "bench" / "growth.json")
    options = parser.parse_args()
    gc.set_threshold(100_000, 50, 1_000)  # as in a worker
    signals = options.signals.split(",")
    found = {way: _grown(mode, options.accounts.split(","), signals) for way, mode in _MODES.items()}
    found = {way: its for way, its in found.items() if its}
    show(tables_of_growth(found))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"growth": found}, indent=1) + "\n")


if __name__ == "__main__":
    main()
