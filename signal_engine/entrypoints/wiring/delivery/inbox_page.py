"""The page Inbox, where the settings keep messages on this machine."""

from signal_engine.adapters.http.inbox.clicks import LocalClicks
from signal_engine.adapters.http.inbox.pages import DrawsSlack, InboxParts
from signal_engine.adapters.outgoing.local_inbox import answer_url, person_id
from signal_engine.adapters.pages.slack import slack_css, slack_html
from signal_engine.engine.door.door import Door
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.entrypoints.wiring.delivery.replies import slack_clicks
from signal_engine.entrypoints.wiring.delivery.senders import inbox_of
from signal_engine.entrypoints.wiring.settings import Settings


def inbox_parts(settings: Settings, door: Door, store_snapshot: StoreSnapshot) -> InboxParts | None:
    """What the page is made of; None where messages leave."""
    if not settings.local_inbox:
        return None
    inbox = inbox_of(settings)
    clicks = LocalClicks(inbox, slack_clicks(settings, door, store_snapshot), person_id, answer_url)
    asks = bool(settings.api_tokens.get_secret_value().strip())
    return InboxParts(inbox, clicks, DrawsSlack(slack_html, slack_css()), administrators_alone=asks)
