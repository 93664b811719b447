"""`signal-engine digest`: each person's list, with what has changed since the last one."""

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from signal_engine.adapters.files.written_whole import written_whole
from signal_engine.adapters.pages.messages import messages_page
from signal_engine.adapters.terminal.clean import clean
from signal_engine.core.delivery.team import TeamMember
from signal_engine.core.errors import FAILED, SignalEngineError
from signal_engine.engine.digests.sending import DigestEnd
from signal_engine.entrypoints.commands.delivery.digest_following import follow_digests
from signal_engine.entrypoints.commands.delivery.digest_sending import (
    DigestWay,
    begin_record,
    digest_ways,
    restore_stopped,
    send_digest,
)
from signal_engine.entrypoints.commands.delivery.digesting import digest_source
from signal_engine.entrypoints.commands.delivery.unsubscribed import resumed, unsubscribed
from signal_engine.entrypoints.wiring.connections import clock, run_live
from signal_engine.entrypoints.wiring.inputs import read_routes
from signal_engine.entrypoints.wiring.options import failing_clearly, refuse, refuse_output
from signal_engine.entrypoints.wiring.settings import Settings, read_settings
from signal_engine.wire.delivery.routes_file import RoutesFile
from signal_engine.wire.messages.digest import CSV_FIELDS, Digest, DigestFacts, digest_cells
from signal_engine.wire.messages.digest import digest as in_words
from signal_engine.wire.messages.digest_media import digest_mail, digest_slack
from signal_engine.wire.output.tables.csv_table import csv_text
from signal_engine.wire.output.words import count


@click.command()
@click.option("--person", help="Of this person alone, by name or e-mail address.  [default: everybody]")
@click.option("--preview", type=click.Path(dir_okay=False), help="Write a page that draws it; needs --person.")
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False), help="Write the lists as CSV, safe for spreadsheets."
)
@click.option("--send", is_flag=True, help="Send them now, by the routes with `digest`; asks first.")
@click.option("--follow", is_flag=True, help="Send each when it is due, until stopped.")
@click.option("--resume", is_flag=True, help="Send digests again to --person, who unsubscribed by the link in one.")
@click.option("--yes", is_flag=True, help="Send without asking, and overwrite files that are there.")
def digest(
    person: str | None,
    preview: str | None,
    csv_file: str | None,
    send: bool,  # noqa: FBT001 (click passes them by name)
    follow: bool,  # noqa: FBT001
    resume: bool,  # noqa: FBT001
    yes: bool,  # noqa: FBT001
) -> None:
    """Show or send each person their list, with what has changed.

    Since the last digest they were sent: who entered, left (and why), moved up or down, and which hot accounts nobody
    has claimed. The owner of a rule also sees open proposals, and open opportunities that do not fit. The people are
    those of the routes file. Nothing is sent without --send or --follow.
    """
    _check(person, preview, csv_file, send=send, follow=follow, resume=resume)
    for path, option in ((preview, "--preview"), (csv_file, "--csv")):
        if path is not None:
            refuse_output(path, (), option, overwrite=yes)
    with failing_clearly():
        settings = read_settings()
        routes = read_routes(settings.routes)
        members = _members(routes, person)
        if resume:
            _resume(settings, routes, members[0])
            return
        if not follow:  # a process waits for Kafka, and says by its probes that it does
            for line in run_live(unsubscribed(settings, routes, members)):
                click.echo(line, err=True)
        if send or follow:
            ways = digest_ways(settings, routes)
            run_live(follow_digests(settings, ways, members) if follow else _send(settings, ways, members, yes=yes))
            return
        found = run_live(_facts(settings, routes, members))
        digests = [in_words(facts, member.zone, settings.public_url) for member, facts in found]
        if preview is not None:
            with written_whole(Path(preview)) as file:
                file.write(_page(digests[0]).encode())
            click.echo(f"The page is in {preview}.", err=True)
        if csv_file is not None:
            rows = [cells for _, facts in found for cells in digest_cells(facts)]
            with written_whole(Path(csv_file)) as file:
                file.write(csv_text(CSV_FIELDS, rows).encode())
            click.echo(f"{count(len(rows), 'line')} {'is' if len(rows) == 1 else 'are'} in {csv_file}.", err=True)
    if preview is None and csv_file is None:
        for (member, _), told in zip(found, digests, strict=True):
            sys.stdout.write(f"{clean(member.name)}\n{clean(digest_mail(told).text)}\n")


