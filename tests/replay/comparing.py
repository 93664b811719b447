"""Running the engine's replay on lines in memory, and holding it against the oracle."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson

from signal_engine.entrypoints.commands.replay_run import ReplayRun, json_document
from signal_engine.entrypoints.wiring.inputs import read_inputs
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
        (folder / f"{icp['icp']}.yaml").write_text(json.dumps(icp, default=str))
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
        for field in _SAME:
            assert mine[field] == other[field], (mine["account_id"], field)
        for field in ("since", "cools_at", "last_signal_at", "hand_raised_at", "why_now_at"):
            assert _moment(mine[field]) == other[field], (mine["account_id"], field)
        for field in ("score", "priority"):
            assert abs(mine[field] - other[field]) <= 0.01, (mine["account_id"], field)
        assert sorted(mine["kinds_live"]) == sorted(other["kinds_live"])
        parts = {part["part"]: part for part in mine["parts"]}
        for name, part in other["parts"].items():
            _assert_parts_agree(parts.get(name, _NO_PART), part)
        assert abs(sum(part["points"] for part in parts.values()) - mine["score"]) < 1e-9


_SAME = (
    *("rank", "previous_rank", "badge", "pinned", "name", "owner", "sdr", "relation", "segment", "crm_id"),
    *("level", "fit", "tier", "icp", "icp_version"),
)
_NO_PART: dict[str, Any] = {"points": 0.0, "evidence": [], "others": 0.0, "saturated": 0.0}


def _assert_parts_agree(mine: dict[str, Any], other: dict[str, Any]) -> None:
    """Points to 0.02; of a kind what evidence and others add up to, and the strongest evidence, whatever the number
    that is listed; of equally strong signals any may be.
    """
    assert abs(mine["points"] - other["points"]) <= 0.02
    if "evidence" not in other:
        return
    assert abs(mine["saturated"] - other["saturated"]) <= 0.03
    assert abs(_counted(mine) - _counted(other)) <= 0.03
    assert abs(_counted(mine) + mine["saturated"] - mine["points"]) < 1e-9
    for ours, theirs in zip(mine["evidence"], other["evidence"], strict=False):
        assert abs(ours["points"] - theirs["points"]) <= 0.01


def _counted(part: dict[str, Any]) -> float:
    points: float = sum(one["points"] for one in part["evidence"])
    return points + float(part["others"])


def _alert(alert: dict[str, Any]) -> tuple[Any, ...]:
    """What an alert says, to the second. `cooled` tells what has faded, not a signal."""
    at, result = _moment(alert["at"]), _moment(alert["why_now_at"])
    assert at is not None
    return (
        *(at.replace(microsecond=0), alert["account_id"], alert["type"], alert["episode"] or 0, alert["level"]),
        *(",".join(sorted(alert["kinds_live"])), ",".join(sorted(alert["personas_live"]))),
        *(alert["audience"], alert["raised_by"], alert["recorded"], None if alert["type"] == "cooled" else result),
    )


def _moment(at: str | datetime | None) -> datetime | None:
    return datetime.fromisoformat(at) if isinstance(at, str) else at
