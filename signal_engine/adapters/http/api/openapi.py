"""The OpenAPI document, made of the table of operations by which the endpoints themselves are served."""

from typing import Any, Final

import orjson
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine import __version__
from signal_engine.adapters.http.api.actions import IDEMPOTENCY_KEY
from signal_engine.adapters.http.api.lists import JSON
from signal_engine.adapters.http.api.operations import OPERATIONS, Operation
from signal_engine.adapters.http.api.parameters import Parameter
from signal_engine.adapters.http.edge.problems import PROBLEM_JSON
from signal_engine.wire.output.api_documents import API_MODELS

_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/ProblemDocument"}}}
_WORDS: Final = {
    401: "A valid token is required.",
    403: "Somebody else may do this, or nobody is named who acts.",
    404: "Unknown list or account.",
    409: "It is at odds with what is in force, such as somebody's claim.",
    415: "The body is not JSON.",
    422: "A parameter or the body is invalid.",
    429: "Too many requests.",
    503: "Redis is unreachable, or Kafka does not confirm an action.",
}
_VALIDATORS: Final = {
    "ETag": {"schema": {"type": "string"}, "description": "The version of the list."},
    "Cache-Control": {"schema": {"type": "string"}},
}


_IN_PATH: Final = {
    "name": {"description": "`all` or the id of an ICP.", "schema": {"type": "string", "pattern": "^[a-z0-9-]+$"}},
    "account": {"description": "A domain, host or URL of the company.", "schema": {"type": "string", "minLength": 1}},
}


_KEY: Final = {
    "name": IDEMPOTENCY_KEY,
    "in": "header",
    "required": True,
    "description": "The action_id: the same request sent again is the same action.",
    "schema": {"type": "string", "format": "uuid"},
}


def openapi_route() -> Route:
    """`/openapi.json`: the one endpoint for programs that the document does not describe."""
    return Route("/openapi.json", _openapi)


async def _openapi(_: Request) -> Response:
    """The document."""
    return Response(orjson.dumps(document()), headers={"Cache-Control": "private, max-age=60"}, media_type=JSON)


def document() -> dict[str, Any]:
    """OpenAPI 3.1."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Signal Engine",
            "version": __version__,
            "description": "Which of the accounts that fit are in-market now, and why.",
        },
        "security": [{}, {"bearer": []}],
        "paths": _paths(),
        "components": {
            "schemas": _schemas(),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _paths() -> dict[str, Any]:
    paths: dict[str, Any] = {}
    for one in OPERATIONS:
        paths.setdefault(one.described_path, {})[one.method.lower()] = _operation(one)
    return paths


def _operation(one: Operation) -> dict[str, Any]:
    responses: dict[str, Any] = {"200": {"description": "Success.", "content": _content(one)}}
    if one.versioned:
        responses["200"]["headers"] = _VALIDATORS
        responses["304"] = {"description": "The client already has the current version.", "headers": _VALIDATORS}
    responses |= {str(code): {"description": _WORDS[code], "content": _PROBLEM} for code in one.refuses}
    if one.name == "readyz":
        responses["503"] = {"description": _WORDS[503], "content": _content(one)}
    if one.creates:
        responses["201"] = {"description": "Something new was written.", "content": _content(one)}
        responses["200"]["description"] = "The same had been written before."
    told = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [*_path_parameters(one), *map(_query_parameter, one.query)],
        "responses": responses,
    }
    if one.body is None:
        return told
    body = {"required": True, "content": {JSON: {"schema": {"$ref": _REF.format(model=one.body)}}}}
    return {**told, "parameters": [*told["parameters"], _KEY], "requestBody": body}


def _content(one: Operation) -> dict[str, Any]:
    return {
        media: {"schema": {"type": "string"} if model is None else {"$ref": _REF.format(model=model)}}
        for media, model in one.answers.items()
    }


def _path_parameters(one: Operation) -> list[dict[str, Any]]:
    return [{"name": name, "in": "path", "required": True, **_IN_PATH[name]} for name in one.path_parameters]


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": False,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _schemas() -> dict[str, Any]:
    keyed = [(name, "serialization", TypeAdapter(model)) for name, model in API_MODELS.items()]
    by_name, shared = TypeAdapter.json_schemas(keyed, ref_template=_REF)  # type: ignore[arg-type]
    return {
        **shared.get("$defs", {}),
        **{name: schema for (name, _), schema in by_name.items() if "$ref" not in schema},
    }
