"""The options of `fit load`, and the questions before a load that raises many alerts or empties the lists."""

import sys
from typing import Final, NamedTuple

import click

from signal_engine.engine.fit.plan import LEAVES, Plan
from signal_engine.entrypoints.wiring.options import refuse

CONFIRM_ABOVE_ALERTS: Final = 100
"""A load that raises more alerts than this asks for confirmation."""
_MAX_NAMED: Final = 10


class LoadOptions(NamedTuple):
    """The options of `fit load`."""

    accounts: str | None
    accounts_as: str | None
    icps: tuple[str, ...]
    merge: bool
    remove: str | None
    dry_run: bool
    yes: bool
    quiet: bool
    wait: float

    @property
    def file(self) -> str:
        """The file that messages name."""
        return self.accounts or self.remove or ""


def confirm_load(options: LoadOptions, planned: Plan) -> None:
    """Ask before raising many alerts and before emptying the lists; without a terminal an option must answer."""
    if options.yes:
        return
    if (emptied := emptied_by(options.file, planned)) is not None:
        _confirm(emptied, "Load it anyway?", "--yes loads it anyway")
    if (raises := alerts_of(planned)) is not None and not options.quiet:
        _confirm(raises, "Send them?", "--yes sends them, --quiet only records them")


def alerts_of(planned: Plan) -> str | None:
    """The warning for a load that raises many alerts; None for any other."""
    alerts = sum(planned.alerts.values())
    return f"this load raises {alerts:,} alerts at once" if alerts > CONFIRM_ABOVE_ALERTS else None


def emptied_by(file: str, planned: Plan) -> str | None:
    """The warning for a load after which hardly any account would be chased: usually a wrong or partial file."""
    if not planned.accounts:
        return f"{file} names no account: all {planned.chased:,} accounts chased now would leave"
    if planned.leaving * 2 <= planned.chased:
        return None
    some = [change.account for change in planned.changes if change.what == LEAVES]
    named = ", ".join(some[:_MAX_NAMED]) + (f" and {len(some) - _MAX_NAMED:,} more" if len(some) > _MAX_NAMED else "")
    return f"{planned.leaving:,} of the {planned.chased:,} accounts chased now would leave: {named}"


def _confirm(what: str, question: str, options: str) -> None:
    if not sys.stdin.isatty():
        refuse((f"{what}; {options}",))
    if not click.confirm(f"{what[:1].upper()}{what[1:]}. {question}", err=True):
        raise SystemExit(1)
