"""`signal-engine config`: is the configuration one that the engine runs under?"""

import click

from signal_engine.entrypoints.inputs import read_icps, read_scoring
from signal_engine.entrypoints.options import READABLE, refuse
from signal_engine.wire.yaml_files import ConfigurationError


@click.group()
def config() -> None:
    """Check the configuration."""


@config.command()
@click.option("--scoring", type=READABLE, default="config/scoring.yaml", show_default=True, help="The scoring file.")
@click.option("--icp", "icps", type=READABLE, multiple=True, help="An ICP file; may be given several times.")
def check(scoring: str, icps: tuple[str, ...]) -> None:
    """Validate the scoring file and ICP files; every problem with file, line and field."""
    try:
        file = read_scoring(scoring)
        read = read_icps(icps, file)
    except ConfigurationError as error:
        refuse(error.lines)
    click.echo(f"{scoring}: ok, version {file.config_version}, kinds {', '.join(file.policy.kinds)}")
    for path, icp in zip(icps, read, strict=True):
        tiers = ", ".join(f"{tier} {icp.decisions[tier]}" for tier in icp.tiers)
        click.echo(f"{path}: ok, {icp.icp} version {icp.version}, {tiers}, review by {icp.review_by}")
