"""`notify` dies, its ledger is emptied, receivers fail: every alert arrives, under one delivery id."""

import signal
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, Final

import redis.asyncio

from faults.harness.receivers import EveryReceiver, every_receiver
from faults.harness.stage import Stage
from faults.scenario import Outcome, Scenario, Verdict
from testing.notify import NotifyProcess, WebhookReceiver, an_alert, produce_alerts, routes_to, webhook_receiver
from testing.processes import kept_warm
from testing.servers.process import free_port

STEPS: Final = (
    "before_plan", "after_plan", "before_claim", "after_claim",
    "after_disk", "before_send", "after_send", "after_record",
)  # fmt: skip
"""Every step of a delivery."""
_COMES: Final = {"before_plan": 1, "after_plan": 1, "before_send": 12, "after_send": 12, "after_record": 12}
"""How often a life comes to a step at least; the others once for each receiver."""
_A_LIFE: Final = 4
"""Alerts before each kill; each goes to every receiver."""
_KINDS: Final = 4
"""Of receivers."""
_NO_IDS: Final = "incoming webhook"
"""What cannot tell whether it has a message."""
_WITHIN_S: Final = 90.0


class _Alerts:
    """What was put into the topic."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self.ids: list[str] = []
        self.accounts: list[str] = []
        """Of each of `ids`."""

    async def produce(self, many: int, **changed: Any) -> None:
        begin = len(self.ids)
        made = [an_alert(f"account-{begin + number}.com", **changed) for number in range(many)]
        await self.put([*made])
        self.ids += [one["alert_id"] for one in made]
        self.accounts += [one["account_id"] for one in made]

    async def put(self, records: list[dict[str, Any] | bytes]) -> None:
        topic = f"{self._stage.prefix}alerts"
        await produce_alerts(self._stage.kafka, topic, self._stage.partitions, records)

    async def arrived(self, receiver: WebhookReceiver, within: float = _WITHIN_S) -> None:
        async def all_there() -> bool:
            return {*self.ids} <= receiver.alerts.keys()

        await self._stage.until(all_there, within, "not every alert arrived")

    def verdict(self, receiver: WebhookReceiver) -> Verdict:
        """One delivery id an alert is what a receiver sees once, however often it comes."""
        lost = len({*self.ids} - receiver.alerts.keys())
        doubled = len(receiver.came) - len(receiver.alerts)
        repeats = receiver.came.total() - len(receiver.came)
        return Verdict(len(self.ids), lost, doubled, repeats, tuple(receiver.refused[:3]))


async def _begun(stage: Stage, *receivers: WebhookReceiver, others: Mapping[str, str] | None = None) -> _Alerts:
    """Topics and routes, with a destination for each receiver, and `others` as YAML.

    Nothing is held that may have arrived: whoever cannot tell may get it twice, and nobody misses it.
    """
    await stage.command("topics", "create")
    urls = {f"to{number}": receiver.url for number, receiver in enumerate(receivers)}
    every = ", ".join((*urls, *(others or {})))
    routes = [f"  - {{to: [{every}], now: always, on_uncertain: resend}}"]
    stage.set(ROUTES=str(routes_to(stage.folder, urls, routes, others)), NOTIFY_GROUP=f"{stage.prefix}notify")
    return _Alerts(stage)


def _notify(stage: Stage, name: str, die: tuple[str, int] | None = None) -> NotifyProcess:
    stage.set(NOTIFY_INSTANCE=name)
    command = [] if die is None else [sys.executable, "-m", "faults.harness.dying.notify_process", die[0], str(die[1])]
    log = stage.folder / f"notify-{len(stage.workers)}.log"
    stage.workers.append(process := NotifyProcess(log, stage.environment, free_port(), command))
    return process


async def _killed(stage: Stage) -> Outcome:
    """Dies at one step after the other, and is started again under its name."""
    with kept_warm("tests.commands", "faults.harness.dying.notify_process"):
        async with every_receiver() as receivers:
            return await _killed_warm(stage, receivers)


async def _killed_warm(stage: Stage, receivers: EveryReceiver) -> Outcome:
    alerts = await _begun(stage, receivers.webhook, others=receivers.destinations(stage.folder))
    stage.set(SLACK_API=receivers.slack_api)
    stage.set(SMTP_HOST="127.0.0.1", SMTP_PORT=str(receivers.mail.port), SMTP_TLS="none")
    kills = stage.some(13, 1) * len(STEPS)
    died_at = [STEPS[number % len(STEPS)] for number in range(kills)]
    stage.dice.shuffle(died_at)
    for number, step in enumerate(died_at):
        armed = _notify(stage, "one", (step, stage.dice.randint(1, _COMES.get(step, _KINDS))))
        if number == 0:  # a first start begins at the end of the topic
            await armed.started()
        await alerts.produce(_A_LIFE)

        async def dead(armed: NotifyProcess = armed) -> bool:
            return armed.process.poll() is not None

        await stage.until(dead, _WITHIN_S, f"it never came to {step}")
        assert armed.process.returncode == -signal.SIGKILL, f"it ended by itself\n{stage.log_tails()}"
    began = time.monotonic()
    last = _notify(stage, "one")
    accounts = dict(zip(alerts.ids, alerts.accounts, strict=True))

    async def all_there() -> bool:
        return not any(told.missed for told in receivers.came(accounts).values())

    with suppress(AssertionError):  # the verdict says what has not
        await stage.until(all_there, 8 * _WITHIN_S, "not every alert arrived")
    recovered = round(time.monotonic() - began, 2)
    assert last.end() == 0, "SIGTERM ends it in order"
    came = receivers.came(accounts)
    exact = [told for name, told in came.items() if name != _NO_IDS]
    verdict = Verdict(
        len(came) * len(alerts.ids),
        sum(told.missed for told in came.values()),
        sum(told.twice for told in exact),
        sum(told.repeats for told in exact),
        tuple(receivers.webhook.refused[:3]) + tuple(receivers.slack.refused[:3]),
    )
    measured = {name.replace(" ", "_"): told._asdict() for name, told in came.items()}
    return Outcome(verdict, [recovered], faults=kills, measured=measured)


async def _one_of_two(stage: Stage) -> Outcome:
    """One of two without names dies under load; the other delivers its alerts."""
    async with webhook_receiver() as receiver:
        alerts = await _begun(stage, receiver)
        victim, other = _notify(stage, ""), _notify(stage, "")
        await victim.started()
        await other.started()
        await alerts.produce(40)
        victim.end(signal.SIGKILL)
        began = time.monotonic()
        await alerts.produce(40)
        await alerts.arrived(receiver)
        recovered = round(time.monotonic() - began, 2)
        assert other.end() == 0
        return Outcome(alerts.verdict(receiver), [recovered])


async def _emptied(stage: Stage) -> Outcome:
    """Redis loses everything under a running `notify`; what had arrived comes again under its ids, and the rest."""
    async with webhook_receiver() as receiver:
        alerts = await _begun(stage, receiver)
        process = _notify(stage, "one")
        await process.started()
        times = stage.some(5, 1)
        for _ in range(times):
            await alerts.produce(20)
            await alerts.arrived(receiver)
            async with redis.asyncio.Redis.from_url(stage.redis_url) as client:
                await client.flushall()
            await alerts.produce(20)
            await alerts.arrived(receiver)

            async def told() -> bool:
                return "ledger_lost" in process.words()

            await stage.until(told, _WITHIN_S, "nobody said that the ledger was lost")
        assert process.end() == 0
        return Outcome(alerts.verdict(receiver), faults=times)


async def _receivers(stage: Stage) -> Outcome:
    """One receiver is down and another one busy at once, then one is gone; a healthy one gets everything meanwhile, and
    what is no alert holds nobody.
    """
    async with webhook_receiver() as healthy, webhook_receiver() as ill, webhook_receiver() as busy:
        alerts = await _begun(stage, healthy, ill, busy)
        process = _notify(stage, "one")
        await process.started()
        ill.status, busy.busy = 503, stage.some(50, 3)
        await alerts.produce(20)
        await alerts.put([b"\xff no alert", b"{}"])
        began = time.monotonic()
        await alerts.arrived(healthy)
        beside_a_dead_one = round(time.monotonic() - began, 2)

        async def tried() -> bool:
            return ill.requests > 0

        await stage.until(tried, _WITHIN_S, "nothing was sent to the receiver that is down")
        assert not ill.alerts
        ill.status = 200
        await alerts.arrived(ill)
        await alerts.arrived(busy)
        assert not busy.busy, "it had to say that it is busy"
        ill.status = 410
        await alerts.produce(20)
        await alerts.arrived(healthy)
        document = await process.is_ready(["degraded"])
        assert any("is disabled" in problem for problem in document["problems"]), document
        asked = ill.requests
        ill.status = 200
        await alerts.produce(5)
        await alerts.arrived(healthy)
        await alerts.arrived(busy)
        assert ill.requests == asked, "nothing is sent to a destination that is gone"
        await stage.command("deliveries", "retry", "--to", "to1", "--yes")
        await alerts.arrived(ill)
        assert process.words().count("alert_unreadable") == 2
        assert process.end() == 0
        each = [alerts.verdict(receiver) for receiver in (healthy, ill, busy)]
        verdict = Verdict(
            each[0].received,
            sum(one.lost for one in each),
            sum(one.doubled for one in each),
            sum(one.repeats for one in each),
        )
        return Outcome(verdict, faults=4, measured={"beside_a_dead_receiver_s": beside_a_dead_one})


SCENARIOS: Final = (
    Scenario(
        name="notify_killed",
        promise="every alert arrives, once by Slack's bot, by mail and by webhooks with ids, wherever `notify` dies",
        fault="SIGKILL at each named step of a delivery, 13 times at each in a run (once in the short form)",
        play=_killed, within=3600, recovers_from="the last start until everything has arrived",
    ),
    Scenario(
        name="notify_one_of_two",
        promise="another `notify` delivers what one that died had taken",
        fault="SIGKILL of one of two without names",
        play=_one_of_two, within=240, recovers_from="the kill until everything has arrived",
    ),
    Scenario(
        name="notify_redis_emptied",
        promise="after Redis lost everything, every alert arrives, and none under another delivery id",
        fault="FLUSHALL under a running `notify`, 5 times in a run (once in the short form)",
        play=_emptied, within=600,
    ),
    Scenario(
        name="notify_receivers",
        promise="a receiver that is down, busy or gone holds no other, and gets everything once it is back",
        fault="503 to everything, 50 times 429 (3 in the short form), 410, and records that are no alerts",
        play=_receivers, within=300,
    ),
)  # fmt: skip
