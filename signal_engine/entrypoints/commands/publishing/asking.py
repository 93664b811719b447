"""Options of publications: who publishes, why, and how long to wait."""

import re
import sys
from collections.abc import Callable
from typing import Any, Final, NamedTuple, TypeVar

import click

from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.wire.rules.record import Signed

Command = TypeVar("Command", bound=Callable[..., Any])

_WAIT_S: Final = 60.0
_MAX_REASON: Final = 500
_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+")


class PublishOptions(NamedTuple):
    """The options that every publication has."""

    by: str
    reason: str
    dry_run: bool
    yes: bool
    wait: float
    as_json: bool

    def signed(self) -> Signed:
        """The signature of what is published now. Exits with 2 for a signature that the topic would not take."""
        return signed_by(self.by, self.reason)


def signed_by(by: str, reason: str, option: str = "--reason") -> Signed:
    """A signature of now; `option` gave the reason. Exits with 2 for what the topic would not take."""
    for given, called in ((by, "--by"), (reason, option)):
        if any("\ud800" <= char <= "\udfff" for char in given):  # a byte of the command line that no text has
            refuse((f"{called}: is not valid UTF-8",))
    if not _EMAIL.fullmatch(by):
        refuse(("--by: must be an e-mail address",))
    reason = reason.strip()
    if not 1 <= len(reason) <= _MAX_REASON:
        refuse((f"{option}: must have 1 to {_MAX_REASON} characters; it has {len(reason)}",))
    return Signed(by.lower(), reason, clock())


def publishing(command: Command) -> Command:
    """Add the options of a publication; the command gets them as fields of `PublishOptions`."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print what was published as one JSON document."),
        click.option(
            "--wait",
            type=click.FloatRange(0, 86_400),
            default=_WAIT_S,
            show_default=True,
            help="Seconds to wait until it is in force at all partitions; 0 does not wait.",
        ),
        click.option("--yes", is_flag=True, help="Do not ask for confirmation."),
        click.option("--dry-run", is_flag=True, help="Check everything and show the difference; publish nothing."),
        click.option("--reason", required=True, help="Why, 1 to 500 characters. It is kept: no personal data."),
        click.option("--by", required=True, metavar="EMAIL", help="Who publishes: your e-mail address."),
    ):
        command = option(command)
    return command


def confirm(what: str, question: str) -> None:
    """Ask on a terminal; elsewhere exit with 2 and name the option that answers."""
    if not sys.stdin.isatty():
        refuse((f"{what}; --yes publishes it",))
    if not click.confirm(f"{what[:1].upper()}{what[1:]}. {question}", err=True):
        raise SystemExit(1)
