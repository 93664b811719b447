"""Two processes, one killed, and receivers that are down: for an hour nothing is lost, after 24 hours it is given up.

The processes' clock is put ahead step by step, so that hours take minutes.
"""

import asyncio
import json
import signal
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.deliveries.ledger import RedisLedger
from signal_engine.core.delivery.ledger import DeliveryRow
from signal_engine.core.rules.instants import HOUR
from testing.clocked import put_ahead
from testing.notify import NotifyProcess, WebhookReceiver, an_alert, produce_alerts, routes_to, webhook_receiver
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from tests.live.engine import Engine, engine

WITHIN_S = 180
_ALERTS = 20
_MINUTES = 60.0
_STEP_S = 10 * _MINUTES
_HOUR_S = 60 * _MINUTES


class _Clocked(NamedTuple):
    live: Engine
    clock: Path
    receivers: list[WebhookReceiver]

    def ahead(self, seconds: float) -> None:
        for receiver in self.receivers:
            receiver.ahead_s = seconds
        put_ahead(self.clock, seconds)

    def notify(self, name: str) -> NotifyProcess:
        self.live.set(NOTIFY_INSTANCE=name)
        command = [sys.executable, "-m", "testing.clocked", str(self.clock), "signal_engine", "notify"]
        process = NotifyProcess(self.live.folder / f"{name}.log", self.live.environment, free_port(), command)
        self.live.workers.append(process)
        return process

    async def rows(self, destination: str) -> list[DeliveryRow]:
        async with Channel(self.live.redis_url) as channel:
            ledger = RedisLedger(channel, self.live.prefix)
            found: list[DeliveryRow] = []
            for number in range(self.live.partitions):
                found += [row async for row in ledger.every_row(number)]
        return [row for row in found if row.destination == destination]

    async def asked_again(self, receiver: WebhookReceiver, seconds: float) -> None:
        """Puts the clock to `seconds` ahead, and waits until somebody has tried the receiver by that."""
        before = receiver.requests
        self.ahead(seconds)

        async def asked() -> bool:
            return receiver.requests > before

        await self.live.until(asked, WITHIN_S, f"nobody tried again {seconds:,.0f} s ahead")


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        made.run("topics", "create")
        made.set(NOTIFY_GROUP=f"{prefix}notify")
        yield made


async def test_an_hour_down_loses_nothing_and_a_day_is_given_up(live: Engine) -> None:
    async with webhook_receiver() as down, webhook_receiver() as well, webhook_receiver() as gone:
        there = _Clocked(live, live.folder / "clock", [down, well, gone])
        there.ahead(0)
        urls = {"down": down.url, "well": well.url, "gone": gone.url}
        routes = ["  - {to: [down, well, gone], now: always}"]
        live.set(ROUTES=str(routes_to(live.folder, urls, routes)))
        down.status = gone.status = 503
        one, two = there.notify("one"), there.notify("two")
        await one.started()
        await two.started()
        alerts = [an_alert(f"account-{number}.com") for number in range(_ALERTS)]
        await produce_alerts(live.kafka, f"{live.prefix}alerts", live.partitions, alerts)
        ids = {str(alert["alert_id"]) for alert in alerts}

        async def others_have_it() -> bool:
            return ids <= well.alerts.keys() and down.requests > 0 and gone.requests > 0

        await live.until(others_have_it, WITHIN_S, "the receivers that are down hold up the one that is well")
        for step in range(1, 7):
            await there.asked_again(down, step * _STEP_S)
            waiting = [row for row in await there.rows("down") if row.due is not None]
            assert all(row.due - row.changed_at <= HOUR for row in waiting if row.due is not None)
            if step == 3:
                one.end(signal.SIGKILL)
        assert down.requests <= 12 * _ALERTS, "it is asked more seldom the longer it is down"
        pauses = [b - a for asked in down.asked.values() for a, b in pairwise(asked)]
        assert pauses
        assert min(pauses) >= 4, "five seconds, of which the stamps have whole ones"
        down.status = 200
        there.ahead(2 * _HOUR_S)

        async def all_there() -> bool:
            return ids <= down.alerts.keys()

        await live.until(all_there, WITHIN_S, "not everything arrived after the hour")
        assert {*down.came.values()} == {*well.came.values()} == {1}, "each once"
        assert down.refused == well.refused == []

        for hour in range(3, 27):
            there.ahead(hour * _HOUR_S)
            if hour < 24:
                await there.asked_again(gone, hour * _HOUR_S + 1)

        async def given_up() -> bool:
            found = await asyncio.to_thread(live.run, "deliveries", "list", "--to", "gone", "--json")
            listed: list[dict[str, Any]] = json.loads(found)["deliveries"]
            return [one["status"] for one in listed] == ["given_up"] * _ALERTS

        await live.until(given_up, WITHIN_S, "it is never given up")
        assert gone.alerts == {}
        assert "delivery_given_up" in two.words()
        assert two.end() == 0
