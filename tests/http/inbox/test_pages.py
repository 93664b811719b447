"""The page Inbox: only where messages stay here, with frames for mails alone, and clicks of our own page alone."""

import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from signal_engine.adapters.http.edge.access_control import AccessControl
from signal_engine.adapters.http.edge.tokens import new_token
from signal_engine.wire.messages.inbox import InboxMessage
from tests.http.action_topic import MemoryActionTopic
from tests.http.asking import Answer, ask
from tests.http.inbox.kept import KeptMessages, keep
from tests.http.market import Market
from tests.http.replies.scene import ANN

pytestmark = pytest.mark.xdist_group("http")


class Scene(NamedTuple):
    app: AccessControl
    kept: KeptMessages
    topic: MemoryActionTopic
    slack_id: str
    mail_id: str

    async def click(self, body: Any, **headers: str) -> Answer:
        sent = {"content_type": "application/json", "sec_fetch_site": "same-origin", **headers}
        return await ask(self.app, "/inbox/clicks", "POST", json.dumps(body).encode(), **sent)


@pytest.fixture
async def scene(lively: Market, tmp_path: Path) -> AsyncIterator[Scene]:
    before, lively.actions = lively.actions, MemoryActionTopic(lambda: lively.now)
    kept = await keep(lively, tmp_path)
    snapshot = lively.store_snapshot()
    assert await snapshot.poll()
    app = lively.app(actor=ANN.email, store_snapshot=snapshot, inbox=kept.parts)
    by_medium = {one.medium: one.message_id for one in await kept.inbox.newest(9)}
    yield Scene(app, kept, lively.actions, by_medium["slack"], by_medium["mail"])
    lively.actions = before


async def test_there_is_no_such_page_where_messages_leave(lively: Market) -> None:
    app = lively.app(actor=ANN.email)
    assert (await ask(app, "/inbox")).status == 404
    assert b'href="/inbox"' not in (await ask(app, "/alerts")).body
    refused = await ask(
        app, "/inbox/clicks", "POST", b"{}", content_type="application/json", sec_fetch_site="same-origin"
    )
    assert refused.status == 404


async def test_messages_are_drawn_newest_first_and_every_page_links_there(scene: Scene) -> None:
    page = (await ask(scene.app, "/inbox")).body.decode()
    assert "Nothing leaves this machine" in page
    assert f"act as {ANN.email}" in page
    order = [page.index(f'aria-label="{name}') for name in ("Slack to ann@example.com", "E-mail to", "Webhook")]
    assert order == sorted(order)
    assert '<button type="button" data-element="0" class="primary">Claim</button>' in page
    assert b'href="/inbox"' in (await ask(scene.app, "/alerts")).body
    assert b".slack {" in (await ask(scene.app, "/inbox/slack.css")).body


async def test_what_cannot_be_seen_in_a_webhook_is_seen_as_an_escape(scene: Scene) -> None:
    content = {"name": "Acme \u202egnp.exe"}
    await scene.kept.inbox.put(InboxMessage("hook", "webhook", 1, None, "", content))
    page = (await ask(scene.app, "/part/inbox")).body.decode()
    assert "Acme \\u202egnp.exe" in page
    assert "\u202e" not in page


async def test_a_mail_is_in_a_frame_of_its_own_that_runs_and_sends_nothing(scene: Scene) -> None:
    framed = await ask(scene.app, f"/inbox/mail/{scene.mail_id}")
    policy = framed.headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "sandbox allow-popups allow-popups-to-escape-sandbox" in policy
    assert "script" not in policy
    assert framed.headers["x-frame-options"] == "SAMEORIGIN"
    assert b'<head><base target="_blank">' in framed.body
    page = await ask(scene.app, "/inbox")
    assert "frame-src 'self'" in page.headers["content-security-policy"]
    assert page.headers["x-frame-options"] == "DENY"
    assert "frame-src" not in (await ask(scene.app, "/alerts")).headers["content-security-policy"]
    assert (await ask(scene.app, f"/inbox/mail/{scene.slack_id}")).status == 404
    assert (await ask(scene.app, "/inbox/mail/nobody@example.com")).status == 404


@pytest.mark.parametrize(
    ("element", "action", "said"),
    [
        ({"element": 0}, "claim", "You have claimed acme.com until"),
        ({"element": 1}, "snooze", "You have snoozed acme.com until"),
        ({"element": 2, "option": 0}, "disposition", "Noted for acme.com"),
    ],
    ids=["claim", "snooze", "disposition"],
)
async def test_a_click_does_what_it_does_in_slack(
    scene: Scene, element: dict[str, int], action: str, said: str
) -> None:
    answer = await scene.click({"message": scene.slack_id, **element})
    assert answer.status == 202
    (taken,) = scene.topic.taken
    assert (taken.action.action, taken.action.account, taken.action.by) == (action, "acme.com", ANN.email)
    assert taken.action.via == "slack"
    kept = await scene.kept.inbox.read(scene.slack_id)
    assert kept is not None
    assert kept.answered.startswith(said)
    assert said in (await ask(scene.app, "/part/inbox")).body.decode()


@pytest.mark.parametrize(
    ("changed", "headers", "status"),
    [
        ({}, {"sec_fetch_site": "cross-site"}, 403),
        ({}, {"content_type": "application/x-www-form-urlencoded"}, 415),
        ({"element": 9}, {}, 404),
        ({"element": 3}, {}, 404),
        ({"element": 0, "option": 0}, {}, 404),
        ({"message": "C1/1"}, {}, 404),
        ({"element": "claim"}, {}, 422),
    ],
    ids=["another page", "a form", "no button", "a link", "no choice", "no message", "no click"],
)
async def test_nothing_else_acts(scene: Scene, changed: dict[str, Any], headers: dict[str, str], status: int) -> None:
    answer = await scene.click({"message": scene.slack_id, "element": 0, **changed}, **headers)
    assert answer.status == status
    assert scene.topic.taken == []


async def test_where_tokens_are_asked_for_only_an_administrator_reads_everybody_s_messages(
    lively: Market, scene: Scene
) -> None:
    """Links in a mail act for the person that it is to, whoever follows them."""
    parts = scene.kept.parts._replace(administrators_alone=True)
    known = {
        "read": new_token(),
        "act": new_token(ANN.email),
        "admin": new_token("dana@example.com", administers=True),
    }
    app = lively.app(tokens=" ".join(entry for _, entry in known.values()), inbox=parts)
    for who, (token, _) in known.items():
        for path in ("/inbox", "/part/inbox", f"/inbox/mail/{scene.mail_id}"):
            answer = await ask(app, path, authorization=f"Bearer {token}")
            assert answer.status == (200 if who == "admin" else 403), (who, path)
    click = {"content_type": "application/json", "authorization": f"Bearer {known['act'][0]}"}
    assert (await ask(app, "/inbox/clicks", "POST", b"{}", **click)).status == 403
