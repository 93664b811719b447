"""One row of a table of endpoints, and the routes made of it."""

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Final, Generic, NamedTuple, TypeAlias, TypeVar

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp

from signal_engine.adapters.http.description.parameters import Parameter

Handler: TypeAlias = Callable[[Request], Awaitable[Response]] | ASGIApp
Handlers = TypeVar("Handlers")
"""What answers, of one process."""
_SUCCESS: Final = {200: "Success."}


class Operation(NamedTuple, Generic[Handlers]):
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
    succeeds: Mapping[int, str] = _SUCCESS
    """Status -> what it means."""
    versioned: bool = False
    body: Mapping[str, str | None] | None = None
    """Media type -> model of what is sent, None: any; without a body it is a GET."""
    headers: Sequence[Mapping[str, Any]] = ()
    """Headers of a request, as OpenAPI describes them."""
    secured: bool = True
    """False: it asks for no token."""

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


def routes(operations: Sequence[Operation[Handlers]], handlers: Handlers) -> list[Route]:
    """One route per operation."""
    return [Route(one.path, one.handler(handlers), name=one.name, methods=[one.method]) for one in operations]
