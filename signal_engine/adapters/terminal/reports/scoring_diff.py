"""Two versions of the scoring file compared, as tables."""

from typing import Any, Final

from rich.console import Console
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.adapters.terminal.reports.market import MAX_ROWS, show_market, show_more, wide_table
from signal_engine.wire.output.reports.scoring_documents import (
    AccountChange,
    AccountPlace,
    Load,
    PersonLoad,
    ScoringDiff,
)
from signal_engine.wire.output.words import count

_TAKEN_OVER: Final = {
    "publish": "`signal-engine scoring publish` puts it into force within seconds.",
    "rebuild": "It changes what stored states depend on: after `signal-engine scoring publish` the workers read all"
    " topics again.",
}
_SMALLEST_SHOWN: Final = 0.05
"""Points: less would be shown as none."""
_MAX_SHOWN: Final = 60
"""Characters of a value."""


def show_scoring_diff(screen: Console, diff: ScoringDiff) -> None:
    """Settings first, then lists, alerts, whose work they are, and the accounts that change most."""
    old, new = diff["versions"]
    screen.print(Text.assemble(("Scoring file", "bold"), f"  {old} to {new}"))
    _show_settings(screen, diff)
    show_market(screen, diff["market"])
    screen.print(Text("Ranks at the end", "bold"))
    for one in diff["moves"]:
        screen.print(f"  {one['list']}: {one['stay']:,} stay, {len(one['moved']):,} of them at another rank")
    _show_load(screen, diff["load"])
    _show_accounts(screen, diff)


def _show_settings(screen: Console, diff: ScoringDiff) -> None:
    if not diff["settings"]:
        screen.print("  No value differs.")
        return
    table = wide_table("Setting", "Before", "After")
    for one in diff["settings"][:MAX_ROWS]:
        table.add_row(one["setting"], _value(one["before"]), _value(one["after"]))
    screen.print(table)
    show_more(screen, len(diff["settings"]))
    screen.print(Text(f"  {_TAKEN_OVER[diff['takeover']]}", "yellow" if diff["takeover"] == "rebuild" else ""))


def _value(value: Any) -> Text:
    if value is None:
        return Text("not set", "dim")
    words = one_line(str(value))
    return Text(words if len(words) <= _MAX_SHOWN else words[:_MAX_SHOWN] + "…")


def _show_load(screen: Console, load: Load) -> None:
    if not load["people"]:
        return
    screen.print(Text.assemble(("Alerts to act on", "bold"), "  by person, in the same weeks"))
    table = wide_table("Person", "Before", "After", "Busiest week")
    for one in load["people"][:MAX_ROWS]:
        person = Text("triage or nobody", "dim") if one["person"] is None else Text(one_line(one["person"]))
        table.add_row(person, f"{one['before']:,}", f"{one['after']:,}", _busiest(one))
    screen.print(table)
    show_more(screen, len(load["people"]))
    if load["capacity"] is not None:
        screen.print(
            f"  Weeks in which somebody gets more than {count(load['capacity'], 'alert')}:"
            f" {load['over_before']:,} before, {load['over_after']:,} after"
        )


def _busiest(person: PersonLoad) -> str:
    was = max(week["before"] for week in person["weeks"])
    will = max(week["after"] for week in person["weeks"])
    return f"{was:,} before, {will:,} after"


def _show_accounts(screen: Console, diff: ScoringDiff) -> None:
    if not diff["accounts"]:
        screen.print("  No account that is chased would stand elsewhere.")
        return
    screen.print(Text.assemble(("Accounts", "bold"), f"  {diff['changed']:,} stand elsewhere; those that change most"))
    table = wide_table("Account", "Before", "After", "By")
    for one in diff["accounts"]:
        table.add_row(one["account_id"], _standing(one["before"]), _standing(one["after"]), _why(one))
    screen.print(table)


def _standing(standing: AccountPlace) -> str:
    rank = "" if standing["rank"] is None else f", rank {standing['rank']:,}"
    return f"{standing['score']:.1f} {standing['level']}{rank}"


def _why(change: AccountChange) -> str:
    seen = [part for part in change["parts"] if abs(part["difference"]) >= _SMALLEST_SHOWN]
    return ", ".join(f"{part['part']} {part['difference']:+.1f}" for part in seen) or "level or rank alone"
