"""Names that exist once: endpoints, log events, metrics, what is stored. Code that uses another one fails here."""

import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar, get_type_hints

import pytest

import signal_engine
from signal_engine.adapters.http.api import openapi, operations
from signal_engine.adapters.http.dashboard import pages as dashboard
from signal_engine.adapters.http.edge.metric_list import METRICS
from signal_engine.adapters.http.ingest import operations as ingest_operations
from signal_engine.core import errors
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.ports.event_log import Error, Info, Level, LogEvent, Warn
from signal_engine.engine.ports.log_events import LOG_EVENTS
from tests.http.ingest.stand import Stand
from tests.http.market import Market
from tools import reference

PACKAGE = Path("signal_engine")
FACTS = {str, int, float, bool, str | None, int | None}
LISTED = [event for events in LOG_EVENTS.values() for event in events]
CHOSEN = {"library_message", "library_failure"}
"""Their class is chosen by the level of a record first, then called."""


def api() -> Any:
    """The API as Starlette has it, without what is around it."""
    protected: Any = Market().app()
    return protected._app._app


def ingest() -> Any:
    """`ingest` likewise."""
    return Stand().app._app


TABLES = [
    pytest.param(api, operations.OPERATIONS, openapi.document, {"/openapi.json", "/static"}, id="api"),
    pytest.param(
        ingest, ingest_operations.OPERATIONS, ingest_operations.ingest_document, {"/openapi.json"}, id="ingest"
    ),
]
"""Application, its table of operations, its OpenAPI document, and the paths that no table declares."""


def routes(app: Any) -> dict[tuple[str, str], Any]:
    """Path and method -> endpoint, of an application as it is served; None for a folder of files."""
    served: dict[tuple[str, str], Any] = {}
    for route in app.routes:
        method = "POST" if "POST" in (getattr(route, "methods", None) or ()) else "GET"
        served[route.path, method] = getattr(route, "endpoint", None)
    return served


@pytest.mark.parametrize(("app", "table", "document", "undeclared"), TABLES)
def test_every_route_is_an_operation_of_the_table_or_a_page(app, table, document, undeclared):
    served = routes(app())
    declared = {(operation.path, operation.method) for operation in table}
    assert set(served) >= declared, "an operation that is not served"
    pages = {place for place, endpoint in served.items() if is_page(endpoint)}
    others = {path for path, _ in set(served) - pages - declared}
    assert others == undeclared, "a route that no table declares"
    assert {method for _, method in pages} <= {"GET"}, "a page changes nothing"


def is_page(endpoint: object) -> bool:
    return type(getattr(endpoint, "__self__", None)).__module__.startswith(f"{dashboard.__name__}.")


@pytest.mark.parametrize(("app", "table", "document", "undeclared"), TABLES)
def test_every_operation_is_described_and_counted_under_its_name(app, table, document, undeclared):
    served = routes(app())
    for operation in table:
        described = document()["paths"][operation.described_path][operation.method.lower()]
        endpoint = served[operation.path, operation.method]
        assert described["operationId"] == endpoint.__name__ == operation.name
        assert [one["name"] for one in described["parameters"] if one["in"] == "path"] == operation.path_parameters
    assert sum(map(len, document()["paths"].values())) == len(table)


@pytest.mark.parametrize("event", LISTED, ids=lambda event: event.name)
def test_every_log_event_says_what_it_means_on_one_line_and_its_facts_are_plain(event):
    assert event.__doc__.endswith(".")
    assert "\n" not in event.__doc__
    assert event.level in Level
    assert set(get_type_hints(event).values()) - {ClassVar[str], ClassVar[Level]} <= FACTS


def test_no_two_log_events_have_one_name_and_every_one_is_written_by_some_code():
    assert len({event.name for event in LISTED}) == len(LISTED)
    code = "".join(file.read_text("utf-8") for file in PACKAGE.rglob("*.py") if "log_events" not in file.parts)
    assert [event.name for event in LISTED if f"{event.__name__}(" not in code] == [
        "library_message",
        "library_failure",
    ]
    outside = [one for one in subclasses(LogEvent) if one not in LISTED and one not in (Info, Warn, Error)]
    assert outside == [], "declared where docs/log-events.md does not find it"


