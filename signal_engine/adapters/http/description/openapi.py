"""The OpenAPI document of a table of operations."""

from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple

import orjson
from pydantic import TypeAdapter
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from signal_engine import __version__
from signal_engine.adapters.http.description.operation import Operation
from signal_engine.adapters.http.description.parameters import Parameter
from signal_engine.adapters.http.edge.problems import JSON, PROBLEM_JSON

_REF: Final = "#/components/schemas/{model}"
_PROBLEM: Final = {PROBLEM_JSON: {"schema": {"$ref": _REF.format(model="ProblemDocument")}}}
_VALIDATORS: Final = {
    "ETag": {"schema": {"type": "string"}, "description": "The version of the list."},
    "Cache-Control": {"schema": {"type": "string"}},
}


class Described(NamedTuple):
    """What a document says besides its operations."""

    title: str
    description: str
    models: Mapping[str, Any]
    """Name -> TypedDict; `ProblemDocument` is one of them."""
    refusals: Mapping[int, str]
    """Status -> what it means, of all operations."""
    path_parameters: Mapping[str, Mapping[str, Any]]
    """Name -> its description and schema, as OpenAPI has them."""


def openapi_route(document: Mapping[str, Any]) -> Route:
    """`/openapi.json`: the one endpoint for programs that the document does not describe."""
    text = orjson.dumps(document)

    async def openapi(_: Request) -> Response:
        return Response(text, headers={"Cache-Control": "private, max-age=60"}, media_type=JSON)

    return Route("/openapi.json", openapi)


def openapi_document(operations: Sequence[Operation[Any]], described: Described) -> dict[str, Any]:
    """OpenAPI 3.1."""
    paths: dict[str, Any] = {}
    for one in operations:
        paths.setdefault(one.described_path, {})[one.method.lower()] = _operation(one, described)
    return {
        "openapi": "3.1.0",
        "info": {"title": described.title, "version": __version__, "description": described.description},
        "security": [{}, {"bearer": []}],
        "paths": paths,
        "components": {
            "schemas": _schemas(described.models),
            "securitySchemes": {"bearer": {"type": "http", "scheme": "bearer"}},
        },
    }


def _operation(one: Operation[Any], described: Described) -> dict[str, Any]:
    responses: dict[str, Any] = {
        str(code): {"description": words, "content": _content(one.answers)} for code, words in one.succeeds.items()
    }
    if one.versioned:
        responses["200"]["headers"] = _VALIDATORS
        responses["304"] = {"description": "The client already has the current version.", "headers": _VALIDATORS}
    responses |= {str(code): {"description": described.refusals[code], "content": _PROBLEM} for code in one.refuses}
    operation = {
        "operationId": one.name,
        "summary": one.summary,
        "parameters": [
            *(
                {"name": name, "in": "path", "required": True, **described.path_parameters[name]}
                for name in one.path_parameters
            ),
            *map(_query_parameter, one.query),
            *one.headers,
        ],
        "responses": responses,
    }
    if not one.secured:
        operation["security"] = []
    if one.body is not None:
        operation["requestBody"] = {"required": True, "content": _content(one.body)}
    return operation


def _content(models: Mapping[str, str | None]) -> dict[str, Any]:
    return {media: {"schema": _schema(media, model)} for media, model in models.items()}


def _schema(media: str, model: str | None) -> dict[str, Any]:
    if model is not None:
        return {"$ref": _REF.format(model=model)}
    return {} if media == JSON else {"type": "string"}


def _query_parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.required,
        "description": parameter.description,
        "schema": dict(parameter.schema),
    }


def _schemas(models: Mapping[str, Any]) -> dict[str, Any]:
    keyed = [(name, "serialization", TypeAdapter(model)) for name, model in models.items()]
    by_name, shared = TypeAdapter.json_schemas(keyed, ref_template=_REF)  # type: ignore[arg-type]
    return {
        **shared.get("$defs", {}),
        **{name: schema for (name, _), schema in by_name.items() if "$ref" not in schema},
    }
