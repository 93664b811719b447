"""How signals spread over the accounts that fit, in a few lines: the basis for choosing thresholds."""

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.text import Text

from signal_engine.adapters.terminal import wording
from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output import words


def show_distribution(screen: Console, document: Mapping[str, Any]) -> None:
    """Print the summary that ends `replay` and `fit load`."""
    period = words.count(round(document["days"]), "day") if document["days"] >= 1 else "less than a day"
    screen.print(Text.assemble(("The market", "bold"), f"  {period}"))
    screen.print(
        f"  {words.count(document['accounts'], 'account')}: {document['fit']:,} fit and may be called; of these"
        f" {document['with_signals']:,} had signals, {document['hot']:,} were hot at some time,"
        f" another {document['warm']:,} warm"
    )
    rates = ", ".join(f"{_rate(step['a_week'])} at {step['enter']:g}" for step in document["hot_a_week"])
    screen.print(f"  accounts that would become hot per week, by threshold: {rates}")
    if document["highest"]:
        highest = ", ".join(f"{_name(one)} {wording.score(one)}" for one in document["highest"])
        screen.print(Text(f"  highest scores: {highest}"))
    if document["off_list"]:
        shares = ", ".join(_share(kind) for kind in document["off_list"])
        screen.print(f"  not on your `sells` lists, so background: {shares}")
    if (seen := document["personas"]) is not None and seen["other"] + seen["unknown"]:
        everybody = seen["named"] + seen["other"] + seen["unknown"]
        screen.print(
            f"  people behind {words.count(everybody, 'engagement signal')}: {seen['named']:,} matched a persona,"
            f" {seen['other']:,} had a title that matches none, {seen['unknown']:,} had no title"
        )
    if document["hidden_by"]:
        screen.print(Text("  No account became hot:", "yellow"))
        for hider in document["hidden_by"]:
            screen.print(Text(f"    - {hider['detail']}", "yellow"))
    screen.print()


def _share(kind: Mapping[str, Any]) -> str:
    return f"{kind['share']:.0%} of {words.count(kind['events'], words.signal_type(kind['kind']) + ' event')}"


def _rate(a_week: float) -> str:
    return f"{a_week:.0f}" if a_week >= 10 or a_week == round(a_week) else f"{a_week:.1f}" if a_week >= 0.1 else "< 0.1"


def _name(one: Mapping[str, Any]) -> str:
    return one_line(one["name"] or one["account_id"])
