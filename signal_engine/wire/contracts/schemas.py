"""Generates the files of `schemas/` from the models: JSON Schemas (2020-12), the AsyncAPI document, examples."""

import json
from typing import Any, Final

from pydantic import TypeAdapter

from signal_engine.wire.accounts.models import LoadedAccountRecord
from signal_engine.wire.actions.examples import ACTIONS
from signal_engine.wire.actions.models import ActionRecord
from signal_engine.wire.contracts.asyncapi import asyncapi_document
from signal_engine.wire.delivery.route_models import RoutesModel
from signal_engine.wire.events.examples import EVENTS, binary_cloudevent, structured_cloudevent
from signal_engine.wire.events.models import EVENT_MODELS
from signal_engine.wire.outcomes.examples import OUTCOMES
from signal_engine.wire.outcomes.models import OutcomeRecord
from signal_engine.wire.output.models import OUTPUT_MODELS
from signal_engine.wire.rules import examples as rules
from signal_engine.wire.rules.fit_load import FitLoadRecord
from signal_engine.wire.rules.models import (
    CurrentIcpRecord,
    CurrentScoringRecord,
    IcpVersionRecord,
    ScoringVersionRecord,
    WiringConfirmedRecord,
)
from signal_engine.wire.sync.sync_models import SyncModel

_DIALECT: Final = "https://json-schema.org/draft/2020-12/schema"
RULE_MODELS: Final[dict[str, Any]] = {
    "icp-version": IcpVersionRecord,
    "scoring-version": ScoringVersionRecord,
    "current-icp": CurrentIcpRecord,
    "current-scoring": CurrentScoringRecord,
    "wiring-confirmed": WiringConfirmedRecord,
}
"""Name of the schema -> a record of the topic `rules`."""
_RULE_EXAMPLES: Final = {
    "icp-version": rules.ICP_VERSIONS,
    "scoring-version": rules.SCORING_VERSIONS,
    "current-icp": rules.CURRENT_ICPS,
    "current-scoring": rules.CURRENT_SCORINGS,
    "wiring-confirmed": rules.WIRING_CONFIRMED,
}


def schema_files() -> dict[str, str]:
    """Path below `schemas/` -> JSON text, always the same."""
    documents: dict[str, Any] = {
        **{f"{kind}.json": _event_schema(kind) for kind in EVENT_MODELS},
        **{f"{name}.json": _output_schema(name) for name in OUTPUT_MODELS},
        "account-action.json": action_schema(),
        **{f"{name}.json": rule_schema(name) for name in RULE_MODELS},
        "fit-account.json": _record_schema(LoadedAccountRecord, "Account as loaded"),
        "fit-load.json": _record_schema(FitLoadRecord, "Load of accounts"),
        "asyncapi.json": asyncapi_document(),
        "outcome.json": outcome_schema(),
        "routes.json": routes_schema(),
        "sync.json": _sync_schema(),
        "examples/account-action.json": ACTIONS,
        **{f"examples/{name}.json": told for name, told in _RULE_EXAMPLES.items()},
        "examples/outcome.json": OUTCOMES,
        **{f"examples/{kind}.json": events for kind, events in EVENTS.items()},
        "examples/cloudevents-structured.json": [structured_cloudevent(events[0]) for events in EVENTS.values()],
        "examples/cloudevents-binary.json": [binary_cloudevent(events[0]) for events in EVENTS.values()],
    }
    return {name: _text(document) for name, document in sorted(documents.items())}


def _event_schema(kind: str) -> dict[str, Any]:
    """The JSON Schema of the events of `kind`."""
    schema = _schema(EVENT_MODELS[kind])
    required = schema["required"]
    properties = {name: field if name in required else _nullable(field) for name, field in schema["properties"].items()}
    properties["kind"] = {"const": kind, "description": "Optional on the kind's own topic, required in event files."}
    properties["received_at"] = _nullable(
        {
            "type": "string",
            "format": "date-time",
            "description": "When it arrived. Read in event files only; topics have the record's timestamp.",
        }
    )
    return {**schema, "$schema": _DIALECT, "title": f"{kind.capitalize()} event", "properties": _plain(properties)}


def action_schema() -> dict[str, Any]:
    """The JSON Schema of the records of `account.actions`."""
    return _record_schema(ActionRecord, "Account action")


def _record_schema(model: Any, title: str) -> dict[str, Any]:
    return {**_plain(_schema(model)), "$schema": _DIALECT, "title": title}


def rule_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one of `RULE_MODELS`."""
    return {**_plain(_schema(RULE_MODELS[name])), "$schema": _DIALECT, "title": name.replace("-", " ").capitalize()}


def outcome_schema() -> dict[str, Any]:
    """The JSON Schema of the records of `outcomes`, and of the lines of a file of them."""
    return {**_plain(_schema(OutcomeRecord)), "$schema": _DIALECT, "title": "Outcome"}


def routes_schema() -> dict[str, Any]:
    """The JSON Schema of the routes file."""
    return {**_plain(_schema(RoutesModel)), "$schema": _DIALECT, "title": "Routes file"}


def _sync_schema() -> dict[str, Any]:
    """The JSON Schema of the sync file."""
    return {**_plain(_schema(SyncModel)), "$schema": _DIALECT, "title": "Sync file"}


def _output_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one of `OUTPUT_MODELS`."""
    return {**_plain(_schema(OUTPUT_MODELS[name])), "$schema": _DIALECT, "title": name.replace("-", " ").capitalize()}


def _schema(model: Any) -> dict[str, Any]:
    return TypeAdapter(model).json_schema()


def _nullable(field: dict[str, Any]) -> dict[str, Any]:
    """A nullable field with a list of types, which is easier to read than `anyOf`."""
    allowed = {"enum": [*field["enum"], None]} if "enum" in field else {}
    return {**field, **allowed, "type": [field["type"], "null"]}


def _plain(schema: Any) -> Any:
    """The schema without the titles that pydantic derives from field names, and with `_nullable` fields."""
    if isinstance(schema, list):
        return [_plain(element) for element in schema]
    if not isinstance(schema, dict):
        return schema
    plain = {name: _plain(part) for name, part in schema.items() if not (name == "title" and isinstance(part, str))}
    match plain.get("anyOf"):
        case [{"type": str()} as field, {"type": "null"}]:
            del plain["anyOf"]
            return {**_nullable(field), **plain}
    return plain


def _text(document: Any) -> str:
    return json.dumps(document, indent=2, sort_keys=True, ensure_ascii=False) + "\n"
