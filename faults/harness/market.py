"""Who there is, who fits, and what they do: the real events where they are beside the checkout, else journeys.

Every account's events are of one kind, so that their order of arrival is determined and levels and alerts can be
compared as well as scores.
"""

import csv
import json
import math
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any, Final, NamedTuple

from ruamel.yaml import YAML

from signal_engine.core.rules.instants import DAY
from signal_engine.simulation import journeys
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.instants import format_instant, parse_instant
from testing.processes import ROOT
from tests.replay.real_data import ACCOUNTS, EVENTS, ICPS, half_lives, levels, lines

SPAN_DAYS: Final = 20
"""Days before now in which everything happened."""
_COPIES: Final = 12
"""Markets of journeys side by side, at most: one of them is small."""

Event = dict[str, Any]


class Market(NamedTuple):
    """Files, and events in order of their ids."""

    accounts: Path
    icps: tuple[Path, ...]
    lists: tuple[str, ...]
    scoring: Path
    events: list[Event]

    def icp_options(self) -> list[str]:
        """As commands take them."""
        return [word for path in self.icps for word in ("--icp", str(path))]


def market(folder: Path, seed: int, now: int, accounts: int = 1500, *, one_kind: bool = True) -> Market:
    """A market of about so many accounts, told in files of `folder`; the last event is at `now` (ms).

    Without `one_kind` accounts are heard of on several topics.
    """
    dice = random.Random(seed)
    result = _real(dice, accounts) if EVENTS.is_file() else _journeys(seed, now, accounts)
    rows, icps, events = result
    names = {account for event in events if isinstance(account := normalise(event["account_id"]), str)}
    kept = [row for row in rows if (row.get("domain") or row["account_id"]) in names]
    path = folder / "accounts.csv"
    with path.open("w", newline="") as out:
        writer = csv.DictWriter(out, list(rows[0]))
        writer.writeheader()
        writer.writerows(kept)
    files = []
    for icp in icps:
        files.append(folder / f"{icp['icp']}.yaml")
        files[-1].write_text(json.dumps(icp, default=date.isoformat))
    drawn = sorted(_drawn(events, now), key=lambda event: str(event["event_id"]))
    lists = ("all", *(icp["icp"] for icp in icps))
    return Market(path, tuple(files), lists, easily_hot(folder), _one_kind(drawn) if one_kind else drawn)


def easily_hot(folder: Path, name: str = "scoring.yaml", **changes: Any) -> Path:
    """The shipped scoring with thresholds that one kind of signal reaches, so that there are levels and alerts."""
    scoring = half_lives(YAML(typ="safe").load(ROOT / "config" / "scoring.yaml"), 8)
    scoring["levels"] = levels((7.5, 5, 1), (5, 3.5, 1))
    scoring["lists"]["min_score"] = 2
    path = folder / name
    path.write_text(json.dumps(scoring | changes))
    return path


def higher_caps(kinds: dict[str, dict[str, Any]]) -> dict[str, dict[str, Any]]:
    """The kinds of a scoring file, each worth more.

    Not less: an account that was hot or warm by the file before keeps its level, and with it its place, until its score
    is below `exit`, and a replay by the new file alone knows nothing of that.
    """
    return {kind: {**spec, "cap": spec["cap"] * 1.4} for kind, spec in kinds.items()}


def endless(events: list[Event]) -> Iterator[Event]:
    """The events, and again as other ones, for ever; ids only rise, so that order does not depend on milliseconds."""
    round_ = 0
    while True:
        for event in events:
            yield {**event, "event_id": f"{round_:04}-{event['event_id']}"[:128]}
        round_ += 1


def _real(dice: random.Random, accounts: int) -> tuple[list[dict[str, str]], list[dict[str, Any]], list[Event]]:
    import gzip  # noqa: PLC0415

    events = [json.loads(line) for line in lines()]
    names = sorted({event["account_id"] for event in events})
    chosen = set(dice.sample(names, min(accounts, len(names))))
    with gzip.open(ACCOUNTS, "rt", newline="") as file:
        rows = list(csv.DictReader(file))
    return rows, ICPS, [event for event in events if event["account_id"] in chosen]


def _journeys(seed: int, now: int, accounts: int) -> tuple[list[dict[str, str]], list[dict[str, Any]], list[Event]]:
    with (ROOT / "config" / "accounts.csv").open(newline="") as file:
        known = list(csv.DictReader(file))
    rows: list[dict[str, str]] = []
    events: list[Event] = []
    for copy in range(min(_COPIES, math.ceil(accounts / len(known)))):
        mine = [{**row, "account_id": f"c{copy}-{row['account_id']}"} for row in known]
        rows += mine
        events += [
            {**event, "event_id": f"c{copy}-{event['event_id']}"}
            for event in journeys(mine, seed=seed + copy, start=now - SPAN_DAYS * DAY, end=now)
            if "broken" not in str(event["event_id"])  # the feed has garbage of its own
        ]
    icps = [YAML(typ="safe").load(path) for path in sorted((ROOT / "config" / "icp").glob("*.yaml"))]
    return rows, icps, events


def _drawn(events: list[Event], now: int) -> list[Event]:
    """Those of each kind drawn together so that they span the days before `now`."""
    by_kind: dict[str, list[Event]] = {}
    for event in events:
        by_kind.setdefault(event["kind"], []).append(event)
    moved = []
    for same in by_kind.values():
        times = [parse_instant(event["occurred_at"]) for event in same]
        last, factor = max(times), SPAN_DAYS * DAY / max(1, max(times) - min(times))
        moved += [
            {**event, "occurred_at": format_instant(now - round((last - at) * factor))}
            for event, at in zip(same, times, strict=True)
        ]
    return moved


def _one_kind(events: list[Event]) -> list[Event]:
    """The events of each account that are of its most frequent kind, by id."""
    kinds: dict[str, Counter[str]] = {}
    for event in events:
        if not isinstance(account := normalise(event["account_id"]), NotAnAccount):
            kinds.setdefault(account, Counter())[event["kind"]] += 1
    most = {account: counted.most_common(1)[0][0] for account, counted in kinds.items()}
    return [event for event in events if most.get(str(normalise(event["account_id"]))) == event["kind"]]
