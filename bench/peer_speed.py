"""The live engine against its peers and against the floor, on real Kafka and Redis, all in one run.

    python -m bench.peer_speed [--loads hot,wide] [--contenders ours,quix] [--rounds N] [--events N] [--parts ...]
                               [--before COMMIT]

For each load, contenders take turns over the same topics and bytes, several rounds; medians and ratios count. Before
that, all of them are asked for their scores of a sample: who has others than `signal-engine replay` is no contender.
"""

import argparse
import json
import os
import platform
import sys
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final

from bench.live.checking import check
from bench.live.contenders import CONTENDERS, Contender, RunningOurs, WrongJudge, need_peers, started
from bench.live.ground import PROBES, Field, Ground, ground
from bench.live.latency import latency
from bench.live.loads import LOADS, Load, account_name
from bench.live.measuring import Failed, measure, middle
from bench.live.operating import all_processed, explaining, rebuilding, replaying, scaling, takeover
from bench.live.redis_use import redis_use
from bench.ours.proving import who_judges
from bench.ours.ways import BEFORE, COMMIT_BEFORE, OURS, PYTHON, WAYS, of_commit
from bench.report.telling import tell

PARTS: Final = ("check", "speed", "redis", "scaling", "latency", "replay", "takeover", "explain", "rebuild")
ROOT: Final = Path(__file__).resolve().parents[1]
Results = dict[str, Any]


def main() -> None:
    """Measures part after part; what has been measured is on disk after each."""
    options = _options()
    need_peers(options.contenders)
    ways = [one.name for one in options.contenders if not one.command] or [OURS]
    compared = [way for way in ways if way != PYTHON]
    results: Results = {"machine": _machine(), "options": _chosen(options)}
    parts: dict[str, Callable[[Ground], Any]] = {
        "check": lambda on: {name: one._asdict() for name, one in check(on, options.contenders).items()},
        "speed": lambda on: _speed(on, options, results),
        "redis": lambda on: redis_use(on, 5 * LOADS["five"].accounts, compared),
        "scaling": lambda on: _scaling(on, options),
        "latency": lambda on: _latency(on, options, results),
        "replay": lambda on: replaying(_field(on, LOADS["hot"], options.events, "replay"), options.rounds, ways),
        "takeover": _takeover,
        "explain": _explain,
        "rebuild": lambda on: rebuilding(_fed(on, LOADS["wide"], options.rebuild, "rebuild"), compared),
    }
    known = WAYS | ({BEFORE: of_commit(options.before)} if BEFORE in ways else {})
    with ground(options.redis, known) as on:
        results["machine"] |= {"redis": on.redis_title, "kafka": "Apache Kafka 4.1.0"}
        results["machine"]["workers"] = {way: who_judges(on, way, options.before) for way in ways}
        for part in options.parts:
            _say(part)
            try:
                results[part] = parts[part](on)
            except Exception as error:  # noqa: BLE001 (the other parts of a long run are worth having all the same)
                results[part] = f"failed: {error}"
                _say(traceback.format_exc())
            options.json.parent.mkdir(parents=True, exist_ok=True)
            options.json.write_text(json.dumps(results, indent=1) + "\n")
    tell(results)
    if any(str(found).startswith("failed: ") for found in results.values()):
        raise SystemExit(1)


def _speed(on: Ground, options: argparse.Namespace, results: Results) -> dict[str, Any]:
    """Load -> contender -> figures, one a round. A peer with other scores is left out; an older commit is not."""
    checked = results.get("check", {})
    able = [one for one in options.contenders if _may(one, checked)]
    found: dict[str, Any] = {}
    for load in options.loads:
        field = _fed(on, load, options.events, load.name)
        rows: dict[str, Any] = {one.name: {"runs": [], "failed": ""} for one in able}
        for round_ in range(options.rounds):
            for one in able:
                _one_run(field, one, round_, options.seconds, rows[one.name])
        found[load.name] = {"says": load.says(), "events": options.events, "contenders": rows}
        field.close()
    return found


def _may(contender: Contender, checked: dict[str, Any]) -> bool:
    return not contender.command or bool(checked.get(contender.name, {}).get("same", True))


def _one_run(field: Field, contender: Contender, round_: int, max_seconds: float, row: dict[str, Any]) -> None:
    if row["failed"]:
        return
    running = started(field, contender, str(round_))
    try:
        try:
            run = measure(running, field.many, max_seconds)
        finally:
            running.end()
    except (Failed, WrongJudge) as error:
        row["failed"] = str(error)
        _say(f"{field.load.name}: {contender.name} failed: {error}")
        return
    figures = {"speed": run.speed, "cpu_per_million": run.cpu_per_million}
    row["runs"].append(run._asdict() | figures | {"server_cpu_per_million": run.server_cpu_per_million})
    _say(f"{field.load.name} {round_ + 1}: {contender.name:12} {run.speed:>10,.0f} events/s")


