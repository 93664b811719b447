"""Account actions for people: what was written or refused, and the log of accounts."""

from collections.abc import Sequence

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.tables import show_refused
from signal_engine.wire.output.actions import CheckedAction, TakenAction
from signal_engine.wire.output.models import ActionCounts
from signal_engine.wire.output.operations.account_actions import CommandActions


def show_written(screen: Console, written: CommandActions) -> None:
    """Print what was written, or would be; refused ones are errors, and stand elsewhere."""
    if not written["actions"]:
        return
    table = _table("Account", "Action", "For", "Until (UTC)", "")
    for one in written["actions"]:
        action = one["action"]
        notes = ["written before"] * one["repeated"] + ["in no accounts file"] * (not one["known"])
        if action["review_at"] is not None:
            notes.append(f"review {wording.minute(action['review_at'])}")
        table.add_row(
            Text(action["account_id"]),
            Text(_named(action)),
            Text(_place(action)),
            wording.minute(action["until"]),
            Text(", ".join(notes), "dim"),
        )
    screen.print(table)
    count = sum(not one["repeated"] for one in written["actions"])
    screen.print(f"{'would be written' if written['dry_run'] else 'written'}: {count:,}")


def show_log(screen: Console, actions: Sequence[TakenAction]) -> None:
    """Print actions, newest first."""
    if not actions:
        screen.print("Nobody has acted on it.")
        return
    table = _table("When (UTC)", "Account", "By", "Action", "For", "Until (UTC)", "Via", "Reason")
    for action in actions:
        table.add_row(
            wording.minute(action["applied_at"]),
            Text(action["account_id"]),
            Text(action["by"]),
            Text(_named(action)),
            Text(_place(action)),
            wording.minute(action["until"]),
            Text(action["via"]),
            Text(one_line(action["reason"] or "")),
        )
    screen.print(table)


def _named(action: TakenAction | CheckedAction) -> str:
    """`disposition not_now`, `assign kim@example.com`, `claim, taken over`."""
    words = " ".join(filter(None, (action["action"], action["outcome"], action["assignee"])))
    return f"{words}, taken over" if action["take_over"] else words


def _place(action: TakenAction | CheckedAction) -> str:
    if action["action"] not in {"kill", "restore"}:
        return ""
    return str(action["icp"] or "everywhere")


def _table(*columns: str) -> Table:
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    for column in columns:
        table.add_column(column, overflow="fold")
    return table


def show_action_counts(messages: Console, file: str, acts: ActionCounts) -> None:
    """What became of the actions in a file, refused lines first."""
    refused = acts["refused"]
    show_refused(messages, ({"file": file, **one} for one in refused), len(refused))
    messages.print(
        f"{acts['received']:,} account actions received: {acts['applied']:,} applied, {acts['duplicate']:,} duplicate,"
        f" {len(refused):,} refused."
    )
