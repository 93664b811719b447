"""Deals by name, as reports on the past list them."""

from collections.abc import Sequence
from typing import Final

from rich.console import Console
from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.wire.output.reports.validation_documents import MissedDeal

_MOST_NAMED: Final = 10


def show_deals(screen: Console, title: str, deals: Sequence[MissedDeal], *, with_why: bool) -> None:
    """Print `title` and a line for each of the first deals; nothing without any."""
    if not deals:
        return
    screen.print(f"  {title}:")
    for one in deals[:_MOST_NAMED]:
        amount = "" if one["amount_usd"] is None else f", ${one['amount_usd']:,.0f}"
        name = f"{one_line(one['name'])} ({one['account_id']})" if one["name"] else one["account_id"]
        why = f": {one['why']}" if with_why else ""
        screen.print(Text(f"    {name}, {one['opened_at'][:10]}{amount}{why}"))
    if (more := len(deals) - _MOST_NAMED) > 0:
        screen.print(Text(f"    and {more:,} more; --json names all", "dim"))
