"""Who may send: a token with the scope `write`; a hook needs none, since its signature says who sends."""

from collections.abc import Sequence
from typing import Final

from starlette.types import Scope

from signal_engine.adapters.http.edge.access_control import AccessControl, count_request
from signal_engine.adapters.http.edge.problems import HttpProblem
from signal_engine.adapters.http.edge.tokens import Accepted

EVENTS_PATH: Final = "/v1/events"
HOOKS_PATH: Final = "/v1/hooks/"
SENDER: Final = "signal_engine.sender"
"""Key in the scope of an accepted request: the name of the program that sends with its token."""
_NOBODY: Final = "-"
"""The sender where no token is required."""
_WRITING: Final = ("POST", "OPTIONS")


class WriteControl(AccessControl):
    """`ingest` behind access control."""

    def _methods(self, scope: Scope) -> Sequence[str]:
        path: str = scope["path"]
        return _WRITING if path == EVENTS_PATH or path.startswith(HOOKS_PATH) else super()._methods(scope)

    def _not_allowed(self, method: str) -> str:
        return f"{method} is not served at this path"

    def _client(self, scope: Scope, network: str, accepted: Accepted | None) -> str | bytes:
        if not scope["path"].startswith(HOOKS_PATH):
            return super()._client(scope, network, accepted)
        count_request(self._access_policy.rate, network)
        return network

    def _check_post(self, scope: Scope, accepted: Accepted | None) -> None:
        scope[SENDER] = _NOBODY if accepted is None else accepted.writer or _NOBODY
        is_hook = scope["path"].startswith(HOOKS_PATH)
        if self._access_policy.tokens and not is_hook and (accepted is None or accepted.writer is None):
            raise HttpProblem(403, "sending events needs a token with the scope write (write:NAME:SHA256)")
