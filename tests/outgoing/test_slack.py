"""Slack: by a bot token and by an incoming webhook, against a receiver that keeps Slack's limits and errors."""

from typing import Any

import pytest

from signal_engine.adapters.outgoing.slack import SlackBot, send_to_incoming_webhook
from signal_engine.core.delivery.outcomes import Attempt, by_slack_error
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.slack import slack_message
from testing.receivers.slack import SlackShaped
from tests.outgoing.receivers import answers, poster, receiving
from tests.wire.messages.test_content import CONTEXT, alert_of


def content(**changed: Any) -> dict[str, Any]:
    return slack_message(message(alert_of(**changed), CONTEXT))


def slack() -> SlackShaped:
    return SlackShaped("xoxb-secret", {"ann@example.com": "U1"}, {"#west"})


async def test_a_message_reaches_a_channel_with_the_deliverys_id() -> None:
    shaped = slack()
    async with receiving(shaped) as receiver:
        attempt = await SlackBot(poster(), "xoxb-secret", f"{receiver.url}/api").send("#west", content(), "d-1")
    assert attempt == Attempt("sent", "Slack took it", "CWEST000/1700000000.000001")
    (posted,) = shaped.posted
    assert posted["metadata"] == {"event_type": "signal_engine_alert", "event_payload": {"delivery_id": "d-1"}}
    assert shaped.refused == []


async def test_a_person_is_found_by_address() -> None:
    shaped = slack()
    async with receiving(shaped) as receiver:
        bot = SlackBot(poster(), "xoxb-secret", receiver.url)
        assert await bot.person("ann@example.com") == "U1"
        assert await bot.person("cy@example.com") == by_slack_error("users_not_found")
        assert (await bot.send("U1", content(), "d-1")).end == "sent"


async def test_when_slack_is_busy_it_says_how_long_to_wait() -> None:
    shaped = slack()
    shaped.busy = 1
    async with receiving(shaped) as receiver:
        bot = SlackBot(poster(), "xoxb-secret", receiver.url)
        busy = await bot.send("#west", content(), "d-1")
        assert (busy.end, busy.retry_after_s) == ("retry", 7.0)
        assert (await bot.send("#west", content(), "d-1")).end == "sent"


@pytest.mark.parametrize(
    ("token", "channel", "end"),
    [("xoxb-old", "#west", "disabled"), ("xoxb-secret", "#east", "failed")],
)
async def test_a_token_that_is_good_for_nothing_and_a_channel_that_is_not_there(
    token: str, channel: str, end: str
) -> None:
    async with receiving(slack()) as receiver:
        attempt = await SlackBot(poster(), token, receiver.url).send(channel, content(), "d-1")
    assert attempt.end == end
    assert "xoxb" not in attempt.said


async def test_what_may_have_arrived_is_found_among_many_channels_and_long_messages() -> None:
    """A page of 200 of either is longer than what is read of an answer that nobody needs whole."""
    shaped = slack()
    shaped.channels |= {f"#team-{number:03}-{'x' * 60}" for number in range(1_000)}
    shaped.page = 2_000
    async with receiving(shaped) as receiver:
        bot = SlackBot(poster(), "xoxb-secret", receiver.url)
        for number in range(30):
            await bot.send("#west", {**content(), "text": "x" * 3_000}, f"d-{number}")
        channel = await bot.channel_id("#west")
        assert channel == "CWEST000"
        found = await bot.find("CWEST000", "d-0", 0)
    assert (found.end, found.receiver_id) == ("sent", "CWEST000/1700000000.000001")


@pytest.mark.parametrize(
    ("body", "said"),
    [("<html>", "not readable"), ("[]", "not readable"), ('{"ok": false, "error": "a b <x>"}', "an unnamed error")],
)
async def test_an_answer_that_is_not_slacks_is_not_quoted(body: str, said: str) -> None:
    async with receiving(answers(200, body)) as receiver:
        attempt = await SlackBot(poster(), "t", receiver.url).send("#west", content(), "d-1")
    assert attempt.end != "sent"
    assert said in attempt.said


@pytest.mark.parametrize(
    ("status", "body", "end"),
    [
        (200, "ok", "sent"), (404, "no_service", "disabled"), (410, "channel_is_archived", "disabled"),
        (400, "invalid_blocks", "failed"), (400, "<html>", "failed"), (429, "", "retry"), (500, "", "retry"),
    ],
)  # fmt: skip
async def test_an_incoming_webhook(status: int, body: str, end: str) -> None:
    async with receiving(answers(status, body)) as receiver:
        assert (await send_to_incoming_webhook(poster(), receiver.url, content())).end == end
    assert b"channel" not in receiver.requests[0].body


async def test_what_the_guard_refuses_is_not_tried_again() -> None:
    assert (await send_to_incoming_webhook(poster(), "https://169.254.169.254/", content())).end == "failed"
    assert (await SlackBot(poster(), "t", "https://10.0.0.1").send("#west", content(), "d")).end == "failed"
    assert isinstance(await SlackBot(poster(), "t", "https://10.0.0.1").person("a@example.com"), Attempt)
