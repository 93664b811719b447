"""`python -m signal_engine.simulation --seed 7 --days 90`: buying journeys as JSON Lines on stdout."""

import argparse
import csv
import json
import os
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from signal_engine.core.rules.instants import DAY, days
from signal_engine.simulation import journeys
from signal_engine.simulation.telling import milliseconds


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the events; return the exit code: 0 done, 2 for a wrong file or argument."""
    options = _parser().parse_args(arguments)
    until: int = options.until
    rows = _rows(options.accounts)
    if rows is None:
        sys.stderr.write(f"{options.accounts}: no accounts there, or no column account_id or domain\n")
        return 2
    try:
        for event in journeys(rows, seed=options.seed, start=until - days(options.days), end=until):
            sys.stdout.write(json.dumps(event, ensure_ascii=False, separators=(",", ":")) + "\n")
        sys.stdout.flush()
    except BrokenPipeError:  # `| head` has seen enough; Python would complain once more when it closes stdout
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="journeys", description="Seeded buying journeys as JSON Lines.")
    parser.add_argument("--seed", type=int, default=7, help="another seed is another market (default 7)")
    parser.add_argument("--days", type=_positive, default=90.0, help="how many days of it (default 90)")
    parser.add_argument("--until", type=_instant, default="now", help="the last instant, RFC 3339 (default now)")
    parser.add_argument("--accounts", type=Path, default=Path("config/accounts.csv"), help="the accounts file, CSV")
    return parser


def _positive(text: str) -> float:
    number = float(text)
    if not 0 < number * DAY < float(10**13):
        raise argparse.ArgumentTypeError("a number of days above 0")
    return number


def _instant(text: str) -> int:
    """ms since 1970; `now` is the only place where this package reads a clock."""
    instant = datetime.now().astimezone() if text == "now" else datetime.fromisoformat(text)
    if instant.tzinfo is None:
        raise argparse.ArgumentTypeError("an instant with a zone, such as 2026-03-31T18:00:00Z")
    return milliseconds(instant)


def _rows(path: Path) -> list[dict[str, str]] | None:
    try:
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError:
        return None
    return rows if rows and {"account_id", "domain"} & rows[0].keys() else None


if __name__ == "__main__":
    sys.exit(main())
