"""A service that Apprise knows as a destination: text alone, and outside the guard, since it opens its own connections.

Needs the extra `apprise`. It is loaded where a destination is checked, or with its first message: that takes a second.
"""

import asyncio
import logging
import re
from typing import Final

from signal_engine.adapters.outgoing.secrets import secrets
from signal_engine.adapters.outgoing.senders import CANNOT
from signal_engine.core.delivery.outcomes import Attempt
from signal_engine.core.delivery.team import TeamMember
from signal_engine.engine.ports.delivery.senders import Capabilities
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.destination_models import ApprisePlace
from signal_engine.wire.messages.extra_media.plain_text import ChatText, chat_text
from signal_engine.wire.messages.to_send import MessageToSend

_TIMEOUT_S: Final = 25.0
_SCHEMES: Final = ("protocols", "secure_protocols")
_ANOTHER: Final = re.compile(r"[\s,;]+[a-z0-9]+://", re.IGNORECASE)
"""Where Apprise would find one more URL in a text, of whatever scheme."""
_UNKNOWN: Final = Attempt("uncertain", "Apprise says that it failed, and not why")


class AppriseSender:
    """`MessageSender` of one Apprise URL."""

    capabilities: Final = Capabilities(finds=False, idempotent=False, edits=False, concurrency=1)

    def __init__(self, where: str, place: ApprisePlace) -> None:
        """`where` is the destination in the routes file, for messages."""
        self._where, self._place = f"{where}.apprise", place

    async def send(self, message: MessageToSend, person: TeamMember | None) -> Attempt:  # noqa: ARG002 (for everybody)
        """See `MessageSender`. What Apprise does not say that it was taken may have been: it tells no reason."""
        url = self._url()
        try:
            async with asyncio.timeout(_TIMEOUT_S):
                taken = await asyncio.to_thread(_notify, url, chat_text(message.content))
        except TimeoutError:
            return Attempt("uncertain", f"Apprise did not end within {_TIMEOUT_S:g} seconds")
        if taken is None:
            return Attempt("failed", "Apprise cannot read the URL of this destination")
        return Attempt("sent", "Apprise says that it was taken") if taken else _UNKNOWN

    async def update(self, receiver_id: str, message: MessageToSend) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT

    async def find(self, delivery_id: str, person: TeamMember | None, since: int) -> Attempt:  # noqa: ARG002
        """See `MessageSender`."""
        return CANNOT

    def _url(self) -> str:
        """The URL in the file. Raises `ConfigurationError`, which never quotes it."""
        where, path = f"{self._where}.url_file", self._place.url_file
        url, *more = secrets(where, path)
        if more or _ANOTHER.search(url):
            raise ConfigurationError([f"{where}: {path}: must hold one URL; another one is another destination"])
        scheme, there, _ = url.partition("://")
        if not there or scheme.lower() not in self._place.schemes:
            known = ", ".join(self._place.schemes)
            raise ConfigurationError([f"{where}: {path}: must begin with a scheme of {self._where}.schemes: {known}"])
        return url


def unknown_schemes(where: str, place: ApprisePlace) -> list[str]:
    """A line for each scheme of the destination `where` that Apprise cannot speak to, as it is installed here."""
    from apprise import Apprise  # noqa: PLC0415 (an extra, and slow)

    logging.getLogger("apprise").disabled = True  # it quotes URLs, which are secrets
    services = Apprise().details()["schemas"]
    known = {one for service in services for kind in _SCHEMES for one in service[kind] or ()}
    said = "Apprise knows no such service, or needs another library for it"
    return [f"{where}.apprise.schemes: {one}: {said}" for one in place.schemes if one not in known]


def _notify(url: str, text: ChatText) -> bool | None:
    """Whether the service took it; None where Apprise cannot read the URL. Nothing is kept on disk."""
    from apprise import Apprise, AppriseAsset, NotifyFormat, PersistentStoreMode  # noqa: PLC0415 (an extra, and slow)

    logging.getLogger("apprise").disabled = True  # it quotes URLs, which are secrets
    asset = AppriseAsset(app_id="Signal Engine", storage_mode=PersistentStoreMode.MEMORY, plugin_paths=[])
    sender = Apprise(asset=asset)
    if not sender.add([url]):  # in a list it is one URL, whatever stands in it
        return None
    return bool(sender.notify(body=text.body, title=text.title, body_format=NotifyFormat.TEXT))
