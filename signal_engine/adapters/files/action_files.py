"""Files of account actions: JSON Lines, each a record of `account.actions`, for `replay --actions`."""

from collections.abc import Container
from typing import NamedTuple

from signal_engine.adapters.files.text_files import Source
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.wire.actions.record import read_line
from signal_engine.wire.events.account_names import is_mail_provider
from signal_engine.wire.events.one_event import NOT_IN_ACCOUNTS
from signal_engine.wire.events.rejections import Refusal


class RefusedAction(NamedTuple):
    """A line that is no action."""

    line: int
    now: int | None
    """ms; None when it could not be read."""
    refusal: Refusal


class ActionFile(NamedTuple):
    """What is in a file of actions."""

    actions: list[TimedAction]
    refused: list[RefusedAction]
    """In the order of the file."""


def read_actions(path: str, accounts: Container[str], aliases: Aliases = NO_ALIASES) -> ActionFile:
    """The actions in the file at `path`; blank lines are passed over. Raises `UnreadableInput`.

    A mail provider is refused unless it is one of `accounts`; an action on an alias is one on its account.
    """
    read = ActionFile([], [])
    source = Source(path)
    try:
        for line, text in enumerate(source.lines(), 1):
            if not text or text.isspace():
                continue
            now, verdict = read_line(text)
            if isinstance(verdict, Refusal):
                read.refused.append(RefusedAction(line, now, verdict))
            elif is_mail_provider(verdict.account) and verdict.account not in accounts:
                read.refused.append(RefusedAction(line, now, NOT_IN_ACCOUNTS))
            else:
                at = verdict.at if now is None else now
                action = verdict._replace(account=aliases.account(verdict.account, at))
                read.actions.append(TimedAction(at, line, action))
    finally:
        source.close()
    return read
