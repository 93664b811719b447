"""`signal-engine account` on real servers: what is written, what is refused and how, and the log of it."""

import json
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest

from signal_engine.core.actions.action import AccountAction
from signal_engine.wire.actions.record import read_action
from signal_engine.wire.instants import parse_instant
from testing import processes
from testing.processes import COMMAND, ROOT
from testing.servers.finding import KafkaServer
from tests.build import DAY
from tests.http.server.test_process import serving
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine

OWNER, SAM, KIM, PAT = (f"{name}@example.com" for name in ("tests", "sam", "kim", "pat"))


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    """An engine with topics and a fit table; the worker that has decided the accounts has ended."""
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=3) as made:
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"), PRIVACY_OWNER=PAT)
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        (tmp_path / "accounts.csv").write_text("domain,industry,country\na.com,B2B,us\nb.com,B2B,fr\nc.com,Retail,us\n")
        made.run("topics", "create")
        worker = made.worker()
        accounts, icp = str(tmp_path / "accounts.csv"), str(tmp_path / "b2b.yaml")
        made.run("fit", "load", accounts, "--icp", icp, "--yes", "--wait", "60")
        assert worker.end() == 0
        yield made


class Ran:
    """How a command ended."""

    def __init__(self, live: Engine, *words: str, stdin: str = "", code: int = 0) -> None:
        done = processes.run([*COMMAND, "account", *words], env=live.environment, stdin=stdin.encode(), timeout=60)
        assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
        assert "Traceback" not in done.stderr
        self.out, self.err = done.stdout, done.stderr

    def json(self) -> Any:
        return json.loads(self.out)


async def written(live: Engine) -> list[AccountAction]:
    """Every action that Kafka has, by account and in order."""
    records = await live.read("account.actions")
    actions = [read_action(record.value, record.timestamp) for record in records]
    assert all(isinstance(action, AccountAction) for action in actions)
    assert all(record.key.decode() == action.account for record, action in zip(records, actions, strict=True))
    return sorted((one for one in actions if isinstance(one, AccountAction)), key=lambda one: (one.at, one.account))


async def test_the_owner_kills_and_restores_and_the_log_has_it(live: Engine) -> None:
    told = Ran(live, "kill", "https://www.a.com/x", "--by", OWNER, "--reason", "Sold to a rival.", "--json").json()
    (one,) = told["actions"]
    assert (one["repeated"], one["known"], told["refused"], told["dry_run"]) == (False, True, [], False)
    assert one["action"]["authority"] == {"icp": "b2b", "version": 1, "owner": OWNER}
    assert "Disqualify" in Ran(live, "kill", "--help").out
    assert "written: 1" in Ran(live, "restore", "a.com", "--by", OWNER).out
    killed, restored = await written(live)
    assert (killed.account, killed.action, killed.icp, killed.via, killed.by) == ("a.com", "kill", "b2b", "cli", OWNER)
    assert killed.review_at is not None
    assert 179 * DAY < killed.review_at - killed.at <= 180 * DAY
    assert (restored.action, restored.icp) == ("restore", "b2b")
    log = Ran(live, "log", "www.A.com", "--json").json()
    assert [(entry["action"], entry["by"], entry["reason"]) for entry in log["actions"]] == [
        ("restore", OWNER, None),
        ("kill", OWNER, "Sold to a rival."),
    ]
    assert all(parse_instant(entry["applied_at"]) >= parse_instant(entry["at"]) - DAY for entry in log["actions"])
    assert "Sold to a rival." in Ran(live, "log", "a.com").out
    assert "Nobody has acted on it." in Ran(live, "log", "b.com").out


async def test_who_may_not_is_refused_with_the_owners_name_and_nothing_is_written(live: Engine) -> None:
    refused = Ran(live, "kill", "a.com", "--by", SAM, code=1)
    assert "The tests <tests@example.com> owns b2b" in refused.err
    assert "not_a_fit" in refused.err
    assert "no ICP in force admits" in Ran(live, "kill", "c.com", "--by", OWNER, code=1).err
    assert "by must be an e-mail address" in Ran(live, "claim", "a.com", "--by", "sam", code=2).err
    assert (
        "until is in the past"
        in Ran(live, "snooze", "a.com", "--by", SAM, "--until", "2020-01-01T00:00:00Z", code=2).err
    )
    assert "Missing option '--by'" in Ran(live, "claim", "a.com", code=2).err
    assert "no account is named" in Ran(live, "claim", "--by", SAM, code=2).err
    assert await written(live) == []


async def test_many_from_a_file_and_standard_input_all_or_none(live: Engine) -> None:
    Ran(live, "claim", "b.com", "--by", KIM)
    file = live.folder / "leads.txt"
    file.write_text("# my leads\na.com\n\nb.com  # the second\nnot an account\nhttps://a.com\n")
    refused = Ran(live, "claim", "--file", str(file), "--by", SAM, code=2)
    assert f"{file}:4: b.com: kim@example.com has claimed the account until " in refused.err
    assert f"{file}:5: not an account: account " in refused.err
    assert "Nothing was written" in refused.err
    assert len(await written(live)) == 1
    tried = Ran(live, "claim", "--file", "-", "--by", SAM, "--dry-run", "--json", stdin="a.com\nd.com\n").json()
    assert [(one["action"]["account_id"], one["known"]) for one in tried["actions"]] == [
        ("a.com", True),
        ("d.com", False),
    ]
    assert len(await written(live)) == 1
    done = Ran(
        live, "claim", "c.com", "--file", "-", "--by", SAM, "--skip-refused", "--json", stdin="a.com\nb.com\n", code=1
    )
    assert [one["account"] for one in done.json()["refused"]] == ["b.com"]
    assert {one.account for one in await written(live) if one.by == SAM} == {"a.com", "c.com"}


