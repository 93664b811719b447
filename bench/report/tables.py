"""What was measured, as tables: the same ones for the terminal and for docs/performance.md."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from bench.live.contenders import CONTENDERS
from bench.live.measuring import middle
from bench.live.redis_use import FAMILIES, RARE_SHARE
from bench.ours.ways import BEFORE, OURS, PYTHON
from bench.report.aims import rows_of, summary_of

Results = dict[str, Any]


class Table(NamedTuple):
    """A table; the first column is text, the others are numbers."""

    name: str
    title: str
    columns: tuple[str, ...]
    rows: Sequence[tuple[str, ...]]
    note: str = ""


def tables(results: Results) -> list[Table]:
    """A table for each part that was measured, in the order of reading. A part that failed says so."""
    made: list[Table] = []
    for name, make in _MAKERS.items():
        found = results.get(name)
        if isinstance(found, str):
            made.append(Table(name, name, ("",), [], found.splitlines()[0]))
        elif found:
            made += make(found)
    if any(isinstance(results.get(name), dict) for name in ("speed", "redis", "latency", "replay", "rebuild")):
        columns = ("of what", "aim", "found", "reached")
        made.append(Table("aims", "How far from the aims", columns, rows_of(results)))
    if summed := summary_of(results):
        rows = [(CONTENDERS[who].title, *cells) for who, *cells in summed]
        made.append(Table("summary", "Events per second of one process, and what an event costs it", _SUMMED, rows))
    return made


_SUMMED: Final = (
    "contender", "hot: events/s", "CPU us an event", "ours is x times it", "wide: events/s", "CPU us an event",
    "ours is x times it",
)  # fmt: skip


def _check(found: Results) -> list[Table]:
    rows = []
    for name, one in found.items():
        same = "yes" if one["same"] else "NO: left out"
        figures = f"{one['accounts']:,}", f"{one['largest']:.4f}", one["says"][:200]
        rows.append((CONTENDERS[name].title, same, *figures))
    columns = ("contender", "same as `replay`", "accounts compared", "largest difference, points", "what differs")
    return [Table("check", "The same job: scores, levels, alerts and counts of a sample", columns, rows)]


def _speed(found: Results) -> list[Table]:
    return [_speed_of(name, load) for name, load in found.items()]


def _speed_of(name: str, load: Results) -> Table:
    runs = {who: one["runs"] for who, one in load["contenders"].items()}
    medians = {who: middle([run["speed"] for run in some]) for who, some in runs.items() if some}
    ours = medians.get(OURS)
    rows: list[tuple[str, ...]] = []
    for who, some in runs.items():
        if not some:
            rows.append((CONTENDERS[who].title, "failed", *("-",) * 6))
            continue
        speeds = [run["speed"] for run in some]
        rows.append((
            CONTENDERS[who].title,
            f"{medians[who]:,.0f}",
            f"{min(speeds):,.0f} .. {max(speeds):,.0f}",
            f"{ours / medians[who]:.2f}" if ours else "-",
            f"{middle([run['cpu_per_million'] for run in some]):.1f}",
            _server_cpu(some),
            f"{max(run['peak_mib'] for run in some):,.0f}",
            "" if all(run["whole"] for run in some) else f"first {middle([run['events'] for run in some]):,.0f} events",
        ))  # fmt: skip
    columns = (
        "contender", "events/s, median", "lowest .. highest", "ours is x times it", "CPU s per million",
        "of Redis", "peak MiB", "read",
    )  # fmt: skip
    return Table(f"speed-{name}", f"{name}: {load['events']:,} events, {load['says']}", columns, rows)


def _server_cpu(runs: Sequence[Results]) -> str:
    """Seconds a million events; only of those who work on a Redis."""
    found = middle([run.get("server_cpu_per_million", 0.0) for run in runs])
    return f"{found:.1f}" if found else ""


def _redis(found: Results) -> list[Table]:
    today, ways = next(iter(found.values())), [_WAYS[way] for way in found]
    small = {family for family, size in _sizes(today).items() if size < RARE_SHARE and family not in FAMILIES}
    families = dict.fromkeys(family for one in found.values() for family in _sizes(one) if family not in small)
    rows = [(FAMILIES.get(n, n), *(f"{_sizes(one).get(n, 0):,.1f}" for one in found.values())) for n in families]
    if small:
        others = [sum(size for n, size in _sizes(one).items() if n not in families) for one in found.values()]
        rows.append(("other keys", *(f"{size:,.1f}" for size in others)))
    rows.append(("sum of keys", *(f"{sum(_sizes(one).values()):,.1f}" for one in found.values())))
    used = (f"{one['used_memory_per_account']:,.1f}" for one in found.values())
    rows.append(("used_memory of the server, beyond that of an empty one", *used))
    names = dict.fromkeys(name for one in found.values() for name in one["commands_per_event"])
    calls = [(n, *(f"{one['commands_per_event'].get(n, 0):,.4f}" for one in found.values())) for n in names]
    cpu = (f"{one['redis_cpu_per_million']:.1f}" for one in found.values())
    calls.append(("CPU of the server, s per million events", *cpu))
    title = f"Redis: bytes per live account ({today['live_accounts']:,} accounts, {today['events']:,} events)"
    return [
        Table("redis", title, ("keys", *ways), rows),
        Table("commands", "Redis: commands per event, those inside scripts included", ("command", *ways), calls),
    ]


def _sizes(found: Results) -> dict[str, float]:
    sizes: dict[str, float] = found["bytes_per_account"]
    return sizes


_WAYS: Final = {OURS: "native", PYTHON: "Python alone", BEFORE: "before the native step"}


def _scaling(found: Results) -> list[Table]:
    medians = {workers: middle([one["speed"] for one in runs]) for workers, runs in found.items()}
    rows = []
    for workers, runs in found.items():
        cores = middle([one["cores"] for one in runs])
        gain = medians[workers] / medians["1"]
        rows.append((workers, f"{medians[workers]:,.0f}", f"{gain:.2f}", f"{cores:.2f}"))
    columns = ("workers", "events/s, median", "of one worker", "cores they used")
    return [Table("scaling", "One worker and two", columns, rows)]


def _latency(found: Results) -> list[Table]:
    rows = []
    for share, what in found["at"].items():
        bare = what["bare"]
        for name, title in _WAITS.items():
            if name not in what:
                continue
            p50, p99 = what[name]["p50_ms"], what[name]["p99_ms"]
            pace = f"{float(share):.0%}, {what['pace']:,.0f} events/s" if name == "bare" else ""
            rows.append((pace, title, f"{p50:,.1f}", f"{p99:,.1f}", f"{p99 / bare['p99_ms']:.1f}"))
    columns = ("share of that capacity", "from the append until", "p50 ms", "p99 ms", "p99, of the bare one")
    behind = [f"At {float(share):.0%}: {what['behind']}." for share, what in found["at"].items() if "behind" in what]
    title = f"Latency; capacity {found['capacity']:,.0f} events/s ({_CAPACITY.get(found['of'], found['of'])})"
    return [Table("latency", title, columns, rows, " ".join(behind))]


_CAPACITY: Final = {OURS: "of today", BEFORE: "of before the native step"}
_WAITS: Final = {
    "bare": "a bare consumer has it",
    "state": "the state can be read",
    "alert without disk": "the alert is there, but for the wait for the disk",
    "of which disk": "(from the state to the alert's sending: the wait for the disk)",
    "alert": "the alert is there",
}


def _replay(found: Results) -> list[Table]:
    rows = [
        (
            _WAYS[way],
            f"{one['events']:,}",
            f"{middle(one['speeds']):,.0f}",
            f"{min(one['speeds']):,.0f} .. {max(one['speeds']):,.0f}",
            _of(middle(one["speeds"]), found, lambda that: middle(that["speeds"])),
            f"{middle(one['starts']):.2f}",
        )
        for way, one in found.items()
    ]
    columns = ("", "events", "events/s, median", "lowest .. highest", "native is x times it", "start, s (taken off)")
    return [Table("replay", "`signal-engine replay`, load hot", columns, rows)]


def _of(speed: float, found: Results, speed_of: Callable[[Results], float]) -> str:
    return f"{speed_of(found[OURS]) / speed:.2f}" if OURS in found else "-"


def _takeover(found: Results) -> list[Table]:
    rows = [
        ("another worker takes over (the session times out)", f"{found['another']:.1f}"),
        ("started again at once under its name (SIGNAL_ENGINE_INSTANCE)", f"{found['itself']:.1f}"),
    ]
    return [
        Table("takeover", "From a kill -9 until events of every partition are in states again", ("", "seconds"), rows)
    ]


def _explain(found: Results) -> list[Table]:
    rows = [
        ("`signal-engine explain ACCOUNT --json`, whole command", f"{found['explain_seconds'] * 1000:,.0f}"),
        ("`signal-engine --help`: start of Python and imports", f"{found['start_seconds'] * 1000:,.0f}"),
    ]
    return [Table("explain", "Explaining an account out of the live view", ("", "ms, median"), rows)]


def _rebuild(found: Results) -> list[Table]:
    rows = [
        (
            _WAYS[way],
            f"{one['events']:,}",
            f"{one['seconds']:.1f}",
            f"{one['speed']:,.0f}",
            _of(one["speed"], found, lambda that: float(that["speed"])),
        )
        for way, one in found.items()
    ]
    columns = ("", "events", "seconds", "events/s", "native is x times it")
    return [Table("rebuild", "`signal-engine rebuild`, load wide", columns, rows)]


def tables_of_growth(found: Results) -> list[Table]:
    """What `bench.growth` measured: way -> by what -> number -> us."""
    titles = {
        "accounts": "accounts in the store",
        "signals-remembered": "signals that its account, which the worker remembers, has had in five facets",
        "signals": "signals that its account, which has to be loaded, has had in five facets",
    }
    columns = [f"{says}{way}" for way in found for says in ("CPU us per event, ", "of the first, ")]
    made = []
    for by, title in titles.items():
        costs = [of[by] for of in found.values()]
        rows = [(f"{int(many):,}", *(cell for cost in costs for cell in _grown(cost, many))) for many in costs[0]]
        made.append(Table(f"growth-{by}", f"Cost of an event by {title}", (by.partition("-")[0], *columns), rows))
    return made


def _grown(cost: dict[str, float], many: str) -> tuple[str, str]:
    return f"{cost[many]:.1f}", f"{cost[many] / next(iter(cost.values())):.2f}"


def tables_of_stages(found: Results) -> list[Table]:
    """What `bench.live.native_speed` measured: load -> way -> stage -> us."""
    stages = [*next(iter(next(iter(found.values())).values()))]
    rows = [
        (f"{load}, {way}", *(f"{spent[stage]:.2f}" for stage in stages), f"{sum(spent.values()):.2f}")
        for load, ways in found.items()
        for way, spent in ways.items()
    ]
    return [
        Table("stages", "CPU us an event by stage, in one process without servers", ("load", *stages, "whole"), rows)
    ]


def _flame(found: Results) -> list[Table]:
    titles = {"lines": "lines", "functions": "functions", "called": "functions with what they call"}
    return [
        Table(
            f"flame-{by}",
            f"Where a worker's time goes: {title}",
            ("", "share"),
            [(n, f"{s:.1%}") for n, s in found[by].items()],
        )
        for by, title in titles.items()
    ]


_MAKERS: Final[dict[str, Callable[[Any], list[Table]]]] = {
    "check": _check, "speed": _speed, "scaling": _scaling, "latency": _latency, "redis": _redis, "replay": _replay,
    "takeover": _takeover, "explain": _explain, "rebuild": _rebuild, "growth": tables_of_growth,
    "stages": tables_of_stages, "flame": _flame,
}  # fmt: skip
