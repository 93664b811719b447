"""An inbox with one message of each medium, in a market, and the page of it."""

import json
import re
from pathlib import Path
from typing import NamedTuple

from signal_engine.adapters.http.inbox.clicks import LocalClicks
from signal_engine.adapters.http.inbox.pages import DrawsSlack, InboxParts
from signal_engine.adapters.http.replies.slack import SlackClicks
from signal_engine.adapters.memory.inbox import MemoryInbox
from signal_engine.adapters.outgoing.local_inbox import InboxMailer, InboxPoster, answer_url, person_id
from signal_engine.adapters.outgoing.senders import MailLinks, MailSender, WebhookSender
from signal_engine.adapters.outgoing.slack import SLACK_API
from signal_engine.adapters.outgoing.slack_people import ClickingPeople
from signal_engine.adapters.outgoing.slack_sender import SlackBotSender
from signal_engine.adapters.pages.slack import slack_css, slack_html
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.delivery.destination_models import DestinationModel, EmailPlace, SlackPlace, WebhookPlace
from signal_engine.wire.instants import format_instant, parse_instant
from signal_engine.wire.messages.answers.action_links import link_keys
from signal_engine.wire.messages.content import message
from signal_engine.wire.messages.since_then import with_since_then
from signal_engine.wire.messages.to_send import MessageToSend
from testing.notify import SECRET
from tests.http.market import Market
from tests.http.replies.scene import ANN, reply_door_of
from tests.wire.delivery.alerts import an_alert
from tests.wire.messages.test_content import CONTEXT, alert_of

_INSTANT = r"\d{4}-\d\d-\d\dT[\d:]+Z"
_KEY = link_keys("k:" + "A" * 43 + "=")[0]


class KeptMessages(NamedTuple):
    """What fills the inbox, and the parts of its page."""

    inbox: MemoryInbox
    parts: InboxParts
    slack: SlackBotSender
    now: int
    """When they were sent; ms."""

    async def claimed(self, message_id: str, by: str) -> None:
        """What `notify` does once an account is claimed."""
        it = _to_send("d-1", self.now)
        await self.slack.update(message_id, it._replace(content=with_since_then(it.content, f"claimed by {by}")))


async def keep(market: Market, folder: Path, snapshot: StoreSnapshot | None = None) -> KeptMessages:
    """One message of each medium, a mail, a webhook's and Slack's, the last of which is the newest."""
    inbox, now = MemoryInbox(), market.now
    poster = InboxPoster(inbox, lambda: market.now)
    for name, text in (("token", "none"), ("url", "https://hooks.example.com/1"), ("secret", SECRET)):
        (folder / name).write_text(text)
    place = {"token_file": str(folder / "token"), "direct": True}
    mail_place = EmailPlace.model_validate({"from": "Signal Engine <signals@example.com>"})
    links = MailLinks(_KEY, "https://signals.example.com")
    mail = MailSender(InboxMailer(inbox, lambda: now - 60_000), mail_place, lambda: now, links)
    await mail.send(_to_send("d-0", now), ANN)
    hook_place = WebhookPlace(url_file=str(folder / "url"), secret_file=str(folder / "secret"))
    hook = WebhookSender(InboxPoster(inbox, lambda: now - 120_000), "ops", hook_place, lambda: now)
    await hook.send(_to_send("d-0", now), None)
    slack = SlackBotSender(poster, "west", SlackPlace.model_validate(place), SLACK_API, takes_clicks=True)
    await slack.send(_to_send("d-1", now), ANN)
    west = DestinationModel.model_validate({"slack": place})
    reply_door = await reply_door_of(market)
    if snapshot is not None:
        reply_door = reply_door._replace(store_snapshot=snapshot)
    clicks = SlackClicks(reply_door, ClickingPeople(poster, lambda: {"west": west}, SLACK_API), [], lambda: now)
    local = LocalClicks(inbox, clicks, person_id, answer_url)
    return KeptMessages(inbox, InboxParts(inbox, local, DrawsSlack(slack_html, slack_css())), slack, now)


def _to_send(delivery_id: str, now: int) -> MessageToSend:
    """An alert of now, with all its instants as far back as in the one that it is made of."""
    context = CONTEXT._replace(person=ANN.name)
    made = an_alert()
    later = now - parse_instant(made["at"])
    text = re.sub(_INSTANT, lambda found: format_instant(parse_instant(found[0]) + later), json.dumps(made))
    alert = alert_of(**json.loads(text))
    return MessageToSend(alert, message(alert, context), context, delivery_id)
