"""A Slack bot as a destination: what it posted it finds by the delivery's id, and changes in place."""

import json
from collections.abc import Callable
from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import pytest

from signal_engine.adapters.outgoing.slack_sender import SlackBotSender
from signal_engine.core.delivery.flood import Summary
from signal_engine.core.delivery.team import TeamMember
from signal_engine.core.rules.instants import SECOND
from signal_engine.wire.delivery.destination_models import SlackPlace
from signal_engine.wire.messages.answers.slack_replies import reply_elements
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.since_then import with_since_then
from signal_engine.wire.messages.to_send import Composing, MessageToSend, composed
from testing.receivers.slack import SlackShaped
from testing.receivers.slack_limits import problems
from tests.outgoing.receivers import Handler, Receiver, answers, poster, receiving
from tests.wire.messages.test_content import CONTEXT, alert_of

ANN = TeamMember("Ann Roe", "ann@example.com", CONTEXT.zone)
POSTED_AT = 1_700_000_000 * SECOND
Made = Callable[..., SlackBotSender]


@pytest.fixture
def shaped() -> SlackShaped:
    return SlackShaped("xoxb-secret", {ANN.email: "U1"}, {"#west", "#east", "#north", "#south", "#zulu"})


@pytest.fixture
def token(tmp_path: Path) -> Path:
    path = tmp_path / "token"
    path.write_text("xoxb-secret\n")
    return path


def sender(token: Path, receiver: Receiver, *, takes_clicks: bool = False, **place: Any) -> SlackBotSender:
    there = SlackPlace(token_file=str(token), **(place or {"channel": "#west"}))
    return SlackBotSender(poster(), "west", there, f"{receiver.url}/api", takes_clicks=takes_clicks)


def to_send(delivery_id: str = "d-1", **changed: Any) -> MessageToSend:
    alert = alert_of(**changed)
    return MessageToSend(alert, message(alert, CONTEXT), CONTEXT, delivery_id)


def here(shaped: SlackShaped) -> AbstractAsyncContextManager[Receiver]:
    return receiving(shaped)


@pytest.mark.parametrize(("now", "end"), [("U2", "sent"), (None, "failed")])
async def test_who_has_another_id_in_slack_by_now_is_asked_for_again(
    shaped: SlackShaped, token: Path, now: str | None, end: str
) -> None:
    async with here(shaped) as receiver:
        one = sender(token, receiver, direct=True)
        assert (await one.send(to_send(), ANN)).end == "sent"
        shaped.people = {} if now is None else {ANN.email: now}
        assert (await one.send(to_send("d-2"), ANN)).end == "retry"
        last = await one.send(to_send("d-2"), ANN)
    assert (last.end, last.knows_person) == (end, end == "sent")


@pytest.mark.parametrize("place", [{"channel": "#zulu"}, {"channel": "#west"}, {"direct": True}])
async def test_what_may_have_arrived_is_found_by_the_deliverys_id(
    shaped: SlackShaped, token: Path, place: dict[str, Any]
) -> None:
    """Also behind newer messages, in a channel far down the list."""
    async with here(shaped) as receiver:
        first = sender(token, receiver, **place)
        sent = await first.send(to_send(), ANN)
        for number in range(2, 6):
            assert (await first.send(to_send(f"d-{number}"), ANN)).end == "sent"
        found = await sender(token, receiver, **place).find("d-1", ANN, POSTED_AT)
        missing = await first.find("d-9", ANN, POSTED_AT)
    assert (sent.end, found.end, missing.end) == ("sent", "sent", "failed")
    assert found.receiver_id == sent.receiver_id


async def test_a_look_up_that_is_not_answered_does_not_say_that_nothing_is_there(
    shaped: SlackShaped, token: Path
) -> None:
    async with here(shaped) as receiver:
        for method in ("conversations.list", "conversations.history"):
            shaped.scopes_missing = {method}
            told = await sender(token, receiver).find("d-1", None, POSTED_AT)
            assert (told.end, told.said) == ("uncertain", "Slack answered missing_scope")
        shaped.scopes_missing = {"users.lookupByEmail"}
        assert (await sender(token, receiver, direct=True).find("d-1", ANN, POSTED_AT)).end == "uncertain"
        shaped.scopes_missing, shaped.busy = set(), 1
        busy = await sender(token, receiver).find("d-1", None, POSTED_AT)
        assert (busy.end, busy.retry_after_s) == ("retry", 7.0)
        shaped.token = "xoxb-new"
        assert (await sender(token, receiver).find("d-1", None, POSTED_AT)).end == "disabled"


