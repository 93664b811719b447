"""The process `digest --follow`: it looks every half minute at what is due, and sends it."""

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Final

from signal_engine.adapters.http.digests.application import digest_application
from signal_engine.adapters.http.server import Server, listen, url_of
from signal_engine.adapters.logging.event_log import listen_to_libraries
from signal_engine.adapters.termination import GRACE_PERIOD_S, Deadline
from signal_engine.core.delivery.digest import due_instant
from signal_engine.core.delivery.team import TeamMember
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.digests.figures import DigestFigures
from signal_engine.engine.ports.event_log import EventLog
from signal_engine.engine.ports.log_events.digests import (
    DigestNotSent,
    DigestRecordBegun,
    DigestsDelayed,
    DigestSent,
    DigestsFollowed,
    DigestsStopped,
    UnsubscribingRestored,
)
from signal_engine.engine.ports.log_events.processes import ShutdownForced
from signal_engine.entrypoints.commands.delivery.digest_sending import (
    DigestWay,
    begin_record,
    complete_stopped,
    restore_stopped,
    send_digest,
)
from signal_engine.entrypoints.wiring.connections import clock, event_log
from signal_engine.entrypoints.wiring.process.probes import probing_policy
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.instants import format_instant

_LOOK_EVERY_S: Final = 30.0
"""Seconds between two looks at what is due."""

Reached = Callable[[str], None]
"""As of `send_once`."""


async def follow_digests(
    settings: Settings, ways: Sequence[DigestWay], members: Sequence[TeamMember], reached: Reached = lambda _: None
) -> None:
    """Send every digest when it is due, until SIGTERM or Ctrl-C, and serve probes and metrics. Several may run.

    Raises `CannotListen`, and `ConfigurationError` where strangers could read the metrics.
    """
    said = event_log(settings)
    listen_to_libraries(said)
    policy = probing_policy(settings, "digest_host")
    following = _Following(settings, ways, members, said, reached)
    with listen(settings.digest_host, settings.digest_port) as listening:
        said.write(DigestsFollowed(url=url_of(listening), routes=len(ways)))
        names = [way.destination for way in ways]
        app = digest_application(following.figures, names, clock, policy)
        server = Server(app, following, deadline=Deadline(lambda: said.line(ShutdownForced(timeout_s=GRACE_PERIOD_S))))
        working = asyncio.create_task(following.run())

        def worked(_: asyncio.Task[None]) -> None:
            if not server.should_exit:  # ended twice, it would not wait for answers
                server.end()

        working.add_done_callback(worked)
        try:
            await server.serve([listening])
        finally:
            following.end()
            await working  # a digest in hand is finished: cut off, nobody could say whether it arrived
    said.write(DigestsStopped())


class _Following:
    """The loop that sends what is due."""

    def __init__(
        self,
        settings: Settings,
        ways: Sequence[DigestWay],
        members: Sequence[TeamMember],
        said: EventLog,
        reached: Reached,
    ) -> None:
        self._settings, self._ways, self._members, self._reached = settings, ways, members, reached
        self._said, self._stop = said, asyncio.Event()
        self._restored = False
        self.figures = DigestFigures()

    def end(self) -> None:
        """Stop after the digest in hand."""
        self._stop.set()

    async def run(self) -> None:
        """Look again and again, until `end`."""
        while not self._stop.is_set():
            delayed = await self._look()
            told = None if delayed is None else delayed.in_public()
            if delayed is not None and told != self.figures.delayed:
                self._said.write(DigestsDelayed(reason="; ".join(delayed.messages())))
            self.figures.looked(clock(), told)
            with suppress(TimeoutError):
                await asyncio.wait_for(self._stop.wait(), _LOOK_EVERY_S)

    async def _look(self) -> SignalEngineError | None:
        """Send what is due; why some of it could not be made, None: nothing stood in the way."""
        try:
            await self._know_who_stopped()
            record = await begin_record(self._settings, clock())
        except SignalEngineError as error:
            return error
        if record.begun:
            self._said.write(DigestRecordBegun(since=format_instant(record.at)))
        delayed: SignalEngineError | None = None
        for way in self._ways:
            for member in self._members:
                due = due_instant(way.time, member, clock())
                if due is not None and not self._stop.is_set():
                    delayed = await self._send_due(way, member, due) or delayed
        return delayed

    async def _know_who_stopped(self) -> None:
        """Raises what reading the record in Kafka does: until it is known who unsubscribed, nobody is sent any."""
        if self._restored:
            stopped = await complete_stopped(self._settings)
        else:
            stopped = await restore_stopped(self._settings, self._ways, self._members)
            self._restored = True
        if stopped:
            self._said.write(UnsubscribingRestored(stopped=stopped))

    async def _send_due(self, way: DigestWay, member: TeamMember, due: int) -> SignalEngineError | None:
        try:
            ended = await send_digest(self._settings, way, member, due, self._reached)
        except SignalEngineError as error:
            return error
        self.figures.ended(way.destination, ended, clock())
        if ended.end == "sent":
            self._said.write(DigestSent(destination=way.destination))
        elif ended.end not in {"skipped", "stopped"}:
            self._said.write(DigestNotSent(destination=way.destination, end=ended.end, said=ended.said))
        return None
