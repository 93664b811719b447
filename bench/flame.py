"""Where a worker's time goes under load: the lines and functions in which it is, and a flame graph.

    python -m bench.flame [--load hot] [--events N] [--seconds N] [--into .cache/bench]

py-spy looks a hundred times a second into a worker that is behind; first for the tables (folded stacks, NAME.txt),
then for the graph (NAME.svg, open it in a browser). Needs the right to trace a process of one's own (root, or
`kernel.yama.ptrace_scope` 0).
"""

import argparse
import json
import subprocess
from collections import Counter
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Final

from bench.live.contenders import CONTENDERS, need_peers, started
from bench.live.ground import PEERS_PYTHON, Field, ground
from bench.live.loads import LOADS
from bench.live.measuring import Failed, begin
from bench.ours.ways import OURS
from bench.report.tables import tables
from bench.report.telling import show

ROOT: Final = Path(__file__).resolve().parents[1]
SHOWN: Final = 25
Stacks = Counter[tuple[str, ...]]
IDLE: Final = (".select (selectors.py", "wait (threading.py", "_worker (concurrent/futures")
"""Where a thread only waits."""
OF_INTEREST: Final = ("signal_engine/", "aiokafka/", "redis/", "pydantic/")
"""Whose functions are told with what they call: everything is called by the loop."""


def main() -> None:
    """Profiles, prints where the time goes, and says where the files are."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--load", choices=LOADS, default="hot")
    parser.add_argument("--events", type=int, default=1_000_000, help="enough that the worker is behind all the time")
    parser.add_argument("--seconds", type=int, default=10, help="of each of the two looks")
    parser.add_argument("--into", type=Path, default=ROOT / ".cache" / "bench")
    options = parser.parse_args()
    need_peers(list(CONTENDERS.values()))
    options.into.mkdir(parents=True, exist_ok=True)
    folded, graph = (options.into / f"worker-{options.load}.{suffix}" for suffix in ("txt", "svg"))
    with ground("redis") as on:
        field = Field(on, LOADS[options.load], options.events)
        field.prepare()
        field.feed()
        running = started(field, CONTENDERS[OURS], "flame")
        try:
            begin(running)
            for path, form in ((folded, "raw"), (graph, "flamegraph")):
                _sample(running.pids[0], path, form, options.seconds)
            if sum(running.counts()) >= field.many:
                raise Failed("the worker ran out of events: --events more, or --seconds less")
        finally:
            running.end()
    stacks = _stacks(folded.read_text().splitlines())
    found = {
        "lines": _shares(_own(stacks, str), stacks),
        "functions": _shares(_own(stacks, _function), stacks),
        "called": _shares(_whole(stacks), stacks),
    }
    (options.into / "flame.json").write_text(json.dumps({"flame": found}, indent=1) + "\n")
    show(tables({"flame": found}))
    print(f"{folded}\n{graph}")


def _sample(pid: int, path: Path, form: str, seconds: int) -> None:
    spy = PEERS_PYTHON.with_name("py-spy")
    command = [str(spy), "record", "--pid", str(pid), "--duration", str(seconds), "--format", form]
    command += ["--output", str(path)]
    subprocess.run(command, check=True, capture_output=True)


def _stacks(lines: Iterable[str]) -> Stacks:
    """Stacks, outermost frame first, and how often each was seen; those that only wait are left out."""
    found: Stacks = Counter()
    for line in lines:
        stack, _, many = line.rpartition(" ")
        frames = tuple(stack.split(";"))
        if not any(idle in frames[-1] for idle in IDLE):
            found[frames] += int(many)
    return found


def _own(stacks: Stacks, named: Callable[[str], str]) -> "Counter[str]":
    """What was at work itself."""
    found: Counter[str] = Counter()
    for frames, many in stacks.items():
        found[named(frames[-1])] += many
    return found


def _whole(stacks: Stacks) -> "Counter[str]":
    """What was at work, itself or by what it called."""
    found: Counter[str] = Counter()
    for frames, many in stacks.items():
        for function in {_function(frame) for frame in frames if any(name in frame for name in OF_INTEREST)}:
            found[function] += many
    return found


def _function(frame: str) -> str:
    return f"{frame.rpartition(':')[0]})" if ":" in frame else frame


def _shares(found: "Counter[str]", stacks: Stacks) -> dict[str, float]:
    """The largest shares of the time in which the worker did not wait."""
    whole = stacks.total()
    return {name: many / whole for name, many in found.most_common(SHOWN)}


if __name__ == "__main__":
    main()
