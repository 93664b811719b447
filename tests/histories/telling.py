"""How a history is told: small builders of events, counted in days from the last one, which is day 0."""

import csv
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

DAY_0 = datetime(2026, 3, 2, 12, tzinfo=UTC)
HERE = Path(__file__).parent
SCORING, ICPS = HERE / "scoring.yaml", (HERE / "midmarket.yaml", HERE / "strategic.yaml")

Event = dict[str, Any]


@dataclass(frozen=True, slots=True)
class History:
    """One account: what happened to it, and what somebody who reads the list would want to come of that.

    `events` lack id and account, which `lines` adds; `row` is what the accounts file says beyond the ordinary.
    """

    name: str
    intended: str
    events: tuple[Event, ...]
    row: dict[str, str]

    @property
    def account_id(self) -> str:
        """The domain of the account."""
        return f"{self.name}.com"

    def lines(self) -> list[Event]:
        """The events as `replay` takes them, one JSON object a line."""
        return [
            {**event, "event_id": f"{self.name}-{number}", "account_id": self.account_id}
            for number, event in enumerate(self.events)
        ]

    def account(self) -> dict[str, str]:
        """The row of the accounts file: a company of 800 that fits, tier A, whom we know as a prospect."""
        ordinary = {"employee_count": "800", "relation": "prospect", "segment": ""}
        people = {"owner": "owner@example.com", "sdr": "sdr@example.com"}
        return {"account_id": self.account_id, "name": self.name, **ordinary, **people, **self.row}


def history(name: str, intended: str, *events: Event | list[Event], **row: str) -> History:
    """A history from events and lists of events."""
    result = [one for given in events for one in (given if isinstance(given, list) else [given])]
    assert max(one["occurred_at"] for one in result) == moment(0), f"{name}: day 0 is the last event"
    return History(name, intended, tuple(result), row)


def write_files(folder: Path, histories: Iterable[History]) -> tuple[Path, Path]:
    """`events.jsonl` and `accounts.csv` of the histories in `folder`, for `signal-engine replay`."""
    result = list(histories)
    events, accounts = folder / "events.jsonl", folder / "accounts.csv"
    events.write_text("".join(json.dumps(line) + "\n" for one in result for line in one.lines()))
    with accounts.open("w", newline="") as file:
        rows = csv.DictWriter(file, fieldnames=list(result[0].account()))
        rows.writeheader()
        rows.writerows(one.account() for one in result)
    return events, accounts


def moment(day: float) -> str:
    """So many days after day 0."""
    return (DAY_0 + timedelta(days=day)).isoformat().replace("+00:00", "Z")


def visit(day: float, activity: str, title: str | None = None, **fields: Any) -> Event:
    """Somebody does something with us; without a title nobody knows who."""
    persona = {} if title is None else {"persona": title}
    return _event("engagement", day, activity=activity, **persona, **fields)


def surge(day: float, topic: str, score: float = 85) -> Event:
    """A provider's surge score."""
    return _event("intent", day, topic=topic, score=score)


def posting(day: float, title: str, department: str, seniority: str) -> Event:
    """A job is posted."""
    return _event("hiring", day, title=title, department=department, seniority=seniority)


def raise_of(day: float, amount_usd: float, round_: str = "series_b") -> Event:
    """Money raised."""
    return _event("funding", day, round=round_, amount_usd=amount_usd)


def tool(day: float, change: str, technology: str, **fields: Any) -> Event:
    """A tool comes or goes."""
    return _event("technographic", day, change=change, technology=technology, **fields)


def joined(day: float, role: str, level: str, **fields: Any) -> Event:
    """Somebody new."""
    return _event("leadership", day, change="joined", role=role, level=level, **fields)


def _event(kind: str, day: float, **fields: Any) -> Event:
    return {"kind": kind, "occurred_at": moment(day), **fields}
