"""`notify` on real servers: alerts of the topic arrive at a webhook once, by several processes, and after kills."""

import asyncio
import json
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest

from testing.notify import (
    NotifyProcess,
    WebhookReceiver,
    an_alert,
    produce_alerts,
    routes_to,
    webhook_receiver,
)
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine

WITHIN_S = 90


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        made.run("topics", "create")
        made.set(NOTIFY_GROUP=f"{prefix}notify")
        yield made


def notify(live: Engine, name: str = "one") -> NotifyProcess:
    live.set(NOTIFY_INSTANCE=name)
    process = NotifyProcess(live.folder / f"notify-{len(live.workers)}.log", live.environment, free_port())
    live.workers.append(process)
    return process


async def produced(live: Engine, alerts: list[dict[str, object]]) -> set[str]:
    await produce_alerts(live.kafka, f"{live.prefix}alerts", live.partitions, alerts)
    return {str(alert["alert_id"]) for alert in alerts}


async def arrived(live: Engine, receiver: WebhookReceiver, ids: set[str]) -> None:
    async def all_there() -> bool:
        return ids <= receiver.alerts.keys()

    await live.until(all_there, WITHIN_S, "not every alert arrived")


async def test_alerts_arrive_once_and_go_on_after_a_kill(live: Engine) -> None:
    async with webhook_receiver() as receiver:
        live.set(ROUTES=str(routes_to(live.folder, {"ops": receiver.url})))
        before = await produced(live, [an_alert("before.com")])
        first = notify(live)
        await first.started()
        ids = await produced(live, [an_alert(f"a{number}.com") for number in range(20)])
        await arrived(live, receiver, ids)
        first.end(signal.SIGKILL)
        later = await produced(live, [an_alert(f"b{number}.com") for number in range(20)])
        second = notify(live)
        await second.started()
        await arrived(live, receiver, ids | later)
        assert not before & receiver.alerts.keys(), "a first start is at the end"
        assert receiver.refused == []
        assert 'signal_engine_notify_deliveries_total{destination="ops",status="sent",type="entered_hot"}' in (
            await second.metrics()
        )
        assert second.end() == 0
        assert second.words()[-1] == "notify_stopped"


async def test_what_failed_is_listed_counted_and_tried_again_by_hand(live: Engine) -> None:
    async with webhook_receiver() as receiver:
        live.set(ROUTES=str(routes_to(live.folder, {"ops": receiver.url})))
        process = notify(live)
        await process.started()
        receiver.status = 400
        ids = await produced(live, [an_alert("a.com"), an_alert("b.com")])

        async def failed() -> bool:
            found = await asyncio.to_thread(live.run, "deliveries", "list", "--status", "failed", "--json")
            return len(json.loads(found)["deliveries"]) == 2

        await live.until(failed, WITHIN_S, "nothing failed")
        listed = json.loads(live.run("deliveries", "list", "--account", "a.com", "--json"))["deliveries"]
        assert [(one["account_id"], one["said"]) for one in listed] == [("a.com", "the receiver answered 400")]
        (stats,) = json.loads(live.run("deliveries", "stats", "--json"))["destinations"]
        assert (stats["by_status"], stats["last_error"]) == ({"failed": 2}, "the receiver answered 400")
        assert "2 failed" in live.run("deliveries", "stats")
        assert "the receiver answered 400" in live.run("deliveries", "list")
        receiver.status = 200
        one = listed[0]["delivery_id"]
        assert json.loads(live.run("deliveries", "retry", one, "--yes", "--json")) == {"retried": [one], "enabled": []}
        assert live.run("deliveries", "retry", "--to", "ops", "--yes") == "1 delivery is tried again\n"
        live.run("deliveries", "retry", "--to", "opps", "--yes", code=2)
        await arrived(live, receiver, ids)
        live.run("deliveries", "retry", "--to", "ops", code=2)
        assert process.end() == 0


async def test_messages_say_why_the_account_fits_and_who_is_missing_by_the_version_of_the_alert(live: Engine) -> None:
    icp = ICP | {"buying_group": ["it", "finance"]}
    (live.folder / "b2b.yaml").write_text(json.dumps(icp))
    (live.folder / "accounts.csv").write_text("domain,industry,country\na.com,B2B,us\n")
    live.run("topics", "create")
    worker = live.worker()
    live.run(
        "fit",
        "load",
        str(live.folder / "accounts.csv"),
        "--icp",
        str(live.folder / "b2b.yaml"),
        "--yes",
        "--wait",
        "60",
    )
    (decision,) = json.loads(live.run("explain", "a.com", "--json"))["fit"]
    async with webhook_receiver() as receiver:
        live.set(ROUTES=str(routes_to(live.folder, {"ops": receiver.url})))
        process = notify(live)
        await process.started()
        by_icp = {"icp": icp["icp"], "icp_version": icp["version"], "personas_live": ["it"]}
        of_it, of_another = an_alert("a.com", **by_icp), an_alert("a.com", **by_icp | {"icp_version": 99})
        await arrived(live, receiver, await produced(live, [of_it, of_another]))
        told = receiver.bodies[of_it["alert_id"]]
        assert (told["fit_reasons"], told["missing"]) == ("; ".join(decision["reasons"]), "finance")
        told = receiver.bodies[of_another["alert_id"]]
        assert (told["fit_reasons"], told["missing"]) == (None, None)
    assert process.end() == 0
    assert worker.end() == 0