def _scaling(on: Ground, options: argparse.Namespace) -> dict[str, Any]:
    """Number of workers -> figures, one a round."""
    field = _fed(on, LOADS["hot"], 2 * options.events, "scaling")
    found: dict[str, list[Any]] = {"1": [], "2": []}
    for _ in range(options.rounds):
        for workers, figures in found.items():
            figures.append(scaling(field, int(workers)))
            _say(f"{workers} workers: {figures[-1]['speed']:,.0f} events/s")
    field.close()
    return found


def _latency(on: Ground, options: argparse.Namespace, results: Results) -> dict[str, Any]:
    """At shares of the capacity that the run has found before the native step, else of today's (or of `--capacity`)."""
    measured = results.get("speed", {}).get("hot", {}).get("contenders", {})
    runs: list[Any] = next(
        (found["runs"] for way in (BEFORE, OURS) if (found := measured.get(way)) and found["runs"]), []
    )
    capacity = options.capacity or (middle([run["speed"] for run in runs]) if runs else 0.0)
    if not capacity:
        raise Failed("the capacity is not known: measure `speed` of `ours` on `hot` in the same run, or --capacity N")
    field = _field(on, LOADS["hot"], options.events, "latency", PROBES)
    of = "--capacity" if options.capacity else BEFORE if measured.get(BEFORE, {}).get("runs") else OURS
    return latency(field, capacity, options.latency_seconds, options.shares) | {"of": of}


def _takeover(on: Ground) -> dict[str, float]:
    field = _field(on, Load("takeover", 100), 100, "takeover", PROBES)
    return {"another": takeover(field, named=False), "itself": takeover(field, named=True)}


def _explain(on: Ground) -> dict[str, float]:
    field = _fed(on, LOADS["hot"], 20_000, "explain")
    field.start_anew("explain")

    running = RunningOurs(field)
    try:
        all_processed(field, running)
        return explaining(field, account_name(0))
    finally:
        running.end()


def _field(on: Ground, load: Load, events: int, name: str, probes: int = 0) -> Field:
    field = Field(on, load, events, name, probes)
    field.prepare()
    return field


def _fed(on: Ground, load: Load, events: int, name: str) -> Field:
    field = _field(on, load, events, name)
    field.feed()
    return field


def _machine() -> dict[str, Any]:
    model = [x for x in Path("/proc/cpuinfo").read_text().splitlines() if x.startswith("model name")]
    return {
        "at": time.strftime("%Y-%m-%d", time.gmtime()),
        "cores": os.cpu_count(),
        "processor": model[0].partition(":")[2].strip() if model else platform.processor(),
        "memory_gib": round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30),
        "python": platform.python_version(),
    }


def _chosen(options: argparse.Namespace) -> dict[str, Any]:
    return {"events": options.events, "rounds": options.rounds, "seconds": options.seconds}


def _say(text: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {text}\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--loads", type=_named(LOADS), default="hot,wide", help=", ".join(LOADS))
    parser.add_argument(
        "--contenders", type=_named(CONTENDERS), default=",".join(CONTENDERS), help=", ".join(CONTENDERS)
    )
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--events", type=int, default=300_000, help="of a load")
    parser.add_argument("--seconds", type=float, default=20.0, help="of one run at most: slow ones read a part")
    parser.add_argument("--latency-seconds", type=float, default=20.0, help="of each pace")
    parser.add_argument("--capacity", type=float, help="events/s; default what `speed` found on the load `hot`")
    parser.add_argument("--shares", type=_shares, default="0.1,0.5,0.9", help="of the capacity, for latency")
    parser.add_argument("--before", default=COMMIT_BEFORE, help="the commit that `ours-before` measures")
    parser.add_argument("--rebuild", type=int, default=5_000_000, help="events that `rebuild` reads")
    parser.add_argument("--parts", type=_parts, default=",".join(PARTS[:-1]), help=", ".join(PARTS))
    parser.add_argument("--redis", choices=("redis", "valkey"), default="redis", help="redis-server, or Valkey's wheel")
    parser.add_argument("--json", type=Path, default=ROOT / ".cache" / "bench" / "peers.json")
    return parser.parse_args()


def _named(known: dict[str, Any]) -> Callable[[str], list[Any]]:
    def read(text: str) -> list[Any]:
        try:
            return [known[name] for name in text.split(",")]
        except KeyError as error:
            raise argparse.ArgumentTypeError(f"{error} is none of {', '.join(known)}") from None

    return read


def _shares(text: str) -> list[float]:
    return [float(one) for one in text.split(",")]


def _parts(text: str) -> list[str]:
    if unknown := [name for name in text.split(",") if name not in PARTS]:
        raise argparse.ArgumentTypeError(f"{', '.join(unknown)}: none of {', '.join(PARTS)}")
    return [part for part in PARTS if part in text.split(",")]


if __name__ == "__main__":
    main()
