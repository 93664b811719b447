"""Keeps the tables of docs/observability.md: every line that the log can hold and every metric, as the code says them.

    python tools/observability.py

Events, levels and facts are read from the calls in `signal_engine/`, names and help of metrics from their declarations.
What an event means to an operator is written in the page itself and stays; a new one is marked until somebody says it.
"""

import ast
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final, NamedTuple

PACKAGE: Final = Path("signal_engine")
TARGET: Final = Path("docs/observability.md")
LEVELS: Final = ("error", "warning", "info")
UNTOLD: Final = "**what does it mean?**"
_LOGS: Final = ("event_log", "said", "say", "self.line")
"""How those who say something are called."""


class Said(NamedTuple):
    """One call that writes a line."""

    event: str
    level: str
    facts: tuple[str, ...]


def said() -> list[Said]:
    """Every line that the log can hold, event by event; where several places say one, their facts together."""
    facts: dict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for path in sorted(PACKAGE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        words = dict(_constants(tree))
        for call in ast.walk(tree):
            for event, level, given in _lines(call, words):
                facts[event, level].update(dict.fromkeys(given))
    levels = {level: number for number, level in enumerate(LEVELS)}
    return sorted(
        (Said(event, level, tuple(f)) for (event, level), f in facts.items()), key=lambda s: (levels[s.level], s.event)
    )


def _lines(call: ast.AST, words: dict[str, str]) -> Iterator[tuple[str, str, list[str]]]:
    if not isinstance(call, ast.Call):
        return
    spelt = ast.unparse(call.func)
    who, _, level = spelt.rpartition(".")
    arguments = list(call.args)
    if level == "line" and arguments:  # the level is its first argument
        level, who = _text(arguments.pop(0), words)[0], "said"
    elif spelt == "say":
        level, who = "warning", "say"
    who = who.partition("(")[0]  # `event_log(settings).warning(...)`
    if level not in LEVELS or not who.endswith(_LOGS) or not arguments:
        return
    given = [one.arg for one in call.keywords if one.arg]
    for event in _text(arguments[0], words):
        if event:
            yield event, level, given


def _constants(tree: ast.Module) -> Iterator[tuple[str, str]]:
    for node in tree.body:
        if (
            isinstance(node, ast.AnnAssign)
            and isinstance(node.target, ast.Name)
            and isinstance(node.value, ast.Constant)
        ):
            yield node.target.id, str(node.value.value)


def _text(node: ast.expr, words: dict[str, str]) -> list[str]:
    """The texts that an argument can be; a blank one where that is not to be seen."""
    if isinstance(node, ast.Constant):
        return [str(node.value)]
    if isinstance(node, ast.IfExp):
        return [*_text(node.body, words), *_text(node.orelse, words)]
    return [words.get(node.id, "")] if isinstance(node, ast.Name) else [""]


def metrics() -> list[tuple[str, list[str], str]]:
    """Name as Prometheus sees it, labels, help."""
    found = []
    for path in sorted((PACKAGE / "adapters" / "http").rglob("*.py")):
        for call in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(call, ast.Call) and re.fullmatch(r"Gauge|\w+MetricFamily", ast.unparse(call.func)):
                name, told = (ast.literal_eval(one) for one in call.args[:2])
                labels = [ast.literal_eval(one.value) for one in call.keywords if one.arg == "labels"]
                total = "_total" if ast.unparse(call.func) == "CounterMetricFamily" else ""
                found.append((name + total, labels[0] if labels else [], told))
    return sorted(found)


def page(before: str) -> str:
    """The page with its tables as the code says; what events mean stays as it stands in `before`."""
    means = dict(re.findall(r"^\| \w+ \| `(\w+)` \|.*\| (.+) \|$", before, re.MULTILINE))
    events = [
        f"| {line.level} | `{line.event}` | {_quoted(line.facts)} | {means.get(line.event, UNTOLD)} |"
        for line in said()
    ]
    figures = [f"| `{name}` | {_quoted(labels)} | {told} |" for name, labels, told in metrics()]
    return _table("metrics", figures, _table("events", events, before))


def _table(name: str, rows: list[str], text: str) -> str:
    """The text with the rows of one table replaced; its two lines of heading stay."""
    table = re.compile(rf"(<!-- {name} -->\n.*\n.*\n)(?:\|.*\n)*(?=<!-- end -->)")
    return table.sub(lambda found: found[1] + "".join(f"{row}\n" for row in rows), text)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    TARGET.write_text(page(TARGET.read_text("utf-8")), "utf-8")
