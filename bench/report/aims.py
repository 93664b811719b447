"""How far the figures of a run are from the aims."""

from collections.abc import Iterator
from typing import Any, Final, NamedTuple

from bench.live.measuring import middle
from bench.ours.ways import BEFORE, OURS

Results = dict[str, Any]
_FLOOR: Final = "aiokafka"
_EACH_SECOND, _EACH_TEN_SECONDS = "bytewax-1s", "bytewax-10s"
_MAIN: Final = ("hot", "wide")
_OTHERS: Final = ("large", "zipf", "one-kind", "refused", "beyond-ascii")
_AT_LEAST, _AT_MOST = "at least", "at most"


class Aim(NamedTuple):
    """One aim, and what the run gave."""

    what: str
    least: bool
    """Whether more is better."""
    wanted: float
    found: dict[str, float | None]
    """Of what -> the figure; None where it was not measured. Empty name: of the whole."""

    @property
    def reached(self) -> bool | None:
        """By hundredths; None where nothing was measured."""
        measured = [one for one in self.found.values() if one is not None]
        if not measured:
            return None
        rounded = [round(one, 2) for one in measured]
        return all(one >= round(self.wanted, 2) if self.least else one <= round(self.wanted, 2) for one in rounded)


def aims(results: Results) -> list[Aim]:
    """All of them, in the order of the table."""
    return [*_speeds(results), *_costs(results), *_waits(results), *_commands(results), *_growth(results)]


def rows_of(results: Results) -> list[tuple[str, ...]]:
    """Aim, wanted, found, whether it is reached; those of which nothing was measured say so."""
    return [(one.what, _wanted(one), _found(one), _VERDICTS[one.reached]) for one in aims(results)]


def summary_of(results: Results) -> list[tuple[str, ...]]:
    """Contender, events/s, CPU (us) an event and how much faster ours is, on the loads of most aims."""
    measured = dict.fromkeys(who for load in _MAIN for who in _contenders(results, load))
    return [(who, *(cell for load in _MAIN for cell in _summed(results, load, who))) for who in measured]


def _summed(results: Results, load: str, who: str) -> tuple[str, str, str]:
    speed, cpu = _run(results, load, who, "speed"), _run(results, load, who, "cpu_per_million")
    if speed is None or cpu is None:
        return "-", "-", "-"
    ratio = _ratio(_run(results, load, OURS, "speed"), speed)
    return f"{speed:,.0f}", f"{cpu:.1f}", "-" if ratio is None else f"{ratio:.2f}"


_VERDICTS: Final = {True: "yes", False: "no", None: "not measured"}


def _speeds(results: Results) -> Iterator[Aim]:
    def of(who: str, loads: tuple[str, ...]) -> dict[str, float | None]:
        return {load: _ratio(_run(results, load, OURS, "speed"), _run(results, load, who, "speed")) for load in loads}

    yield Aim("events/s, of Bytewax with recovery every second", True, 6, of(_EACH_SECOND, _MAIN))
    yield Aim("events/s, of Bytewax with recovery every ten", True, 4, of(_EACH_TEN_SECONDS, _MAIN))
    yield Aim("events/s, of the aiokafka floor", True, 0.35, of(_FLOOR, _MAIN))
    yield Aim("events/s, of the commit before the native step", True, 7, of(BEFORE, _MAIN))
    yield Aim("events/s, of Bytewax with recovery every second", True, 3, of(_EACH_SECOND, _OTHERS))


def _costs(results: Results) -> Iterator[Aim]:
    def of(what: str, load: str) -> dict[str, float | None]:
        return {load: _ratio(_run(results, load, OURS, what), _run(results, load, BEFORE, what))}

    yield Aim("CPU of Redis an event, of before", False, 1 / 3, of("server_cpu_per_million", "hot"))
    yield Aim("CPU of Redis an event, of before", False, 1 / 2, of("server_cpu_per_million", "wide"))
    sizes = _part(results, "redis")
    kept = {way: sum(one["bytes_per_account"].values()) for way, one in sizes.items()}
    yield Aim("bytes of Redis for a live account, of before", False, 1, {"": _ratio(kept.get(OURS), kept.get(BEFORE))})
    yield Aim("memory of a worker, of before", False, 1.2, of("peak_mib", "hot") | of("peak_mib", "wide"))


def _waits(results: Results) -> Iterator[Aim]:
    found = _part(results, "latency")
    for share, wanted, says in (("0.5", 100, "half"), ("0.1", 50, "a tenth")):
        state = found.get("at", {}).get(share, {}).get("state")
        what = f"p99 until the state is visible at {says} of the capacity before, ms"
        yield Aim(what, False, wanted, {"": state["p99_ms"] if state and found["of"] == BEFORE else None})


def _commands(results: Results) -> Iterator[Aim]:
    rebuilt = {way: one["speed"] for way, one in _part(results, "rebuild").items()}
    yield Aim("`rebuild`, of before", True, 6, {"": _ratio(rebuilt.get(OURS), rebuilt.get(BEFORE))})
    replayed = {way: middle(one["speeds"]) for way, one in _part(results, "replay").items()}
    yield Aim("`replay`, of before", True, 5, {"": _ratio(replayed.get(OURS), replayed.get(BEFORE))})
    live = _run(results, "hot", OURS, "speed")
    yield Aim("`replay`, of the live engine", True, 1, {"": _ratio(replayed.get(OURS), live)})


def _growth(results: Results) -> Iterator[Aim]:
    found = _part(results, "growth").get("native", {})
    for by, first, last, wanted, says in (
        ("accounts", 1_000, 1_000_000, 1.5, "as accounts grow"),
        ("signals-remembered", 1, 500, 1.3, "as signals of a remembered account grow"),
        ("signals", 1, 500, 1.3, "as signals of an account that has to be loaded grow"),
    ):
        costs = found.get(by, {})
        grown = _ratio(costs.get(str(last)), costs.get(str(first)))
        yield Aim(f"cost of an event {says} from {first:,} to {last:,}", False, wanted, {"": grown})


def _part(results: Results, name: str) -> Results:
    """What was measured of a part; empty where that failed, too."""
    found = results.get(name)
    return found if isinstance(found, dict) else {}


def _run(results: Results, load: str, who: str, what: str) -> float | None:
    """The median of a figure of all rounds."""
    runs = _contenders(results, load).get(who, {}).get("runs", [])
    return middle([run[what] for run in runs if what in run]) if any(what in run for run in runs) else None


def _contenders(results: Results, load: str) -> Results:
    found: Results = _part(results, "speed").get(load, {}).get("contenders", {})
    return found


def _ratio(of: float | None, by: float | None) -> float | None:
    return of / by if of is not None and by else None


def _wanted(aim: Aim) -> str:
    return f"{_AT_LEAST if aim.least else _AT_MOST} {aim.wanted:.3g}"


def _found(aim: Aim) -> str:
    told = [(name, f"{one:.3g}" if one < 1000 else f"{one:,.0f}") for name, one in aim.found.items() if one is not None]
    return ", ".join(f"{name} {one}".strip() for name, one in told) or "-"
