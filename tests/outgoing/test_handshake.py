"""The verification of a webhook's receiver: nothing of an alert leaves before it has given the token back."""

import asyncio
import json
from collections.abc import Callable
from pathlib import Path

import pytest
from aiohttp import web

from signal_engine.adapters.outgoing.change_receiver import WebhookReceiver
from signal_engine.adapters.outgoing.handshake import Handshake
from signal_engine.adapters.outgoing.senders import WebhookSender
from signal_engine.adapters.outgoing.webhook import signed_headers, standard_key
from signal_engine.wire.delivery.destination_models import WebhookPlace
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.to_send import MessageToSend
from tests.http.ingest.test_signatures import AT, STANDARD_SECRET
from tests.outgoing.receivers import Came, Handler, Receiver, answers, poster, receiving
from tests.wire.messages.test_content import CONTEXT, alert_of

SECRET = STANDARD_SECRET.decode()
MESSAGE = MessageToSend(alert_of(), message(alert_of(), CONTEXT), CONTEXT, "d-1")


def giving_back(shown: Callable[[str], str], status: int = 200) -> Handler:
    """Answers verifications by the token, and takes everything else."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.json()
        if body["type"] != "verification":
            return web.Response(status=204)
        return web.Response(status=status, text=shown(body["data"]["token"]))

    return answer


@pytest.fixture
def sender(tmp_path: Path) -> Callable[..., WebhookSender]:
    """A sender to the URL in a file, which it reads anew each time."""
    (tmp_path / "secret").write_text(SECRET)

    def made(receiver: Receiver, *, verify: bool = True) -> WebhookSender:
        (tmp_path / "url").write_text(receiver.url)
        files = {"url_file": str(tmp_path / "url"), "secret_file": str(tmp_path / "secret")}
        return WebhookSender(poster(), "ops", WebhookPlace(**files, verify=verify), lambda: AT * 1_000)

    return made


def types(requests: list[Came]) -> list[str]:
    return [json.loads(came.body)["type"].partition(".")[0] for came in requests]


@pytest.mark.parametrize(
    "shown", [str, lambda token: f"{token}\n", lambda token: json.dumps({"token": token}), json.dumps]
)
async def test_a_receiver_that_gives_the_token_back_is_asked_once(shown, sender) -> None:
    async with receiving(giving_back(shown)) as receiver:
        one = sender(receiver)
        ends = [(await one.send(MESSAGE, None)).end for _ in range(2)]
    assert ends == ["sent", "sent"]
    assert types(receiver.requests) == ["verification", "alert", "alert"]
    asked = receiver.requests[0]
    assert json.loads(asked.body).keys() == {"type", "timestamp", "data"}
    assert asked.headers["webhook-id"] != "d-1"


async def test_the_verification_is_signed_as_every_message_is(sender) -> None:
    async with receiving(giving_back(str)) as receiver:
        await sender(receiver).send(MESSAGE, None)
    for came in receiver.requests:
        assert came.headers == came.headers | signed_headers(
            came.headers["webhook-id"], AT, came.body, [standard_key(SECRET)]
        )


@pytest.mark.parametrize(
    ("answer", "end", "said"),
    [
        (answers(200, "ok"), "disabled", "did not give back the token"),
        (answers(204, ""), "disabled", "did not give back the token"),
        (giving_back(lambda token: token[:-1]), "disabled", "did not give back the token"),
        (giving_back(lambda token: json.dumps({"data": {"token": token}})), "disabled", "did not give back the token"),
        (giving_back(lambda token: json.dumps([token])), "disabled", "did not give back the token"),
        (giving_back(str, 404), "disabled", "404 to the verification"),
        (giving_back(str, 302), "disabled", "to the verification"),
        (giving_back(str, 410), "disabled", "410"),
        (giving_back(str, 503), "retry", "503"),
    ],
)
async def test_a_receiver_that_does_not_gets_nothing_of_the_alert(answer: Handler, end: str, said: str, sender) -> None:
    async with receiving(answer) as receiver:
        attempt = await sender(receiver).send(MESSAGE, None)
    assert attempt.end == end
    assert said in attempt.said
    assert types(receiver.requests) == ["verification"]


async def test_a_server_that_sends_everything_back_proves_nothing(sender) -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        return web.Response(body=await request.read())

    async with receiving(echo) as receiver:
        assert (await sender(receiver).send(MESSAGE, None)).end == "disabled"
    assert types(receiver.requests) == ["verification"]


async def test_it_is_asked_again_after_it_failed_and_where_the_url_is_another(sender, tmp_path: Path) -> None:
    shown = ["", "right", "right"]

    def told(token: str) -> str:
        return shown.pop(0) and token

    async with receiving(giving_back(told)) as receiver, receiving(giving_back(told)) as other:
        one = sender(receiver)
        ends = [(await one.send(MESSAGE, None)).end for _ in range(2)]
        (tmp_path / "url").write_text(other.url)
        ends.append((await one.send(MESSAGE, None)).end)
    assert ends == ["disabled", "sent", "sent"]
    assert types(receiver.requests) == ["verification", "verification", "alert"]
    assert types(other.requests) == ["verification", "alert"]


async def test_deliveries_at_the_same_time_share_one_verification(sender) -> None:
    async with receiving(giving_back(str)) as receiver:
        one = sender(receiver)
        found = await asyncio.gather(*(one.send(MESSAGE, None) for _ in range(5)))
    assert [attempt.end for attempt in found] == ["sent"] * 5
    assert types(receiver.requests) == ["verification", *["alert"] * 5]


async def test_without_verify_nothing_is_asked(sender) -> None:
    async with receiving(answers(200)) as receiver:
        assert (await sender(receiver, verify=False).send(MESSAGE, None)).end == "sent"
    assert types(receiver.requests) == ["alert"]


@pytest.mark.parametrize(
    ("handler", "ends"), [(giving_back(str), ["sent"] * 2), (answers(200, "ok"), ["disabled"] * 2)]
)
async def test_a_receiver_of_list_changes_is_verified_by_the_same_handshake(handler: Handler, ends: list[str]) -> None:
    async with receiving(handler) as receiver:
        handshake, clock = Handshake(poster()), lambda: AT * 1_000
        one = WebhookReceiver(poster(), receiver.url, [standard_key(SECRET)], clock, handshake)
        came = [(await one.send(f"c-{number}", b'{"type": "list.entered"}')).end for number in range(2)]
    assert came == ends
    told = ["list", "list"] if ends[0] == "sent" else ["verification"]
    assert types(receiver.requests) == ["verification", *told]
