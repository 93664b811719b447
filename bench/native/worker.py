"""A worker that counts what `SIGNAL_ENGINE_NATIVE=check` compares: `python -m bench.native.worker '{...}'`.

    {"compared": "FILE"}   the counts go there, once a second and at the end
    {"clock": "FILE"}      its clock is ahead by the seconds in FILE, as in `faults.harness.worker`
    {"every": 10}          Python judges one batch of so many, too
    {"wrong": "rank", "after": 50}   the native part lies like that once so many batches have been judged

Everything else is the command `worker`.
"""

import atexit
import json
import math
import sys
import time
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from types import ModuleType
from typing import Any, Final

from testing.clocked import shift

RANK, POINTS, COUNT, READ = WRONG = ("rank", "points", "count", "read")
"""Ways to lie: a place on a list by the last bit, one kind's points by the last bit, a count, a confidence."""
_WRITE_INTERVAL_S: Final = 1.0


def main() -> None:
    """Runs a worker with what the first argument says."""
    how: dict[str, Any] = json.loads(sys.argv[1])
    shift(Path(how["clock"]))  # before anything has taken the functions of `time` by name
    from signal_engine.entrypoints.commands import worker  # noqa: PLC0415 (as above)
    from signal_engine.entrypoints.wiring.process.native import offer_native_part  # noqa: PLC0415

    _count(_Compared(Path(how["compared"])))
    if "wrong" in how:
        _lie(how["wrong"], how["after"])
    offer_native_part(check_every=how["every"])
    command: Any = worker
    command.worker([])


class _Compared:
    """Counts, kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path, self._written = path, 0.0
        self.counts: Counter[str] = Counter()
        self.ends: set[tuple[str, int]] = set()
        """Account and instant of each level that ended."""
        atexit.register(self._write)

    def add(self, **more: int) -> None:
        """Adds to the counts."""
        self.counts.update(more)
        if time.monotonic() - self._written > _WRITE_INTERVAL_S:
            self._write()

    def _write(self) -> None:
        self._written = time.monotonic()
        new = self._path.with_name(f"{self._path.name}.new")
        new.write_text(json.dumps(self.counts | {"levels_ended": len(self.ends)}))
        new.replace(self._path)


def _count(compared: _Compared) -> None:
    """Looks on wherever two answers are compared."""
    from signal_engine.adapters.native import reader  # noqa: PLC0415
    from signal_engine.adapters.native.judge import NativeJudge  # noqa: PLC0415
    from signal_engine.core.flow import EventOutcome  # noqa: PLC0415
    from signal_engine.core.rules.policy import HEAT  # noqa: PLC0415
    from signal_engine.engine.partition import process_batch  # noqa: PLC0415
    from signal_engine.engine.ports.counters import outcome_counter  # noqa: PLC0415
    from signal_engine.wire.storage import state  # noqa: PLC0415

    batches: Any = process_batch
    reads: Any = reader
    judge: Any = NativeJudge
    compare, compare_reads, taken = batches.compare, reads._compare, judge.taken  # noqa: SLF001
    outcomes = [outcome_counter(outcome) for outcome in EventOutcome]

    def comparing(again: Any, intakes: Any, python: Any, judged: Any) -> None:
        compare(again, intakes, python, judged)
        transaction = python.build(0, 0, ())
        for name, stored in transaction.states.items():
            if stored is not None:
                account = state.decode(stored)
                before = account.previous_level
                if before is not None and account.since is not None and HEAT[account.level] < HEAT[before]:
                    compared.ends.add((name, account.since))
        compared.add(
            batches=1,
            states=len(transaction.states),
            events=sum(transaction.counts.get(name, 0) for name in outcomes),
            alerts=len(transaction.outbox),
        )

    def comparing_reads(event: Any, python: Any) -> None:
        compare_reads(event, python)
        compared.add(read_twice=1)

    def taking(self: Any) -> Any:
        found = taken(self)
        compared.add(judged_natively=sum(found.outcomes))
        return found

    batches.compare = comparing
    reads._compare = comparing_reads  # noqa: SLF001
    judge.taken = taking


def _lie(how: str, after: int) -> None:
    """From the given batch on, an answer of the native part is wrong by as little as can be."""
    from signal_engine.adapters.native import reader  # noqa: PLC0415
    from signal_engine.adapters.native.judge import NativeJudge  # noqa: PLC0415

    judge: Any = NativeJudge
    taken, left = judge.taken, [after]

    def lying(self: Any) -> Any:
        found = taken(self)
        left[0] -= 1
        return _spoilt(how, found) if left[0] < 0 else found

    judge.taken = lying
    if how == READ:
        _lie_reading(reader, left)


def _spoilt(how: str, found: Any) -> Any:
    """What a batch writes, with one thing wrong where it has such a thing."""
    if how == COUNT and any(found.outcomes):
        return found._replace(outcomes=[found.outcomes[0] + 1, *found.outcomes[1:]])
    if how == RANK and found.ranks:
        place, ranks = next(iter(found.ranks.items()))
        name, key = next(iter(ranks.items()))
        return found._replace(ranks={**found.ranks, place: {**ranks, name: _next_to(key)}})
    if how == POINTS and found.states:
        return found._replace(states=_with_other_points(found.states))
    return found


def _with_other_points(states: Mapping[str, bytes]) -> dict[str, bytes]:
    from signal_engine.wire.storage import state  # noqa: PLC0415

    name, stored = next(iter(states.items()))
    account = state.decode(stored)
    kind = next(iter(account.kinds.values()))
    facet, points = next(iter(kind.facets.items()))
    kind.facets[facet] = _next_to(points)
    return {**states, name: state.encode(account)}


def _next_to(number: float) -> float:
    return math.nextafter(number, math.inf)


def _lie_reading(reader: ModuleType, left: list[int]) -> None:
    checked: Any = reader.CheckedReader
    make = checked.__init__

    class Lying:
        def __init__(self, real: Any) -> None:
            self._real = real

        def record(self, *given: Any) -> Any:
            event = self._real.record(*given)
            if event is None or left[0] >= 0:
                return event
            return event._replace(confidence=_next_to(event.confidence))

    def making(self: Any, real: Any) -> None:
        make(self, Lying(real))

    checked.__init__ = making


if __name__ == "__main__":
    main()
