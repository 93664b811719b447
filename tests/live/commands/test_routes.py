"""`routes test --account` on real servers: whom an alert of an account would reach now, with claims and mutes."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testing import processes
from testing.processes import COMMAND, ROOT
from testing.servers.finding import KafkaServer
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine

ROUTES = """\
version: 1
destinations:
  direct: {slack: {token_file: /t, direct: true}}
  ops: {webhook: {url_file: /u, secret_file: /s}}
people:
  Ann Roe: {email: ann@example.com}
  Bo Lind: {email: bo@example.com}
routes:
  - {when: {audience: triage}, to: [ops]}
  - {to: [direct], now: always}
assign:
  - {when: {country: {in: [no]}}, pool: [Bo Lind]}
"""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine whose worker runs, with a fit table in which one account fits."""
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        (tmp_path / "routes.yaml").write_text(ROUTES)
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"), ROUTES=str(tmp_path / "routes.yaml"))
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        (tmp_path / "accounts.csv").write_text(
            "domain,industry,country,sdr,relation\na.com,B2B,us,Ann Roe,\nc.com,Retail,us,Ann Roe,\n"
            "d.com,Retail,us,Ann Roe,competitor\ne.com,B2B,no,,\n"
        )
        made.run("topics", "create")
        made.worker()
        accounts, icp = str(tmp_path / "accounts.csv"), str(tmp_path / "b2b.yaml")
        made.run("fit", "load", accounts, "--icp", icp, "--yes", "--wait", "60")
        yield made


def way_of(live: Engine, account: str, *options: str, code: int = 0) -> Any:
    done = processes.run(
        [*COMMAND, "routes", "test", "--account", account, "--json", *options], env=live.environment, timeout=60
    )
    assert done.returncode == code, (done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return json.loads(done.stdout) if code == 0 else done.stderr


def reached(document: dict[str, Any]) -> list[tuple[str, str | None, str]]:
    return [(one["destination"], one["person"], one["timing"]) for one in document["deliveries"]]


async def test_it_goes_by_what_people_have_done_about_the_account(live: Engine) -> None:
    found = way_of(live, "https://www.a.com/pricing")
    assert (found["account_id"], found["audience"], found["asked"]) == ("a.com", "sdr", "sdr")
    assert reached(found) == [("direct", "Ann Roe", "at_once")]
    live.run("account", "mute", "a.com", "--by", "ann@example.com", "--until", "2d")

    async def is_muted() -> bool:
        return reached(way_of(live, "a.com")) == [("direct", "Ann Roe", "muted")]

    await live.until(is_muted, 60, "the mute was not seen")
    live.run("account", "claim", "a.com", "--by", "bo@example.com")

    async def is_claimed() -> bool:
        return reached(way_of(live, "a.com")) == [("direct", "Bo Lind", "at_once")]

    await live.until(is_claimed, 60, "the claim was not seen")
    assert way_of(live, "a.com", "--type", "hand_raise")["deliveries"][0]["timing"] == "hand_raise"


def test_an_account_of_which_no_rep_is_alerted_goes_to_triage_or_nowhere(live: Engine) -> None:
    found = way_of(live, "c.com", "--type", "trigger")
    assert (found["type"], found["audience"]) == ("inbound", "triage")
    assert reached(found) == [("ops", None, "hand_raise")]
    assert reached(way_of(live, "nobody-knows.com")) == [("ops", None, "hand_raise")]
    assert "nobody is alerted of d.com" in way_of(live, "d.com", code=1)


def test_a_load_assigns_who_has_no_sdr_once_and_says_who_gets_nobody(live: Engine, tmp_path: Path) -> None:
    accounts = tmp_path / "accounts.csv"
    accounts.write_text(accounts.read_text() + "f.com,B2B,no,,\ng.com,B2B,fr,,\n")
    load = ["fit", "load", str(accounts), "--icp", str(tmp_path / "b2b.yaml"), "--yes"]

    def loaded(*options: str, code: int = 0) -> tuple[str, str]:
        done = processes.run([*COMMAND, *load, *options], env=live.environment, timeout=90)
        assert done.returncode == code, (done.stdout, done.stderr)
        return done.stdout, done.stderr

    assert "--assign needs --by" in loaded("--assign", code=2)[1]
    assert "--by is only used with --assign" in loaded("--by", "ops@example.com", code=2)[1]
    assert "neither with --dry-run" in loaded("--assign", "--by", "ops@example.com", "--dry-run", code=2)[1]
    out, said = loaded("--assign", "--by", "ops@example.com")
    assert out.count("bo@example.com") == 2
    (warning,) = [line for line in said.splitlines() if "nobody is assigned" in line]
    assert warning.startswith("warning: nobody is assigned 1 account without an SDR, ")
    assert warning.endswith(": g.com")
    again, _ = loaded("--assign", "--by", "ops@example.com")
    assert "bo@example.com" not in again
    taken = json.loads(live.run("account", "log", "e.com", "--json"))["actions"]
    assert [(one["action"], one["assignee"], one["by"]) for one in taken] == [
        ("assign", "bo@example.com", "ops@example.com")
    ]
    (tmp_path / "routes.yaml").write_text(ROUTES.partition("assign:")[0])
    assert "has no `assign`" in loaded("--assign", "--by", "ops@example.com", code=2)[1]


async def test_an_account_without_an_sdr_gets_somebody_of_its_territory(live: Engine, tmp_path: Path) -> None:
    def assigned(*options: str) -> list[tuple[str, str]]:
        command = [*COMMAND, "routes", "assign", str(tmp_path / "accounts.csv"), "--by", "ops@example.com", "--json"]
        done = processes.run([*command, *options], env=live.environment, timeout=60)
        assert done.returncode == 0, (done.stdout, done.stderr)
        return [(one["action"]["account_id"], one["action"]["assignee"]) for one in json.loads(done.stdout)["actions"]]

    assert reached(way_of(live, "e.com")) == [("ops", None, "fallback")]
    assert assigned("--dry-run") == [("e.com", "bo@example.com")]
    assert assigned() == [("e.com", "bo@example.com")]
    assert assigned() == [], "what is assigned stays"

    async def is_assigned() -> bool:
        return reached(way_of(live, "e.com")) == [("direct", "Bo Lind", "at_once")]

    await live.until(is_assigned, 60, "the assignment was not seen")
