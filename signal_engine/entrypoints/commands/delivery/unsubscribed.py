"""Whose digests are stopped, and turning them on again."""

from collections.abc import Iterator, Sequence

from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.terminal.clean import clean
from signal_engine.core.delivery.team import TeamMember
from signal_engine.entrypoints.wiring.delivery.stopped import stopped_digests
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.instants import format_instant
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf


async def unsubscribed(settings: Settings, routes: RoutesFile, members: Sequence[TeamMember]) -> list[str]:
    """A line for each of `members` who gets no digests at a destination.

    Raises `StoreTrouble`, and `NoConnection` where Redis lost who did, and Kafka is not there to say."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        stopped, lines = stopped_digests(settings, channel), []
        for member, of in _every(routes, members):
            since = await stopped.stopped_at(of)
            if since is not None:
                told = f"unsubscribed from digests at {of.destination} on {format_instant(since)[:10]}"
                lines.append(f"note: {clean(member.name)} {told}; --resume sends them again")
        return lines


async def resumed(settings: Settings, routes: RoutesFile, members: Sequence[TeamMember]) -> list[str]:
    """Turn the digests of `members` on again; a line for each that was stopped. Raises `StoreTrouble`, and a
    `SignalEngineError` where Kafka does not take it."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        stopped = stopped_digests(settings, channel)
        again = [(one, of) for one, of in _every(routes, members) if await stopped.resume(of)]
        return [f"{clean(one.name)} gets digests at {of.destination} again" for one, of in again]


def _every(routes: RoutesFile, members: Sequence[TeamMember]) -> Iterator[tuple[TeamMember, DigestsOf]]:
    for name, place in routes.routing.destinations.items():
        if place.personal:
            for member in members:
                yield member, DigestsOf(member.email, name)
