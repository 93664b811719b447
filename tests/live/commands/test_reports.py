"""`signal-engine report` on real servers: what live state says, in all three forms, and what it answers without any."""

import csv
import io
import json
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from testing import processes
from testing.processes import COMMAND, ROOT
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"))
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        (tmp_path / "accounts.csv").write_text(
            "domain,industry,country,crm_id,phone\na.com,B2B,us,7,555\na.com,B2B,us,8,\nb.com,,fr,,\nc.com,Retail,us,,1\n"
        )
        made.run("topics", "create")
        yield made


def report(live: Engine, *words: str, code: int = 0) -> subprocess.CompletedProcess[str]:
    done = processes.run([*COMMAND, "report", *words], env=live.environment, timeout=60)
    assert done.returncode == code, (words, done.returncode, done.stdout, done.stderr)
    assert "Traceback" not in done.stderr
    return done


def told(live: Engine, name: str) -> Any:
    return json.loads(report(live, name, "--json").stdout)


async def test_reports_are_made_of_what_the_engine_holds(live: Engine) -> None:
    assert "no worker has run" in report(live, "inbound", code=1).stderr
    live.run("fit", "load", str(live.folder / "accounts.csv"), "--icp", str(live.folder / "b2b.yaml"), "--yes")
    act = ("--by", "sam@example.com", "--reason", "no budget")
    live.run("account", "disposition", "a.com", "--outcome", "not_a_fit", *act)
    asked = {
        "event_id": "e-1", "occurred_at": format_instant(clock()), "activity": "demo_request", "persona": "CFO",
    }  # fmt: skip
    events = [{**asked, "account_id": name} for name in ("c.com", "stranger.com")]
    place = partitioner(live.partitions)
    await live.produce(
        [
            ToProduce("engagement", place(name), name.encode(), json.dumps(event).encode(), event)
            for event in events
            for name in (event["account_id"],)
        ]
    )
    live.worker()
    await live.caught_up()

    async def is_there() -> bool:
        return told(live, "inbound")["total"] == 2 and told(live, "decisions")["total"] == 1

    await live.until(is_there, 90, "the reports do not show what was sent")
    raised = told(live, "inbound")["rows"]
    rows = {row["account_id"]: (row["decision"], row["alert"], row["answered_at"]) for row in raised}
    assert rows == {"c.com": ("ignore", "inbound", None), "stranger.com": (None, "inbound", None)}
    assert [row["account_id"] for row in told(live, "not-in-accounts")["rows"]] == ["stranger.com"]
    assert [(row["account_id"], row["missing"]) for row in told(live, "unknown")["rows"]] == [("b.com", ["industry"])]
    (near,) = told(live, "near-fits")["rows"]
    assert (near["account_id"], near["criterion"], near["would_be"]) == ("c.com", "industry is one of B2B", "A")
    outside = told(live, "high-intent-outside-icp")
    assert (told(live, "near-fits")["lacks"], outside["lacks"]) == ([], []), "the accounts are read from Kafka"
    assert [(cost["accounts"], cost["alone"]) for cost in outside["costs"]] in ([], [(1, 1)])
    found = [
        (row["subject"], row["count"], row["of"], row["examples"])
        for row in told(live, "data-quality")["rows"]
        if row["check"] in {"merged_rows", "unread_column"}
    ]
    assert found == [
        ("phone", 1, 3, []),
        ("all accounts", 1, 4, []),
        ("a.com", 1, 2, ["CRM 7"]),
    ]
    (decision,) = told(live, "decisions")["rows"]
    assert (decision["account_id"], decision["rule_owner"], decision["tier"]) == ("a.com", "tests@example.com", "A")
    for name in REPORT_NAMES:
        written = told(live, name)
        assert len([*csv.reader(io.StringIO(report(live, name, "--csv").stdout))]) == 1 + written["total"]
        shown = report(live, name).stdout
        assert f"{written['total']} row" in shown
        assert ("Left out" in shown) is bool(written["lacks"])
