"""Worker, `notify` and a receiver shaped like Slack: actions reach messages in seconds, clocks tell a manager."""

import asyncio
import json
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.deliveries.ledger import RedisLedger
from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.engine.ports.delivery.ledger import RowChange
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.wire.instants import format_instant
from testing.notify import NotifyProcess
from testing.processes import ROOT
from testing.receivers.slack import SlackShaped
from testing.records import ToProduce
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine
from tests.outgoing.receivers import receiving

WITHIN_S = 120
PEOPLE = {"ann@example.com": "U1", "kim@example.com": "U2", "bo@example.com": "U3"}
ROUTES = """\
version: 1
destinations:
  direct: {slack: {token_file: TOKEN, direct: true}}
  west: {slack: {token_file: TOKEN, channel: "#west"}}
people:
  Ann Roe: {email: ann@example.com, manager: Kim Yu, backup: Bo Lind}
  Bo Lind: {email: bo@example.com}
  Kim Yu: {email: kim@example.com}
routes:
  - {when: {audience: triage}, to: [west]}
  - {to: [direct], now: always, clock: 1m}
"""


@contextmanager
def stage(kafka: str, redis_url: str, prefix: str, folder: Path) -> Iterator[Engine]:
    with engine(kafka, redis_url, prefix, folder, partitions=2) as made:
        (folder / "token").write_text("xoxb-secret")
        (folder / "routes.yaml").write_text(ROUTES.replace("TOKEN", str(folder / "token")))
        made.set(
            SCORING=str(ROOT / "config" / "scoring.yaml"), ROUTES=str(folder / "routes.yaml"),
            NOTIFY_GROUP=f"{prefix}notify", SLACK_SIGNING_SECRET="secret-of-the-tests",
        )  # fmt: skip
        (folder / "b2b.yaml").write_text(json.dumps(ICP))
        (folder / "accounts.csv").write_text(
            "domain,industry,country,sdr\na.com,B2B,us,Ann Roe\nb.com,B2B,us,Ann Roe\n"
        )
        made.run("topics", "create")
        made.worker()
        made.run(
            "fit", "load", str(folder / "accounts.csv"), "--icp", str(folder / "b2b.yaml"), "--yes", "--wait", "60"
        )
        yield made


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with stage(kafka.address, redis_url, prefix, tmp_path) as made:
        yield made


def notify(live: Engine, slack: str) -> NotifyProcess:
    live.set(SLACK_API=slack)
    log = live.folder / f"notify-{len(live.workers)}.log"
    live.workers.append(process := NotifyProcess(log, live.environment, free_port()))
    return process


async def asks_for_a_demo(live: Engine, account: str) -> None:
    told = {
        "occurred_at": format_instant(clock()), "activity": "demo_request", "persona": "CFO",
        "event_id": f"e-{account}", "account_id": account,
    }  # fmt: skip
    place, value = partitioner(live.partitions)(account), json.dumps(told).encode()
    await live.produce([ToProduce("engagement", place, account.encode(), value, told)])


def to(slack: SlackShaped, person: str) -> list[str]:
    """What the person's messages say now."""
    return [json.dumps(one["blocks"]) for one in slack.posted if one["channel_id"] == f"D{PEOPLE[person]}"]


async def until(live: Engine, true: Any, why: str) -> None:
    async def now() -> bool:
        return bool(true())

    await live.until(now, WITHIN_S, why)


async def _look_much_later(live: Engine) -> None:
    """As of a message that is hours old: its next regular look is a quarter of an hour away."""
    async with Channel(live.redis_url) as channel:
        ledger = RedisLedger(channel, live.prefix)

        async def all_later() -> bool:
            changes: dict[int, list[tuple[DeliveryRow, DeliveryRow]]] = {}
            for partition in range(live.partitions):
                rows = [row async for row in ledger.every_row(partition)]
                changes[partition] = [
                    (row, row._replace(look_at=clock() + 900_000, revision=row.revision + 1))
                    for row in rows
                    if row.look_at is not None
                ]
            done = [
                await ledger.change(partition, [RowChange(*one) for one in some]) for partition, some in changes.items()
            ]
            return any(done) and all(all(one) for one in done)

        await live.until(all_later, WITHIN_S, "the message is not followed")


async def test_a_claim_reaches_the_message_in_seconds_and_a_clock_tells_the_manager_once(live: Engine) -> None:
    slack = SlackShaped("xoxb-secret", PEOPLE, {"#west"})
    async with receiving(slack) as receiver:
        process = notify(live, receiver.url)
        await process.started()
        await asks_for_a_demo(live, "a.com")
        await until(live, lambda: to(slack, "ann@example.com"), "Ann was not told")
        await _look_much_later(live)
        began = time.monotonic()
        await asyncio.to_thread(live.run, "account", "claim", "a.com", "--by", "ann@example.com")
        written = time.monotonic()
        await until(live, lambda: "claimed by Ann Roe" in to(slack, "ann@example.com")[0], "the claim is not shown")
        shown = time.monotonic()
        assert shown - written < 30, f"{written - began:.1f} s, then {shown - written:.1f} s"
        live.run("account", "disposition", "a.com", "--outcome", "contacted", "--by", "ann@example.com")
        await until(live, lambda: "Contacted" in to(slack, "ann@example.com")[0], "the answer is not shown")

        await asks_for_a_demo(live, "b.com")
        await until(live, lambda: len(to(slack, "ann@example.com")) == 2, "Ann was not told of b.com")
        await until(live, lambda: to(slack, "kim@example.com"), "the manager was not told")
        (late,) = to(slack, "kim@example.com")
        assert "Unclaimed: b.com" in late
        assert "Ann Roe was asked, and nobody" in late
        assert "signal_engine_claim" in late, "the button"
        live.run("account", "claim", "b.com", "--by", "kim@example.com")
        await until(live, lambda: "claimed by Kim Yu" in to(slack, "kim@example.com")[0], "the claim is not shown")
        live.run("account", "disposition", "b.com", "--outcome", "contacted", "--by", "kim@example.com")

        async def answered() -> bool:
            found = await asyncio.to_thread(live.run, "deliveries", "list", "--to", "clock", "--json")
            return [one["status"] for one in json.loads(found)["deliveries"]] == ["answered", "answered"]

        await live.until(answered, WITHIN_S, "the clocks did not end")
        assert to(slack, "bo@example.com") == []
        assert len(to(slack, "kim@example.com")) == 1
        clocks = json.loads(live.run("deliveries", "list", "--to", "clock", "--json"))["deliveries"]
        assert sorted((one["account_id"], one["late"]) for one in clocks) == [
            ("a.com", None), ("b.com", "claim/manager"),
        ]  # fmt: skip
        assert "2 answered" in live.run("deliveries", "stats")
        assert 'signal_engine_notify_late_total{phase="claim",to="manager"} 1.0' in await process.metrics()
        assert (await process.is_ready(["ready"]))["problems"] == []
        assert "actions_not_followed" not in process.words()
        assert "alert_late" in process.words()
        assert slack.refused == []
        assert process.end() == 0
