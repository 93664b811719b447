"""Options that several commands share, and how commands fail."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn, TypeVar

import click

from signal_engine.adapters.files.text_files import reason
from signal_engine.adapters.kafka.records.unpacking import unusable_codecs
from signal_engine.adapters.terminal.clean import clean
from signal_engine.core.errors import FAILED, WRONG_USE, SignalEngineError
from signal_engine.core.fit.icp import MAX_ICPS
from signal_engine.wire.instants import parse_instant

Command = TypeVar("Command", bound=Callable[..., Any])

READABLE = click.Path(exists=True, dir_okay=False, readable=True)
DEFAULT_SCORING = "config/scoring.yaml"
EVENT_FILE = click.Path(exists=True, dir_okay=False, readable=True, allow_dash=True)


class Instant(click.ParamType):
    """An RFC 3339 instant with a zone, as ms since 1970."""

    name = "instant"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        """Milliseconds since 1970."""
        try:
            return value if isinstance(value, int) else parse_instant(value)
        except ValueError as error:
            self.fail(f"{value!r} {error}", param, ctx)


with_accounts_as = click.option(
    "--as",
    "accounts_as",
    metavar="NAME",
    help="How the accounts file is read: a name that `mapping list` shows, or a mapping file (.yaml).",
)


def judging(*, required: bool = True) -> Callable[[Command], Command]:
    """Add the options with the files that events are scored by; `required` is false if event files are optional.

    Then --scoring is None if not given: the live engine knows its own scoring file.
    """

    def with_options(command: Command) -> Command:
        for option in (
            click.option(
                "--until",
                type=Instant(),
                help="Score as of this instant; skip later events.  [default: the last event]",
            ),
            click.option(
                "--scoring",
                type=READABLE,
                default=DEFAULT_SCORING if required else None,
                help=f"The scoring file.  [default: {DEFAULT_SCORING}]",
            ),
            click.option(
                "--icp",
                "icps",
                type=READABLE,
                multiple=True,
                required=required,
                help=f"An ICP file; up to {MAX_ICPS}.",
            ),
            with_accounts_as,
            click.option(
                "--accounts",
                type=READABLE,
                required=required,
                help="The accounts file: CSV or JSON Lines, .gz accepted.",
            ),
        ):
            command = option(command)
        return command

    return with_options


@contextmanager
def ending_by_exit_code() -> Iterator[None]:
    """What we say ourselves goes to stderr, and the command ends with the exit code of its class (`core.errors`)."""
    try:
        yield
    except SignalEngineError as error:
        for line in error.messages():
            click.echo(f"error: {clean(line)}", err=True)
        raise SystemExit(error.exit_code) from None


@contextmanager
def failing_clearly() -> Iterator[None]:
    """The same, and what can go wrong with files."""
    try:
        with ending_by_exit_code():
            yield
    except BrokenPipeError:  # click exits quietly when the reader of our output has gone
        raise
    except OSError as error:  # usually a full disk
        click.echo(f"error: output or temporary files cannot be written: {reason(error)}", err=True)
        raise SystemExit(FAILED) from None


def check_codecs() -> None:
    """Exit with 2 if one of Kafka's compression codecs is missing: sooner or later a producer uses it."""
    if wrong := unusable_codecs():
        refuse(tuple(wrong))


def refuse_output(path: str, inputs: Iterable[str | None], option: str, *, overwrite: bool) -> None:
    """Exit with 2 where `path` cannot be written, is one of the `inputs`, or is there and not to be overwritten.

    An input is never overwritten, whatever was said: it is somebody's data.
    """
    out = Path(path)
    if not out.exists():
        if not out.absolute().parent.is_dir():
            refuse((f"{option} {path}: there is no folder {out.parent}",))
        return
    if not out.is_file():
        refuse((f"{option} {path}: is not a regular file",))
    for name in inputs:
        if name is not None and Path(name).exists() and out.samefile(name):
            refuse((f"{option} {path}: is also read ({name}); choose another file",))
    if not overwrite:
        refuse((f"{path}: exists already; --yes overwrites it",))


def refuse(lines: tuple[str, ...]) -> NoReturn:
    """Says every problem of a usage or configuration and exits 2."""
    for line in lines:
        click.echo(f"error: {clean(line)}", err=True)
    raise SystemExit(WRONG_USE)