def _check(
    person: str | None, preview: str | None, csv_file: str | None, *, send: bool, follow: bool, resume: bool
) -> None:
    """Raise `click.UsageError` for options that do not go together."""
    if preview is not None and person is None:
        raise click.UsageError("--preview draws the digest of one person: name --person")
    if resume and (person is None or send or follow or preview or csv_file):
        raise click.UsageError("--resume turns the digests of one person on again: name --person, and nothing else")
    if (send or follow) and (preview or csv_file or (send and follow)):
        raise click.UsageError("use one of --send, --follow, and --preview or --csv")


def _resume(settings: Settings, routes: RoutesFile, member: TeamMember) -> None:
    lines = run_live(resumed(settings, routes, [member]))
    for line in lines or [f"{clean(member.name)} gets digests already"]:
        click.echo(line)


def _members(routes: RoutesFile, person: str | None) -> list[TeamMember]:
    """The person of the routes file with this name or e-mail address; everybody without one. Exits 2 for nobody."""
    team = routes.routing.team
    if person is None:
        return [*team.members.values()]
    member = team.named(person)
    if member is None:
        known = ", ".join(clean(one.name) for one in team.members.values()) or "there are none"
        refuse((f"--person {person}: is none of the people in the routes file: {known}",))
    return [member]


async def _send(settings: Settings, ways: Sequence[DigestWay], members: Sequence[TeamMember], *, yes: bool) -> None:
    """Send everybody's now who has not left, after asking. Exits with 1 where one did not arrive."""
    now = clock()
    for member in members:
        if member.has_left(now):
            click.echo(f"note: {clean(member.name)} has left, and is sent nothing", err=True)
    members = [member for member in members if not member.has_left(now)]
    if not members:
        return
    if not yes:
        if not sys.stdin.isatty():
            refuse((f"this sends {len(members) * len(ways)} digests; --yes sends them",))
        click.confirm(f"Send {len(members) * len(ways)} digests?", abort=True, err=True)
    now, ends = clock(), []  # another one: somebody may have thought before they said yes
    await restore_stopped(settings, ways, members)
    await begin_record(settings, now)
    for way in ways:
        for member in members:
            ended = await _sent(settings, way, member, now)
            ends.append(ended.end)
            click.echo(
                f"{clean(member.name)}, {way.destination}: {ended.end}" + (f" ({ended.said})" if ended.said else "")
            )
    if any(end not in {"sent", "stopped"} for end in ends):
        raise SystemExit(FAILED)


async def _sent(settings: Settings, way: DigestWay, member: TeamMember, now: int) -> DigestEnd:
    """What became of one; trouble with it does not keep others from theirs, who would get another one the next time."""
    try:
        return await send_digest(settings, way, member, now)
    except SignalEngineError as error:
        return DigestEnd("failed", "; ".join(error.messages()))


async def _facts(
    settings: Settings, routes: RoutesFile, members: Sequence[TeamMember]
) -> list[tuple[TeamMember, DigestFacts]]:
    now, personal = clock(), [name for name, one in routes.routing.destinations.items() if one.personal]
    async with digest_source(settings, routes.routing.team) as source:
        return [(one, await source.facts(one, await source.last(one, personal), now)) for one in members]


def _page(told: Digest) -> str:
    return messages_page(told.title, digest_slack(told), digest_mail(told))
