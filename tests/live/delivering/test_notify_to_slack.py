"""`notify` as a process in front of a Slack-shaped receiver: seen once after kills, patient, and answered by clicks."""

import json
import signal
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import aiohttp
import pytest

from testing.notify import NotifyProcess, an_alert, produce_alerts
from testing.processes import COMMAND, ROOT
from testing.receivers.slack import SlackShaped, click, signature
from testing.servers.finding import KafkaServer
from testing.servers.process import free_port
from testing.waiting import listens
from tests.live.commands.test_digest import asks_for_a_demo
from tests.live.commands.test_fit_and_lists import ICP
from tests.live.engine import Engine, engine
from tests.outgoing.receivers import Receiver, receiving

WITHIN_S: Final = 150
STEPS: Final = (
    "before_plan", "after_plan", "before_claim", "after_claim", "after_disk", "before_send", "after_send",
    "after_record",
)  # fmt: skip
ROUTES = """\
version: 1
destinations:
  west: {slack: {token_file: TOKEN, channel: "#west"}}
people:
  Ann Roe: {email: ann@example.com}
routes:
  - {when: {audience: triage}, to: [west]}
  - {to: [west], now: always}
"""


@pytest.fixture
def live(kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path) -> Iterator[Engine]:
    with engine(kafka.address, redis_url, prefix, tmp_path, partitions=2) as made:
        (tmp_path / "token").write_text("xoxb-secret")
        (tmp_path / "routes.yaml").write_text(ROUTES.replace("TOKEN", str(tmp_path / "token")))
        made.run("topics", "create")
        made.set(NOTIFY_GROUP=f"{prefix}notify", ROUTES=str(tmp_path / "routes.yaml"), NOTIFY_INSTANCE="one")
        yield made


@pytest.fixture
def slack() -> SlackShaped:
    return SlackShaped("xoxb-secret", {"ann@example.com": "U1"}, {"#west"}, now=time.time)


@pytest.fixture
async def receiver(live: Engine, slack: SlackShaped) -> AsyncIterator[Receiver]:
    async with receiving(slack) as there:
        live.set(SLACK_API=f"{there.url}/api")
        yield there


def notify(live: Engine, command: Sequence[str] = ()) -> NotifyProcess:
    process = NotifyProcess(live.folder / f"notify-{len(live.workers)}.log", live.environment, free_port(), command)
    live.workers.append(process)
    return process


async def produced(live: Engine, *accounts: str) -> None:
    await produce_alerts(live.kafka, f"{live.prefix}alerts", live.partitions, [an_alert(name) for name in accounts])


def accounts_posted(slack: SlackShaped) -> Counter[str]:
    """Account -> messages about it."""
    return Counter(one["blocks"][0]["text"]["text"].partition(": ")[2] for one in slack.posted)


async def posted(live: Engine, slack: SlackShaped, *accounts: str) -> None:
    async def all_there() -> bool:
        return {*accounts} <= accounts_posted(slack).keys()

    await live.until(all_there, WITHIN_S, "not every alert was posted")


@pytest.mark.usefixtures("receiver")
async def test_killed_at_every_step_each_alert_is_seen_once(live: Engine, slack: SlackShaped) -> None:
    """What may have been posted is looked up by the delivery's id, once its claim has run out."""
    first = notify(live)
    await first.started()
    assert first.end() == 0
    told: list[str] = []
    for step in STEPS:
        names = [f"{step.replace('_', '-')}-{number}.com" for number in range(2)]
        await produced(live, *names)
        told += names
        dying = notify(live, [sys.executable, "-m", "faults.harness.dying.notify_process", step, "1"])

        async def killed(dying: NotifyProcess = dying) -> bool:
            return dying.process.poll() is not None

        await live.until(killed, WITHIN_S, f"it did not come to {step}")
        assert dying.process.poll() == -signal.SIGKILL, dying.log.read_text()[-2000:]
    last = notify(live)
    await posted(live, slack, *told)
    assert last.end() == 0
    assert accounts_posted(slack) == dict.fromkeys(told, 1)
    assert "conversations.history" in slack.calls
    assert slack.refused == []


