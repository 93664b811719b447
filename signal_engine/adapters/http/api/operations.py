"""The endpoints for programs: one table, of which the routes and the OpenAPI document are both made."""

from typing import Final, NamedTuple, TypeAlias

from signal_engine.adapters.http.api.accounts import ALERT_FILTERS, AccountEndpoints
from signal_engine.adapters.http.api.actions import IDEMPOTENCY_KEY, ActionEndpoints
from signal_engine.adapters.http.api.deliveries import DELIVERY_FILTERS, DeliveryEndpoints
from signal_engine.adapters.http.api.events import EventEndpoints
from signal_engine.adapters.http.api.focus import FOCUS_PARAMETERS, FocusEndpoints
from signal_engine.adapters.http.api.list_moves import MOVES_FILTERS, MoveEndpoints
from signal_engine.adapters.http.api.lists import FILTERS, LIST_PATH, ListEndpoints, PolledList
from signal_engine.adapters.http.api.probes import Probes
from signal_engine.adapters.http.api.reports import ReportEndpoints
from signal_engine.adapters.http.description.operation import Operation
from signal_engine.adapters.http.edge.problems import JSON


class Handlers(NamedTuple):
    """What answers, of one process."""

    lists: ListEndpoints
    polled: PolledList
    accounts: AccountEndpoints
    actions: ActionEndpoints
    events: EventEndpoints
    reports: ReportEndpoints
    probes: Probes
    moves: MoveEndpoints
    focus: FocusEndpoints
    deliveries: DeliveryEndpoints


_Row: TypeAlias = Operation[Handlers]
_KEY: Final = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": True,
    "description": "The action_id: the same request sent again is the same action.",
    "schema": {"type": "string", "format": "uuid"},
}
_USUAL: Final = (401, 422, 429, 503)
_ACTING: Final = (401, 403, 404, 409, 415, 422, 429, 503)
_UNKNOWN: Final = (401, 404, 422, 429, 503)
_ACTIONS_PATH: Final = "/v1/accounts/{account:path}/actions"
OPERATIONS: Final[tuple[_Row, ...]] = (
    _Row(
        "/v1/lists",
        "lists",
        "Names, versions and sizes of the lists",
        {JSON: "Lists"},
        lambda handlers: handlers.lists.lists,
        refuses=_USUAL,
    ),
    _Row(
        f"{LIST_PATH}{{name}}.csv",
        "list_csv",
        "A list as CSV, safe for spreadsheets",
        {"text/csv": None},
        lambda handlers: handlers.lists.list_csv,
        query=FILTERS,
        refuses=_UNKNOWN,
        versioned=True,
    ),
    _Row(
        f"{LIST_PATH}{{name}}",
        "list",
        "A list",
        {JSON: "ListDocument"},
        lambda handlers: handlers.polled,
        query=FILTERS,
        refuses=_UNKNOWN,
        versioned=True,
    ),
    _Row(
        f"{LIST_PATH}{{name}}/moves",
        "moves",
        "What has changed on a list since yesterday began in a time zone: who entered, left and why, moved",
        {JSON: "DayChanges"},
        lambda handlers: handlers.moves.moves,
        query=MOVES_FILTERS,
        refuses=_UNKNOWN,
    ),
    _Row(
        f"{LIST_PATH}{{name}}/focus",
        "focus",
        "What a person works on this week out of a list, and what stands below the line",
        {JSON: "FocusDocument"},
        lambda handlers: handlers.focus.focus,
        query=FOCUS_PARAMETERS,
        refuses=_UNKNOWN,
    ),
    _Row(
        _ACTIONS_PATH,
        "act",
        "Act on an account: claim, snooze, disqualify; answered when Kafka has it",
        {JSON: "ActedDocument"},
        lambda handlers: handlers.actions.act,
        refuses=_ACTING,
        succeeds={200: "The same had been written before.", 201: "Something new was written."},
        body={JSON: "ActionRequest"},
        headers=(_KEY,),
    ),
    _Row(
        _ACTIONS_PATH,
        "actions",
        "What people decided about an account: in force, and the latest",
        {JSON: "ActionsDocument"},
        lambda handlers: handlers.actions.actions,
        refuses=_UNKNOWN,
    ),
    _Row(
        "/v1/accounts/{account:path}",
        "account",
        "An account, explained: score, fit, why and why not",
        {JSON: "AccountDocument"},
        lambda handlers: handlers.accounts.account,
        refuses=_UNKNOWN,
    ),
    _Row(
        "/v1/alerts",
        "alerts",
        "Alerts, newest first",
        {JSON: "Alerts"},
        lambda handlers: handlers.accounts.alerts,
        query=ALERT_FILTERS,
        refuses=_USUAL,
    ),
    _Row(
        "/v1/deliveries",
        "deliveries",
        "What became of alerts on their way: by destination, what was withheld and why, and the latest deliveries",
        {JSON: "DeliveryOverview"},
        lambda handlers: handlers.deliveries.deliveries,
        query=DELIVERY_FILTERS,
        refuses=_USUAL,
    ),
    _Row(
        "/v1/reports/{name}.csv",
        "report_csv",
        "The rows of a report as CSV, safe for spreadsheets",
        {"text/csv": None},
        lambda handlers: handlers.reports.report_csv,
        refuses=_UNKNOWN,
    ),
    _Row(
        "/v1/reports/{name}",
        "report",
        "A report on what the profiles miss, as of now; it is made anew after some seconds",
        {JSON: "ReportDocument"},
        lambda handlers: handlers.reports.report,
        refuses=_UNKNOWN,
    ),
    _Row(
        "/v1/events",
        "events",
        "New lists and alerts as server-sent events",
        {"text/event-stream": None},
        lambda handlers: handlers.events.events,
        refuses=_USUAL,
    ),
    _Row("/livez", "livez", "Whether the process is running", {JSON: "Live"}, lambda handlers: handlers.probes.livez),
    _Row(
        "/readyz",
        "readyz",
        "Whether requests can be answered",
        {JSON: "Ready"},
        lambda handlers: handlers.probes.readyz,
        succeeds={200: "It can answer.", 503: "Redis is unreachable."},
    ),
    _Row(
        "/metrics",
        "metrics",
        "Metrics for Prometheus",
        {"text/plain": None},
        lambda handlers: handlers.probes.metrics,
        refuses=(401, 429),
    ),
)
"""In the order in which paths are matched."""
