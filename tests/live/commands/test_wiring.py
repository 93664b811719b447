"""`wiring` and `wiring confirm` on real servers: what people confirm outlives Redis and changes nothing in force."""

import csv
import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.sync_ledger import RedisSyncLedger
from signal_engine.core.sync.wiring import DOWNSTREAMS
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.wire.sync.ledger_rows import SinkState
from testing import processes
from testing.processes import COMMAND, ROOT
from testing.servers.finding import KafkaServer
from tests.live.commands.test_icp_publish import BY, icp, said
from tests.live.engine import Engine, engine

SAM = ("--by", "Sam@Example.com", "--note", "By the new segments.")


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        sync = tmp_path / "sync.yaml"
        sync.write_text(f"version: 1\nsinks:\n  ads: {{linkedin: {{folder: {tmp_path}}}}}\n")
        made.set(SCORING=str(ROOT / "config" / "scoring.yaml"), SYNC=str(sync))
        (tmp_path / "accounts.csv").write_text("domain,employee_count\na.com,50\nb.com,150\n")
        made.run("topics", "create")
        yield made


def told(live: Engine) -> Any:
    return json.loads(said(live, "wiring", "--json")[0])


async def loaded(live: Engine) -> None:
    """A worker runs, and version 1 is published."""
    said(live, "fit", "load", str(live.folder / "accounts.csv"), "--icp", icp(live.folder, 1, 100), "--yes")
    live.worker()
    said(live, "icp", "publish", icp(live.folder, 1, 100), *BY)


async def test_what_sync_did_and_people_confirm_turns_it_green(live: Engine) -> None:
    assert "no worker has run" in said(live, "wiring", code=1)[1]
    assert "no ICP is published" in said(live, "wiring", "confirm", "content_plan", *SAM, code=1)[1]
    await loaded(live)
    (reach,) = told(live)["versions"]
    assert (reach["icp"], reach["version"], reach["in_time"], reach["status"]) == ("b2b", 1, 0, "amber")

    state = SinkState()
    state.note_change("b2b", 1, clock(), added=True, count=1)
    async with Channel(live.redis_url) as channel:
        await RedisSyncLedger(channel, live.prefix, "ads").put_state(state.encode())
    people = [system for system in DOWNSTREAMS if system != "paid_audience"][:4]
    for system in people:
        assert said(live, "wiring", "confirm", system, *SAM)[0] == f"{system} is confirmed for b2b version 1\n"
    assert "confirmed already" in said(live, "wiring", "confirm", people[0], *SAM, code=1)[1]
    assert (
        "--by: must be an e-mail" in said(live, "wiring", "confirm", people[0], "--by", "S", "--note", "x", code=2)[1]
    )
    report = told(live)
    assert (report["versions"][0]["in_time"], report["versions"][0]["status"]) == (5, "green")
    rows = {row["system"]: row for row in report["rows"]}
    assert (rows["paid_audience"]["added"], rows["paid_audience"]["sinks"]) == (1, ["ads"])
    assert {rows[system]["confirmed_by"] for system in people} == {"sam@example.com"}
    text, _ = said(live, "wiring")
    assert "b2b version 1: green, 5 of 7 systems changed in time" in text
    written = [*csv.DictReader(io.StringIO(said(live, "wiring", "--csv")[0]))]
    assert [row["system"] for row in written] == [*DOWNSTREAMS]

    said(live, "icp", "publish", icp(live.folder, 2, 40), *BY)
    (reach,) = told(live)["versions"]
    assert (reach["version"], reach["in_time"], reach["status"]) == (2, 0, "amber"), "a new version starts anew"
    again = json.loads(said(live, "wiring", "confirm", people[0], *SAM, "--icp", "b2b", "--json")[0])
    assert (again["version"], again["system"], again["by"]) == (2, people[0], "sam@example.com")


async def test_what_was_confirmed_outlives_redis(live: Engine) -> None:
    await loaded(live)
    said(live, "wiring", "confirm", "cadence_list", *SAM)
    async with Channel(live.redis_url) as channel:
        for key in await channel.call("KEYS", f"{live.prefix}*"):
            await channel.call("DEL", key)  # other tests share the server

    async def there() -> bool:
        return processes.run([*COMMAND, "wiring"], cwd=ROOT, env=live.environment, timeout=60).returncode == 0

    await live.until(there, 120, "no worker has rebuilt the view")
    rows = {row["system"]: row for row in told(live)["rows"]}
    assert rows["cadence_list"]["note"] == "By the new segments."
