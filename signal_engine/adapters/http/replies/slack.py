"""`POST /slack/interactions`: clicks on buttons in Slack. Slack waits three seconds: answered at once, worked off then.

It belongs to `api`, which has the door and is reached from outside anyway: what sends needs no open port.
"""

from collections.abc import Callable, Sequence
from typing import Final, Protocol

from slack_sdk.signature import Clock, SignatureVerifier
from starlette.background import BackgroundTask
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.replies.reply_door import NOT_ONE_OF_US, ReplyDoor
from signal_engine.core.delivery.team import local_time
from signal_engine.core.errors import SignalEngineError
from signal_engine.core.rules.instants import SECOND, days
from signal_engine.engine.door.wanted import ActionRefusal, WantedAction
from signal_engine.engine.ports.log_events.servers import ActionNotConfirmed
from signal_engine.wire.messages.answers.slack_replies import SlackClick, read_click

_SNOOZED_DAYS: Final = 7
_DAY_FORM: Final = "%A %-d %B"
_MOST_OF_A_TIMESTAMP: Final = 12
_LATER: Final = "Nothing was changed: the engine cannot take it at the moment; try again in a while."
_DONE: Final = {"claim": "You have claimed {}", "snooze": "You have snoozed {}", "disposition": "Noted for {}"}


class SlackPeople(Protocol):
    """What has to be asked of Slack about a click, and told to it."""

    async def email(self, destination: str, user: str) -> str | None:
        """The address of a person, which the workspace of the destination's bot vouches for; None where it does not."""

    async def tell(self, response_url: str, text: str) -> None:
        """Show `text` to whoever clicked, and to nobody else."""


class SlackClicks:
    """Takes clicks."""

    def __init__(
        self, reply_door: ReplyDoor, people: SlackPeople, signing_secrets: Sequence[str], clock: Callable[[], int]
    ) -> None:
        """`clock` tells ms since 1970, by which the age of a request is judged."""
        self._reply_door = reply_door
        self._people = people
        self._verifiers = [SignatureVerifier(secret, _Clock(clock)) for secret in signing_secrets]

    def routes(self) -> list[Route]:
        """The one path."""
        return [Route("/slack/interactions", self.interaction, methods=["POST"])]

    async def interaction(self, request: Request) -> Response:
        """200 at once for whatever Slack signed within the last five minutes; 401 for anything else."""
        body = await request.body()
        if not self._is_signed(body, request.headers):
            raise HttpProblem(401, "the request is not signed by Slack, or too old")
        click = read_click(body)  # Slack tells of clicks on links, too
        return Response(status_code=200, background=None if click is None else BackgroundTask(self.work_off, click))

    def _is_signed(self, body: bytes, headers: Headers) -> bool:
        """Slack's verifier raises for what no client of Slack's sends: such a request is signed by nobody."""
        stamp, signature = headers.get("X-Slack-Request-Timestamp", ""), headers.get("X-Slack-Signature", "")
        if not (stamp.isascii() and stamp.isdigit() and len(stamp) <= _MOST_OF_A_TIMESTAMP and signature.isascii()):
            return False
        try:
            text = body.decode()
        except UnicodeDecodeError:
            return False
        return any(one.is_valid(text, stamp, signature) for one in self._verifiers)

    async def work_off(self, click: SlackClick) -> None:
        """Do what was clicked, and tell whoever clicked."""
        try:
            said = await self._done(click)
        except SignalEngineError as error:  # of the routes file, while somebody edits it
            self._reply_door.store_snapshot.event_log.write(ActionNotConfirmed(reason=str(error)))
            said = _LATER
        await self._people.tell(click.response_url, said)

    async def _done(self, click: SlackClick) -> str:
        email = await self._people.email(click.destination, click.user)
        member = None if email is None else self._reply_door.member(email)
        if member is None:
            return f"Nothing was changed: {NOT_ONE_OF_US.detail}."
        until = self._reply_door.store_snapshot.clock() + days(_SNOOZED_DAYS) if click.action == "snooze" else None
        wanted = WantedAction(
            click.account,
            click.action,
            by=member.email,
            via="slack",
            action_id=click.action_id,
            until=until,
            outcome=click.outcome,
        )
        reply = await self._reply_door.act(wanted)
        if isinstance(reply, ActionRefusal):
            return f"Nothing was changed: {reply.detail}."
        ends = reply.action.until
        until_then = "" if ends is None else f" until {local_time(ends, member.zone):{_DAY_FORM}}"
        return f"{_DONE[click.action].format(reply.action.account)}{until_then}."


class _Clock(Clock):
    """Slack's verifier asks for the time in seconds."""

    def __init__(self, clock: Callable[[], int]) -> None:
        self._clock = clock

    def now(self) -> float:
        """Seconds since 1970."""
        return self._clock() / SECOND
