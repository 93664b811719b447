"""What is said of runs: a line each, a table at the end, JSON, and the table of docs/reliability.md.

python -m faults.report FILE.json ...    writes them into docs/reliability.md; what was measured earlier stays
"""

import json
import re
import sys
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from faults.scenario import Outcome, Scenario

PAGE: Final = Path(__file__).resolve().parents[1] / "docs" / "reliability.md"
BEGIN: Final = "<!-- measured: written by `python -m faults.report`, not by hand -->"
_SHOWN: Final = 3_000
"""Characters of a failure on the terminal; all of it is in the JSON."""
END: Final = "<!-- end of measured -->"
_NAMED: Final = re.compile(r"\(`(\w+)`\) \|")


@dataclass(frozen=True, slots=True)
class Ran:
    """One run, as it is told and kept."""

    scenario: str
    seed: int
    seconds: float
    failure: str
    """Empty when all was as promised."""
    received: int = 0
    lost: int = 0
    doubled: int = 0
    repeats: int = 0
    differs: int = 0
    faults: int = 0
    recovery: float | None = None
    """The worst (s)."""
    measured: dict[str, Any] | None = None

    @property
    def line(self) -> str:
        """For people."""
        recovery = "" if self.recovery is None else f", back after {self.recovery:.1f} s"
        result = f"{self.scenario}: seed {self.seed}, {self.seconds:.0f} s, {self.received} records"
        result += f", {self.faults} faults, lost {self.lost}, doubled {self.doubled}, repeats {self.repeats}{recovery}"
        result += "".join(f", {name} {value}" for name, value in (self.measured or {}).items())
        return f"{'FAILED' if self.failure else 'good  '} {result}" + (
            f"\n    {self.failure[:_SHOWN]}" if self.failure else ""
        )


def ran(scenario: Scenario, seed: int, seconds: float, outcome: Outcome) -> Ran:
    """A run that came to its end."""
    v = outcome.verdict
    return Ran(
        scenario.name, seed, round(seconds, 1), "" if v.good else "; ".join(v.differs) or "lost or doubled",
        v.received, v.lost, v.doubled, v.repeats, len(v.differs), outcome.faults,
        round(max(outcome.recoveries), 2) if outcome.recoveries else None, outcome.measured,
    )  # fmt: skip


def show(runs: Sequence[Ran]) -> None:
    """The table at the end."""
    table = Table(title="Faults, and what the engine made of them")
    for column in ("scenario", "runs", "faults", "records", "lost", "doubled", "differs", "worst recovery s", ""):
        table.add_column(column, justify="left" if column in {"scenario", ""} else "right")
    for name, rows in _by_scenario(runs).items():
        failed = sum(bool(row.failure) for row in rows)
        table.add_row(name, *_figures(rows), f"{failed} failed" if failed else "good")
    Console(width=130).print(table)


def keep(path: Path, runs: Sequence[Ran]) -> None:
    """As JSON, one document."""
    path.write_text(json.dumps([asdict(run) for run in runs], indent=1) + "\n")


def page(scenarios: Iterable[Scenario], runs: Sequence[Ran], before: str = "") -> str:
    """The table of the documentation, in Markdown: only of what really ran, now or, in the table `before`, earlier."""
    earlier = {name: line for line in before.splitlines() for name in _NAMED.findall(line)}
    lines = [
        "| promise | fault | runs | faults | records | lost | doubled | differs | worst recovery |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    of = _by_scenario(runs)
    for scenario in scenarios:
        rows = of.get(scenario.name, [])
        if not rows and scenario.name in earlier:
            lines.append(earlier[scenario.name])
            continue
        if not rows:
            lines.append(f"| {scenario.promise} | {scenario.fault} (`{scenario.name}`) | not run yet |" + " |" * 6)
            continue
        *figures, recovery = _figures(rows)
        after = f"{recovery} s from {scenario.recovers_from}" if recovery else ""
        failed = sum(bool(row.failure) for row in rows)
        result = f"{figures[0]}" + (f", **{failed} failed**" if failed else "")
        fault = f"{scenario.fault} (`{scenario.name}`)"
        lines.append(f"| {scenario.promise} | {fault} | {result} | {' | '.join(figures[1:])} | {after} |")
    return "\n".join(lines)


def _figures(rows: Sequence[Ran]) -> list[str]:
    recoveries = [row.recovery for row in rows if row.recovery is not None]
    sums = [sum(getattr(row, name) for row in rows) for name in ("faults", "received", "lost", "doubled", "differs")]
    return [f"{len(rows)}", *(f"{number:,}" for number in sums), f"{max(recoveries):.1f}" if recoveries else ""]


def _by_scenario(runs: Sequence[Ran]) -> dict[str, list[Ran]]:
    by: dict[str, list[Ran]] = {}
    for run in runs:
        by.setdefault(run.scenario, []).append(run)
    return by


def main() -> None:
    """Writes the table between its marks."""
    from faults.registry import SCENARIOS  # noqa: PLC0415 (it imports all scenarios, and they this file's neighbours)

    runs = [Ran(**one) for path in sys.argv[1:] for one in json.loads(Path(path).read_text())]
    before, _, rest = PAGE.read_text().partition(BEGIN)
    table, _, after = rest.partition(END)
    PAGE.write_text(f"{before}{BEGIN}\n{page(SCENARIOS, runs, table)}\n{END}{after}")


if __name__ == "__main__":
    main()
