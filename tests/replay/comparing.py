"""Running the engine's replay on lines in memory, and holding it against the oracle."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from signal_engine.entrypoints.inputs import read_inputs
from signal_engine.entrypoints.replaying import ReplayRun, json_document
from signal_engine.wire.instants import parse_instant


class Files(NamedTuple):
    """What a replay is called with."""

    scoring: str
    icps: list[str]
    accounts: str


def written(folder: Path, scoring: dict[str, Any], icps: list[dict[str, Any]], accounts: Path) -> Files:
    """Scoring and ICP files in `folder`. JSON is YAML."""
    (folder / "scoring.yaml").write_text(json.dumps({"version": 1, **scoring}))
    for icp in icps:
        (folder / f"{icp['icp']}.yaml").write_text(json.dumps(icp))
    return Files(str(folder / "scoring.yaml"), [str(folder / f"{icp['icp']}.yaml") for icp in icps], str(accounts))


def replayed(files: Files, events: list[bytes], folder: Path, until: str | None = None) -> dict[str, Any]:
    """What `replay --json` prints for these lines."""
    path = folder / "events.jsonl"
    path.write_bytes(b"\n".join(events) + b"\n")
    inputs = read_inputs(files.scoring, files.icps, files.accounts, lambda _: None)
    with ReplayRun(inputs, [str(path)], None if until is None else parse_instant(until)) as run:
        document: dict[str, Any] = orjson.loads(b"".join(json_document(run, run.run())))
    return document


def assert_agree(ours: dict[str, Any], theirs: dict[str, Any]) -> None:
    """Counts, lists to 0.01 and in order, alerts to the second and in order."""
    assert ours["counts"] == theirs["counts"]
    assert ours["lists"].keys() == theirs["lists"].keys()
    for name, entries in theirs["lists"].items():
        assert_lists_agree(ours["lists"][name], entries)
    assert list(map(_alert, ours["alerts"])) == list(map(_alert, theirs["alerts"]))
    assert {(r["line"], r["reason"]) for r in ours["rejected"]} == {
        (r["line"], r["reason"]) for r in theirs["rejected"]
    }


def assert_lists_agree(ours: list[dict[str, Any]], theirs: list[dict[str, Any]]) -> None:
    """The same accounts in the same order, everything told of each the same, numbers to 0.01."""
    assert [entry["account_id"] for entry in ours] == [entry["account_id"] for entry in theirs]
    for mine, other in zip(ours, theirs, strict=True):
        for field in ("rank", "previous_rank", "name", "level", "fit", "tier", "icp"):
            assert mine[field] == other[field], (mine["account_id"], field)
        for field in ("since", "cools_at", "last_signal_at"):
            assert _moment(mine[field]) == other[field], (mine["account_id"], field)
        for field in ("score", "priority"):
            assert abs(mine[field] - other[field]) <= 0.01, (mine["account_id"], field)
        assert sorted(mine["kinds_live"]) == sorted(other["kinds_live"])
        parts = {part["part"]: part["points"] for part in mine["parts"]}
        for part, points in other["parts"].items():
            assert abs(parts.get(part, 0.0) - points) <= 0.02, (mine["account_id"], part)
        assert abs(sum(parts.values()) - mine["score"]) < 1e-9


def _alert(alert: dict[str, Any]) -> tuple[Any, ...]:
    at = _moment(alert["at"])
    assert at is not None
    level, kinds = alert["level"], ",".join(sorted(alert["kinds_live"]))
    return (at.replace(microsecond=0), alert["account_id"], alert["type"], alert["episode"] or 0, level, kinds)


def _moment(at: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(at) if isinstance(at, str) else at
