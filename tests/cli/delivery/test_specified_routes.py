"""The routes file as it was specified: it passes `config check`, and `routes test` says where its alerts go."""

import json
from pathlib import Path
from typing import Any

import pytest

from signal_engine.core.delivery.holdback import UNDATED, Holdback
from tests.cli.running import run
from tests.wire.delivery.alerts import an_alert
from tests.wire.delivery.specified import SPECIFIED

pytest.importorskip("holidays", reason="the extra `holidays`")

TOLD = next(name for name in ("a.com", "b.com", "c.com", "d.com") if not Holdback(0.1, UNDATED).has_drawn(name))
HELD = next(f"{n}.com" for n in range(1_000) if Holdback(0.1, UNDATED).has_drawn(f"{n}.com"))


@pytest.fixture
def routes(tmp_path: Path) -> Path:
    path = tmp_path / "routes.yaml"
    path.write_text(SPECIFIED)
    return path


def way_of(routes: Path, *options: str | Path, account: str = TOLD, **changed: Any) -> dict[str, Any]:
    alert = json.dumps(an_alert(account_id=account, **changed)).encode()
    ran = run("routes", "test", "-", "--routes", routes, "--json", *options, stdin=alert)
    assert ran.code == 0, ran.err
    found: dict[str, Any] = ran.json()
    return found


def deliveries(document: dict[str, Any]) -> list[tuple[str, str | None, str | None, str]]:
    return [(one["destination"], one["person"], one["local"], one["timing"]) for one in document["deliveries"]]


def test_it_passes_the_check_which_names_what_is_odd(routes: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SIGNAL_ENGINE_ROUTES", str(routes))
    ran = run("config", "check")
    assert ran.code == 0, ran.err
    assert f"{routes}: ok, 5 routes, 2 people" in ran.out
    warned = [line.removeprefix(f"warning: {routes}:") for line in ran.err.splitlines() if str(routes) in line]
    assert [line.split(": ", 2)[1] for line in warned] == [
        "people.Ann Roe.backup", "people.Ann Roe.manager", "assign.0.pool.1", "holdback.0",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changed", "goes"),
    [
        ({}, [("direct", "Ann Roe", "Mon 30 Nov 2026 08:00 PST", "until_hours")]),
        # Thanksgiving is a holiday, the day after is none
        ({"at": "2026-11-26T18:00:00Z"}, [("direct", "Ann Roe", "Fri 27 Nov 2026 08:00 PST", "until_hours")]),
        # a weekly digest without `to` goes where the last route does
        ({"type": "cooled"}, [("mail", "Ann Roe", "Mon 30 Nov 2026 08:00 PST", "digest")]),
        ({"tier": "B"}, [("mail", "Ann Roe", "Mon 30 Nov 2026 08:30 PST", "digest")]),
        # the backup whom nobody knows is passed over: what can wait does, a hand raise goes to triage
        ({"at": "2026-12-22T18:00:00Z"}, [("direct", "Ann Roe", "Mon 4 Jan 2027 08:00 PST", "until_back")]),
        (
            {"type": "hand_raise", "at": "2026-12-22T18:00:00Z"},
            [
                ("west", None, "Tue 22 Dec 2026 18:00 UTC", "hand_raise"),
                ("ops", None, "Tue 22 Dec 2026 18:00 UTC", "fallback"),
            ],
        ),
        # who has left hands over
        (
            {"sdr": "Cy Hall", "at": "2027-02-02T18:00:00Z"},
            [("direct", "Ann Roe", "Tue 2 Feb 2027 10:00 PST", "in_hours")],
        ),
    ],
)
def test_its_alerts_go_where_it_says(
    routes: Path, changed: dict[str, Any], goes: list[tuple[str, str | None, str, str]]
) -> None:
    assert deliveries(way_of(routes, **changed)) == goes


def test_its_control_group_is_told_nothing_but_hand_raises(routes: Path) -> None:
    held = way_of(routes, account=HELD)
    assert deliveries(held) == [("direct", None, None, "held_back")]
    assert held["control_group"] == "1970-01-01"
    raised = way_of(routes, account=HELD, type="hand_raise", at="2026-12-01T18:00:00Z")
    assert [one[0] for one in deliveries(raised)] == ["direct", "west"]


def test_its_pool_gets_accounts_without_an_sdr(routes: Path, tmp_path: Path) -> None:
    (tmp_path / "accounts.csv").write_text(f"domain,country,sdr\n{TOLD},Canada,\n")
    document = way_of(routes, "--accounts", tmp_path / "accounts.csv", sdr=None)
    assert document["assigned"]["person"] in {"Ann Roe", "Cy Hall"}
    assert document["person"] == document["assigned"]["person"]
