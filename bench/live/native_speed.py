"""CPU of an event by stage, by Python alone and natively, in one process without servers.

    python -m bench.live.native_speed [--load hot,wide] [--events N] [--rounds N] [--json FILE]

The same batches, in turn, as a broker answers them; the store is a dictionary. Medians of the rounds count. The rest of
Kafka's and Redis's clients, and publishing, are not part of it.
"""

import argparse
import gc
import json
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Final, NamedTuple

import hiredis

from bench.live.ground import SCORING
from bench.live.loads import LOADS, Load, account_name, events
from bench.native.answers import answer, fetch
from bench.report.tables import tables_of_stages
from bench.report.telling import show
from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.kafka.records.walking import walking
from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.adapters.native.reader import load, native_reader
from signal_engine.adapters.native.walker import NativeWalker
from signal_engine.adapters.redis.connecting.keys import Keys
from signal_engine.adapters.redis.transactions.packing import PackedTransaction
from signal_engine.core.fit.icp import Decision, Fit, FitDecision
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.aliases import NO_ALIASES
from signal_engine.core.rules.policy import Policy
from signal_engine.engine.ingest.origin import Claims
from signal_engine.engine.ingest.triage import Resolving
from signal_engine.engine.partition.account_cache import AccountCache, decoded
from signal_engine.engine.partition.evaluate_batch import evaluate_batch
from signal_engine.engine.partition.ordinary.batch import OrdinaryBatch
from signal_engine.engine.partition.ordinary.judge import OrdinaryJudge
from signal_engine.engine.partition.ordinary.triaged import Fetches
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.store import Loaded
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.wire.events.ordinary import reading
from signal_engine.wire.storage import fit_rows

ROOT: Final = Path(__file__).resolve().parents[2]
NOW: Final = 1_800_000_000_000
"""ms."""
PARTITIONS: Final = 4
RECORDS: Final = 3_300
"""Of one transaction, as a worker that is behind takes them."""
STAGES: Final = ("fetch", "read", "load", "judge", "build", "pack")
_NO_CLAIMS: Final = Claims({}, [])


class Answer(NamedTuple):
    """What a broker has of a kind."""

    kind: str
    start: int
    """The offset of its first record."""
    data: bytes


Batch = tuple[int, list[Answer]]
"""Partition, and an answer for each kind."""


class Engine:
    """What judges, and what it has stored."""

    def __init__(self, policy: Policy, rows: dict[str, bytes], judge: OrdinaryJudge | None) -> None:
        self._context = ScoringContext(policy)
        self._rows, self._judge = rows, judge
        self._known = [AccountCache() for _ in range(PARTITIONS)]
        self.states: dict[str, bytes | None] = {}
        self._partition_of = partitioner(PARTITIONS)
        self.spent: Counter[str] = Counter()
        self.bytes_sent = 0

    def step(self, batch: Batch) -> Transaction:
        """Judges one batch and stores it."""
        number, answers = batch
        clock, marks = time.process_time, [time.process_time()]
        fetches = [fetch(one.kind, number, one.start, one.data) for one in answers]
        marks.append(clock())
        those = Fetches(
            fetches, [_NO_CLAIMS] * len(fetches), {one.kind: one.kind for one in answers}, NOW,
            {}, self._partition_of, Resolving(NO_ALIASES, ""),
        )  # fmt: skip
        ordinary = None if self._judge is None else OrdinaryBatch(self._judge, self._context.policy, many=True)
        intakes = those.triaged(ordinary)
        arrived = [one for intake in intakes for one in intake.arrived]
        marks.append(clock())
        names, known = {one.event.account for one in arrived}, self._known[number]
        if ordinary is not None:
            names.update(ordinary.names())
        found = {name: one for name in names if (one := known.get(name)) is not None}
        missing = [name for name in names if name not in found]
        states, rows = [self.states.get(name) for name in missing], [self._rows.get(name) for name in missing]
        loaded = Loaded(states, rows, [None] * len(missing))
        for name, one in decoded(missing, loaded, None if self._judge is None else self._judge.hold).items():
            known.put(name, one)
            found[name] = one
        marks.append(clock())
        builder = TransactionBuilder(self._context.policy, "1-bench", "alerts")
        if ordinary is not None:
            ordinary.add(intake.arrived for intake in intakes)
        evaluate_batch(arrived if ordinary is None else ordinary, found, self._context, builder)
        marks.append(clock())
        reads = [TopicRead(fetched.topic, fetched.start, fetched.end) for fetched in fetches]
        transaction = builder.build(number, 0, reads)
        marks.append(clock())
        packed = PackedTransaction(transaction, Keys.of("", 0, number))
        commands = packed.commands([None] * len(packed.conflict))
        self.bytes_sent += sum(len(hiredis.pack_command(command)) for command in commands)  # type: ignore[arg-type, misc]
        marks.append(clock())
        self.states.update(transaction.states)
        self.spent.update({stage: marks[at + 1] - marks[at] for at, stage in enumerate(STAGES)})
        return transaction