@pytest.mark.parametrize(
    ("answer", "end"),
    [
        (answers(500), "uncertain"),
        (answers(200, '{"ok": false, "error": "fatal_error"}'), "uncertain"),
        (answers(200, "<html>"), "uncertain"),
        (answers(429), "retry"),
        (answers(200, '{"ok": false, "error": "is_archived"}'), "disabled"),
        (answers(200, '{"ok": false, "error": "msg_too_long"}'), "failed"),
    ],
    ids=["500", "fatal error", "no JSON", "429", "archived", "too long"],
)
async def test_what_slack_may_have_posted_is_looked_for_before_it_is_sent_again(
    answer: Handler, end: str, token: Path
) -> None:
    async with receiving(answer) as receiver:
        assert (await sender(token, receiver).send(to_send(), None)).end == end


async def test_a_message_is_changed_in_place(shaped: SlackShaped, token: Path) -> None:
    async with here(shaped) as receiver:
        bot = sender(token, receiver)
        sent = await bot.send(to_send(), None)
        assert sent.receiver_id is not None
        changed = await bot.update(sent.receiver_id, to_send(name="Acme Corporation"))
        assert (changed.end, changed.receiver_id) == ("sent", sent.receiver_id)
        (there,) = shaped.posted
        assert "Acme Corporation" in there["text"]
        assert (await bot.find("d-1", None, POSTED_AT)).receiver_id == sent.receiver_id
        assert (await bot.update("C1/1.1", to_send())).end == "failed"
    assert shaped.refused == []


async def test_people_and_channels_are_asked_for_once(shaped: SlackShaped, token: Path) -> None:
    async with here(shaped) as receiver:
        bot = sender(token, receiver, direct=True)
        for _ in range(3):
            await bot.send(to_send(), ANN)
            await bot.find("d-1", ANN, POSTED_AT)
    assert shaped.calls.count("users.lookupByEmail") == 1
    assert shaped.calls.count("conversations.open") == 1


@pytest.mark.parametrize(
    ("takes_clicks", "alert", "actions"),
    [
        (True, {}, ["signal_engine_claim", "signal_engine_snooze", "signal_engine_disposition"]),
        (True, {"type": "cooled"}, []),
        (True, {"audience": "triage"}, []),
        (False, {}, []),
    ],
)
async def test_buttons_that_act_are_there_where_clicks_are_taken_and_somebody_is_to_act(
    shaped: SlackShaped, token: Path, takes_clicks: bool, alert: dict[str, Any], actions: list[str]
) -> None:
    async with here(shaped) as receiver:
        assert (await sender(token, receiver, takes_clicks=takes_clicks).send(to_send(**alert), None)).end == "sent"
    (posted,) = shaped.posted
    offered = [one for block in posted["blocks"] if block["type"] == "actions" for one in block["elements"]]
    assert [one["action_id"] for one in offered if "action_id" in one] == actions
    assert shaped.refused == []


def test_what_would_not_fit_into_an_option_is_left_out() -> None:
    for name in ("w" * 60, "w" * 100):
        elements = reply_elements(alert_of(), name)
        message = {"text": "x", "blocks": [{"type": "actions", "elements": list(elements)}]}
        assert list(problems(message)) == []
    assert [one["type"] for one in reply_elements(alert_of(), "w" * 100)] == ["button", "button"]


@pytest.mark.parametrize("accounts", [("beta.com", "acme.com"), ()])
async def test_a_message_that_tells_of_other_alerts_alone_says_nothing_of_its_own(
    shaped: SlackShaped, token: Path, accounts: tuple[str, ...]
) -> None:
    summary = Summary("d-1", 0, accounts=accounts, earlier=2)
    told = composed(Composing(alert_of(), None, "d-1", summary, tells_own=False), CONTEXT)
    async with here(shaped) as receiver:
        assert (await sender(token, receiver, takes_clicks=True).send(told, None)).end == "sent"
    assert shaped.refused == []
    (posted,) = shaped.posted
    said = json.dumps(posted)
    assert "2 more" in said
    assert ("beta.com" in said) is bool(accounts)
    assert not [one for one in ("acme", "Acme", '"actions"', "CRM") if one in said], said


async def test_a_message_says_what_people_did_since_above_everything_else(shaped: SlackShaped, token: Path) -> None:
    async with here(shaped) as receiver:
        west, first = sender(token, receiver, takes_clicks=True), to_send()
        sent = await west.send(first, None)
        assert sent.receiver_id is not None
        told = with_since_then(first.content, "claimed by Bo <!channel> Lind")
        edited = await west.update(sent.receiver_id, first._replace(content=told))
    assert edited.end == "sent"
    (shown,) = shaped.posted
    (section,) = next(block["elements"] for block in shown["blocks"] if block["type"] == "rich_text")
    assert [one["text"] for one in section["elements"][:2]] == ["Since then: ", "claimed by Bo <!channel> Lind\n"]
    assert "<!channel>" not in shown["text"]
    assert [*problems(shown)] == []
