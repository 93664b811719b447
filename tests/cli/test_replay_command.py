"""`signal-engine replay` as a user meets it."""

import gzip
import subprocess
from datetime import date
from pathlib import Path

import jsonschema
import orjson
import pytest

from signal_engine.core.delivery.holdback import Holdback
from tests.cli.running import CONFIG, EVENTS, ROOT, lines, run


def test_json_has_the_shape_of_the_contract_and_of_the_schema() -> None:
    ran = run("replay", "-", *CONFIG, "--json", stdin=lines(EVENTS) + b"oops\n")
    assert ran.code == 0
    result = ran.json()
    assert list(result) == ["until", "config_version", "counts", "lists", "distribution", "alerts", "rejected"]
    assert result["until"] == "2026-03-01T09:00:00Z"
    counts = {"received": 2, "applied": 1, "duplicate": 0, "ignored": 0, "expired": 0, "rejected": 1}
    assert result["counts"] == counts
    assert set(result["lists"]) == {"all", "midmarket-saas", "enterprise-fintech"}
    assert [refused["line"] for refused in result["rejected"]] == [2]
    schema = orjson.loads((ROOT / "schemas" / "replay-result.json").read_bytes())
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(result)


def test_a_hand_raise_is_an_alert_that_explains_itself_and_names_nobody() -> None:
    result = run("replay", "-", *CONFIG, "--json", stdin=lines(EVENTS)).json()
    (alert,) = result["alerts"]
    assert alert["type"] == "hand_raise"
    assert alert["account_id"] == "brindlefax.com"
    assert alert["why_now"] == "CFO asked for a demo"
    assert alert["people"] == [{"persona": "finance", "called": "cfo", "last_seen_at": "2026-03-01T09:00:00Z"}]
    # 20 points, facet cap 25: 20 / (1 + 0.8**3)**(1/3) = 17.43; cap 45: 17.43 / (1 + 0.3873**3)**(1/3) = 17.10
    assert alert["score"] == 17.10
    assert "p-17" not in orjson.dumps(result).decode()


