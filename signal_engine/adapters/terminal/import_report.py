"""How an export is read, and what became of its rows: for people, on stderr."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.engine.intake.states.looking import FoundStates
from signal_engine.wire.output import words

_MAX_UNMAPPED_COLUMNS: Final = 30
"""Names of columns that are shown at most."""
_MAX_REASONS: Final = 8


class ReadAs(NamedTuple):
    """How an export is read."""

    words: str
    mapping: str
    dropped: int
    """Rows before the header."""
    unmapped: Sequence[str]
    absent: Sequence[str] = ()
    """Paths of which none of the first rows has a value."""


def show_export(
    screen: Console, name: str, read: ReadAs, mapped: Mapping[str, Sequence[str]], decided: Mapping[str, str]
) -> None:
    """The mapping of every column, and what is not mapped."""
    screen.print(Text.assemble((name, "bold"), f": {read.words}; read as ", (read.mapping, "bold")))
    if read.dropped:
        rows = "row is" if read.dropped == 1 else "rows are"
        screen.print(f"  {read.dropped} {rows} before the header and dropped.")
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for heading in ("Column", "becomes", "read as"):
        table.add_column(heading)
    for column, fields in mapped.items():
        table.add_row(one_line(column), ", ".join(fields), decided.get(column, ""))
    screen.print(table)
    if read.unmapped:
        some = ", ".join(map(one_line, read.unmapped[:_MAX_UNMAPPED_COLUMNS]))
        more = (
            f" and {len(read.unmapped) - _MAX_UNMAPPED_COLUMNS:,} more"
            if len(read.unmapped) > _MAX_UNMAPPED_COLUMNS
            else ""
        )
        screen.print(f"  Not mapped, and not kept: {some}{more}")
    if read.absent:
        screen.print(f"  In none of the first rows: {', '.join(map(one_line, read.absent))}")


def show_states(screen: Console, found: FoundStates, *, is_kept: bool) -> None:
    """What a state feed became: what is new and gone, and what is no news."""
    change = found.change
    events = words.count(len(change.events), "event")
    news = f"{change.new:,} new, {change.gone:,} gone, {change.first:,} seen for the first time (no news)"
    screen.print(Text.assemble((found.feed, "bold"), f": {news}; {events}."))
    if history := sum(event.history for event in change.events):
        screen.print(
            f"  {words.count(history, 'event')} from more than 48 hours ago: history, for which no phone rings."
        )
    if found.has_refused:
        screen.print(
            "  Rows were refused, so nothing counts as gone. This feed is imported whole: mend the export, not the"
            " refused rows, and import all of it again."
        )
    if not is_kept:
        screen.print("  What was seen is kept nowhere: `import --state FILE` tells the next time what is new and gone.")


def show_counts(screen: Console, name: str, counts: Mapping[str, Any], made: str, refused: Path | None) -> None:
    """`rows = mapped + passed over + refused`, with reasons."""
    over = counts["passed_over"]
    rows, mapped, passed = counts["rows"], counts["mapped"], sum(over.values())
    summary = f"{words.count(rows, 'row')} = {mapped:,} mapped + {passed:,} passed over + {counts['refused']:,} refused"
    screen.print(Text.assemble((name, "bold"), f": {summary}; {words.count(counts['events'], made)}."))
    if counts["history"]:
        old = words.count(counts["history"], "event")
        screen.print(f"  {old} from more than 48 hours ago: history, for which no phone rings.")
    for reason, count in sorted(over.items(), key=lambda item: -item[1])[:_MAX_REASONS]:
        screen.print(f"  passed over, {count:,}: {one_line(reason)}")
    refusals = sorted(counts["refusals"].items(), key=lambda item: -item[1])
    for reason, count in refusals[:_MAX_REASONS]:
        example = one_line(counts["examples"][reason])
        screen.print(Text.assemble((f"  refused, {count:,}", "yellow"), f": {'first ' if count > 1 else ''}{example}"))
    if more := sum(count for _, count in refusals[_MAX_REASONS:]):
        screen.print(f"  refused, {more:,} for other reasons")
    for reason, count in sorted(counts["unread"].items(), key=lambda item: -item[1])[:_MAX_REASONS]:
        example = one_line(counts["examples"][reason])
        cells = "1 cell is" if count == 1 else f"{count:,} cells are"
        screen.print(f"  {cells} kept without being understood: {'first ' if count > 1 else ''}{example}")
    for reason, count in counts["left_out"].items():
        screen.print(f"  {words.count(count, made)}: {one_line(reason)}")
    for reason, count in counts["doubts"].items():
        example = one_line(counts["examples"][reason])
        screen.print(f"  {words.count(count, 'row')}: {'first ' if count > 1 else ''}{example}")
    if refused is not None:
        screen.print(f"  The refused rows are in {refused}: mend them there, and import that file.")
