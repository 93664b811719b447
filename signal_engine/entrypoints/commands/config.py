"""`signal-engine config`: check the configuration, show the settings, write their reference."""

from collections.abc import Sequence
from pathlib import Path

import click

from signal_engine.adapters.terminal.screen import Warnings, print_json, stdout
from signal_engine.adapters.terminal.settings_table import show_settings
from signal_engine.core.alerting.plays import Play
from signal_engine.core.delivery.team import local_time
from signal_engine.core.fit.icp import Icp
from signal_engine.entrypoints.wiring.api_access import token_warnings
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.hooks import served_hooks
from signal_engine.entrypoints.wiring.inputs import read_icps, read_plays, read_scoring, served_plays, served_routes
from signal_engine.entrypoints.wiring.options import READABLE, failing_clearly
from signal_engine.entrypoints.wiring.settings import FIELDS, SECRETS, read_settings, shown
from signal_engine.entrypoints.wiring.settings_reference import settings_reference
from signal_engine.entrypoints.wiring.settings_sources import unknown, variable
from signal_engine.entrypoints.wiring.sync.sinks import served_sync
from signal_engine.wire.config.plays_file import unknown_icps
from signal_engine.wire.config.scoring_advice import oddities
from signal_engine.wire.output.words import count


@click.group()
def config() -> None:
    """Check the configuration or show the settings."""


@config.command()
@click.option("--scoring", type=READABLE, help="The scoring file.  [default: from the settings]")
@click.option("--icp", "icps", type=READABLE, multiple=True, help="An ICP file; repeatable.")
def check(scoring: str | None, icps: tuple[str, ...]) -> None:
    """Check the settings and all configuration files.

    Scoring file, ICP files, plays file, routes file, hooks file and sync file. Reports every problem with file, line
    and field. What is valid but suspicious is a warning on stderr: points lost to a cap, levels that no account can
    reach, empty `sells` lists that rules refer to, hand raises by people who do not count, plays for an ICP that is
    none of those given.
    """
    odd: list[str] = []
    with failing_clearly():
        settings = read_settings()
        scoring = scoring or settings.scoring
        file = read_scoring(scoring)
        read = read_icps(icps, file, odd.append)
        hooks = served_hooks(settings.hooks)
        plays = served_plays()
        routes = served_routes()
        synced = served_sync([icp.icp for icp in read] or None)
    _warn_of_unknown()
    for line in (
        *token_warnings(settings.api_tokens.get_secret_value()),
        *oddities(file),
        *odd,
        *_plays_for_nobody(settings.plays, plays, read),
        *(routes.oddities(local_time(clock(), routes.routing.zone).date()) if routes else ()),
    ):
        click.echo(f"warning: {line}", err=True)
    click.echo(f"settings: ok, {len(settings.origins)} set, {len(FIELDS) - len(settings.origins)} defaults")
    click.echo(f"{scoring}: ok, version {file.config_version}, signal types {', '.join(file.policy.kinds)}")
    if hooks:
        click.echo(f"{settings.hooks}: ok, hooks {', '.join(hooks)}")
    if plays:
        click.echo(f"{settings.plays}: ok, {count(len(plays), 'play')}")
    if routes:
        people = count(len(routes.routing.team.members), "person").replace("persons", "people")
        click.echo(f"{settings.routes}: ok, {count(len(routes.routing.routes), 'route')}, {people}")
    if synced:
        path, model = synced
        click.echo(f"{path}: ok, sinks {', '.join(f'{name} ({one.kind})' for name, one in model.sinks.items())}")
    for path, icp in zip(icps, read, strict=True):
        tiers = ", ".join(f"{tier} {icp.decisions[tier]}" for tier in icp.tiers)
        click.echo(f"{path}: ok, {icp.icp} version {icp.version}, {tiers}, review by {icp.review_by}")


def _plays_for_nobody(path: str, plays: Sequence[Play], icps: Sequence[Icp]) -> tuple[str, ...]:
    """The plays for ICPs that are none of the given ones; without any, nobody knows."""
    if not plays or not icps:
        return ()
    return unknown_icps(*read_plays(path), (icp.icp for icp in icps))


@config.command()
@click.option("--json", "as_json", is_flag=True, help="Print the settings as one JSON document.")
def show(as_json: bool) -> None:  # noqa: FBT001 (click passes it by name)
    """Show the settings in force and their origins, passwords masked."""
    with failing_clearly():
        settings = read_settings()
    _warn_of_unknown()
    rows = [
        {
            "name": variable(field),
            "value": shown(settings, field),
            "origin": settings.origins.get(field, "default"),
        }
        for field in FIELDS
    ]
    if as_json:
        print_json({"settings": rows})
    else:
        show_settings(stdout(), rows)


@config.command()
@click.option("--check", is_flag=True, help="Write nothing; exit with 1 if the file is out of date.")
@click.option("--file", type=click.Path(dir_okay=False), default="docs/settings.md", show_default=True)
def reference(check: bool, file: str) -> None:  # noqa: FBT001 (click passes it by name)
    """Write the settings reference (Markdown)."""
    path, wanted = Path(file), settings_reference()
    stale = not path.is_file() or path.read_text("utf-8") != wanted
    if check and stale:
        click.echo(f"out of date: {path}")
        click.echo("Update it with `signal-engine config reference`.", err=True)
        raise SystemExit(1)
    if stale:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(wanted, "utf-8")
    click.echo(f"{path} is up to date", err=True)


def _warn_of_unknown() -> None:
    warnings = Warnings()
    for message in unknown(FIELDS, SECRETS):
        warnings(message)
    warnings.close()
