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

Workers, the API, `ingest`, `notify`, `sync`, `digest --follow` and `mcp --http` write one line per event to stderr:
JSON, or text on a terminal (`SIGNAL_ENGINE_LOG`).
Every line has `at` (RFC 3339, UTC), `level` and `event`; the facts follow, each with its unit in its name. One that is
not known is left out. Trouble that lasts is logged once, not once per record. No line holds a value of an event or a
secret.

Worth an alarm: any line of level `error`.

"""
_METRICS_HEAD = """\
# Metrics and health

Written by `make schemas` from `signal_engine/adapters/http/edge/metric_list.py`; do not edit.

`GET /metrics` of the API, `ingest`, `notify`, `sync`, `digest --follow` and `mcp --http`, in the text format of
Prometheus. Metrics that begin with `signal_engine_` and then `api_`, `ingest_`, `notify_`, `sync_`, `digest` or `mcp_`
are of that one process; the others are of the engine, read from Redis by every API alike. Workers open no port.

| metric | type | labels | meaning |
|---|---|---|---|
"""
_HEALTH = """
`GET /livez` says that the API runs. `GET /readyz` is 503 while Redis is unreachable, and 200 with `status: degraded`
and `problems` in words while nothing is published, lists are stale, or a topic-partition is paused.

`GET /livez` of `ingest` likewise; its `GET /readyz` is 503 while Kafka takes no events.
`GET /readyz` of `sync` is 503 while no sink follows, and 200 with `status: degraded` and `problems` while one does not.

`GET /livez` of `notify` likewise; its `GET /readyz` is 503 while Redis is unreachable or no partition of the topic of
alerts is assigned, and 200 with `status: degraded` and `problems` while a destination is disabled or gets nothing.

`GET /livez` of `digest --follow` likewise; its `GET /readyz` is 503 while no digest can be made, or when it has not
looked for five minutes at what is due, and 200 with `status: degraded` and `problems` while a destination's last digest
did not arrive.

`GET /livez` of `mcp --http` likewise; its `GET /readyz` is 503 while Redis cannot be read, and 200 with
`status: degraded` and `problems` while no list is published or the lists are stale.

Worth an alarm: `signal_engine_store_up`, `signal_engine_ingest_kafka_up` or `signal_engine_sync_follows` at 0;
`signal_engine_ingest_kept_total` that rises; `signal_engine_notify_disabled` or `signal_engine_digest_delayed` at 1;
`signal_engine_paused_partitions` above 0; `signal_engine_lag_seconds` above 60 for minutes; a share of `rejected` in
`signal_engine_events_total` that jumps; a topic in `signal_engine_last_event_timestamp_seconds` that has fallen silent.
"""


def log_events() -> str:
    """The whole page: a section per group, a row per event."""
    return _LOG_HEAD + "\n".join(_section(title, events) for title, events in LOG_EVENTS.items())


def metrics() -> str:
    """The whole page: a row per metric."""
    rows = (f"| `{one.shown_name}` | {one.type} | {_coded(one.labels)} | {one.meaning} |\n" for one in METRICS)
    return _METRICS_HEAD + "".join(rows) + _HEALTH


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
