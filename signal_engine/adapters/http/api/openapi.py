"""What the API's OpenAPI document says besides its operations."""

from typing import Any, Final

from signal_engine.adapters.http.api.operations import OPERATIONS
from signal_engine.adapters.http.description.openapi import Described, openapi_document
from signal_engine.wire.output.api_documents import API_MODELS

_DESCRIBED: Final = Described(
    title="Signal Engine",
    description="Which of the accounts that fit are in-market now, and why.",
    models=API_MODELS,
    refusals={
        401: "A valid token is required.",
        403: "Somebody else may do this, or nobody is named who acts.",
        404: "Unknown list, report or account.",
        409: "It is at odds with what is in force, such as somebody's claim.",
        415: "The body is not JSON.",
        422: "A parameter or the body is invalid.",
        429: "Too many requests.",
        503: "Redis is unreachable, Kafka does not confirm an action, or other reports are being made.",
    },
    path_parameters={
        "name": {
            "description": "Of a list: `all` or the id of an ICP. Of a report: its name.",
            "schema": {"type": "string", "pattern": "^[a-z0-9-]+$"},
        },
        "account": {
            "description": "A domain, host or URL of the company.",
            "schema": {"type": "string", "minLength": 1},
        },
    },
)


def document() -> dict[str, Any]:
    """OpenAPI 3.1 of the API."""
    return openapi_document(OPERATIONS, _DESCRIBED)
