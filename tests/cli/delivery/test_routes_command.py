"""`routes test` as users run it: where an alert goes, when, and why not by the other routes."""

import json
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from signal_engine.core.delivery.holdback import Holdback
from tests.cli.running import Ran, run
from tests.wire.delivery.alerts import an_alert

ROUTES = """\
version: 1
destinations:
  direct: {slack: {token_file: /t, direct: true}}
  ops: {webhook: {url_file: /u, secret_file: /s}}
people:
  Ann Roe: {email: ann@example.com, zone: America/Los_Angeles, hours: "Mon-Fri 08:00-18:00", backup: Bo Lind}
  Bo Lind: {email: bo@example.com, zone: Europe/Berlin}
routes:
  - {when: {audience: triage}, to: [ops]}
  - {when: {type: hand_raise}, to: [direct, ops], now: always}
  - {to: [direct]}
"""


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    path = tmp_path / "routes.yaml"
    path.write_text(ROUTES)
    return path


def way_of(routes: Path, *options: str, code: int = 0, **changed: Any) -> Ran:
    alert = json.dumps(an_alert(**changed)).encode()
    ran = run("routes", "test", "-", "--routes", routes, *options, stdin=alert)
    assert ran.code == code, ran.err
    return ran


def test_it_says_where_the_alert_goes_when_and_why_the_others_do_not_take_it(routes: Path) -> None:
    ran = way_of(routes)
    assert "It is for Ann Roe: Ann Roe is its SDR." in ran.out
    assert "Mon 30 Nov 2026 08:00 PST" in ran.out
    assert "held until working hours begin" in ran.out
    assert "its audience is sdr, not triage" in ran.out
    assert "its type is entered_hot, not hand_raise" in ran.out
    assert f"{routes.name}:11" in ran.out.replace("\n", "")


def test_the_same_as_json(routes: Path) -> None:
    document = way_of(routes, "--json").json()
    assert document["route"] == {"number": 3, "line": 11, "when": "every alert"}
    (delivery,) = document["deliveries"]
    assert (delivery["destination"], delivery["person"], delivery["at"]) == (
        "direct",
        "Ann Roe",
        "2026-11-30T16:00:00Z",
    )
    assert [one["field"] for one in document["passed"]] == ["audience", "type"]
    assert document["passed"][1]["wanted"] == ["hand_raise"]
    late = way_of(routes, "--json", "--at", "2026-11-30T20:00:00Z").json()
    assert late["deliveries"][0]["timing"] == "in_hours"


def test_a_name_that_nobody_bears_goes_to_triage_and_is_said(routes: Path) -> None:
    ran = way_of(routes, sdr="Cy Hall")
    assert "Cy Hall is none of the people in the routes file." in ran.out
    assert "ops  webhook" in ran.out


def test_claims_and_mutes_come_from_a_file_of_actions(routes: Path, tmp_path: Path) -> None:
    actions = tmp_path / "actions.jsonl"
    claim = {
        "action_id": "6f1b2a3c-0000-4000-8000-000000000001",
        "account_id": "acme.com",
        "action": "claim",
        "at": "2026-11-30T09:00:00Z",
        "by": "bo@example.com",
        "via": "cli",
        "until": "2026-12-09T09:00:00Z",
    }
    mute = {**claim, "action": "mute", "action_id": "6f1b2a3c-0000-4000-8000-000000000002"}
    actions.write_text(json.dumps(claim) + "\n")
    assert way_of(routes, "--json", "--actions", str(actions)).json()["person"] == "Bo Lind"
    actions.write_text(json.dumps(claim) + "\n" + json.dumps(mute) + "\n")
    muted = way_of(routes, "--json", "--actions", str(actions)).json()
    assert [(one["person"], one["timing"], one["at"]) for one in muted["deliveries"]] == [("Bo Lind", "muted", None)]
    actions.write_text("{}\n")
    assert f"{actions}:1: schema: " in way_of(routes, "--actions", str(actions), code=2).err


def test_an_alert_that_was_not_sent_is_told_with_the_reason(routes: Path) -> None:
    assert (
        "warning: this alert was recorded but not sent: it came from loaded" in way_of(routes, recorded="backfill").err
    )