def batches(load_: Load, many: int) -> list[Batch]:
    """As a worker that is behind takes them: of one partition, with all topics."""
    made: list[list[tuple[str, bytes]]] = [[] for _ in range(PARTITIONS)]
    for one in events(load_, many, PARTITIONS, NOW):
        made[one.partition].append((one.kind, one.value))
    return [
        (number, [*_answers(at, of_partition[at : at + RECORDS])])
        for at in range(0, max(map(len, made)), RECORDS)
        for number, of_partition in enumerate(made)
        if at < len(of_partition)
    ]


def _answers(at: int, those: list[tuple[str, bytes]]) -> Iterator[Answer]:
    for kind in sorted({kind for kind, _ in those}):
        values = [value for its, value in those if its == kind]
        yield Answer(kind, at, answer(values, at, NOW))


def fit_rows_of(load_: Load) -> dict[str, bytes]:
    """A third of the accounts fits."""
    decisions: tuple[tuple[Decision, float, str | None], ...] = (("chase", 85.0, "A"), ("ignore", 20.0, None))
    fits = {
        name: Fit(name, (FitDecision("b2b", 1, decision, fit, tier, ("because",)),))
        for number in range(load_.accounts)
        for name, (decision, fit, tier) in [(account_name(number), decisions[number % 3 > 0])]
    }
    return {name: fit_rows.encode(one) for name, one in fits.items()}


def asked(doc: str | None, loads: str, many: int, results: Path | None = None) -> argparse.Namespace:
    """Which loads are measured, with how many events, how often, and where else the figures go."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("--load", default=loads)
    parser.add_argument("--events", type=int, default=many)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--json", type=Path, default=results)
    return parser.parse_args()


def main() -> None:
    """Measures, prints a table and writes JSON."""
    options = asked(__doc__, "hot,wide,beyond-ascii", 200_000, ROOT / ".cache" / "bench" / "stages.json")
    found = {name: _measured(LOADS[name], options.events, options.rounds) for name in options.load.split(",")}
    show(tables_of_stages(found))
    options.json.parent.mkdir(parents=True, exist_ok=True)
    options.json.write_text(json.dumps({"stages": found}, indent=1) + "\n")


def _measured(load_: Load, many: int, rounds: int) -> dict[str, dict[str, float]]:
    """Way -> stage -> us of an event."""
    policy, module = read_scoring(str(SCORING)).policy, load()
    rows, made = fit_rows_of(load_), batches(load_, many)
    gc.collect()
    gc.freeze()
    gc.set_threshold(100_000, 50, 1_000)  # as in a worker
    spent: dict[str, list[dict[str, float]]] = {"python": [], "native": []}
    for _ in range(rounds):
        for way, its in spent.items():
            reading.offer(partial(native_reader, module) if way == "native" else None)
            walking.offer(NativeWalker(module) if way == "native" else None)
            judge = NativeJudge(module, ScoringContext(policy)) if way == "native" else None
            engine = Engine(policy, rows, judge)
            for batch in made:
                engine.step(batch)
            its.append({stage: seconds / many * 1e6 for stage, seconds in engine.spent.items()})
    reading.offer(None)
    walking.offer(None)
    return {
        way: {stage: statistics.median(one[stage] for one in its) for stage in STAGES} for way, its in spent.items()
    }


if __name__ == "__main__":
    main()
