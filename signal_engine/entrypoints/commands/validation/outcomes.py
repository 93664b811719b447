"""The files of outcomes and of actions of a command: what of them is refused is said."""

from collections.abc import Container, Iterable, Sequence

from signal_engine.adapters.files.action_files import ActionFile, RefusedAction, read_actions
from signal_engine.adapters.files.outcome_files import OutcomeFile, RefusedOutcome, read_outcomes
from signal_engine.adapters.terminal.screen import stderr
from signal_engine.adapters.terminal.tables import show_refused
from signal_engine.core.rules.aliases import NO_ALIASES, Aliases
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.entrypoints.wiring.connections import clock
from signal_engine.entrypoints.wiring.options import refuse
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.words import count


def outcomes_at(path: str, aliases: Aliases = NO_ALIASES) -> OutcomeFile:
    """The outcomes in the file at `path`, those of an alias as ones of its account; says which lines are none.

    Exits with 2 where there are no outcomes.
    """
    file = read_outcomes(path)
    _say_refused(path, file.refused)
    if file.repeated:
        stderr().print(f"{file.repeated:,} lines of {path} repeat the id of another outcome; the first counts.")
    if not file.outcomes:
        refuse((f"{path}: has no outcomes",))
    return file._replace(outcomes=[one._replace(account=aliases.latest(one.account)) for one in file.outcomes])


def known_until(outcomes: Sequence[AccountOutcome], until: int | None) -> int:
    """Up to when (ms) outcomes are known: `until`, else the last outcome. Of dates to come none can be known.

    One that is dated wrongly would make all time up to it look like time in which nothing happened; it is left out, as
    what is later than this instant is, and said. `outcomes` are one at least.
    """
    if until is not None:
        return until
    now = clock()
    past = [one.at for one in outcomes if one.at <= now]
    if past and (ahead := len(outcomes) - len(past)):
        stderr().print(f"{count(ahead, 'outcome')} dated in the future: left out.")
    return max(past) if past else max(one.at for one in outcomes)


def actions_at(path: str | None, accounts: Container[str], aliases: Aliases) -> list[TimedAction] | None:
    """The actions in the file at `path`, of `accounts` if mail providers; None without a file. Says which are none."""
    return None if path is None else action_file_at(path, accounts, aliases).actions


def action_file_at(path: str, accounts: Container[str], aliases: Aliases) -> ActionFile:
    """As `actions_at`, with the lines that are none."""
    file = read_actions(path, accounts, aliases)
    _say_refused(path, file.refused)
    return file


def _say_refused(path: str, refused: Iterable[RefusedAction | RefusedOutcome]) -> None:
    rows = [
        {"file": path, "line": one.line, "reason": one.refusal.reason, "detail": one.refusal.detail} for one in refused
    ]
    show_refused(stderr(), rows, len(rows), in_json=False)