def test_files_may_be_several_and_gzip_and_refused_lines_name_their_file(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_bytes(lines(EVENTS))
    (tmp_path / "b").write_bytes(gzip.compress(b"nonsense\n" + lines({**EVENTS, "event_id": "e-2"})))
    result = run("replay", tmp_path / "a.jsonl", tmp_path / "b", *CONFIG, "--json").json()
    assert result["counts"]["applied"] == 2
    assert result["rejected"][0] == {
        "file": str(tmp_path / "b"),
        "line": 1,
        "reason": "not_json",
        "detail": result["rejected"][0]["detail"],
    }


def test_the_table_is_on_stdout_and_the_rest_on_stderr() -> None:
    ran = run("replay", "-", *CONFIG, stdin=lines(EVENTS) + b"oops\n")
    assert ran.code == 0
    assert "In the market now" in ran.out
    assert "Hand raise" in ran.out
    assert "alerted" in ran.out
    assert (
        "62 accounts: 34 fit and may be called; of these 1 had signals, 0 were hot at some time, another 0 warm"
        in ran.out
    )
    assert "No account became hot:" in ran.out
    assert "(the highest was 17 of 40, from engagement)" in " ".join(ran.out.split())
    assert "rejected line 2: not_json" in ran.err
    assert "2 events received: 1 applied" in ran.err
    assert "\x1b[" not in ran.out + ran.err


def test_a_hostile_company_name_stays_text(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.csv"
    name = "[red]Evil[/red]\x1b[31m :smile: \u202eCorp"
    text = (ROOT / "config" / "accounts.csv").read_text()
    accounts.write_text(text.replace(",Brindlefax,", f",{name},"))
    result = run("replay", "-", "--accounts", accounts, *CONFIG[2:], stdin=lines(EVENTS))
    assert "[red]Evil[/red]" in result.out
    assert ":smile:" in result.out
    assert "\x1b" not in result.out
    assert "\u202e" not in result.out


def test_lists_of_what_we_sell_that_are_empty_are_warned_of_and_told_as_what_hides_everybody(tmp_path: Path) -> None:
    text = (ROOT / "config" / "scoring.yaml").read_text()
    line = next(one for one in text.splitlines() if one.startswith("  departments: "))
    (tmp_path / "s.yaml").write_text(text.replace(line, "  departments: []"))
    ran = run("replay", "-", *CONFIG, "--scoring", tmp_path / "s.yaml", stdin=lines(EVENTS))
    place = f"{tmp_path / 's.yaml'}:{text.splitlines().index(line) + 1}"
    assert f"warning: {place}: sells.departments: is empty, but kinds.hiring.rules[0].when.department" in ran.err
    assert "rules refer to empty lists of `sells` (departments)" in " ".join(ran.out.split())
    assert ran.code == 0


def test_a_last_event_that_is_still_to_come_is_warned_of_since_everything_is_judged_as_of_it() -> None:
    late = lines(EVENTS, {**EVENTS, "event_id": "e-2", "occurred_at": "9999-12-31T09:00:00Z"})
    said = "warning: the last event, 9999-12-31T09:00:00Z, lies in the future, and scores are as of then"
    assert said in " ".join(run("replay", "-", *CONFIG, "--json", stdin=late).err.split())
    assert said not in run("replay", "-", *CONFIG, "--json", "--until", "2026-03-02T00:00:00Z", stdin=late).err
    assert "still to come" not in run("replay", "-", *CONFIG, stdin=lines(EVENTS)).err


def test_no_event_is_no_failure() -> None:
    ran = run("replay", "-", *CONFIG, "--json")
    assert ran.code == 0
    assert ran.json()["until"] is None
    assert ran.json()["lists"] == {"all": [], "midmarket-saas": [], "enterprise-fintech": []}


WRONG = [
    pytest.param(["nowhere.jsonl", *CONFIG], "nowhere.jsonl", id="an event file that is not there"),
    pytest.param(["-", *CONFIG[2:]], "--accounts", id="no accounts file"),
    pytest.param(["-", *CONFIG[:2]], "--icp", id="no ICP file"),
    pytest.param(["-", *CONFIG, "--until", "yesterday"], "--until", id="an instant that is none"),
    pytest.param(["-", *CONFIG, "--until", "1767225600"], "--until", id="epoch seconds"),
    pytest.param(["-", *CONFIG, "--scoring", "config/accounts.csv"], "config/accounts.csv:1", id="no scoring file"),
    pytest.param(
        ["-", *CONFIG, "--icp", "config/icp/midmarket-saas.yaml"], "midmarket-saas", id="the same ICP a second time"
    ),
    pytest.param(["-", "--accounts", "config/scoring.yaml", *CONFIG[2:]], "account_id", id="no account column"),
    pytest.param(["--frob", "-", *CONFIG], "--frob", id="an unknown option"),
]


@pytest.mark.parametrize(("arguments", "named"), WRONG)
def test_wrong_usage_exits_2_and_names_what_is_wrong(arguments: list[str], named: str) -> None:
    ran = run("replay", *arguments)
    assert ran.code == 2
    assert named in ran.err
    assert ran.out == ""
    assert "Traceback" not in ran.err


def test_a_damaged_gzip_file_fails_with_its_reason_and_not_with_a_trace(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl.gz"
    path.write_bytes(gzip.compress(lines(*[{**EVENTS, "event_id": str(n)} for n in range(5_000)]))[:-500])
    ran = run("replay", path, *CONFIG)
    assert ran.code == 1
    assert str(path) in ran.err
    assert "Traceback" not in ran.err


def test_a_reader_that_leaves_early_is_no_trouble(tmp_path: Path) -> None:
    (tmp_path / "events").write_bytes(lines(EVENTS))
    shell = f".venv/bin/signal-engine replay {tmp_path / 'events'} {' '.join(CONFIG)} --json | head -c 1"
    done = subprocess.run(["bash", "-c", shell], cwd=ROOT, capture_output=True, timeout=60, check=False)
    assert done.stdout == b"{"
    assert b"Traceback" not in done.stderr


def test_input_of_which_every_line_was_refused_fails() -> None:
    ran = run("replay", "-", *CONFIG, "--json", stdin=b"oops\n" + lines({**EVENTS, "account_id": "localhost"}))
    assert ran.code == 1
    assert ran.json()["counts"]["rejected"] == 2, "what was refused is told all the same"
    ran = run("replay", "-", *CONFIG, stdin=b"oops\n")
    assert (ran.code, "rejected line 1: not_json" in ran.err) == (1, True)


def test_input_without_lines_or_with_only_duplicates_does_not_fail() -> None:
    assert run("replay", "-", *CONFIG, "--json", stdin=b"\n").code == 0
    old = {**EVENTS, "occurred_at": "2020-01-01T00:00:00Z", "received_at": "2026-01-01T00:00:00Z"}
    assert run("replay", "-", *CONFIG, "--json", stdin=lines(old)).code == 0


def test_account_actions_are_taken_among_the_events_and_told_apart(tmp_path: Path) -> None:
    def act(number: int, action: str, at: str, account: str = "brindlefax.com") -> dict[str, str]:
        base = {"action_id": f"00000000-0000-4000-8000-{number:012}", "account_id": account, "action": action}
        return {**base, "at": at, "by": "dana@example.com", "via": "cli"}

    acts = tmp_path / "actions.jsonl"
    acts.write_bytes(
        lines(
            act(1, "kill", "2026-03-01T08:00:00Z"),
            act(1, "restore", "2026-03-01T08:30:00Z"),
            act(2, "kill", "2026-03-02T08:00:00Z", "nohost"),
            act(3, "do_not_contact", "2026-03-03T08:00:00Z"),
        )
        + b"\n"
    )
    plain = run("replay", "-", *CONFIG, "--json", stdin=lines(EVENTS)).json()
    told = run("replay", "-", *CONFIG, "--actions", acts, "--json", stdin=lines(EVENTS)).json()
    assert "actions" not in plain
    assert len(plain["alerts"]) == 1
    assert (told["until"], told["alerts"], told["lists"]["all"]) == ("2026-03-03T08:00:00Z", [], [])
    assert told["counts"] == plain["counts"]
    (refused,) = told["actions"].pop("refused")
    assert told["actions"] == {"received": 4, "applied": 2, "duplicate": 1}
    assert (refused["line"], refused["reason"]) == (3, "account")
    schema = orjson.loads((ROOT / "schemas" / "replay-result.json").read_bytes())
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(
        {**told, "actions": {**told["actions"], "refused": [refused]}}
    )
    people = run("replay", "-", *CONFIG, "--actions", acts, stdin=lines(EVENTS))
    assert "4 account actions received: 2 applied, 1 duplicate, 1 refused." in people.err
    assert "actions.jsonl:3: account: account_id" in people.err
    earlier = ("--until", "2026-03-01T08:15:00Z")
    told = run("replay", "-", *CONFIG, "--actions", acts, "--json", *earlier, stdin=lines(EVENTS)).json()
    assert told["actions"] == {"received": 1, "applied": 1, "duplicate": 0, "refused": []}


def test_an_alias_of_the_accounts_file_counts_for_its_account_from_the_instant_on_that_is_given(tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.csv"
    header, *rows = (ROOT / "config" / "accounts.csv").read_text().splitlines()
    named = [f"{row},{'brindlefax.io' if row.startswith('brindlefax.com,') else ''}" for row in rows]
    accounts.write_text("\n".join([f"{header},other domains", *named]) + "\n")
    sent = lines({**EVENTS, "account_id": "www.brindlefax.io"})
    judging = ("--accounts", accounts, *CONFIG[2:])
    result = run("replay", "-", *judging, "--json", stdin=sent).json()
    (alert,) = result["alerts"]
    assert alert["account_id"] == "brindlefax.com"
    evidence = [one for part in alert["parts"] for one in part["evidence"]]
    assert [one["alias"] for one in evidence] == ["brindlefax.io"]
    for since, alerts in ((EVENTS["occurred_at"], 1), ("2099-01-01T00:00:00Z", 0)):
        result = run("replay", "-", *judging, "--aliases-since", since, "--json", stdin=sent).json()
        assert [alert["account_id"] for alert in result["alerts"] if alert["type"] == "hand_raise"] == [
            "brindlefax.com"
        ] * alerts
    (tmp_path / "events.jsonl").write_bytes(sent)
    explained = run("explain", "brindlefax.io", tmp_path / "events.jsonl", *judging)
    assert "Brindlefax" in explained.out
    assert "(via brindlefax.io)" in " ".join(explained.out.split())


def _hot(account: str) -> list[dict[str, object]]:
    """Signals by which an account becomes hot, without a hand raise."""
    signals: list[dict[str, object]] = [
        {"kind": "intent", "topic": "CRM", "score": 91},
        {"kind": "intent", "topic": "sales forecasting", "score": 84},
        *(
            {"kind": "engagement", "activity": "pricing_view", "persona": persona, "page": "/pricing"}
            for persona in ("Chief Financial Officer", "VP Sales", "Head of Demand Generation")
        ),
    ]
    return [
        {"event_id": f"{account}-{number}", "account_id": account, "occurred_at": f"2026-02-27T0{number}:00:00Z", **one}
        for number, one in enumerate(signals)
    ]


def test_alerts_of_a_control_group_stand_there_with_their_reason(tmp_path: Path) -> None:
    accounts = ("quillmarsh-systems.com", "brindlefax.com", "tormelay.io")
    draw = next(
        one
        for salt in "abcdefghijklmnop"
        if (one := Holdback(0.5, date(2026, 2, 1), salt=salt)).has_drawn(accounts[0])
        and one.has_drawn(accounts[1])
        and not one.has_drawn(accounts[2])
    )
    routes = tmp_path / "routes.yaml"
    routes.write_text(f"""\
destinations:
  ops: {{webhook: {{url_file: /u, secret_file: /s}}}}
routes:
  - {{when: {{audience: triage}}, to: [ops]}}
  - {{to: [ops]}}
holdback: {{share: 50%, since: 2026-02-01, salt: {draw.salt}}}
""")
    events = lines(*(one for account in accounts for one in _hot(account)), EVENTS)
    plain = run("replay", "-", *CONFIG, "--json", stdin=events).json()
    ran = run("replay", "-", *CONFIG, "--json", "--routes", routes, stdin=events)
    found = ran.json()
    why = {(one["account_id"], one["type"]): one["recorded"] for one in found["alerts"]}
    assert {type_ for _, type_ in why} >= {"entered_hot", "hand_raise"}, "else this says little"
    for (account, type_), recorded in why.items():
        held = account != accounts[2] and type_ != "hand_raise"
        assert recorded == ("control_group" if held else None), (account, type_)
    assert [{**one, "recorded": None} for one in found["alerts"]] == plain["alerts"]
    assert found["lists"] == plain["lists"]
    schema = orjson.loads((ROOT / "schemas" / "replay-result.json").read_bytes())
    jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker()).validate(found)
    table = " ".join(run("replay", "-", *CONFIG, "--routes", routes, stdin=events).out.split())
    assert "control group, not sent" in table
