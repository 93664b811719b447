"""The ranks of a half-hour outlive the worker that kept them: the next publisher goes on beside them."""

import json
import signal
from pathlib import Path

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.core.rules.instants import MINUTE
from signal_engine.engine.publishing.past_ranks import ranks_since, snapshot_instant
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.wire.instants import format_instant
from testing.processes import ROOT
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine


async def asks_for_a_call(live: Engine, account: str) -> None:
    event = {
        "event_id": f"e-{account}", "account_id": account, "occurred_at": format_instant(clock()),
        "activity": "demo_request", "persona": "CFO",
    }  # fmt: skip
    place, value = partitioner(live.partitions)(account), json.dumps(event).encode()
    await live.produce([ToProduce("engagement", place, account.encode(), value, event)])


async def listed(live: Engine, *accounts: str) -> None:
    async def on_it() -> bool:
        found = await live.list()
        return found is not None and {entry["account_id"] for entry in found["entries"]} == {*accounts}

    await live.until(on_it, 90, f"the list is not {accounts}")


async def kept(live: Engine, at: int) -> tuple[int, set[str]] | None:
    async with live.store() as store:
        found = await ranks_since(store, at)
    return None if found is None else (found.at, {*found.ranks["all"]})


async def test_what_a_killed_publisher_kept_is_still_compared_with(
    kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as live:
        live.set(SCORING=str(ROOT / "config" / "scoring.yaml"))
        (tmp_path / "b2b.yaml").write_text(json.dumps(ICP))
        (tmp_path / "accounts.csv").write_text("domain,industry,country\na.com,B2B,us\nb.com,B2B,us\n")
        live.run("topics", "create")
        live.run("fit", "load", str(tmp_path / "accounts.csv"), "--icp", str(tmp_path / "b2b.yaml"), "--yes")
        first = live.worker()
        await asks_for_a_call(live, "a.com")
        await listed(live, "a.com")

        async def has_kept() -> bool:
            return await kept(live, clock()) is not None

        await live.until(has_kept, 30, "no ranks are kept")
        before = await kept(live, clock())
        assert before is not None
        assert first.end(signal.SIGKILL) == -signal.SIGKILL
        live.worker()
        await asks_for_a_call(live, "b.com")
        await listed(live, "a.com", "b.com")
        assert await kept(live, before[0]) == before, "it is not taken anew, with what came since"
        latest = await kept(live, clock())
        assert latest is not None
        assert latest[0] in {before[0], snapshot_instant(before[0] + 30 * MINUTE)}
