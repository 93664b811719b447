"""Tasks in a CRM out of real alerts, by the process `sync`: one an alert, also where the process dies in between."""

import asyncio
import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.wire.instants import format_instant
from testing.crm.hubspot import HubSpotShaped
from testing.processes import ROOT
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from testing.worker import Worker
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine
from tests.outgoing.crm.stands import serving

WITHIN_S = 120
ROUTES = """\
version: 1
destinations:
  ops: {webhook: {url_file: /u, secret_file: /s}}
people:
  Ann Roe: {email: ann@example.com}
routes:
  - {when: {audience: triage}, to: [ops]}
  - {to: [ops]}
"""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        (tmp_path / "routes.yaml").write_text(ROUTES)
        (tmp_path / "token").write_text("pat-test")
        tasks = f"{{token_file: {tmp_path / 'token'}, tasks: [hand_raise, entered_hot]}}"
        (tmp_path / "sync.yaml").write_text(f"version: 1\nevery: 1\nsinks:\n  crm: {{hubspot: {tasks}}}\n")
        made.set(
            SCORING=str(ROOT / "config" / "scoring.yaml"), SYNC=str(tmp_path / "sync.yaml"),
            ROUTES=str(tmp_path / "routes.yaml"), SYNC_PORT=str(free_port()), OUTGOING_ALLOW="127.0.0.0/8",
        )  # fmt: skip
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        accounts = tmp_path / "accounts.csv"
        accounts.write_text("domain,industry,country,sdr\n" + "".join(f"{one}.com,B2B,us,Ann Roe\n" for one in "abc"))
        made.run("topics", "create")
        made.worker()
        made.run("fit", "load", str(accounts), "--icp", str(tmp_path / "b2b.yaml"), "--yes", "--wait", "60")
        yield made


def sync(live: Engine, url: str, *words: str, die: str | None = None) -> Worker:
    """`sync` beside a portal."""
    how = {"hubspot": url, **({"die": [die, 1]} if die else {})}
    return live.worker([sys.executable, "-m", "faults.harness.dying.sync_process", json.dumps(how), *words])


async def said(live: Engine, url: str, *words: str) -> str:
    worker = sync(live, url, *words)
    assert await asyncio.to_thread(worker.process.wait, WITHIN_S) == 0, worker.log.read_text()
    return worker.log.read_text()


async def asks_for_a_demo(live: Engine, account: str) -> None:
    """Somebody there does, and there is an alert."""
    told = {
        "occurred_at": format_instant(clock()), "activity": "demo_request", "persona": "CFO",
        "event_id": f"e-{account}", "account_id": account,
    }  # fmt: skip
    place, value = partitioner(live.partitions)(account), json.dumps(told).encode()
    await live.produce([ToProduce("engagement", place, account.encode(), value, told)])

    async def alerted() -> bool:
        return account.encode() in {one.key for one in await live.read("alerts")}

    await live.until(alerted, WITHIN_S, "there is no alert")


async def test_each_hand_raise_becomes_one_task(live: Engine) -> None:
    portal = HubSpotShaped()
    portal.owners = [{"id": "7", "email": "ann@example.com"}]
    for number, name in enumerate("abc", 1):
        portal.add(str(number), domain=f"{name}.com")
    async with serving(portal.application()) as url:
        assert "se_alert_id" in await said(live, url, "setup", "crm", "--yes")
        await asks_for_a_demo(live, "a.com")
        await said(live, url, "run", "crm", "--dry-run")
        shown = await said(live, url, "run", "crm", "--dry-run")
        assert "crm.tasks (tasks, dry run)" in shown
        assert "task a.com: subject=Inbound: a.com" in shown
        assert "for=Ann Roe" in shown
        await said(live, url, "run", "crm", "--yes")
        assert portal.tasks == {}, "of alerts from before there are none"

        dying = sync(live, url, die="after_task")
        await asks_for_a_demo(live, "b.com")

        async def dead() -> bool:
            return dying.process.poll() is not None

        await live.until(dead, WITHIN_S, f"it made no task\n{dying.log.read_text()}")
        assert [task["company"] for task in portal.tasks.values()] == ["2"]
        following = sync(live, url)
        await asks_for_a_demo(live, "c.com")

        async def made() -> bool:
            assert following.process.poll() is None, following.log.read_text()
            return len(portal.tasks) > 1

        await live.until(made, WITHIN_S, f"no task of c.com\n{following.log.read_text()}")
        assert [task["company"] for task in portal.tasks.values()] == ["2", "3"], "that of b.com is not made again"
        assert {task["hubspot_owner_id"] for task in portal.tasks.values()} == {"7"}
        status = await said(live, url, "status")
        assert "crm.tasks (tasks)" in status
        assert following.end() == 0
