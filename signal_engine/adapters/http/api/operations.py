"""The endpoints for programs: one table, of which the routes and the OpenAPI document are both made."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Final, NamedTuple, TypeAlias

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from signal_engine.adapters.http.api.accounts import ALERT_FILTERS, AccountEndpoints
from signal_engine.adapters.http.api.actions import ActionEndpoints
from signal_engine.adapters.http.api.events import EventEndpoints
from signal_engine.adapters.http.api.lists import FILTERS, JSON, LIST_PATH, ListEndpoints, PolledList
from signal_engine.adapters.http.api.parameters import Parameter
from signal_engine.adapters.http.api.probes import Probes

Handler: TypeAlias = Callable[[Request], Awaitable[Response]] | ASGIApp


class Handlers(NamedTuple):
    """What answers, of one process."""

    lists: ListEndpoints
    polled: PolledList
    accounts: AccountEndpoints
    actions: ActionEndpoints
    events: EventEndpoints
    probes: Probes


class Operation(NamedTuple):
    """One endpoint: its handler, and its description for people and programs."""

    path: str
    """As Starlette reads it: `{name}`, or `{name:path}` for a parameter that may hold slashes."""
    name: str
    """Its `operationId`, and its label in the metrics."""
    summary: str
    answers: Mapping[str, str | None]
    """Media type -> model; None: text."""
    handler: Callable[[Handlers], Handler]
    query: Sequence[Parameter] = ()
    refuses: Sequence[int] = ()
    versioned: bool = False
    body: str | None = None
    """Model of what is sent; None: it is a GET, which sends nothing."""
    creates: bool = False
    """Whether it answers 201 when it has made something new."""

    @property
    def method(self) -> str:
        """`GET`, which also stands for HEAD, or `POST`."""
        return "GET" if self.body is None else "POST"

    @property
    def described_path(self) -> str:
        """As OpenAPI writes it."""
        return self.path.replace(":path}", "}")

    @property
    def path_parameters(self) -> list[str]:
        """Their names, in order."""
        return re.findall(r"{(\w+)}", self.described_path)


_USUAL: Final = (401, 422, 429, 503)
_ACTING: Final = (401, 403, 404, 409, 415, 422, 429, 503)
_UNKNOWN: Final = (401, 404, 422, 429, 503)
_ACTIONS_PATH: Final = "/v1/accounts/{account:path}/actions"
OPERATIONS: Final = (
    Operation(
        "/v1/lists",
        "lists",
        "Names, versions and sizes of the lists",
        {JSON: "Lists"},
        lambda handlers: handlers.lists.lists,
        refuses=_USUAL,
    ),
    Operation(
        f"{LIST_PATH}{{name}}.csv",
        "list_csv",
        "A list as CSV, safe for spreadsheets",
        {"text/csv": None},
        lambda handlers: handlers.lists.list_csv,
        query=FILTERS,
        refuses=_UNKNOWN,
        versioned=True,
    ),
    Operation(
        f"{LIST_PATH}{{name}}",
        "list",
        "A list",
        {JSON: "ListDocument"},
        lambda handlers: handlers.polled,
        query=FILTERS,
        refuses=_UNKNOWN,
        versioned=True,
    ),
    Operation(
        _ACTIONS_PATH,
        "act",
        "Act on an account: claim, snooze, disqualify; answered when Kafka has it",
        {JSON: "ActedDocument"},
        lambda handlers: handlers.actions.act,
        refuses=_ACTING,
        body="ActionRequest",
        creates=True,
    ),
    Operation(
        _ACTIONS_PATH,
        "actions",
        "What people decided about an account: in force, and the latest",
        {JSON: "ActionsDocument"},
        lambda handlers: handlers.actions.actions,
        refuses=_UNKNOWN,
    ),
    Operation(
        "/v1/accounts/{account:path}",
        "account",
        "An account, explained: score, fit, why and why not",
        {JSON: "AccountDocument"},
        lambda handlers: handlers.accounts.account,
        refuses=_UNKNOWN,
    ),
    Operation(
        "/v1/alerts",
        "alerts",
        "Alerts, newest first",
        {JSON: "Alerts"},
        lambda handlers: handlers.accounts.alerts,
        query=ALERT_FILTERS,
        refuses=_USUAL,
    ),
    Operation(
        "/v1/events",
        "events",
        "New lists and alerts as server-sent events",
        {"text/event-stream": None},
        lambda handlers: handlers.events.events,
        refuses=_USUAL,
    ),
    Operation(
        "/livez", "livez", "Whether the process is running", {JSON: "Live"}, lambda handlers: handlers.probes.livez
    ),
    Operation(
        "/readyz",
        "readyz",
        "Whether requests can be answered",
        {JSON: "Ready"},
        lambda handlers: handlers.probes.readyz,
    ),
    Operation(
        "/metrics",
        "metrics",
        "Metrics for Prometheus",
        {"text/plain": None},
        lambda handlers: handlers.probes.metrics,
        refuses=(401, 429),
    ),
)
"""In the order in which paths are matched."""


def routes(handlers: Handlers) -> list[Route]:
    """One route per operation."""
    return [Route(one.path, one.handler(handlers), name=one.name, methods=[one.method]) for one in OPERATIONS]
