"""Whether contenders do the same job: their scores, levels, alerts and counts against `signal-engine replay`.

The sample's events are all received at one instant, so that nothing depends on the order in which topics are read.
"""

import json
import subprocess
import time
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from bench.live.contenders import Contender, RunningOurs, RunningPeer
from bench.live.ground import Field, Ground
from bench.live.loads import Load
from bench.live.measuring import Failed, begin
from signal_engine.wire.instants import format_instant, parse_instant
from testing.processes import COMMAND

SAMPLE: Final = Load("sample", 2_000, refused=0.05)
EVENTS: Final = 15_000
WITHIN: Final = 120.0
TOLERANCE: Final = 0.0101
"""Points: scores are printed with two decimals."""
_LATER: Final = 3_600_000


class Checked(NamedTuple):
    """What the comparison of one contender gave."""

    same: bool
    accounts: int
    """Compared."""
    largest: float
    """The largest difference of a score, in points."""
    says: str
    """What else differs; empty when nothing does."""


def check(on: Ground, contenders: Sequence[Contender]) -> dict[str, Checked]:
    """Contender -> whether it agrees with a replay of the same events."""
    field = Field(on, SAMPLE, EVENTS)
    field.prepare()
    scoring = json.loads(field.scoring.read_text())
    scoring["lists"] |= {"size": 100_000, "min_level": "cold"}  # the list is everybody, not a call sheet
    field.scoring.write_text(json.dumps(scoring))
    field.live.set(SCORING=str(field.scoring))
    field.lines(field.folder / "events.jsonl")
    field.feed()
    return {one.name: _peer(field, one) if one.command else _ours(field, one) for one in contenders if one.does_the_job}


def _peer(field: Field, contender: Contender) -> Checked:
    until = field.now + _LATER
    scores = field.folder / f"{contender.name}.json"
    running = RunningPeer(field, contender, "check", (scores, until))
    try:
        deadline = time.monotonic() + WITHIN
        while not scores.exists():
            if not running.alive() or time.monotonic() > deadline:
                return Checked(False, 0, 0.0, f"gave no scores: {sum(running.counts())} events seen; {running.said()}")
            time.sleep(0.1)
    finally:
        running.end()
    result, judged = json.loads(scores.read_text()), replayed(field, until)
    expected = {entry["account_id"]: entry for entry in judged["lists"]["all"]}
    alerted = {alert["account_id"] for alert in judged["alerts"]}
    found = {name: one for name, one in result["accounts"].items() if name in expected}
    differences = [f"{len(expected) - len(found)} accounts are missing"] if len(found) < len(expected) else []
    largest = max((abs(one[0] - expected[name]["score"]) for name, one in found.items()), default=0.0)
    levels = [name for name, one in found.items() if one[1] != expected[name]["level"]]
    alerts = [name for name, one in found.items() if one[2] != (name in alerted)]
    differences += [f"the level of {len(levels)} accounts, such as {levels[0]}"] if levels else []
    differences += [f"alerts of {len(alerts)} accounts, such as {alerts[0]}"] if alerts else []
    counts = {name: many for name, many in judged["counts"].items() if name != "received" and many}
    differences += [f"counts {result['counts']}, not {counts}"] if result["counts"] != counts else []
    return Checked(not differences and largest <= TOLERANCE, len(found), largest, "; ".join(differences))


def _ours(field: Field, contender: Contender) -> Checked:
    """The list that is served, against the replay as of the instant for which it was made."""
    field.use(contender.name)
    field.start_anew(f"{contender.name}-check")
    running = RunningOurs(field)
    try:
        begin(running)
        deadline = time.monotonic() + WITHIN
        while sum(running.counts()) < field.many or not (served := _served(field)):
            if not running.alive() or time.monotonic() > deadline:
                return Checked(False, 0, 0.0, f"has not finished: {running.said()}")
            time.sleep(0.1)
    except Failed as error:
        return Checked(False, 0, 0.0, str(error))
    finally:
        running.end()
    judged = replayed(field, parse_instant(served["generated_at"]))["lists"]["all"]
    expected = {entry["account_id"]: entry["score"] for entry in judged}
    found = {entry["account_id"]: entry["score"] for entry in served["entries"]}
    shared = expected.keys() & found.keys()
    largest = max((abs(found[name] - expected[name]) for name in shared), default=0.0)
    says = "" if expected.keys() == found.keys() else f"{len(expected.keys() ^ found.keys())} accounts on one list only"
    return Checked(not says and largest <= TOLERANCE, len(shared), largest, says)


def _served(field: Field) -> dict[str, Any] | None:
    """The list, once it was made after the last event was read."""
    with field.ground.redis() as client:
        found: Any = client.get(f"{field.live.prefix}list:all")
    result = json.loads(found) if found else None
    return (
        result
        if result and parse_instant(result["complete_until"] or "1970-01-01T00:00:00Z") > field.now + 60_000
        else None
    )


def replayed(field: Field, until: int) -> Any:
    """What `replay --json` says of the sample at `until` (ms)."""
    words = ["replay", str(field.folder / "events.jsonl"), "--accounts", str(field.accounts), "--icp", str(field.icp)]
    words += ["--scoring", str(field.scoring), "--until", format_instant(until), "--json"]
    done = subprocess.run([*COMMAND, *words], capture_output=True, check=False, timeout=300)
    if done.returncode:
        raise SystemExit(f"the replay failed\n{done.stderr.decode()[-2000:]}")
    return json.loads(done.stdout)
