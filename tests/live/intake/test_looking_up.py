"""`ingest` looks accounts up as loads bring them: by name and CRM id, what changes and what leaves included."""

import hashlib
import hmac
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testing import processes
from testing.ingest import IngestProcess
from testing.processes import COMMAND
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from tests.live.engine import Engine, engine
from tests.live.intake.test_ingest import SECRET, ago, post

HOOKS = """
hooks:
  named:
    mapping: named.yaml
    signature: {scheme: hmac-sha256, header: X-Sig, secret_env: FORMS_SECRET}
"""
NAMED = """
mapping: named
reads: json
produces: engagement
account:
  - {from: company, through: accounts.name}
  - {from: id, through: accounts.crm_id}
event_id: [at]
occurred_at: at
constants: {activity: form_fill, source: forms}
"""
ICP = """
icp: everybody
version: 1
owner: {name: Marketing, email: marketing@example.com}
review_by: 2099-01-01
base: 50
points: []
tiers: {A: 80, B: 50}
decisions: {A: chase, B: chase}
"""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path) as made:
        for name, text in (("hooks", HOOKS), ("named", NAMED), ("icp", ICP)):
            (tmp_path / f"{name}.yaml").write_text(text)
        made.environment["FORMS_SECRET"] = SECRET
        made.set(HOOKS=str(tmp_path / "hooks.yaml"))
        yield made


def load(live: Engine, *rows: str) -> None:
    path = live.folder / "accounts.csv"
    path.write_text("\n".join(["account_id,name,crm_id", *rows]) + "\n")
    live.run("fit", "load", str(path), "--icp", str(live.folder / "icp.yaml"), "--yes")


async def door(live: Engine, log: str = "ingest.log") -> IngestProcess:
    live.workers.append(made := IngestProcess(live.folder / log, live.environment, free_port()))
    await made.started()
    await known(live, made, 1)
    return made


async def known(live: Engine, made: IngestProcess, times: int) -> None:
    async def said() -> bool:
        return made.words().count("accounts_known") >= times

    await live.until(said, 60, "the accounts were not read")


def told(made: IngestProcess, **fields: Any) -> dict[str, int]:
    document = {"at": ago(minutes=1), **fields}
    signature = hmac.new(SECRET.encode(), json.dumps(document).encode(), hashlib.sha256).hexdigest()
    status, answer = post(f"{made.url}/v1/hooks/named", document, X_Sig=signature)
    assert status == 202, answer
    return dict(answer)


async def found(live: Engine, made: IngestProcess, **fields: Any) -> None:
    async def accepted() -> bool:
        return told(made, **fields)["accepted"] == 1

    await live.until(accepted, 60, f"{fields} names no account")


async def test_names_and_ids_follow_what_is_loaded(live: Engine) -> None:
    live.run("topics", "create")
    load(live, "acme.com,Acme Inc.,7", "bee.com,Bee,8")
    made = await door(live)
    assert [line["unreadable"] for line in made.said() if line["event"] == "accounts_known"] == [0]
    assert told(made, company="ACME")["accepted"] == 1
    assert told(made, id="8")["accepted"] == 1
    assert told(made, company="Newcomer")["kept"] == 1
    accounts = [json.loads(one.value)["account_id"] for one in await live.read("signals.engagement")]
    assert sorted(accounts) == ["acme.com", "bee.com"]

    load(live, "acme.com,Renamed,7", "newcomer.com,Newcomer,9")
    await found(live, made, company="Newcomer")
    await found(live, made, company="Renamed")
    assert told(made, company="Acme")["kept"] == 1
    assert told(made, id="8")["kept"] == 1, "it has left"
    replay = json.loads(live.run("dlq", "replay", "--topic", "ingest.dlq", "--dry-run", "--json"))
    assert replay["hooks"]["named"]["events"] >= 1, "what named a newcomer too early is one of it now"

    assert made.end() == 0
    again = await door(live, "again.log")
    assert (told(again, company="Newcomer")["accepted"], told(again, company="Bee")["kept"]) == (1, 1)
    levels = {line["level"] for one in (made, again) for line in one.said()}
    assert not {"error", "critical"} & levels


def test_without_the_topic_of_accounts_a_hook_that_looks_them_up_is_not_served(live: Engine) -> None:
    done = processes.run([*COMMAND, "ingest"], env={**live.environment, "SIGNAL_ENGINE_INGEST_PORT": "0"})
    assert done.returncode == 2
    assert "fit.accounts is missing; create it with `signal-engine topics create`" in done.stderr
