"""A running engine on one screen: who is in-market, alerts as they arrive, the loudest account that does not fit."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

from rich import box
from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.tables import alert_type
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS

_ROWS: Final = 10
_OTHER_LINES: Final = 16
"""Lines that are not table rows."""
_MIN_ROWS: Final = 3
"""Minimum rows of each table, however low the terminal is."""
_WIDE_FROM_COLUMNS: Final = 120
"""Terminal width from which people seen and alert recipients are shown."""
_VERY_WIDE_FROM_COLUMNS: Final = 170
"""Terminal width from which domains and the parts of the score are shown."""


class Loud(NamedTuple):
    """The loudest account that does not fit."""

    account: str
    name: str | None
    score: float
    """The score before the ceiling."""
    louder: bool
    """Whether it scores higher than every listed account."""
    reasons: tuple[str, ...]
    """Why it does not fit."""


class EngineAtPoll(NamedTuple):
    """The engine at one poll."""

    at: str
    """RFC 3339."""
    entries: Sequence[Mapping[str, Any]]
    """The list `all`; `previous_rank` is the rank at the start."""
    alerts: Sequence[Mapping[str, Any]]
    """In order of arrival."""
    loud: Loud | None
    counts: Mapping[str, int]
    pace: str
    addresses: Mapping[str, str]
    """Settings with which other commands reach the servers."""
    dashboard: str = ""
    """URL of the dashboard; empty if there is none."""


class DemoScreen:
    """A `EngineAtPoll`, fitted to the height and width of the terminal."""

    def __init__(self, seen: EngineAtPoll) -> None:
        self._seen = seen

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        room = options.size.height - _OTHER_LINES
        rows = max(_MIN_ROWS, min(_ROWS, room - _MIN_ROWS, len(self._seen.entries)))
        alerts = max(_MIN_ROWS, room - rows)
        width, listed = options.max_width, words.count(len(self._seen.entries), "account")
        yield Group(
            _heading("In the market now", f"{listed}, {wording.clock(self._seen.at)} UTC"),
            _list(self._seen.entries[:rows], self._seen.at, width),
            Text(""),
            _heading("Alerts", f"newest first; {len(self._seen.alerts)} so far"),
            _alerts(self._seen.alerts[-alerts:][::-1], width),
            *_loud(self._seen.loud, width),
            Text(""),
            _dim(counted(self._seen.counts)),
            *_further(self._seen),
        )


def counted(counts: Mapping[str, int]) -> str:
    """`2,967 events received = 2,158 applied + 20 duplicate + ...`."""
    parts = " + ".join(f"{count:,} {name}" for name, count in counts.items() if name != "received")
    return f"{counts['received']:,} events received = {parts}"


def loud_heading(loud: Loud) -> str:
    """The heading for the loudest account that does not fit."""
    if loud.louder:
        return "Scores higher than every listed account, but does not fit"
    return "Highest score among accounts that do not fit; on no list"


def alert_line(alert: Mapping[str, Any]) -> str:
    """An alert on one line."""
    line = f"{wording.clock(alert['at'])}  {ALERT_IN_WORDS[alert['type']]}: {wording.company(alert).plain}"
    return f"{line}, for {wording.for_whom(alert)}, score {wording.score(alert)}: {wording.alert_reason(alert).plain}"


def _heading(title: str, rest: str) -> Text:
    return Text.assemble((title, "bold"), (f"  {rest}", "dim"), no_wrap=True, overflow="ellipsis")


def _table() -> Table:
    return Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1), expand=True, show_edge=False)


def _list(entries: Sequence[Mapping[str, Any]], now: str, width: int) -> Table | Text:
    if not entries:
        return Text("  No account that fits is in-market yet.", "dim")
    table = _table()
    table.add_column("", no_wrap=True)
    table.add_column("#", justify="right", no_wrap=True)
    table.add_column("Moved", no_wrap=True)
    table.add_column("Company", ratio=3, no_wrap=True, overflow="ellipsis")
    table.add_column("Tier", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Why now", ratio=5, no_wrap=True, overflow="ellipsis")
    if width >= _WIDE_FROM_COLUMNS:
        table.add_column("People seen", ratio=3, no_wrap=True, overflow="ellipsis")
    if width >= _VERY_WIDE_FROM_COLUMNS:
        table.add_column("By signal type", ratio=4, no_wrap=True, overflow="ellipsis")
    for entry in entries:
        table.add_row(
            wording.badge(entry),
            str(entry["rank"]),
            wording.moved(entry),
            _company(entry, width),
            entry["tier"],
            wording.score(entry),
            wording.why_now(entry, now),
            *([Text(words.who(entry))] if width >= _WIDE_FROM_COLUMNS else []),
            *([wording.parts(entry)] if width >= _VERY_WIDE_FROM_COLUMNS else []),
        )
    return table


def _alerts(alerts: Sequence[Mapping[str, Any]], width: int) -> Table | Text:
    if not alerts:
        return Text("  None yet: no account that fits has given a reason to call.", "dim")
    table = _table()
    table.add_column("When", no_wrap=True)
    table.add_column("Alert", no_wrap=True)
    table.add_column("Company", ratio=3, no_wrap=True, overflow="ellipsis")
    if width >= _WIDE_FROM_COLUMNS:
        table.add_column("For", no_wrap=True)
    table.add_column("Score", justify="right", no_wrap=True)
    table.add_column("Why now", ratio=5, no_wrap=True, overflow="ellipsis")
    for alert in alerts:
        table.add_row(
            wording.clock(alert["at"]),
            alert_type(alert),
            _company(alert, width),
            *([Text(wording.for_whom(alert))] if width >= _WIDE_FROM_COLUMNS else []),
            wording.score(alert),
            wording.alert_reason(alert),
        )
    return table


def _company(entry: Mapping[str, Any], width: int) -> Text:
    return (
        wording.company(entry)
        if width >= _VERY_WIDE_FROM_COLUMNS or not entry["name"]
        else Text(one_line(entry["name"]), "bold")
    )


def _loud(loud: Loud | None, width: int) -> list[Text]:
    if loud is None:
        return []
    line = Text.assemble("  ", wording.company(loud._asdict() | {"account_id": loud.account}))
    line.append(f"  score {loud.score:.0f}")
    line.append(f"  does not fit: {'; '.join(map(one_line, loud.reasons))}", "yellow")
    line.truncate(width, overflow="ellipsis")
    return [Text(""), Text(loud_heading(loud), "bold"), line]


def _further(seen: EngineAtPoll) -> list[Text]:
    page = f" Dashboard: {seen.dashboard}" if seen.dashboard else ""
    how = f"{seen.pace} Ctrl-C ends the demo.{page}"
    return [
        _dim(how),
        _dim("`signal-engine top` in another terminal needs"),
        *(_dim(f"  {name}={value}") for name, value in seen.addresses.items()),
    ]


def _dim(line: str) -> Text:
    return Text(line, "dim", no_wrap=True, overflow="ellipsis")
