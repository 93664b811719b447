"""One receiver of each kind beside `notify`, and what came to each: missed, twice to a person, twice under one id."""

import email
import re
import time
from collections import Counter
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from email.policy import default
from functools import cache
from pathlib import Path
from typing import Final, NamedTuple

from aiohttp import web

from testing.notify import WebhookReceiver, webhook_receiver
from testing.receivers.mail import MailReceiver, receiving_mail
from testing.receivers.slack import SlackShaped

_ACCOUNT: Final = re.compile(r"account-\d+\.com")
_TOKEN: Final = "xoxb-secret"


class Came(NamedTuple):
    """What a receiver got of the alerts that it was to get."""

    missed: int
    twice: int
    """Messages more than alerts, as a person sees them."""
    repeats: int
    """Those that came again under their id, which the receiver shows once."""


class EveryReceiver(NamedTuple):
    """A webhook, a bot in Slack, a mail server, and an incoming webhook, which knows no ids."""

    webhook: WebhookReceiver
    slack: SlackShaped
    slack_api: str
    mail: MailReceiver
    incoming: Counter[str]
    """Account -> messages that name it."""
    incoming_url: str
    token: str = _TOKEN
    """Of the bot."""

    def destinations(self, folder: Path) -> Mapping[str, str]:
        """Those beside the webhook, as YAML; their secrets are in files of `folder`."""
        (folder / "slack.token").write_text(self.token)
        (folder / "incoming.url").write_text(self.incoming_url)
        return {
            "bot": f'slack: {{token_file: {folder / "slack.token"}, channel: "#west"}}',
            "mail": "email: {from: signals@example.com, to: [west@example.com]}",
            "incoming": f"slack: {{url_file: {folder / 'incoming.url'}}}",
        }

    def came(self, alerts: Mapping[str, str]) -> dict[str, Came]:
        """By kind of receiver; `alerts` is alert id -> account, each account once."""
        many, accounts = len(alerts), {*alerts.values()}
        mails = Counter(_message_id(_content(one)) for one in self.mail.taken)
        posted = Counter(one["metadata"]["event_payload"]["delivery_id"] for one in self.slack.posted)
        hook, known = self.webhook, {*alerts}
        return {
            "webhook": Came(len(known - hook.alerts.keys()), len(hook.came) - len(hook.alerts), _repeats(hook.came)),
            "slack bot": Came(many - len(posted), _repeats(posted), 0),
            "mail": Came(many - len(mails), 0, _repeats(mails)),
            "incoming webhook": Came(len(accounts - self.incoming.keys()), _repeats(self.incoming), 0),
        }


@cache
def _message_id(mail: bytes) -> str:
    """Each mail is parsed once: receivers that are asked often must go on taking messages meanwhile."""
    return str(email.message_from_bytes(mail, policy=default)["Message-ID"])


def _content(envelope: object) -> bytes:
    content = getattr(envelope, "content", b"")
    return content if isinstance(content, bytes) else str(content).encode()


def _repeats(came: Counter[str]) -> int:
    return came.total() - len(came)


@asynccontextmanager
async def every_receiver() -> AsyncIterator[EveryReceiver]:
    """All of them on free ports of this machine."""
    slack = SlackShaped(_TOKEN, {}, {"#west"}, now=time.time, page=200)
    incoming: Counter[str] = Counter()

    async def take(request: web.Request) -> web.Response:
        incoming.update({*_ACCOUNT.findall(await request.text())})
        return web.Response(text="ok")

    app = web.Application()
    app.router.add_route("*", "/incoming", take)
    app.router.add_route("*", "/{rest:.*}", slack)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        async with webhook_receiver() as webhook, receiving_mail(MailReceiver()) as mail:
            yield EveryReceiver(webhook, slack, f"{url}/api", mail, incoming, f"{url}/incoming")
    finally:
        await runner.cleanup()
