"""A planted market as the files that `validate` reads."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

from signal_engine.simulation.planted.market import ICP, SCORING, Planted
from signal_engine.wire.instants import format_instant

_INSTANTS: Final = frozenset({"at", "occurred_at"})


class PlantedFiles(NamedTuple):
    """Where everything is."""

    events: Path
    outcomes: Path
    accounts: Path
    scoring: Path
    icp: Path

    @property
    def arguments(self) -> list[str]:
        """Of `signal-engine validate`."""
        return [
            str(self.events),
            *("--accounts", str(self.accounts)),
            *("--icp", str(self.icp)),
            *("--scoring", str(self.scoring)),
            *("--outcomes", str(self.outcomes)),
        ]


def write_planted(told: Planted, folder: Path, scoring: str = SCORING, icp: str = ICP) -> PlantedFiles:
    """Writes a market into `folder`, with the scoring and the ICP file that go with it."""
    names = ("events.jsonl", "outcomes.jsonl", "accounts.jsonl", "scoring.yaml", "icp.yaml")
    files = PlantedFiles(*(folder / name for name in names))
    for path, rows in ((files.events, told.events), (files.outcomes, told.outcomes), (files.accounts, told.accounts)):
        path.write_text("".join(_lines(rows)), "utf-8")
    files.scoring.write_text(scoring, "utf-8")
    files.icp.write_text(icp, "utf-8")
    return files


def _lines(rows: Iterable[dict[str, Any]]) -> Iterable[str]:
    for row in rows:
        told = {name: format_instant(value) if name in _INSTANTS else value for name, value in row.items()}
        yield json.dumps(told) + "\n"
