"""The judge of a live engine: `replay` of the records that were sent, with `received_at` = their timestamps."""

import json
import os
from collections.abc import Container, Iterable, Sequence
from pathlib import Path
from typing import Any

from signal_engine.wire.instants import format_instant, parse_instant
from testing import processes
from testing.processes import COMMAND
from testing.records import Produced
from tests.replay.real_data import ACCOUNTS, ICPS


def icp_files(folder: Path) -> list[str]:
    """The ICP files of the tests, as options."""
    options = []
    for icp in ICPS:
        path = folder / f"{icp['icp']}.yaml"
        path.write_text(json.dumps(icp))
        options += ["--icp", str(path)]
    return options


def replayed(
    folder: Path,
    produced: Iterable[Produced],
    until: str,
    scoring: Path,
    accounts: Path = ACCOUNTS,
    actions: Iterable[Produced] = (),
) -> dict[str, Any]:
    """What `replay --json` says of those records that are events, and of `actions`."""
    path = folder / "sent.jsonl"
    with path.open("w") as out:
        for one in produced:
            if one.record.event is not None:
                event = {**one.record.event, "kind": one.record.kind, "received_at": format_instant(one.timestamp)}
                out.write(json.dumps(event) + "\n")
    acted = folder / "acted.jsonl"
    with acted.open("w") as out:
        for one in actions:
            out.write(json.dumps({**(one.record.event or {}), "received_at": format_instant(one.timestamp)}) + "\n")
    words = [
        "replay",
        str(path),
        "--actions",
        str(acted),
        "--accounts",
        str(accounts),
        *icp_files(folder),
        "--scoring",
        str(scoring),
    ]
    done = processes.run([*COMMAND, *words, "--until", until, "--json"], env=os.environ)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


def same_order_and_scores(live: Sequence[dict[str, Any]], judged: Sequence[dict[str, Any]]) -> None:
    """The same accounts in the same order; printed scores within 0.01."""
    assert [entry["account_id"] for entry in live] == [entry["account_id"] for entry in judged]
    for mine, theirs in zip(live, judged, strict=True):
        assert abs(mine["score"] - theirs["score"]) <= 0.0101, mine["account_id"]
        assert abs(mine["priority"] - theirs["priority"]) <= 0.0101, mine["account_id"]


def same_levels(live: Sequence[dict[str, Any]], judged: Sequence[dict[str, Any]]) -> None:
    """The same levels since the same instants, and the same evidence."""
    for mine, theirs in zip(live, judged, strict=True):
        result = ("account_id", "level", "since", "cools_at", "kinds_live", "last_signal_at", "fit", "tier", "icp")
        assert {f: mine[f] for f in result} == {f: theirs[f] for f in result}


def same_alerts(live: Iterable[dict[str, Any]], judged: dict[str, Any]) -> None:
    """The alerts of a replay, whatever their order across accounts. What has become due since its end, or is due by the
    clock of a worker that is ahead, is not compared.
    """
    until = parse_instant(judged["until"])
    by_then = [alert for alert in live if parse_instant(alert["at"]) <= until]
    result = ("alert_id", "type", "at", "account_id", "level", "previous_level", "episode", "kinds_live", "why_now")

    mine, theirs = (
        {alert["alert_id"]: {f: alert[f] for f in result} for alert in alerts} for alerts in (by_then, judged["alerts"])
    )
    assert not [theirs[one] for one in theirs.keys() - mine.keys()], "missing"
    assert not [mine[one] for one in mine.keys() - theirs.keys()], "too many"
    assert mine == theirs


def sent_once(records: Iterable[Any], repeats_allowed: bool, once: Container[str] = ()) -> list[dict[str, Any]]:
    """The alerts of a topic; one that is there twice must be there byte for byte the same, if at all.

    `once`: ids of alerts that had been sent before anything broke, so that nothing excuses a repeat.
    """
    seen: dict[str, bytes] = {}
    for record in records:
        alert = json.loads(record.value)
        if alert["alert_id"] in seen:
            assert repeats_allowed, alert["alert_id"]
            assert alert["alert_id"] not in once, alert["alert_id"]
            assert seen[alert["alert_id"]] == record.value
        seen[alert["alert_id"]] = record.value
    return [json.loads(value) for value in seen.values()]