@pytest.mark.usefixtures("receiver")
async def test_a_storm_of_429_is_waited_out_and_nothing_is_sent_twice(live: Engine, slack: SlackShaped) -> None:
    slack.busy, slack.retry_after_s = 5, 1
    process = notify(live)
    await process.started()
    names = [f"a{number}.com" for number in range(10)]
    began = time.monotonic()
    await produced(live, *names)
    await posted(live, slack, *names)
    assert time.monotonic() - began >= 5, "each 429 holds the whole destination for as long as it asks"
    assert accounts_posted(slack) == dict.fromkeys(names, 1)
    assert slack.calls.count("chat.postMessage") == 10 + 5
    assert process.end() == 0


@pytest.mark.usefixtures("receiver")
async def test_a_revoked_token_disables_the_destination_and_a_new_one_brings_what_waited(
    live: Engine, slack: SlackShaped
) -> None:
    slack.token = "xoxb-new"
    process = notify(live)
    await process.started()
    await produced(live, "a.com", "b.com")
    told = await process.is_ready(["degraded"])
    assert "west" in json.dumps(told)
    assert "xoxb" not in process.log.read_text() + json.dumps(told) + await process.metrics()
    assert slack.posted == []
    (live.folder / "token").write_text("xoxb-new\n")
    assert "west is enabled again" in live.run("deliveries", "retry", "--to", "west", "--yes")
    await posted(live, slack, "a.com", "b.com")
    await process.is_ready(["ready"])
    assert accounts_posted(slack) == {"a.com": 1, "b.com": 1}
    assert process.end() == 0


async def test_a_click_claims_the_account_and_the_message_says_so(
    live: Engine, slack: SlackShaped, receiver: Receiver
) -> None:
    """Through all processes: the worker alerts, `notify` posts, `api` takes the click, the worker applies it."""
    (live.folder / "b2b.yaml").write_text(json.dumps(ICP))
    (live.folder / "accounts.csv").write_text("domain,industry,country,sdr\na.com,B2B,us,Ann Roe\n")
    port = free_port()
    live.set(
        SCORING=str(ROOT / "config" / "scoring.yaml"),
        SLACK_SIGNING_SECRET="signing",
        API_PORT=str(port),
        OUTGOING_ALLOW="127.0.0.0/8",
    )
    live.worker()
    loaded = [str(live.folder / "accounts.csv"), "--icp", str(live.folder / "b2b.yaml"), "--yes", "--wait", "60"]
    live.run("fit", "load", *loaded)
    process = notify(live)
    await process.started()
    live.worker([*COMMAND, "api"])
    await asks_for_a_demo(live, "a.com")
    await posted(live, slack, "a.com")
    (message,) = slack.posted
    offered = [one for block in message["blocks"] if block["type"] == "actions" for one in block["elements"]]
    (claim,) = [one for one in offered if one.get("action_id") == "signal_engine_claim"]
    await _clicked(live, port, claim, f"{receiver.url}/response/1")

    async def says_so() -> bool:
        return "Since then: claimed by Ann Roe" in "".join(_texts(slack.posted[0]))

    await live.until(says_so, WITHIN_S, "the message does not say who claimed the account")
    assert len(slack.posted) == 1
    assert [one["response_type"] for one in slack.answers] == ["ephemeral"]
    assert process.end() == 0


async def _clicked(live: Engine, port: int, element: dict[str, Any], response_url: str) -> None:
    async def there() -> bool:
        return listens(port)

    await live.until(there, WITHIN_S, "api does not listen")
    at = int(time.time())
    body = click("U1", element, response_url, at)
    headers = {**signature("signing", at, body), "content-type": "application/x-www-form-urlencoded"}
    async with aiohttp.ClientSession() as client:
        url = f"http://127.0.0.1:{port}/slack/interactions"
        async with client.post(url, data=body, headers=headers) as answer:
            assert answer.status == 200, await answer.text()


def _texts(message: dict[str, Any]) -> Iterator[str]:
    for block in message["blocks"]:
        for section in block["elements"] if block["type"] == "rich_text" else ():
            for one in section["elements"]:
                if isinstance(one.get("text"), str):
                    yield one["text"]
