"""What `sync run` and `sync status` say to people."""

from collections.abc import Mapping
from typing import Final

import click

from signal_engine.adapters.terminal.clean import clean
from signal_engine.core.sync.fields import CRM_FIELDS, FieldValue
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.operations.sync import SyncRunDocument

_INSTANTS: Final = frozenset(field.name for field in CRM_FIELDS if field.type == "instant")
_WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "file": ("file", "files"),
    "task": ("task", "tasks"),
    "update": ("record to update", "records to update"),
    "create": ("record to create", "records to create"),
    "clear": ("record to empty", "records to empty"),
    "clear_old": ("old record to empty", "old records to empty"),
}
"""Counts that are nouns, for one and for several; the others are said as they are called."""
_TO_DO: Final[Mapping[str, str]] = {
    "ambiguous": "each has several records, or another account's: merge them, or put the right crm_id into the file",
    "unmatched": "no record was found by crm_id, our own id or domain",
}


def counted(counts: Mapping[str, int]) -> str:
    """`3 matched, 1 record to update`."""
    return ", ".join(
        f"{number:,} {_WORDS[name][number != 1] if name in _WORDS else name.replace('_', ' ')}"
        for name, number in counts.items()
        if number
    )


def show_run(document: SyncRunDocument) -> None:
    """Print a run: counts, who has no record or several, the first writes, and what a person has to know."""
    nothing = "nothing to do" if document["problem"] is None else "stopped"
    kind = f"{document['kind']}{', dry run' if document['dry_run'] else ''}"
    click.echo(f"{document['sink']} ({kind}): {counted(document['counts']) or nothing}")
    for match, named in (("ambiguous", document["ambiguous"]), ("unmatched", document["unmatched"])):
        if named:
            more = document["counts"][match] - len(named)
            others = f" and {more:,} more" if more else ""
            click.echo(clean(f"  {match}: {', '.join(named)}{others} ({_TO_DO[match]})"))
    for one in document["writes"]:
        fields = ", ".join(f"{name}={_value(name, value)}" for name, value in one["fields"].items())
        click.echo(clean(f"  {one['what']} {one['account_id']}{': ' if fields else ''}{fields}"))
    for note in document["notes"]:
        click.echo(clean(f"  note: {note}"))
    if document["problem"] is not None:
        click.echo(clean(f"error: {document['sink']}: {document['problem']}"), err=True)


def _value(name: str, value: FieldValue) -> str:
    if value is None:
        return "(empty)"
    return format_instant(int(value)) if name in _INSTANTS else str(value)
