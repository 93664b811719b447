"""Ten thousand alerts at once: everything reaches systems, people are not flooded, and what was held can be read."""

import json
import time
from collections import Counter
from pathlib import Path
from typing import Any, Final

import aiohttp

from faults.harness.receivers import EveryReceiver, every_receiver
from faults.harness.stage import Stage
from faults.scenario import Outcome, Scenario, Verdict
from testing.notify import NotifyProcess, an_alert, produce_alerts, routes_to
from testing.processes import COMMAND
from testing.servers.process import free_port
from testing.waiting import listens
from testing.worker import Worker

_PEOPLE: Final = 20
_A_PERSON_AN_HOUR: Final = 6
"""Messages that are sent by themselves; one more counts the rest when the hour is over (docs/delivery/notify.md)."""
_HAND_RAISES: Final = 60
_POISON: Final = (b"\xff no alert", b"{}", b"null")
_WITHIN_S: Final = 900.0
_FINISHED: Final = ("sent", "grouped")


def _routes(folder: Path, receivers: EveryReceiver) -> Path:
    """Everybody is told at once by the bot, and a system gets everything."""
    (folder / "slack.token").write_text(receivers.token)
    people = "".join(f"  Person {number}: {{email: {_email(number)}}}\n" for number in range(_PEOPLE))
    direct = {"direct": f"slack: {{token_file: {folder / 'slack.token'}, direct: true}}"}
    path = routes_to(folder, {"ops": receivers.webhook.url}, ["  - {to: [direct, ops], now: always}"], direct)
    text = path.read_text().replace("routes:\n", f"people:\n{people}routes:\n")
    path.write_text(
        text.replace("{when: {audience: triage}, to: [ops, direct]}", "{when: {audience: triage}, to: [ops]}")
    )
    return path


def _email(number: int) -> str:
    return f"person{number}@example.com"


