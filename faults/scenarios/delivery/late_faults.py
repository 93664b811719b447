"""`notify` dies while it tells that nobody responds: manager and backup are told once each."""

import asyncio
import signal
import sys
import time
from typing import Any, Final

from faults.harness.stage import Stage
from faults.scenario import Outcome, Scenario, Verdict
from testing.notify import NotifyProcess, WebhookReceiver, an_alert, produce_alerts, routes_to, webhook_receiver
from testing.servers.process import free_port

_STEPS: Final = (
    "before_late",
    "after_late",
    "before_claim",
    "after_claim",
    "before_send",
    "after_send",
    "after_record",
)
"""Those that come by when a clock has run out."""
_WITHIN_S: Final = 180.0
"""Clocks count in minutes."""
_PEOPLE: Final = """
people:
  Ann Roe: {email: ann@example.com, manager: Kim Yu, backup: Bo Lind}
  Bo Lind: {email: bo@example.com}
  Kim Yu: {email: kim@example.com}
"""


async def _killed(stage: Stage) -> Outcome:
    """Dies at a step of telling, and is started again under its name: alerts of nobody who responds."""
    async with webhook_receiver() as receiver:
        await stage.command("topics", "create")
        path = routes_to(stage.folder, {"ops": receiver.url}, ["  - {to: [ops], now: always, clock: 1m}"])
        path.write_text(path.read_text() + _PEOPLE)
        stage.set(ROUTES=str(path), NOTIFY_GROUP=f"{stage.prefix}notify", NOTIFY_INSTANCE="one")
        ids: list[str] = []
        process = _notify(stage)
        await process.started()
        kills = stage.some(2 * len(_STEPS), 1)
        died_at = stage.dice.sample(_STEPS, 1) if kills == 1 else [*_STEPS, *_STEPS]
        for step in died_at:
            ids += await _produced(stage, 4, len(ids))
            await _told(stage, receiver, ids, 0)
            assert process.end() == 0
            armed = _notify(stage, (step, 1))

            async def dead(armed: NotifyProcess = armed) -> bool:
                return armed.process.poll() is not None

            await stage.until(dead, _WITHIN_S, f"it never came to {step}")
            assert armed.process.returncode == -signal.SIGKILL, f"it ended by itself\n{stage.log_tails()}"
            process = _notify(stage)
            await process.started()
        began = time.monotonic()
        await _told(stage, receiver, ids, 2)
        recovered = round(time.monotonic() - began, 2)
        await asyncio.sleep(stage.some(65, 5))  # a third one would come a minute later
        assert process.end() == 0
        each = [len(receiver.late[alert_id]) for alert_id in ids]
        verdict = Verdict(
            2 * len(ids),
            sum(max(0, 2 - told) for told in each),
            sum(max(0, told - 2) for told in each),
            receiver.came.total() - len(receiver.came),
            tuple(receiver.refused[:3]),
        )
        return Outcome(verdict, [recovered], faults=kills, measured={"died_at": died_at})


def _notify(stage: Stage, die: tuple[str, int] | None = None) -> NotifyProcess:
    command = [] if die is None else [sys.executable, "-m", "faults.harness.dying.notify_process", die[0], str(die[1])]
    log = stage.folder / f"notify-{len(stage.workers)}.log"
    stage.workers.append(process := NotifyProcess(log, stage.environment, free_port(), command))
    return process


async def _produced(stage: Stage, many: int, begin: int) -> list[str]:
    made: list[dict[str, Any] | bytes] = []
    made += [an_alert(f"account-{begin + number}.com") for number in range(many)]
    await produce_alerts(stage.kafka, f"{stage.prefix}alerts", stage.partitions, made)
    return [one["alert_id"] for one in made if isinstance(one, dict)]


async def _told(stage: Stage, receiver: WebhookReceiver, ids: list[str], times: int) -> None:
    """Every alert has come, and it was told so often that nobody responds."""

    async def all_there() -> bool:
        return {*ids} <= receiver.alerts.keys() and all(len(receiver.late[one]) >= times for one in ids)

    await stage.until(all_there, _WITHIN_S, "not everything was told")


SCENARIOS: Final = (
    Scenario(
        name="notify_late",
        promise="manager and backup are told once each that nobody responds, wherever `notify` dies",
        fault="SIGKILL at each step of telling, 14 times in a run (once in the short form)",
        play=_killed, within=3600, recovers_from="the last start until everybody was told, two clocks of a minute each",
    ),
)  # fmt: skip