def test_tests_and_harness_ask_for_events_that_there_are():
    """Else a check that something was not said could not fail."""
    asks = re.compile(
        r"""(?:said|_said|_says)\(\w+(?:\[0\])?, "(\w+_\w+)"\)"""
        r"""|"event"\] [=!]= "(\w+_\w+)\""""
        r"""|"(\w+_\w+)" (?:not )?in \S+\.words\b"""
        r"""|words(?:\(\))?\.count\("(\w+_\w+)"\)"""
    )
    files = [file for beside in ("tests", "testing", "faults", "bench") for file in Path(beside).rglob("*.py")]
    asked = {name for file in files for names in asks.findall(file.read_text("utf-8")) for name in names if name}
    assert len(asked) > 20
    assert asked - {event.name for event in LISTED} - {"not_json"} == set(), "not_json is what the reader of logs says"


def subclasses(of: type) -> list[type]:
    """Direct ones and theirs."""
    return [each for one in of.__subclasses__() for each in (one, *subclasses(one))]


def test_names_of_what_is_stored_are_made_in_their_own_lists():
    made = re.compile(r"\b(DocumentName|ViewName|CounterName)\(")
    found = {file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if made.search(file.read_text())}
    assert found == {f"engine/ports/{name}.py" for name in ("controls", "counters", "views")}


def test_metrics_are_made_in_their_own_list():
    made = re.compile(r"MetricFamily\(|\b(Gauge|Counter|Histogram)\(\s*\"signal_engine_")
    found = {file.name for file in PACKAGE.rglob("*.py") if made.search(file.read_text())}
    assert found == {"metric_list.py"}
    assert len({metric.name for metric in METRICS}) == len(METRICS)


@pytest.mark.parametrize(("page", "text"), [("log-events", reference.log_events()), ("metrics", reference.metrics())])
def test_the_pages_of_the_lists_are_up_to_date(page, text):
    assert Path(f"docs/{page}.md").read_text("utf-8") == text, "`make schemas` writes it anew"


RITUALS = {
    "TransactionBuilder(": {"engine/partition/open_transaction.py"},
    ".call(lambda": set(),
    "reading.reposition(": {
        "engine/partition/open_transaction.py",
        "engine/partition/consumer_loop.py",  # after a batch, which says itself where to read on
        "engine/worker/live_engine.py",  # a topic was paused or resumed
    },
}


@pytest.mark.parametrize(("ritual", "places"), RITUALS.items())
def test_transactions_are_made_and_calls_retried_in_one_place(ritual, places):
    found = {
        file.relative_to(PACKAGE).as_posix() for file in PACKAGE.rglob("*.py") if ritual in file.read_text("utf-8")
    }
    assert found == places


def everything() -> None:
    """Imports every module of the package: only then are all subclasses known."""
    for module in pkgutil.walk_packages(signal_engine.__path__, "signal_engine."):
        if not module.name.endswith((".__main__", ".supervise")):  # these run when they are imported
            importlib.import_module(module.name)


def tree(one: type[SignalEngineError], depth: int = 0) -> Iterator[str]:
    """As `core.errors` draws it."""
    yield f"    {'  ' * depth + one.__name__:<28} {one.exit_code}"
    for each in sorted(one.__subclasses__(), key=lambda each: each.__name__):
        yield from tree(each, depth + 1)


def test_the_tree_of_exceptions_is_drawn_as_it_is():
    everything()
    drawn = (errors.__doc__ or "").split("\n\n")[1]
    assert drawn.splitlines() == [*tree(SignalEngineError)]
    assert {one.exit_code for one in (SignalEngineError, *subclasses(SignalEngineError))} == {1, 2}


def test_every_exception_of_ours_has_the_one_root():
    everything()
    ours = {one for one in subclasses(Exception) if one.__module__.startswith("signal_engine.")}
    strangers = {one.__name__ for one in ours if not issubclass(one, SignalEngineError) and one.__name__[0] != "_"}
    assert strangers == {"UnreadableBatch", "FencedInstanceIdError"}, "these two aiokafka has to know as its own"


def test_no_command_lists_exceptions_to_find_an_exit_code():
    """`wiring.options` alone turns an exception into one; commands exit themselves for what is no exception."""
    listing = re.compile(r"except [^\n]*:\n(?: +[^\n]*\n){0,3}? +(?:raise SystemExit|refuse\()")
    room = PACKAGE / "entrypoints"
    found = {file for file in room.rglob("*.py") if listing.search(file.read_text("utf-8"))}
    assert {file.relative_to(room).as_posix() for file in found} == {"wiring/options.py", "commands/rebuild.py"}
