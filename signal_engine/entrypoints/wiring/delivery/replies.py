"""What people reply to messages, as the settings allow it, and who the people are."""

from pathlib import Path

from starlette.routing import Route

from signal_engine.adapters.http.replies.links import LinkPages
from signal_engine.adapters.http.replies.reply_door import ReplyDoor
from signal_engine.adapters.http.replies.slack import SlackClicks
from signal_engine.adapters.http.replies.unsubscribing import UnsubscribePages
from signal_engine.adapters.outgoing.slack_people import ClickingPeople
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.engine.door.door import Door
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.delivery.delivery_settings import DeliverySettings
from signal_engine.entrypoints.wiring.delivery.senders import poster_of, slack_api_of
from signal_engine.entrypoints.wiring.delivery.stopped import stopped_digests
from signal_engine.entrypoints.wiring.inputs import read_routes
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.messages.answers.action_links import link_keys


class _RoutesNow:
    """The routes file, read anew when it changes: who is taken out of it acts no longer."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._read: tuple[int, int, RoutesFile] | None = None

    def __call__(self) -> RoutesFile:
        """The file as it is now. Raises `ConfigurationError` where it cannot be read."""
        try:
            status = Path(self._path).stat()
        except OSError:
            return read_routes(self._path)
        version = (status.st_mtime_ns, status.st_size)
        if self._read is None or self._read[:2] != version:
            self._read = (*version, read_routes(self._path))
        return self._read[2]


def takes_replies(settings: DeliverySettings) -> bool:
    """Whether anything is set by which replies are signed."""
    return bool(settings.link_keys.get_secret_value() or settings.slack_signing_secret.get_secret_value())


def reply_routes(settings: Settings, door: Door, store_snapshot: StoreSnapshot) -> list[Route]:
    """The routes of the replies that the settings allow."""
    routes = _RoutesNow(settings.routes)
    reply_door = ReplyDoor(lambda: routes().routing.team, door, store_snapshot)
    keys = link_keys(settings.link_keys.get_secret_value())
    taken = []
    if keys:
        channel = Channel(settings.redis_url.get_secret_value())
        taken += LinkPages(reply_door, keys).routes()
        taken += UnsubscribePages(stopped_digests(settings, channel), keys, clock, store_snapshot.event_log).routes()
    if settings.slack_signing_secret.get_secret_value().split():
        taken += slack_clicks(settings, door, store_snapshot).routes()
    return taken


def slack_clicks(settings: Settings, door: Door, store_snapshot: StoreSnapshot) -> SlackClicks:
    """What takes clicks in Slack; without a signing secret only those that are handed to it."""
    routes = _RoutesNow(settings.routes)
    reply_door = ReplyDoor(lambda: routes().routing.team, door, store_snapshot)
    people = ClickingPeople(poster_of(settings), lambda: routes().destinations, slack_api_of(settings))
    return SlackClicks(reply_door, people, settings.slack_signing_secret.get_secret_value().split(), clock)
