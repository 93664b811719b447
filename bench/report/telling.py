"""What was measured, told on the terminal."""

from collections.abc import Iterable
from typing import Any

from rich import table as rich_table
from rich.console import Console

from bench.report.tables import Table, tables


def tell(results: dict[str, Any]) -> None:
    """Prints where it was measured, and every table."""
    machine = "; ".join(f"{name} {value}" for name, value in results["machine"].items())
    Console(width=150).print(machine, highlight=False)
    show(tables(results))


def show(made: Iterable[Table]) -> None:
    """Prints tables."""
    console = Console(width=150)
    for one in made:
        if not one.rows:
            console.print(f"{one.title}: {one.note}", markup=False, highlight=False)
            continue
        table = rich_table.Table(title=one.title, caption=one.note or None)
        for number, column in enumerate(one.columns):
            table.add_column(column.replace("`", ""), justify="right" if number else "left")
        for row in one.rows:
            table.add_row(*(cell.replace("`", "") for cell in row))
        console.print(table)
