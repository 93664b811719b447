"""What `fit load` says of aliases, for people and as JSON."""

import io

import pytest
from rich.console import Console

from signal_engine.adapters.terminal.fit_tables import show_plan
from signal_engine.core.rules.instants import BEGINNING
from signal_engine.engine.fit.alias_news import AliasNews
from signal_engine.entrypoints.commands.fit.output import alias_document
from signal_engine.wire.output.operations.fit import FitLoad
from signal_engine.wire.storage.in_force import AliasesInForce
from tests.build import T0


def shown(news: AliasNews, in_force: AliasesInForce | None) -> list[str]:
    plan: FitLoad = {
        "loaded": True,
        "aliases": alias_document(news, in_force),
        "fit_version": 2,
        "accounts": 3,
        "rows_changed": 0,
        "alerts": {},
        "changes": [],
        "lists": {},
        "taken_over": None,
        "distribution": {},  # type: ignore[typeddict-item]  # is not shown here
    }
    out = io.StringIO()
    show_plan(Console(file=out, width=200, markup=False, highlight=False), plan)
    return [line.strip() for line in out.getvalue().splitlines() if "alias" in line]


@pytest.mark.parametrize(
    ("news", "in_force", "lines"),
    [
        (AliasNews(0, 0, 0, 0), None, []),
        (
            AliasNews(1_200, 2, 1, 1),
            AliasesInForce("d", T0),
            [
                "aliases: 1,200 (2 new or changed, 1 removed), for what arrives from 2026-01-01T00:00:00Z on",
                "1 earlier signal of these aliases will move to their accounts with the next `signal-engine rebuild`",
            ],
        ),
        (AliasNews(0, 0, 4, 0), None, ["aliases: 0 (0 new or changed, 4 removed)"]),
        (AliasNews(3, 3, 0, 0), AliasesInForce("d", BEGINNING), ["aliases: 3 (3 new or changed, 0 removed)"]),
    ],
)
def test_what_changes_from_when_on_and_what_waits(
    news: AliasNews, in_force: AliasesInForce | None, lines: list[str]
) -> None:
    assert shown(news, in_force) == lines
