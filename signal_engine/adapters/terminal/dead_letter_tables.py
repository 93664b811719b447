"""Dead letters for people: the newest, one in full, and the outcomes of a redrive."""

from collections.abc import Mapping, Sequence
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.operations.dead_letters import (
    Content,
    DeadLetterDocument,
    DeadLetterList,
    DeadLetterSummary,
    DeliveriesDocument,
    PauseDocument,
    RedriveDocument,
    RedriveOutcomeDocument,
)

_MAX_ROWS: Final = 20
_MAX_PLACE_WIDTH: Final = 45
_IN_WORDS: Final = {
    "accepted": "accepted",
    "refused_again": "rejected again",
    "replayed": "redriven before",
    "truncated": "truncated",
    "no_topic": "topic does not exist",
}
_STYLE: Final = {"accepted": "green", "refused_again": "red"}


def show_dead_letters(screen: Console, document: DeadLetterList) -> None:
    """Print the newest dead letters, the counts, and what is paused."""
    dead_letters, counts = document["letters"], document["counts"]
    if not counts["total"]:
        screen.print("No rejected events." if not document["asked_for"] else "No matching rejected events.")
    else:
        table = _table(dead_letters, "When (UTC)", "Topic/partition/offset", "Reason")
        for dead_letter in dead_letters:
            marks = ["redriven"] * dead_letter["replayed"] + ["truncated"] * bool(dead_letter["truncated"])
            why = Text.assemble((one_line(dead_letter["reason"]), "red"), f": {one_line(dead_letter['detail'])}")
            why.append(f" ({', '.join(marks)})" if marks else "", "dim")
            table.add_row(wording.minute(dead_letter["at"]), _name(dead_letter["place"]), why)
        screen.print(table)
        if (more := counts["total"] - len(dead_letters)) > 0:
            screen.print(Text(f"  {more:,} older; -n shows more", "dim"))
        screen.print(f"{counts['total']:,} rejected: {_counted(counts['by_reason'])}")
        screen.print(f"  on {_counted(counts['by_topic'])}")
    for batch in document["unreadable"]:
        where = f"partition {batch['partition']} of the dead-letter topic from offset {batch['offset']}"
        screen.print(Text.assemble(("unreadable ", "bold red"), f"{where}: {one_line(batch['why'])}"))
    for pause in document["paused"]:
        screen.print(Text.assemble(("paused ", "bold red"), paused_in_words(pause)))
        screen.print(Text(f"  to resume: {pause['then']}", "dim"), soft_wrap=True)


def paused_in_words(pause: PauseDocument) -> str:
    """Why a topic-partition is paused: too many records rejected, or an unreadable batch.

    `signals.intent/3 since 5 Mar 2016 14:05: 612 of 1,000 records were rejected (schema 600, account 12)`
    """
    since = f" since {wording.minute(pause['at'])}"
    place = f"{one_line(pause['topic'])}/{pause['partition']}"
    if pause["unreadable"]:
        last = pause["offset"] if pause["end"] is None else pause["end"] - 1
        until = f" to {last}" if last > pause["offset"] else ""
        why = one_line(pause["unreadable"])
        return f"{place}{since}: the batch at offset {pause['offset']}{until} cannot be read: {why}"
    reasons = f" ({_counted(pause['reasons'])})" if pause["reasons"] else ""
    return f"{place}{since}: {pause['refused']:,} of {pause['of']:,} records were rejected{reasons}"


