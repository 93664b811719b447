"""Errors as RFC 9457 problem documents. They name parameters, never their values."""

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any, Final

import orjson
from starlette.responses import Response

from signal_engine.core.errors import SignalEngineError

JSON: Final = "application/json"
PROBLEM_JSON: Final = "application/problem+json"


class HttpProblem(SignalEngineError):
    """Ends a request with a problem document."""

    def __init__(
        self,
        status: int,
        detail: str,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
        more: Mapping[str, Any] | None = None,
    ) -> None:
        """`more` are further members of the document."""
        super().__init__(detail)
        self.more = more or {}
        self.status = status
        self.detail = detail
        self.errors = errors
        self.headers = headers or {}

    def document(self) -> dict[str, Any]:
        """The problem as JSON."""
        document: dict[str, Any] = {
            "type": "about:blank",
            "title": HTTPStatus(self.status).phrase,
            "status": self.status,
            "detail": self.detail,
        }
        return {**document, **({"errors": list(self.errors)} if self.errors else {}), **self.more}

    def response(self) -> Response:
        """The problem as a response."""
        headers = {"Cache-Control": "no-store", **self.headers}
        return Response(orjson.dumps(self.document()), self.status, headers, PROBLEM_JSON)


def unknown(what: str) -> HttpProblem:
    """The problem for an unknown list or account."""
    return HttpProblem(404, f"unknown {what}")


def blind(seconds: int | None) -> HttpProblem:
    """The problem for a store that has been unreachable for `seconds` (None: always): data is too old to show."""
    since = "" if seconds is None else f" for {seconds} s"
    return HttpProblem(503, f"Redis has been unreachable{since}", headers={"Retry-After": "2"})
