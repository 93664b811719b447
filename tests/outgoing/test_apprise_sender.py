"""Apprise as a destination: one URL of a file, of a scheme that the routes file names; text alone."""

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from signal_engine.adapters.outgoing.extra_media import apprise_sender
from signal_engine.adapters.outgoing.extra_media.apprise_sender import AppriseSender
from signal_engine.entrypoints.wiring.delivery.senders import MessageWays, sender_of
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.destination_models import ApprisePlace, DestinationModel
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.extra_media.plain_text import chat_text
from signal_engine.wire.messages.to_send import MessageToSend
from tests.outgoing.receivers import answers, poster, receiving
from tests.wire.delivery.alerts import evidence
from tests.wire.messages.test_content import CONTEXT, alert_of

pytest.importorskip("apprise")
LINKED = CONTEXT._replace(public_url="https://signals.example.com")


def to_send(**changed: Any) -> MessageToSend:
    alert = alert_of(**changed)
    return MessageToSend(alert, message(alert, LINKED), LINKED, "d-1")


def sender(folder: Path, text: str, *schemes: str) -> AppriseSender:
    (folder / "url").write_text(text)
    place = ApprisePlace(url_file=str(folder / "url"), schemes=[*schemes] or ["ntfy"])
    return AppriseSender("destinations.phone", place)


async def test_a_service_gets_title_and_text(tmp_path: Path) -> None:
    async with receiving(answers(200, "{}")) as receiver:
        attempt = await sender(tmp_path, f"ntfy://{receiver.url[7:]}/topic").send(to_send(), None)
    assert attempt.end == "sent"
    (came,) = receiver.requests
    told = json.loads(came.body)
    assert told["title"] == "Hot: Acme \uff08acme.com, tier A\uff09"
    assert told["message"].startswith("Why now: Hiring: VP Sales \uff08sales\uff09")
    assert told["message"].endswith("Open account: https://signals.example.com/accounts/acme.com")


async def test_what_else_belongs_to_a_url_is_left_to_the_service(tmp_path: Path) -> None:
    async with receiving(answers(200, "{}")) as receiver:
        one = sender(tmp_path, f"ntfy://{receiver.url[7:]}/topic?click=https://signals.example.com/a,b")
        attempt = await one.send(to_send(), None)
    assert attempt.end == "sent"
    assert len(receiver.requests) == 1


async def test_a_service_that_refuses_or_is_not_there_may_have_it_and_is_told_without_the_url(tmp_path: Path) -> None:
    """Apprise says that it failed, and not why: nobody is annoyed twice for that."""
    async with receiving(answers(500, "")) as receiver:
        one = sender(tmp_path, f"ntfy://user:secret@{receiver.url[7:]}/topic")
        refused = await one.send(to_send(), None)
    gone = await one.send(to_send(), None)
    assert (refused.end, gone.end) == ("uncertain", "uncertain")
    assert "secret" not in refused.said + gone.said


async def test_a_service_that_is_slow_does_not_hold_the_destination(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    released = asyncio.Event()

    async def waits(_: web.Request) -> web.StreamResponse:
        await released.wait()
        return web.Response(text="{}")

    monkeypatch.setattr(apprise_sender, "_TIMEOUT_S", 0.2)
    async with receiving(waits) as receiver:
        attempt = await sender(tmp_path, f"ntfy://{receiver.url[7:]}/topic").send(to_send(), None)
        released.set()
    assert attempt.end == "uncertain"


@pytest.mark.parametrize(
    ("text", "schemes", "said"),
    [
        ("tgram://123:secret/1", ["ntfy"], "must begin with a scheme of destinations.phone.apprise.schemes: ntfy"),
        ("NTFYS://secret", ["ntfy"], "must begin with a scheme"),
        ("secret", ["ntfy"], "must begin with a scheme"),
        ("ntfy://a/secret\nntfy://b/secret\n", ["ntfy"], "must hold one URL"),
        ("ntfy://a/secret, json://127.0.0.1/", ["ntfy"], "must hold one URL"),
        ("ntfy://a/secret;JSON://127.0.0.1/", ["ntfy"], "must hold one URL"),
        ("ntfy://a/secret file:///tmp/x", ["ntfy"], "must hold one URL"),
        ("", ["ntfy"], "holds no secret"),
    ],
)
async def test_what_the_file_may_not_hold(text: str, schemes: list[str], said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError) as refused:
        await sender(tmp_path, text, *schemes).send(to_send(), None)
    assert said in str(refused.value)
    assert "destinations.phone.apprise.url_file" in str(refused.value)
    assert "123:secret" not in str(refused.value)


async def test_a_url_that_apprise_cannot_read_is_not_tried_again_nor_written_into_a_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    attempt = await sender(tmp_path, "nothing://secret", "nothing").send(to_send(), None)
    assert "secret" not in caplog.text + "".join(capfd.readouterr())
    assert (attempt.end, attempt.said) == ("failed", "Apprise cannot read the URL of this destination")


@pytest.mark.parametrize("scheme", ["ntfyz", "nfty", "telegram"])
def test_a_scheme_that_apprise_does_not_know_is_said_at_the_start_and_its_alerts_wait(scheme: str) -> None:
    place = DestinationModel(apprise=ApprisePlace(url_file="/run/secrets/phone", schemes=["ntfys", "tgram", scheme]))
    with pytest.raises(ConfigurationError) as refused:
        sender_of(poster(), "phone", place, MessageWays())
    said = "Apprise knows no such service, or needs another library for it"
    assert [*refused.value.lines] == [f"destinations.phone.apprise.schemes: {scheme}: {said}"]


def test_the_text_is_kept_short_from_the_weakest_evidence_up() -> None:
    lines = [evidence(f"{number} " + "x" * 150, float(number)) for number in range(1, 10)]
    told = chat_text(to_send(parts=[{"part": "intent", "points": 45.0, "evidence": lines}]).content)
    assert len(told.body) <= 900
    assert "  - 9 xxx" in told.body
    assert " more, weaker" in told.body
    assert "  - 1 xxx" not in told.body
    assert told.body.endswith("https://signals.example.com/accounts/acme.com")


def test_nothing_of_the_text_mentions_anybody_or_is_markup() -> None:
    nasty = "@everyone <@U1> <!channel> **b** _i_ [x](https://evil.example) `c` # h ~s~ |s| \\ &lt;"
    told = chat_text(to_send(why_now=nasty, name=nasty).content)
    ours = told.body.replace("https://signals.example.com/accounts/acme.com", "")
    assert not {*"@<>*_`[]()#~|\\&"} & {*ours, *told.title}
    assert "https://evil" not in told.body
    assert "\uff20everyone" in told.body


async def test_it_can_neither_change_nor_find_a_message_and_says_so(tmp_path: Path) -> None:
    one = sender(tmp_path, "ntfy://a/b")
    assert (one.capabilities.edits, one.capabilities.finds, one.capabilities.idempotent) == (False, False, False)
    assert (await one.update("x", to_send())).end == (await one.find("d-1", None, 0)).end == "failed"
