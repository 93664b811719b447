"""The changes of a fit load, and the ICPs' decisions on one account, for people."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from signal_engine.adapters.terminal.account_page import relation, show_decisions
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.core.actions.in_force import Hiding
from signal_engine.wire.output.alert_words import ALERT_IN_WORDS
from signal_engine.wire.output.operations.fit import AliasChanges, FitChange, FitLoad, FitShow, PrimaryDecision
from signal_engine.wire.output.words import count

_MAX_ACCOUNTS: Final = 20
_HIDDEN: Final[dict[Hiding, str]] = {
    "do_not_contact": "not to be contacted",
    "killed": "disqualified everywhere",
    "snoozed": "snoozed",
    "disposition": "off for the days of its disposition",
}
_STYLE: Final = {"enters": "green", "leaves": "red", "tier": "yellow"}


def show_plan(screen: Console, plan: FitLoad) -> None:
    """Print the counts, then who changes and why; long tables are cut, and say so."""
    verb = "is in force" if plan["loaded"] else "would be"
    head = f"version {plan['fit_version']} {verb}: {plan['accounts']:,} accounts"
    screen.print(Text.assemble(("Fit table ", "bold"), head))
    counts = Counter(change["change"] for change in plan["changes"])
    screen.print(
        f"  {counts['enters']:,} accounts become chased, {counts['leaves']:,} no longer are, {counts['tier']:,} change"
        f" tier; {plan['rows_changed']:,} rows differ in total"
    )
    raised = ", ".join(f"{count:,} {ALERT_IN_WORDS[kind]}" for kind, count in plan["alerts"].items())
    screen.print(f"  alerts raised immediately: {raised or 'none'}")
    if plan["taken_over"] is not None:
        screen.print(f"  rolled out to {plan['taken_over']}; the workers do that within seconds, then the lists switch")
    for line in _aliases(plan["aliases"]):
        screen.print(Text(f"  {line}"))
    screen.print()
    _show_changes(screen, plan["changes"])
    for name, change in plan["lists"].items():
        for word, accounts in (("enter", change["enter"]), ("leave", change["leave"])):
            if accounts:
                more = f" and {len(accounts) - _MAX_ACCOUNTS:,} more" if len(accounts) > _MAX_ACCOUNTS else ""
                screen.print(Text(f"{len(accounts):,} {word} list {name}: {', '.join(accounts[:_MAX_ACCOUNTS])}{more}"))


def show_decision(screen: Console, decision: FitShow, day: str) -> None:
    """Print decision and reasons of each ICP, as of `day` (YYYY-MM-DD)."""
    version = "no fit table yet" if decision["fit_version"] is None else f"fit table version {decision['fit_version']}"
    screen.print(Text.assemble((decision["account_id"], "bold"), f"  {version}"))
    if not decision["known"]:
        screen.print("  not in the accounts file")
    if decision["suppressed"]:
        screen.print("  suppressed: never listed, never alerted")
    for line in relation(decision):
        screen.print(Text(f"  {line}"))
    if decision["hidden"] is not None:
        screen.print(f"  {_HIDDEN[decision['hidden']]}: on no list (`account log` says who decided it and why)")
    show_decisions(screen, decision["fit"], day)


def _aliases(changes: AliasChanges) -> Iterator[str]:
    """Nothing where there are none and were none."""
    if not (changes["aliases"] or changes["removed"]):
        return
    since = "" if changes["since"] is None else f", for what arrives from {changes['since']} on"
    changed = f"{changes['added']:,} new or changed, {changes['removed']:,} removed"
    yield f"aliases: {changes['aliases']:,} ({changed}){since}"
    if changes["waiting_signals"]:
        yield (
            f"{count(changes['waiting_signals'], 'earlier signal')} of these aliases will move to their accounts with"
            " the next `signal-engine rebuild`"
        )


def _show_changes(screen: Console, changes: list[FitChange]) -> None:
    if not changes:
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1))
    table.add_column("Account", overflow="fold")
    table.add_column("", no_wrap=True)
    table.add_column("Before", no_wrap=True)
    table.add_column("After", no_wrap=True)
    table.add_column("Why", ratio=1)
    for change in changes[:_MAX_ACCOUNTS]:
        what = Text(change["change"], _STYLE[change["change"]])
        decisions = (_words(change["before"]), _words(change["after"]))
        table.add_row(change["account_id"], what, *decisions, Text(one_line(_decisive(change))))
    screen.print(table)
    if len(changes) > _MAX_ACCOUNTS:
        screen.print(Text(f"  {len(changes) - _MAX_ACCOUNTS:,} more; --json shows all", "dim"))
    screen.print()


def _decisive(change: FitChange) -> str:
    """The reasons for a change; for an account that enters only those that give points, as must-haves are implied."""
    reasons = change["why"].split("; ")
    if change["change"] == "enters" and len(reasons) > 1:
        reasons = [reason for reason in reasons[:-1] if reason[:1] in "+-"] + reasons[-1:]
    return "; ".join(reasons)


def _words(decision: PrimaryDecision | None) -> str:
    if decision is None:
        return "not in the file"
    return f"{decision['decision']} {decision['tier'] or ''}".strip()
