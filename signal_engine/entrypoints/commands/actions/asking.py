"""Options of the actions: which accounts, who acts, and until when."""

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple, TypeVar

import click

from signal_engine.adapters.files.text_files import Source
from signal_engine.core.rules.instants import DAY
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.options import EVENT_FILE, Instant, refuse
from signal_engine.wire.actions.models import MAX_REASON
from signal_engine.wire.instants import parse_instant

Command = TypeVar("Command", bound=Callable[..., Any])

_IN_DAYS: Final = re.compile(r"([1-9][0-9]{0,3})d")
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_COMMENT: Final = "#"
_PERSONAL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+|\+?\d[\d ()/-]{6,}\d")
"""An e-mail address or a telephone number."""


_FORMS: Final = "An instant, a date such as 2026-12-15 (its beginning in UTC), or days such as 14d."


class _Until(Instant):
    """An instant, the beginning of a day in UTC, or a number of days from now."""

    name = "until"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Milliseconds since 1970."""
        if isinstance(value, str) and (match := _IN_DAYS.fullmatch(value)):
            return clock() + int(match[1]) * DAY
        if isinstance(value, str) and _DATE.fullmatch(value):
            try:
                return parse_instant(f"{value}T00:00:00Z")
            except ValueError:
                self.fail(f"{value!r} is no day of the calendar", param, ctx)
        return super().convert(value, param, ctx)


class Asked(NamedTuple):
    """What all the actions are asked with."""

    accounts: tuple[str, ...]
    file: str | None
    by: str
    reason: str | None
    dry_run: bool
    skip_refused: bool
    as_json: bool


class NamedAccount(NamedTuple):
    """An account as it was given, and where."""

    account: str
    place: str
    """`leads.txt:3`; empty on the command line."""


def acting(command: Command) -> Command:
    """Add the options of every action; the command gets them as `Asked`, whose fields they are."""
    for option in (
        click.option("--json", "as_json", is_flag=True, help="Print what was written and what was refused as JSON."),
        click.option("--skip-refused", is_flag=True, help="Act on the others if some accounts are refused."),
        click.option("--dry-run", is_flag=True, help="Check everything and show what would be written; write nothing."),
        click.option("--reason", help=f"Why, 1 to {MAX_REASON} characters. It is kept for ever: no personal data."),
        click.option("--by", required=True, metavar="EMAIL", help="Who acts: your e-mail address."),
        click.option(
            "--file", type=EVENT_FILE, help="More accounts, one per line; `-` is standard input; # begins a comment."
        ),
        click.argument("accounts", nargs=-1, metavar="ACCOUNT..."),
    ):
        command = option(command)
    return command


def until_option(text: str, *, required: bool = False) -> Callable[[Command], Command]:
    """Add `--until`; `text` says what it ends."""
    return click.option(
        "--until", type=_Until(), metavar="INSTANT|DATE|DAYSd", required=required, help=f"{text} {_FORMS}"
    )


def for_icp(command: Command) -> Command:
    """Add `--icp` and `--everywhere`."""
    icp = click.option("--icp", help="For this ICP alone.  [default: your only ICP that admits the account]")
    return icp(click.option("--everywhere", is_flag=True, help="Not for one ICP alone.")(command))


def named_accounts(asked: Asked) -> Sequence[NamedAccount]:
    """The accounts of the command line and of the file, each once. Exits with 2 if there are none."""
    found: dict[str, NamedAccount] = {account: NamedAccount(account, "") for account in asked.accounts}
    if asked.file is not None:
        source = Source(asked.file)
        for number, line in enumerate(source.lines(), 1):
            account = line.decode("utf-8", "replace").partition(_COMMENT)[0].strip()
            if account:
                found.setdefault(account, NamedAccount(account, f"{source.name}:{number}"))
        source.close()
    if not found:
        refuse(("no account is named: give ACCOUNT... or --file",))
    return list(found.values())


def warn_of_personal_data(reason: str | None) -> None:
    """Warn on stderr if a reason looks as if it named a person."""
    if reason is not None and _PERSONAL.search(reason):
        click.echo(
            "warning: --reason seems to hold an e-mail address or a telephone number; it is kept for ever", err=True
        )
