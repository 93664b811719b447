"""The job that the bench gives to other frameworks is the engine's own: the same scores, levels, counts and alerts."""

import json
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from bench.live.ground import ICP, SCORING
from bench.live.loads import Load, Made, account_name, events
from bench.peers.events import read
from bench.peers.job import Job, State, blank
from signal_engine.wire.instants import format_instant
from tests.build import HOUR, T0
from tests.cli.running import run

ACCOUNTS, EVENTS = 1_500, 9_000


def test_it_gives_what_a_replay_gives(tmp_path: Path) -> None:
    scoring, icp, accounts = (tmp_path / name for name in ("scoring.json", "icp.json", "accounts.csv"))
    read_scoring = YAML(typ="safe").load(SCORING)
    read_scoring["lists"] |= {"size": 100_000, "min_level": "cold"}  # everybody, not a call sheet
    scoring.write_text(json.dumps(read_scoring))
    icp.write_text(json.dumps(ICP))
    rows = [f"{account_name(n)},{('B2B', 'Retail')[n % 3 == 0]},{('us', 'fr')[n % 2]}\n" for n in range(ACCOUNTS - 100)]
    accounts.write_text("domain,industry,country\n" + "".join(rows))
    made = list(events(Load("sample", ACCOUNTS, refused=0.05), EVENTS, 4, T0))
    (tmp_path / "events.jsonl").write_bytes(b"".join(_line(one) for one in made))
    words = ["replay", str(tmp_path / "events.jsonl"), "--accounts", str(accounts), "--icp", str(icp)]
    ran = run(*words, "--scoring", str(scoring), "--until", format_instant(T0 + HOUR), "--json")
    assert ran.code == 0, ran.err
    judged = json.loads(ran.out)

    job = Job(scoring, icp, accounts)
    states, counts, alerts = _done(job, made)
    assert counts | {"received": EVENTS} == judged["counts"]
    expected = {entry["account_id"]: entry for entry in judged["lists"]["all"]}
    assert len(expected) > 60
    assert {entry["level"] for entry in expected.values()} == {"cold", "warm", "hot"}
    for name, entry in expected.items():
        assert abs(job.score(states[name], T0 + HOUR) - entry["score"]) <= 0.0051, name
        assert states[name]["level"] == entry["level"], name
    result = {(alert["account_id"], alert["type"]) for alert in judged["alerts"]}
    assert {type_ for _, type_ in result} == {"hand_raise", "entered_hot", "trigger", "new_evidence", "inbound"}
    assert alerts == result


def _line(one: Made) -> bytes:
    """A line of a file to replay, received at T0."""
    received = b'{"received_at":"%b","kind":"%b",' % (format_instant(T0).encode(), one.kind.encode())
    return one.value.replace(b"{", received, 1) + b"\n"


def _done(job: Job, made: list[Made]) -> tuple[dict[str, State], dict[str, int], set[tuple[str, str]]]:
    """States, counts and (account, type of alert), of events in the order of their ids, as a replay takes them."""
    states: dict[str, State] = {}
    counts = dict.fromkeys(("applied", "duplicate", "ignored", "expired", "rejected"), 0)
    alerts: set[tuple[str, str]] = set()
    valid: list[Any] = []
    for number, one in enumerate(made):
        event = read(one.kind, one.value, T0)
        if isinstance(event, str):
            counts["rejected"] += 1
        else:
            valid.append((event.event_id, number, event))
    for _, _, event in sorted(valid, key=lambda one: one[:2]):
        state = states.setdefault(event.account, blank())
        outcome, result = job.decide(state, event, T0)
        counts[outcome] += 1
        if result is not None and result["alert"]:
            alerts.add((event.account, result["alert"]))
    return states, counts, alerts
