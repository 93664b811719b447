"""Where a worker's time goes under load: the lines and functions in which it is, and a flame graph.

    python -m bench.flame [--load hot] [--events N] [--seconds N] [--into .cache/bench]

py-spy looks a hundred times a second into a worker that is behind; first for the tables (folded stacks, NAME.txt),
then for the graph (NAME.svg, open it in a browser). Needs the right to trace a process of one's own (root, or
`kernel.yama.ptrace_scope` 0).
"""

import argparse
import subprocess
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Final

from bench.contenders import CONTENDERS, OURS, need_peers, started
from bench.ground import PEERS_PYTHON, Field, ground
from bench.loads import LOADS
from bench.measuring import Failed, begin
from bench.tables import Table
from bench.telling import show

ROOT: Final = Path(__file__).resolve().parents[1]
SHOWN: Final = 25
IDLE: Final = ("select (selectors.py", "wait (threading.py", "_worker (concurrent/futures")
"""Where a thread only waits."""


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
                _look(running.pids[0], path, form, options.seconds)
            if sum(running.counts()) >= field.many:
                raise Failed("the worker ran out of events: --events more, or --seconds less")
        finally:
            running.end()
    stacks = _stacks(folded.read_text().splitlines())
    lines, functions = _own(stacks, lines=True), _own(stacks, lines=False)
    whole = _table("functions and what they call", _whole(stacks))
    show([_table("lines", lines), _table("functions", functions), whole])
    print(f"{folded}\n{graph}")


def _look(pid: int, path: Path, form: str, seconds: int) -> None:
    spy = PEERS_PYTHON.with_name("py-spy")
    command = [str(spy), "record", "--pid", str(pid), "--duration", str(seconds), "--format", form]
    command += ["--output", str(path)]
    subprocess.run(command, check=True, capture_output=True)


def _stacks(lines: Iterable[str]) -> "Counter[tuple[str, ...]]":
    """Stacks, outermost frame first, and how often each was seen; those that only wait are left out."""
    found: Counter[tuple[str, ...]] = Counter()
    for line in lines:
        stack, _, many = line.rpartition(" ")
        frames = tuple(stack.split(";"))
        if not frames[-1].startswith(IDLE):
            found[frames] += int(many)
    return found


def _own(stacks: "Counter[tuple[str, ...]]", *, lines: bool) -> "Counter[str]":
    """What was at work itself: `name (file:line)`, or without the line."""
    found: Counter[str] = Counter()
    for frames, many in stacks.items():
        found[frames[-1] if lines else _function(frames[-1])] += many
    return found


def _whole(stacks: "Counter[tuple[str, ...]]") -> "Counter[str]":
    """What was at work, itself or by what it called."""
    found: Counter[str] = Counter()
    for frames, many in stacks.items():
        for function in set(map(_function, frames)):
            found[function] += many
    return found


def _function(frame: str) -> str:
    return f"{frame.rpartition(':')[0]})" if ":" in frame else frame


def _table(title: str, found: "Counter[str]") -> Table:
    seen = max(found.values()) if title.endswith("call") else found.total()
    rows = [(name, f"{many / seen:.1%}") for name, many in found.most_common(SHOWN)]
    return Table(title, f"Where a worker's time goes: {title}", ("", "share"), rows)


if __name__ == "__main__":
    main()
