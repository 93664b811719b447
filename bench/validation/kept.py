"""Reports of seeds, appended to a file as they come: a run that is stopped keeps what it had and goes on from there."""

import json
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

_Report = TypeVar("_Report")


class Seeds(NamedTuple):
    """Which seeds are run, and where their reports are kept."""

    many: int
    """1 up to this."""
    minutes: float
    """Begin no seed after so many."""
    began: float
    """Of the monotonic clock (s)."""
    out: Path | None

    def reports(self, part: str, report_of: Callable[[int], _Report]) -> Iterator[_Report]:
        """A report a seed: from the file where it has one of this `part`, else made now."""
        kept = self._kept(part)
        for seed in range(1, self.many + 1):
            if seed in kept:
                yield kept[seed]
            elif time.monotonic() < self.began + 60 * self.minutes:
                report = report_of(seed)
                self._keep({"part": part, "seed": seed, "report": report})
                yield report

    def _kept(self, part: str) -> dict[int, Any]:
        if self.out is None or not self.out.exists():
            return {}
        lines = [json.loads(line) for line in self.out.read_text("utf-8").splitlines()]
        return {one["seed"]: one["report"] for one in lines if one["part"] == part}

    def _keep(self, line: dict[str, Any]) -> None:
        print(f"  {line['part']}, seed {line['seed']}", file=sys.stderr, flush=True)
        if self.out is not None:
            with self.out.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line) + "\n")
