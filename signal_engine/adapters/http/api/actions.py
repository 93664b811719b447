"""`/v1/accounts/{account}/actions`: what people decide about an account, written through the door."""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.api.lists import refuse_if_blind
from signal_engine.adapters.http.description.parameters import read_query
from signal_engine.adapters.http.edge.problems import JSON, HttpProblem
from signal_engine.adapters.http.edge.tokens import is_bearer
from signal_engine.adapters.http.edge.who_acts import ACTOR
from signal_engine.core.actions.action import Via
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.door.door import Admitted, Door
from signal_engine.engine.door.wanted import ActionRefusal, Fault, WantedAction
from signal_engine.engine.ports.log_events.servers import ActionNotConfirmed, ActionsNotRead
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.actions.request import read_request
from signal_engine.wire.events.account_names import NotAnAccount, normalise
from signal_engine.wire.events.rejections import Refusal
from signal_engine.wire.output import actions as documents

IDEMPOTENCY_KEY: Final = "Idempotency-Key"
_STATUS: Final[dict[Fault, int]] = {"invalid": 422, "forbidden": 403, "conflict": 409, "unavailable": 503}
_CREATED: Final = 201
_UNAVAILABLE: Final = 503
_PRIVATE: Final = {"Cache-Control": "private, no-store"}
_AGAIN: Final = {"Retry-After": "2"}


class ActionEndpoints:
    """The endpoints that act on accounts."""

    def __init__(self, store_snapshot: StoreSnapshot, door: Door) -> None:
        self._store_snapshot = store_snapshot
        self._door = door

    async def act(self, request: Request) -> Response:
        """One action; answered when Kafka has it. 201: it is new; 200: it had been written before."""
        read_query((), request.scope["query_string"])
        refuse_if_blind(self._store_snapshot)
        wanted = await _wanted(_named(request), request)
        if not self._store_snapshot.takes_actions:
            raise HttpProblem(503, "actions are off: the topic account.actions is missing", headers=_AGAIN)
        try:
            answer = await self._door.act(wanted)
        except StoreTrouble:
            raise HttpProblem(503, "Redis is unreachable", headers=_AGAIN) from None
        except SignalEngineError as error:
            self._store_snapshot.event_log.write(ActionNotConfirmed(reason=str(error)))
            said = "Kafka has not confirmed the action; send it again with the same Idempotency-Key"
            raise HttpProblem(503, said, headers=_AGAIN) from None
        if isinstance(answer, ActionRefusal):
            status = _STATUS[answer.fault]
            raise HttpProblem(status, answer.detail, headers=_AGAIN if status == _UNAVAILABLE else {})
        return Response(
            orjson.dumps(_acted(answer)), _CREATED if answer.is_new else 200, headers=_PRIVATE, media_type=JSON
        )

    async def actions(self, request: Request) -> Response:
        """The latest actions of an account, and those in force."""
        read_query((), request.scope["query_string"])
        refuse_if_blind(self._store_snapshot)
        name = self._store_snapshot.aliases.latest(_named(request))
        try:
            (past,) = await self._door.history.past([name])
        except SignalEngineError as error:
            self._store_snapshot.event_log.write(ActionsNotRead(reason=str(error)))
            raise HttpProblem(503, "the actions cannot be read; the log of the API says why", headers=_AGAIN) from None
        document: documents.ActionsDocument = {
            "account_id": name,
            "in_force": documents.in_force(past.in_force.at(self._store_snapshot.clock())),
            "actions": documents.taken(past.log),
        }
        return Response(orjson.dumps(document), headers=_PRIVATE, media_type=JSON)


def _named(request: Request) -> str:
    """The account in the path. Raises `HttpProblem`."""
    name = normalise(request.path_params["account"])
    if isinstance(name, NotAnAccount):
        raise HttpProblem(404, f"not an account: it {name.reason}")
    return name


async def _wanted(account: str, request: Request) -> WantedAction:
    """What the request asks for. Raises `HttpProblem`."""
    action_id = request.headers.get(IDEMPOTENCY_KEY)
    if action_id is None:
        raise HttpProblem(
            422, f"the header {IDEMPOTENCY_KEY} is missing: a UUID, which makes a repeated request harmless"
        )
    asked = read_request(await request.body())
    if isinstance(asked, Refusal):
        raise HttpProblem(422, asked.detail)
    via: Via = "api" if is_bearer(request.headers.get("Authorization", "").encode()) else "dashboard"
    return WantedAction(account, by=request.scope[ACTOR], via=via, action_id=action_id, **asked._asdict())


def _acted(answer: Admitted) -> documents.ActedDocument:
    at = answer.action.at if answer.applied_at is None else answer.applied_at
    return {
        "action": documents.taken_action(at, answer.action),
        "repeated": not answer.is_new,
        "known": answer.is_known,
    }