async def _at_once(stage: Stage) -> Outcome:
    many = stage.some(10_000, 600)
    async with every_receiver() as receivers:
        receivers.slack.people = {_email(number): f"U{number}" for number in range(_PEOPLE)}
        await stage.command("topics", "create")
        stage.set(ROUTES=str(_routes(stage.folder, receivers)), NOTIFY_GROUP=f"{stage.prefix}notify")
        stage.set(SLACK_API=receivers.slack_api)
        process = NotifyProcess(stage.folder / "notify.log", stage.environment, free_port())
        stage.workers.append(process)
        await process.started()
        receivers.webhook.busy = stage.some(200, 20)  # a storm of 429
        alerts = [_alert(number) for number in range(many)]
        began = time.monotonic()
        topic = f"{stage.prefix}alerts"
        await produce_alerts(
            stage.kafka, topic, stage.partitions, [*alerts[: many // 2], *_POISON, *alerts[many // 2 :]]
        )
        ids = {one["alert_id"] for one in alerts}

        async def all_there() -> bool:
            return ids <= receivers.webhook.alerts.keys()

        await stage.until(all_there, _WITHIN_S, "not every alert arrived")
        took = round(time.monotonic() - began, 1)
        counts = await _settled(stage, many)
        quiet = round(time.monotonic() - began, 1)
        memory = _peak_megabytes(process.process.pid)
        differs = [*_told(receivers, many), *_held(counts, many)]
        measured = {"all_at_the_system_s": took, "all_settled_s": quiet, "peak_memory_mb": memory}
        read, problems = await _read_afterwards(stage, counts)
        assert process.words().count("alert_unreadable") == len(_POISON)
        assert process.end() == 0
        came = receivers.webhook.came
        verdict = Verdict(
            many, len(ids - receivers.webhook.alerts.keys()), len(came) - many, came.total() - len(came),
            (*differs, *problems),
        )  # fmt: skip
        return Outcome(verdict, faults=2 + len(_POISON), measured=measured | read)


def _alert(number: int) -> dict[str, Any]:
    raises = {"type": "hand_raise", "pinned": True} if number % 10 == 0 and number < 10 * _HAND_RAISES else {}
    return an_alert(f"account-{number}.com", sdr=f"Person {number % _PEOPLE}", owner=None, **raises)


async def _settled(stage: Stage, many: int) -> Counter[tuple[str, str]]:
    """(destination, status) -> deliveries, once each alert's are sent or told of by the message of another one.

    That message counts what a person did not get, and waits until the hour is over: one of each person is pending.
    """
    counts: Counter[tuple[str, str]] = Counter()

    async def all_finished() -> bool:
        stats = json.loads(await stage.command("deliveries", "stats", "--json"))["destinations"]
        counts.clear()
        counts.update({(one["destination"], status): n for one in stats for status, n in one["by_status"].items()})
        finished = sum(counts[name, status] for name in ("direct", "ops") for status in _FINISHED)
        return finished + min(_PEOPLE, counts["direct", "pending"]) == 2 * many

    await stage.until(all_finished, _WITHIN_S, "not every delivery came to its end")
    return counts


def _told(receivers: EveryReceiver, many: int) -> list[str]:
    """What is wrong with what people got in the first minutes of the hour: six messages, and every hand raise."""
    got = Counter(one["channel"] for one in receivers.slack.posted)
    raises = Counter(f"U{number % _PEOPLE}" for number in range(0, min(many, 10 * _HAND_RAISES), 10))
    alerts = Counter(f"U{number % _PEOPLE}" for number in range(many))
    return [
        f"{person} got {got[person]} messages, {raises[person]} of them hand raises"
        for person in alerts
        if got[person] != min(_A_PERSON_AN_HOUR, alerts[person] - raises[person]) + raises[person]
    ]


def _held(counts: Counter[tuple[str, str]], many: int) -> list[str]:
    told = {status: counts["direct", status] for status in (*_FINISHED, "pending")}
    wrong = [] if sum(told.values()) == many else [f"{told} of {many}"]
    return wrong if counts["ops", "sent"] == many else [*wrong, f"{counts['ops', 'sent']} of {many} at the system"]


async def _read_afterwards(stage: Stage, counts: Counter[tuple[str, str]]) -> tuple[dict[str, Any], list[str]]:
    """Everything that was held is in `deliveries list`, page by page of the API, and counted on the page."""
    grouped = counts["direct", "grouped"]
    began = time.monotonic()
    listed = json.loads(await stage.command("deliveries", "list", "--status", "grouped", "--limit", "10000", "--json"))[
        "deliveries"
    ]
    took = {"deliveries_list_s": round(time.monotonic() - began, 1), "held": grouped}
    wrong = [] if len(listed) == min(grouped, 10_000) else [f"{len(listed)} of {grouped} are listed"]
    port = free_port()
    stage.set(API_PORT=str(port))
    api = Worker(stage.folder / "api.log", stage.environment, [*COMMAND, "api"])
    stage.workers.append(api)

    async def answers() -> bool:
        return listens(port)

    await stage.until(answers, 60, "the API does not start")
    url = f"http://127.0.0.1:{port}"
    async with aiohttp.ClientSession() as client:
        for name, target in (("api", "/v1/deliveries?status=grouped"), ("page", "/deliveries?status=grouped")):
            began = time.monotonic()
            async with client.get(url + target) as told:
                text = await told.text()
            took[f"{name}_s"] = round(time.monotonic() - began, 2)
            if told.status != 200 or (f"{grouped:,}" not in text and f":{grouped}" not in text):
                wrong.append(f"{target}: {told.status}, without {grouped} held deliveries")
    api.end()
    return took, wrong


def _peak_megabytes(pid: int) -> int:
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmHWM:"):
            return int(line.split()[1]) // 1024
    return 0


SCENARIOS: Final = (
    Scenario(
        name="notify_flood",
        promise="ten thousand alerts at once all reach systems, people get a few, and what was held can be read",
        fault="10,000 alerts for 20 people at once (600 in the short form), a storm of 429, records that are no alerts",
        play=_at_once, within=1200,
    ),
)  # fmt: skip
