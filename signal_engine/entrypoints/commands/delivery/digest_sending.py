"""Digests on their way: which destinations get them and when, and one sent."""

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from signal_engine.adapters.outgoing.digests import MailDigestSender, SlackDigestSender
from signal_engine.adapters.redis.connecting.channel import Channel
from signal_engine.adapters.redis.sent_digests import RedisSentDigests
from signal_engine.core.delivery.routes import DigestTime
from signal_engine.core.delivery.team import Team, TeamMember
from signal_engine.engine.digests.record import RecordSince, record_since
from signal_engine.engine.digests.sending import DigestEnd, DigestSender, send_once
from signal_engine.engine.digests.telling import LastDigest
from signal_engine.entrypoints.commands.delivery.digesting import digest_source
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.delivery.senders import message_ways, poster_of, slack_api_of
from signal_engine.entrypoints.wiring.delivery.stopped import stopped_digests
from signal_engine.entrypoints.wiring.settings import Settings
from signal_engine.entrypoints.wiring.settings_sources import variable
from signal_engine.wire.config.yaml_files import ConfigurationError
from signal_engine.wire.delivery.destination_models import DestinationModel
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.messages.answers.unsubscribing import DigestsOf, unsubscribe_token
from signal_engine.wire.messages.digest import DigestFacts
from signal_engine.wire.messages.digest import digest as in_words


class DigestWay(NamedTuple):
    """One destination that gets digests by a route."""

    destination: str
    time: DigestTime
    sender: DigestSender
    team: Team


def digest_ways(settings: Settings, routes: RoutesFile) -> list[DigestWay]:
    """The destinations of routes with `digest` that reach people; a destination's first route says when.

    Raises `ConfigurationError` where there is none, and for e-mail without a mail server.
    """
    ways: dict[str, DigestWay] = {}
    for route in routes.routing.routes:
        for name in route.to if route.digest else ():
            place = routes.destinations[name]
            if route.digest is not None and name not in ways and place.personal:
                sender = _sender_of(settings, name, place)
                ways[name] = DigestWay(name, route.digest, sender, routes.routing.team)
    if not ways:
        raise ConfigurationError([f"{settings.routes}: no route with `digest` has a destination that reaches people"])
    return [*ways.values()]


def _sender_of(settings: Settings, name: str, place: DestinationModel) -> DigestSender:
    where, words = f"destinations.{name}", partial(in_words, public_url=settings.public_url)
    if place.slack is not None:
        return SlackDigestSender(poster_of(settings), where, place.slack, slack_api_of(settings), words)
    assert place.email is not None  # noqa: S101 (no other kind reaches people)
    mail = message_ways(settings).mail
    if mail is None:
        raise ConfigurationError([f"{where}.email: {variable('smtp_host')} names no mail server"])
    links = mail.links

    def unsubscribe(member: TeamMember) -> str | None:
        if links is None:
            return None
        return f"{links.public_url}/u/{unsubscribe_token(DigestsOf(member.email, name), links.key)}"

    return MailDigestSender(mail.mailer, place.email, words, unsubscribe)


async def begin_record(settings: Settings, now: int) -> RecordSince:
    """Since when Redis knows what was sent; from `now` (ms) on where it knows of nothing. Raises `StoreTrouble`."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        return await record_since(RedisSentDigests(channel, settings.prefix), now)


async def restore_stopped(settings: Settings, ways: Sequence[DigestWay], members: Sequence[TeamMember]) -> int:
    """Stop again whom Redis forgot and Kafka knows, and tell Kafka what Redis alone knows; how many are stopped again.

    Raises `StoreTrouble`, and a `SignalEngineError` where Kafka does not answer: then nobody can say who gets none.
    """
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        every = [DigestsOf(member.email, way.destination) for way in ways for member in members]
        return await stopped_digests(settings, channel).restore(every)


async def complete_stopped(settings: Settings) -> int:
    """As `restore_stopped`, where Redis has lost everything since, and nothing for Kafka."""
    async with Channel(settings.redis_url.get_secret_value()) as channel:
        return await stopped_digests(settings, channel).complete()


async def send_digest(
    settings: Settings, way: DigestWay, member: TeamMember, due: int, reached: Callable[[str], None] = lambda _: None
) -> DigestEnd:
    """Send the digest of `member` that was due at `due` (ms), unless that was done. Raises as `send_once`."""
    async with digest_source(settings, way.team) as source:

        async def facts_since(last: LastDigest | None) -> DigestFacts:
            return await source.facts(member, last, clock())

        sent, stopped = source.sent, source.stopped
        return await send_once(sent, stopped, way.sender, member, way.destination, due, clock, facts_since, reached)
