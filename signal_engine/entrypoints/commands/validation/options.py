"""Options that the commands on the past share."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final, NamedTuple

import click

from signal_engine.core.fit.icp import MAX_ICPS
from signal_engine.entrypoints.wiring.options import DEFAULT_SCORING, EVENT_FILE, READABLE, Instant, with_accounts_as

_SEED: Final = 1

with_outcome_fields = click.option(
    "--outcome-field",
    "outcome_fields",
    multiple=True,
    help="Another accounts field that is filled in because of a deal.",
)
with_seed = click.option(
    "--seed", default=_SEED, show_default=True, type=click.IntRange(min=0), help="Seed of everything drawn at random."
)
with_actions = click.option(
    "--actions", type=READABLE, help="What people decided: JSON Lines, records of `account.actions`."
)
with_sales_sources = click.option(
    "--sales-source",
    "sales_sources",
    multiple=True,
    help="An event source that sales causes itself, such as a mailing tool.",
)


class PastOptions(NamedTuple):
    """The past that a command looks at, and how it tells what it found."""

    events: tuple[str, ...]
    kafka: bool
    accounts: str | None
    accounts_as: str | None
    icps: tuple[str, ...]
    scoring: str | None
    outcomes: str | None = None
    actions: str | None = None
    until: int | None = None
    """ms; None: the last outcome."""
    outcome_fields: tuple[str, ...] = ()
    seed: int = _SEED
    as_json: bool = False
    html: str | None = None
    yes: bool = False

    @property
    def inputs(self) -> tuple[str | None, ...]:
        """The files that are read."""
        return (*self.events, self.accounts, *self.icps, self.scoring, self.outcomes, self.actions)


_OPTIONS: Final = (
    click.argument("events", nargs=-1, type=EVENT_FILE, metavar="[EVENTS]..."),
    click.option(
        "--kafka", is_flag=True, help="Read events, outcomes and actions from Kafka, and accounts unless --accounts is."
    ),
    click.option(
        "--accounts",
        type=READABLE,
        help="The accounts file: CSV or JSON Lines, .gz accepted.  [default: with --kafka, each load as it was]",
    ),
    with_accounts_as,
    click.option(
        "--icp",
        "icps",
        type=READABLE,
        multiple=True,
        help=f"An ICP file; up to {MAX_ICPS}.  [default: the published ones]",
    ),
    click.option(
        "--scoring",
        type=READABLE,
        help=f"The scoring file.  [default: the published one; with --icp {DEFAULT_SCORING}]",
    ),
    click.option("--outcomes", type=READABLE, help="What became of accounts: JSON Lines of outcomes."),
    with_actions,
    click.option("--until", type=Instant(), help="Outcomes are known up to here.  [default: the last outcome]"),
    with_outcome_fields,
    with_seed,
    click.option("--json", "as_json", is_flag=True, help="Print the report as one JSON document."),
    click.option("--html", type=click.Path(dir_okay=False), help="Also write the report as a page that works offline."),
    click.option("--yes", is_flag=True, help="Replace files that exist."),
)


def with_past(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of `PastOptions`; the command gets them as its first argument."""

    @wraps(command)
    def run(**given: Any) -> None:
        past = PastOptions(**{name: given.pop(name) for name in PastOptions._fields})
        command(past, **given)

    found: Callable[..., None] = run
    for option in reversed(_OPTIONS):
        found = option(found)
    return found
