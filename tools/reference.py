"""Writes docs/log-events.md and docs/metrics.md out of the lists in the code.

    python tools/reference.py [--check]

With `--check` nothing is written; exits 1 and names what is stale.
"""

import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import get_args, get_type_hints

from signal_engine.adapters.http.edge.metric_list import METRICS
from signal_engine.engine.ports.event_log import Level, LogEvent
from signal_engine.engine.ports.log_events import LOG_EVENTS

DOCS = Path(__file__).resolve().parents[1] / "docs"

_LOG_HEAD = """\
# Log events

Written by `make schemas` from `signal_engine/engine/ports/log_events`; do not edit.

Workers and the API write one line per event to stderr: JSON, or readable text on a terminal (`SIGNAL_ENGINE_LOG`).
Every line has `at` (RFC 3339, UTC), `level` and `event`; the facts of the event follow. A fact has its unit in its
name; one that is not known is left out. Events of accounts are never in the log.

"""
_METRICS_HEAD = """\
# Metrics

Written by `make schemas` from `signal_engine/adapters/http/edge/metric_list.py`; do not edit.

`signal-engine api` exposes these at `/metrics`, in the text format of Prometheus. Those whose names begin with
`signal_engine_api_` are of the process; the others are of the engine, as Redis tells every API alike.

| metric | type | labels | meaning |
|---|---|---|---|
"""


def log_events() -> str:
    """The whole page: a section per group, a row per event."""
    return _LOG_HEAD + "\n".join(_section(title, events) for title, events in LOG_EVENTS.items())


def metrics() -> str:
    """The whole page: a row per metric."""
    return _METRICS_HEAD + "".join(
        f"| `{one.shown_name}` | {one.type} | {_coded(one.labels)} | {one.meaning} |\n" for one in METRICS
    )


def main() -> None:
    """As the module says."""
    stale = [page for page, text in _pages() if not page.is_file() or page.read_text("utf-8") != text]
    if sys.argv[1:] == ["--check"]:
        for page in stale:
            print(f"stale: {page.relative_to(DOCS.parent)}; `make schemas` writes it anew")
        sys.exit(bool(stale))
    for page, text in _pages():
        page.write_text(text, "utf-8")


def _pages() -> Iterator[tuple[Path, str]]:
    yield DOCS / "log-events.md", log_events()
    yield DOCS / "metrics.md", metrics()


def _section(title: str, events: list[type[LogEvent]]) -> str:
    rows = "".join(f"| `{one.name}` | {_level(one)} | {one.__doc__} | {_facts(one)} |\n" for one in events)
    return f"## {title}\n\n| event | level | meaning | facts |\n|---|---|---|---|\n{rows}"


def _level(event: type[LogEvent]) -> str:
    return event.level if event.level is Level.INFO else f"**{event.level}**"


def _facts(event: type[LogEvent]) -> str:
    hints = get_type_hints(event)
    return ", ".join(f"`{field.name}` ({_words(hints[field.name])})" for field in fields(event))  # type: ignore[arg-type]


def _words(hint: object) -> str:
    named = {str: "text", int: "integer", float: "number", bool: "true or false"}
    return " or ".join(named[one] for one in get_args(hint) or (hint,) if one is not type(None))


def _coded(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


if __name__ == "__main__":
    main()
