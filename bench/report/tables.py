"""What was measured, as tables: the same ones for the terminal and for docs/performance.md."""

from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

from bench.live.contenders import CONTENDERS, OURS
from bench.live.measuring import middle
from bench.live.redis_use import FAMILIES, FEW

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
    return made


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
            rows.append((CONTENDERS[who].title, "failed", *("-",) * 5))
            continue
        speeds = [run["speed"] for run in some]
        rows.append((
            CONTENDERS[who].title,
            f"{medians[who]:,.0f}",
            f"{min(speeds):,.0f} .. {max(speeds):,.0f}",
            f"{ours / medians[who]:.2f}" if ours else "-",
            f"{middle([run['cpu_per_million'] for run in some]):.1f}",
            f"{max(run['peak_mib'] for run in some):,.0f}",
            "" if all(run["whole"] for run in some) else f"first {middle([run['events'] for run in some]):,.0f} events",
        ))  # fmt: skip
    columns = (
        "contender", "events/s, median", "lowest .. highest", "ours is x times it", "CPU s per million",
        "peak MiB", "read",
    )  # fmt: skip
    return Table(f"speed-{name}", f"{name}: {load['events']:,} events, {load['says']}", columns, rows)


def _redis(found: Results) -> list[Table]:
    sizes = found["bytes_per_account"]
    small = {name: size for name, size in sizes.items() if size < FEW and name not in FAMILIES}
    rows = [(FAMILIES.get(n, n), f"{size:,.1f}") for n, size in sizes.items() if n not in small]
    rows += [("other keys", f"{sum(small.values()):,.1f}")] if small else []
    rows += [("sum of keys", f"{sum(sizes.values()):,.1f}")]
    rows += [("used_memory of the server, beyond that of an empty one", f"{found['used_memory_per_account']:,.1f}")]
    title = f"Redis: bytes per live account ({found['live_accounts']:,} accounts, {found['events']:,} events)"
    calls = [(name, f"{per:,.4f}") for name, per in found["commands_per_event"].items()]
    calls.append(("CPU of the server, s per million events", f"{found['redis_cpu_per_million']:.1f}"))
    return [
        Table("redis", title, ("keys", "bytes per account"), rows),
        Table("commands", "Redis: commands per event, those inside scripts included", ("command", "an event"), calls),
    ]


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
    columns = ("share of the capacity", "from the append until", "p50 ms", "p99 ms", "p99, of the bare one")
    behind = [f"At {float(share):.0%}: {what['behind']}." for share, what in found["at"].items() if "behind" in what]
    title = f"Latency; capacity {found['capacity']:,.0f} events/s"
    return [Table("latency", title, columns, rows, " ".join(behind))]


_WAITS: Final = {
    "bare": "a bare consumer has it",
    "state": "the state can be read",
    "alert without disk": "the alert is there, but for the wait for the disk",
    "of which disk": "(from the state to the alert's sending: the wait for the disk)",
    "alert": "the alert is there",
}


def _replay(found: Results) -> list[Table]:
    speeds = found["speeds"]
    row = (
        f"{found['events']:,}",
        f"{middle(speeds):,.0f}",
        f"{min(speeds):,.0f} .. {max(speeds):,.0f}",
        f"{found['start_seconds']:.2f}",
    )
    columns = ("events", "events/s, median", "lowest .. highest", "start, s (taken off)")
    return [Table("replay", "`signal-engine replay`, load hot", columns, [row])]


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
    row = (f"{found['events']:,}", f"{found['seconds']:.1f}", f"{found['speed']:,.0f}")
    return [Table("rebuild", "`signal-engine rebuild`, load wide", ("events", "seconds", "events/s"), [row])]


def tables_of_growth(found: Results) -> list[Table]:
    """What `bench.growth` measured."""
    titles = {
        "accounts": "accounts in the store",
        "signals-remembered": "signals that its account, which the worker remembers, has had in five facets",
        "signals": "signals that its account, which has to be loaded, has had in five facets",
    }
    made = []
    for by, title in titles.items():
        first = next(iter(found[by].values()))
        rows = [(f"{int(many):,}", f"{us:.1f}", f"{us / first:.2f}") for many, us in found[by].items()]
        made.append(
            Table(
                f"growth-{by}",
                f"Cost of an event by {title}",
                (by.partition("-")[0], "CPU us per event", "of the first"),
                rows,
            )
        )
    return made


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
    "takeover": _takeover, "explain": _explain, "rebuild": _rebuild, "growth": tables_of_growth, "flame": _flame,
}  # fmt: skip