def show_dead_letter(screen: Console, document: DeadLetterDocument) -> None:
    """Print one dead letter with its value: the only place that shows an event's content."""
    where = f"{document['dead_letter']['partition']}/{document['dead_letter']['offset']}"
    screen.print(Text.assemble((document["place"], "bold"), ("  dead letter ", "dim"), (where, "dim")))
    screen.print(Text.assemble((document["reason"], "red"), f"  {visible(document['detail'])}"))
    again = "; redriven" if document["replayed"] else ""
    screen.print(Text(f"rejected {wording.minute(document['at'])} UTC{again}"))
    screen.print(Text.assemble(("key      ", "dim"), _content(document["key"])))
    for name, content in document["headers"]:
        screen.print(Text.assemble(("header   ", "dim"), f"{visible(name)}: ", _content(content)))
    if document["truncated"]:
        said = (
            f"{document['truncated']} left out; the value had {document['size']:,} bytes, SHA-256 {document['sha256']}"
        )
        screen.print(Text.assemble(("truncated ", "yellow"), said))
        return
    screen.print(Text.assemble(("value    ", "dim"), f"{document['size']:,} bytes"))
    screen.print(_content(document["value"]), soft_wrap=True)


def show_replay(screen: Console, document: RedriveDocument) -> None:
    """Print the outcome of each dead letter, then the counts."""
    shown = document["letters"][:_MAX_ROWS]
    table = _table(shown, "Topic/partition/offset", "Was rejected for", "Now")
    for dead_letter in shown:
        now = Text(_IN_WORDS[dead_letter["outcome"]], _STYLE.get(dead_letter["outcome"], ""))
        now.append(f": {one_line(dead_letter['why'])}" if dead_letter["why"] else "", "")
        table.add_row(_name(dead_letter["place"]), one_line(dead_letter["reason"]), now)
    if document["letters"]:
        screen.print(table)
    if (more := len(document["letters"]) - _MAX_ROWS) > 0:
        screen.print(Text(f"  {more:,} more; --json shows all", "dim"))
    counts = ", ".join(
        f"{document['counts'][o]:,} {words}" for o, words in _IN_WORDS.items() if document["counts"].get(o)
    )
    screen.print(f"{len(document['letters']):,} dead letters: {counts}" if counts else "No matching dead letters.")
    if not document["dry_run"]:
        screen.print(f"{document['sent']:,} redriven")


def show_deliveries(screen: Console, document: DeliveriesDocument) -> None:
    """Print what became of the deliveries of each hook."""
    for hook, one in document["hooks"].items():
        again = f", cannot be mapped {one['refused_again']:,}" if one["refused_again"] else ""
        counts = f"deliveries {one['deliveries']:,}, events {one['events']:,}"
        screen.print(Text(f"{one_line(hook)}: {counts}{again}"), soft_wrap=True)
        if one["why"]:
            screen.print(Text(f"  {one_line(one['why'])}", "dim"), soft_wrap=True)
    if not document["hooks"]:
        screen.print("No deliveries.")
    elif not document["dry_run"]:
        screen.print(f"{document['sent']:,} events sent")


def visible(text: str) -> str:
    """`text` with control and invisible characters escaped; line breaks and tabs stay."""
    if text.isprintable():
        return text
    return "".join(c if c.isprintable() or c in "\n\t" else c.encode("unicode_escape").decode("ascii") for c in text)


def _content(content: Content) -> Text:
    if content is None:
        return Text("null", "dim")
    if "text" in content:
        return Text(visible(content["text"]))
    return Text.assemble(("base64 ", "dim"), content["base64"])


def _counted(counts: Mapping[str, int]) -> str:
    ordered = sorted(counts.items(), key=lambda one: (-one[1], one[0]))
    return ", ".join(f"{one_line(str(name))} {count:,}" for name, count in ordered)


def _table(dead_letters: Sequence[DeadLetterSummary | RedriveOutcomeDocument], *columns: str) -> Table:
    """A table whose places stay on one line if possible, for copying into the next command; the last column wraps."""
    widest = max((len(dead_letter["place"]) for dead_letter in dead_letters), default=0)
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    *first, last = columns
    for column in first:
        table.add_column(column, overflow="fold", no_wrap="/" not in column or widest <= _MAX_PLACE_WIDTH)
    table.add_column(last, overflow="fold", ratio=1)
    return table


def _name(place: str) -> Text:
    return Text(one_line(place))