async def test_every_other_action_writes_its_terms(live: Engine) -> None:
    live.set(DISPOSITION_DAYS="not_now=7")
    Ran(live, "snooze", "a.com", "--by", SAM, "--until", "3d")
    Ran(live, "claim", "a.com", "--by", SAM)
    assert "take_over" in Ran(live, "claim", "a.com", "--by", KIM, code=1).err
    Ran(live, "claim", "a.com", "--by", KIM, "--take-over")
    Ran(live, "release", "a.com", "--by", KIM)
    warned = Ran(
        live, "disposition", "a.com", "--by", SAM, "--outcome", "not_now", "--reason", "Ask ann@acme.com in May."
    )
    assert "kept for ever" in warned.err
    Ran(live, "assign", "a.com", "--by", SAM, "--to", KIM)
    Ran(live, "mute", "a.com", "--by", SAM, "--until", "1d")
    Ran(live, "do-not-contact", "a.com", "--by", SAM)
    assert PAT in Ran(live, "do-not-contact", "a.com", "--by", SAM, "--lift", code=1).err
    Ran(live, "do-not-contact", "a.com", "--by", PAT, "--lift")
    told = {(one.action, one.by): one for one in await written(live)}
    days = {place: (one.until - one.at) / DAY for place, one in told.items() if one.until is not None}
    assert days == pytest.approx(
        {("snooze", SAM): 3, ("claim", SAM): 14, ("claim", KIM): 14, ("disposition", SAM): 7, ("mute", SAM): 1},
        abs=0.01,
    )
    assert told["claim", KIM].take_over
    assert told["assign", SAM].assignee == KIM
    assert {action for action, _ in told} == {
        "snooze", "claim", "release", "disposition", "assign", "mute", "do_not_contact", "lift",
    }  # fmt: skip


def test_a_topic_that_is_missing_and_a_broker_that_is_away_are_messages(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=1) as bare:
        bare.set(SCORING=str(ROOT / "config" / "scoring.yaml"))
        assert (
            "is missing; create it with `signal-engine topics create`"
            in Ran(bare, "claim", "a.com", "--by", SAM, code=1).err
        )
        assert "is missing" in Ran(bare, "log", "a.com", code=1).err
        bare.set(KAFKA_BOOTSTRAP_SERVERS="127.0.0.1:1")
        assert "Kafka does not answer" in Ran(bare, "claim", "a.com", "--by", SAM, code=1).err


def told_over_http(request: "str | urllib.request.Request") -> tuple[int, Any]:
    """Status and document of an answer."""
    try:
        with urllib.request.urlopen(request, timeout=30) as told:
            return told.status, json.load(told)
    except urllib.error.HTTPError as error:
        return error.code, json.load(error)


def posted(url: str, account: str, **body: str) -> tuple[int, Any]:
    """The same of an action that the dashboard asks for."""
    headers = {"Content-Type": "application/json", "Sec-Fetch-Site": "same-origin", "Idempotency-Key": str(uuid4())}
    place = f"{url}v1/accounts/{account}/actions"
    return told_over_http(urllib.request.Request(place, json.dumps(body).encode(), headers))


async def test_the_api_writes_to_kafka_and_knows_what_the_engine_has_applied(live: Engine, tmp_path: Path) -> None:
    names = ("KAFKA_BOOTSTRAP_SERVERS", "REDIS_URL", "PREFIX")
    settings = {name: live.environment[f"SIGNAL_ENGINE_{name}"] for name in names}
    with serving(tmp_path / "api.log", API_ACTOR=SAM, **settings) as (_, url):
        code, claimed = posted(url, "www.a.com", action="claim")
        assert code == 201
        code, refused = posted(url, "a.com", action="kill")
        assert code == 403
        assert "The tests <tests@example.com> owns b2b" in refused["detail"]
        assert Ran(live, "log", "a.com", "--json").json()["actions"] == [claimed["action"]]
        code, read = told_over_http(f"{url}v1/accounts/a.com/actions")
        assert (code, read["actions"]) == (200, [claimed["action"]]), "what it has just written it knows"
        Ran(live, "claim", "b.com", "--by", KIM)
        live.worker()

        async def applied() -> bool:
            _, read = told_over_http(f"{url}v1/accounts/b.com/actions")
            return [one["by"] for one in read.get("in_force", ())] == [KIM]

        await live.until(applied, 60, "the engine has not applied the claim")
        code, conflict = posted(url, "b.com", action="claim")
        assert (code, KIM in conflict["detail"]) == (409, True)
    assert [(one.account, one.via) for one in await written(live)] == [("a.com", "dashboard"), ("b.com", "cli")]