def test_bad_input_is_named_by_file_and_field(routes: Path) -> None:
    assert "error: standard input: score: must be a valid number" in way_of(routes, code=2, score="x").err
    routes.write_text(ROUTES.replace("[direct]}", "[dirct]}"))
    assert f"error: {routes}:11: routes.2.to.0: 'dirct' is none of" in way_of(routes, code=2).err


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ((), "give either ALERT.json or --account"),
        (("-", "--account", "acme.com"), "give either ALERT.json or --account"),
        (("-", "--type", "trigger"), "--type is only used with --account"),
        (("--account", "acme.com", "--actions", "README.md"), "--actions is only used with ALERT.json"),
    ],
)
def test_options_that_do_not_go_together_are_refused(options: tuple[str, ...], said: str) -> None:
    ran = run("routes", "test", *options)
    assert ran.code == 2
    assert said in ran.err


WITH_CLOCK = ROUTES.replace("  - {to: [direct]}", "  - {to: [direct], clock: 4h}").replace(
    "backup: Bo Lind}", "backup: Bo Lind, manager: Kim Yu}\n  Kim Yu: {email: kim@example.com}"
)


def test_it_says_who_is_told_when_nobody_claims_the_account(routes: Path) -> None:
    routes.write_text(WITH_CLOCK)
    document = way_of(routes, "--json").json()
    assert [(one["to"], one["name"], one["local"]) for one in document["unclaimed"]] == [
        ("manager", "Kim Yu", "Mon 30 Nov 2026 12:00 PST"),
        ("backup", "Bo Lind", "Mon 30 Nov 2026 16:00 PST"),
    ]
    assert "Unclaimed by Mon 30 Nov 2026 12:00 PST: Kim Yu is told." in way_of(routes).out
    routes.write_text(WITH_CLOCK.replace(", manager: Kim Yu", ""))
    assert "Unclaimed by Mon 30 Nov 2026 12:00 PST: Bo Lind is told." in way_of(routes).out
    routes.write_text(WITH_CLOCK.replace(", manager: Kim Yu", "").replace(", backup: Bo Lind", ""))
    assert "triage, since neither manager nor backup is reached, is told" in way_of(routes).out


def test_nobody_is_late_before_the_message_is_sent_or_where_the_account_is_claimed(routes: Path) -> None:
    routes.write_text(WITH_CLOCK.replace("clock: 4h", "clock: 4h, digest: daily 09:00"))
    (first, _) = way_of(routes, "--json").json()["unclaimed"]
    assert first["local"] == "Mon 30 Nov 2026 13:00 PST"
    assert way_of(routes, "--json", claimed_by="bo@example.com").json()["unclaimed"] == []


@pytest.mark.parametrize(("type_", "group"), [("entered_hot", "2026-11-01"), ("hand_raise", None)])
def test_it_says_that_an_account_is_in_the_control_group(routes: Path, type_: str, group: str | None) -> None:
    draw = next(salt for salt in "abcdefgh" if Holdback(0.5, date(2026, 11, 1), salt=salt).has_drawn("acme.com"))
    routes.write_text(WITH_CLOCK + f"holdback: {{share: 50%, since: 2026-11-01, salt: {draw}}}\n")
    document = way_of(routes, "--json", account_id="acme.com", type=type_, pinned=False).json()
    assert document["control_group"] == group
    assert all((one["timing"] == "held_back") is (group is not None) for one in document["deliveries"])
    assert bool(document["unclaimed"]) is False or group is None, "nothing is sent, so nobody is late"
    said = way_of(routes, account_id="acme.com", type=type_, pinned=False).out
    assert ("It is in the control group of 2026-11-01." in said) is (group is not None)


def test_an_account_without_an_sdr_is_shown_with_who_gets_it(routes: Path, tmp_path: Path) -> None:
    routes.write_text(ROUTES + "assign:\n  - {when: {Country: {in: [Canada]}}, pool: [Bo Lind]}\n")
    (tmp_path / "accounts.csv").write_text(
        "domain,country,sdr\nacme.com,Canada,\nmine.com,Canada,Ann Roe\nfar.com,France,\n"
    )

    def given(account: str, *options: str) -> Ran:
        return way_of(routes, "--accounts", tmp_path / "accounts.csv", *options, account_id=account)

    document = given("acme.com", "--json").json()
    assert document["assigned"] == {"person": "Bo Lind", "territory": 1, "line": 13}
    assert document["person"] == "Bo Lind"
    assert "The account has no SDR: Bo Lind gets it (" in given("acme.com").out
    for account in ("mine.com", "far.com", "unknown.com"):
        document = given(account, "--json").json()
        assert (document["assigned"], document["person"]) == (None, "Ann Roe")
