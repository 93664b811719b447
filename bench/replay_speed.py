"""How fast a replay is, next to `json.loads` alone on the same lines in the same run.

    python bench/replay_speed.py [--events FILE] [--accounts FILE] [--rounds N] [--json FILE]

Both are measured in turn, several rounds, so that a noisy machine is noisy for both; medians and their ratio count.
A replay here is everything between the file and the ranked lists: reading, gunzip, order, validation, judgement, lists.
"""

import argparse
import gc
import json
import platform
import statistics
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console
from rich.table import Table

from signal_engine.adapters.files.text_files import Source
from signal_engine.entrypoints.commands.replay_run import ReplayRun
from signal_engine.entrypoints.wiring.inputs import Inputs, read_inputs
from signal_engine.wire.events.decode import decode_lines

ROOT = Path(__file__).resolve().parents[1]
DATA = ROOT.parent / "shared" / "data"


def main() -> None:
    """Measures, prints a table and, if asked, writes JSON."""
    options = _options()
    inputs = read_inputs(
        str(ROOT / "config" / "scoring.yaml"), _icps(options.accounts), str(options.accounts), lambda _: None
    )
    lines = list(Source(str(options.events)).lines())
    gc.collect()
    gc.freeze()
    contenders: dict[str, Callable[[], object]] = {
        "json.loads alone": lambda: [json.loads(line) for line in lines],
        "decode (validate) alone": lambda: [
            decode_lines(lines[start : start + 1000]) for start in range(0, len(lines), 1000)
        ],
        "replay, from file to lists": lambda: _replay(inputs, str(options.events)),
    }
    seconds: dict[str, list[float]] = {name: [] for name in contenders}
    for _ in range(options.rounds):
        for name, run in contenders.items():
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    _tell(seconds, len(lines), options)


def _replay(inputs: Inputs, events: str) -> None:
    with ReplayRun(inputs, [events], None) as run:
        run.run()


def _icps(accounts: Path) -> list[str]:
    """The project's ICP files for its own accounts; for others one that fits nearly everybody, so that lists fill."""
    if accounts.is_relative_to(ROOT):
        return sorted(map(str, (ROOT / "config" / "icp").glob("*.yaml")))
    icp = {
        "icp": "anybody",
        "version": 1,
        "owner": {"name": "Bench", "email": "bench@example.com"},
        "review_by": "2099-01-01",
        "base": 50,
        "points": [{"when": {"country": {"exists": True}}, "points": 40, "label": "known country"}],
        "tiers": {"A": 80, "B": 40},
        "decisions": {"A": "chase", "B": "chase"},
    }
    path = Path(tempfile.mkdtemp()) / "icp.yaml"
    path.write_text(json.dumps(icp))
    return [str(path)]


def _tell(seconds: dict[str, list[float]], count: int, options: argparse.Namespace) -> None:
    base = statistics.median(seconds["json.loads alone"])
    table = Table(
        title=f"{count:,} lines of {options.events.name}, {options.rounds} rounds, Python {platform.python_version()}"
    )
    for column in ("", "events/s (median)", "us per event", "slowest .. fastest", "of json.loads"):
        table.add_column(column, justify="left" if not column else "right")
    rows = {}
    for name, taken in seconds.items():
        median = statistics.median(taken)
        rows[name] = {"events_per_second": count / median, "ratio_to_json_loads": base / median, "seconds": taken}
        spread = f"{count / max(taken):,.0f} .. {count / min(taken):,.0f}"
        table.add_row(name, f"{count / median:,.0f}", f"{median / count * 1e6:.1f}", spread, f"{base / median:.2f}")
    Console(width=110).print(table)
    if options.json:
        options.json.write_text(json.dumps({"lines": count, "rounds": options.rounds, "rows": rows}, indent=2) + "\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--events", type=Path, default=DATA / "real-events.jsonl.gz")
    parser.add_argument("--accounts", type=Path, default=DATA / "real-accounts.csv.gz")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    return parser.parse_args()


if __name__ == "__main__":
    main()
