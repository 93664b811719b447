"""What a CRM says comes back on the schedule of `sync`, on real servers, and erases nothing."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from testing.crm.hubspot import HubSpotShaped
from testing.processes import ROOT
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from testing.worker import Worker
from tests.live.commands.test_icp_publish import BY, icp
from tests.live.engine import Engine, engine
from tests.outgoing.crm.stands import serving

ACCOUNTS = """\
domain,employee_count,city,owner,relation
a.com,50,Bonn,Ann Roe,
b.com,150,Lyon,Ann Roe,
c.com,900,Rome,Cy Hall,partner
"""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        (tmp_path / "accounts.csv").write_text(ACCOUNTS)
        (tmp_path / "token").write_text("pat-test")
        (tmp_path / "sync.yaml").write_text(
            f"version: 1\nsinks:\n  crm: {{hubspot: {{token_file: {tmp_path / 'token'}, read: {{every: 60}}}}}}\n"
        )
        made.set(
            SCORING=str(ROOT / "config" / "scoring.yaml"), SYNC=str(tmp_path / "sync.yaml"),
            SYNC_PORT=str(free_port()), OUTGOING_ALLOW="127.0.0.0/8",
        )  # fmt: skip
        yield made


def sync(live: Engine, url: str, *words: str) -> Worker:
    """`sync` beside a portal."""
    return live.worker(
        [sys.executable, "-m", "faults.harness.dying.sync_process", json.dumps({"hubspot": url}), *words]
    )


async def ended(live: Engine, url: str, *words: str) -> str:
    """What a command of it says, once it has ended well."""
    worker = sync(live, url, *words)
    assert await asyncio.to_thread(worker.process.wait, 120) == 0, worker.log.read_text()
    return worker.log.read_text()


async def rows(live: Engine) -> dict[str, Any]:
    """The accounts as loaded."""
    latest = {one.key.decode(): one.value for one in await live.read("fit.accounts")}
    return {account: json.loads(value) for account, value in latest.items() if value is not None}


async def test_what_the_crm_says_comes_back_and_erases_nothing(live: Engine, tmp_path: Path) -> None:
    live.run("topics", "create")
    live.run("fit", "load", str(tmp_path / "accounts.csv"), "--icp", icp(tmp_path, 1, 100), "--yes")
    live.worker()
    live.run("icp", "publish", icp(tmp_path, 1, 100), *BY)
    before = await rows(live)
    portal = HubSpotShaped()
    portal.properties["se_account_id"] = {"name": "se_account_id", "hasUniqueValue": True}
    portal.owners = [{"id": "7", "firstName": "Bo", "lastName": "Lind", "email": "bo@example.com"}]
    told = {"hubspot_owner_id": "7", "hs_last_sales_activity_timestamp": "2026-02-20T11:30:00Z"}
    portal.add("1", domain="b.com", lifecyclestage="customer", **told)
    portal.add("2", domain="c.com", lifecyclestage="customer")
    portal.add("3", domain="a.com", lifecyclestage="lead")
    portal.deals["9"] = {
        "createdate": "2026-01-05T10:00:00Z", "hs_lastmodifieddate": "2026-02-20T00:00:00Z", "dealstage": "open",
        "hs_is_closed": "false", "hs_is_closed_won": "false",
    }  # fmt: skip
    portal.companies_of["9"] = ["1"]
    async with serving(portal.application()) as url:
        await ended(live, url, "run", "crm", "--dry-run")
        counted = json.loads(await ended(live, url, "accounts", "crm", "--dry-run", "--json"))
        assert counted["counts"] == {"records": 3, "changed": 1}
        assert await rows(live) == before
        following = sync(live, url)

        async def read() -> bool:
            assert following.process.poll() is None, following.log.read_text()
            return following.words().count("crm_read") == 2

        await live.until(read, 120, f"nothing came back\n{following.log.read_text()}")
        changed = before["b.com"] | {"owner": "Bo Lind", "relation": "customer"}
        changed["columns"] = before["b.com"]["columns"] | {
            "owner": "Bo Lind", "relation": "customer", "last_sales_activity": "2026-02-20",
        }  # fmt: skip
        assert await rows(live) == before | {"b.com": changed}
        assert before["b.com"]["columns"]["city"] == "Lyon"
        (outcome,) = await live.read("outcomes")
        assert (outcome.key, json.loads(outcome.value)["stage"]) == (b"b.com", "opened")

        async def in_force() -> bool:
            return bool(json.loads(live.run("fit", "show", "b.com", "--json"))["relation"] == "customer")

        await live.until(in_force, 60, "the change is not in force")
        again = json.loads(await ended(live, url, "accounts", "crm", "--dry-run", "--json"))
        assert again["counts"] == {"records": 3, "changed": 0}

        loaded = await rows(live)
        portal.companies["3"]["lifecyclestage"] = "customer"
        refused = sync(live, url, "accounts", "crm")
        assert await asyncio.to_thread(refused.process.wait, 120) == 1
        assert "1 of 1 prospects would be none any more" in refused.log.read_text()
        assert await rows(live) == loaded
        await ended(live, url, "accounts", "crm", "--yes")
        assert (await rows(live))["a.com"]["relation"] == "customer"
    assert portal.writes == []
