"""Calls of a CRM's API: counted against a daily budget, paced, and tried again when the CRM asks to wait."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, TypeVar
from urllib.parse import quote

import orjson

from signal_engine.adapters.outgoing.posting import Poster, Unanswered
from signal_engine.core.delivery.outcomes import by_status
from signal_engine.core.rules.instants import DAY, SECOND
from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.sink import SinkTrouble
from signal_engine.engine.sync.tasks import UnknownAnswer

MOST_OF_A_CRM_ANSWER: Final = 4 * 2**20
"""Bytes: a hundred records with our twelve fields take more than the 64 KB that are read of a webhook's answer."""
_TRIES: Final = 5
_LONGEST_WAIT_S: Final = 60.0
"""Seconds that a run waits for a CRM that asks to; beyond, the run ends and the next one goes on."""
_FIRST_WAIT_S: Final = 1.0
_LOCKED: Final = 423
"""HubSpot's answer to many writes in a short time: it wants two seconds between calls (object APIs, Error handling)."""
_LOCKED_WAIT_S: Final = 2.0
_MIGRATING: Final = 477
"""HubSpot's answer while it moves the account elsewhere; `Retry-After` says how long (its guide to error handling)."""
_LATER: Final = frozenset({_LOCKED, _MIGRATING})
UNAUTHORIZED: Final = 401
_FORBIDDEN: Final = 403
_TOO_MANY: Final = 429
_SERVER_ERROR: Final = 500
_Thing = TypeVar("_Thing")
Headers = Callable[[], Awaitable[dict[str, str]]]
"""The headers that authorize a call."""


@dataclass(slots=True)
class ApiCalls:
    """The calls of one sink. `clock` gives ms since 1970."""

    poster: Poster
    ledger: SyncLedger
    calls_per_day: int
    pause_s: float
    """Seconds between two calls, at least."""
    clock: Callable[[], int]
    sleep: Callable[[float], Awaitable[object]] = asyncio.sleep
    made: int = field(default=0, init=False)
    _rests_until: int = field(default=0, init=False)
    """Until when (ms) the CRM asked to be left alone, for longer than a run waits."""

    async def call(self, method: str, url: str, headers: Headers, document: Any = None) -> tuple[int, Any]:
        """The status of an answer for good, and its JSON (None where it has none). Raises `SinkTrouble`."""
        body = None if document is None else orjson.dumps(document)
        return await self.send(method, url, headers, body, "application/json")

    async def send(
        self, method: str, url: str, headers: Headers, body: bytes | None, content_type: str
    ) -> tuple[int, Any]:
        """As `call`, with a body as it is."""
        said, wait_s = "", _FIRST_WAIT_S
        asked_s: float | None = None
        for attempt in range(_TRIES):
            if attempt:
                await self.sleep(wait_s)
            await self._spend()
            sent = {**await headers(), **({"content-type": content_type} if body is not None else {})}
            answer = await self.poster.request(method, url, body, sent)
            if isinstance(answer, Unanswered):
                if answer.refused:
                    raise SinkTrouble(answer.said)
                said, asked_s = answer.said, None
            else:
                document = _json(answer.body)
                _is_not_used_up(answer.status, document)
                if not _comes_later(answer.status):
                    return answer.status, document
                said, asked_s = f"the CRM answered {answer.status}", answer.retry_after_s
                if asked_s is None and answer.status == _LOCKED:
                    asked_s = _LOCKED_WAIT_S * 2**attempt
            wait_s = random.uniform(0.5, 1.0) * _FIRST_WAIT_S * 2**attempt if asked_s is None else asked_s  # noqa: S311
            self._rest(asked_s)
            if wait_s > _LONGEST_WAIT_S:
                raise SinkTrouble(f"{said} and asks to wait {wait_s:,.0f} seconds", retry_after_s=asked_s)
        raise SinkTrouble(f"{said}, {_TRIES} times", retry_after_s=asked_s)

    async def call_once(self, method: str, url: str, headers: Headers, document: Any) -> tuple[int, Any]:
        """As `call`, of what must not be taken twice: one request. Raises `UnknownAnswer` where it may have arrived."""
        await self._spend()
        sent = {**await headers(), "content-type": "application/json"}
        answer = await self.poster.request(method, url, orjson.dumps(document), sent)
        if isinstance(answer, Unanswered):
            raise (UnknownAnswer if answer.may_have_arrived else SinkTrouble)(answer.said)
        if answer.status >= _SERVER_ERROR:
            raise UnknownAnswer(f"the CRM answered {answer.status}")
        told = _json(answer.body)
        _is_not_used_up(answer.status, told)
        if _comes_later(answer.status):
            self._rest(answer.retry_after_s)
            raise SinkTrouble(f"the CRM answered {answer.status}", retry_after_s=answer.retry_after_s)
        return answer.status, told

    def _rest(self, asked_s: float | None) -> None:
        """Remember a pause that is longer than a run waits: records, tasks and readings of a CRM share it."""
        if asked_s is not None and asked_s > _LONGEST_WAIT_S:
            self._rests_until = self.clock() + min(round(asked_s * SECOND), DAY)

    async def _spend(self) -> None:
        rest = self._rests_until - self.clock()
        if rest > 0:
            raise SinkTrouble("the CRM asked to be left alone for longer", retry_after_s=rest / SECOND)
        if self.made:
            await self.sleep(self.pause_s)
        if await self.ledger.spend(self.clock() // DAY, 1) > self.calls_per_day:
            raise SinkTrouble(
                f"the {self.calls_per_day:,} calls of this day (UTC) are used up; the rest follows tomorrow"
            )
        self.made += 1


def _comes_later(status: int) -> bool:
    """Whether the same call may be taken later."""
    return status in _LATER or by_status(status).end == "retry"


def _is_not_used_up(status: int, document: Any) -> None:
    """Raises `SinkTrouble` where the CRM takes no calls from anybody for hours, so that waiting here is of no use.

    HubSpot answers 429 with the name of the limit (API usage guidelines), Salesforce 403 (Status Codes and Error
    Responses of its REST API): that is no refusal of what was asked.
    """
    if status == _TOO_MANY and isinstance(document, dict) and document.get("policyName") == "DAILY":
        raise SinkTrouble(
            "HubSpot's own calls of this day are used up, by all apps together; the rest follows tomorrow"
        )
    if status == _FORBIDDEN and error_name(document) == "REQUEST_LIMIT_EXCEEDED":
        raise SinkTrouble("Salesforce's own limit of requests is reached, by all apps together; the rest follows later")


def in_groups(things: Iterable[_Thing], room: int, size: Callable[[_Thing], int]) -> Iterator[list[_Thing]]:
    """`things` in their order, in groups whose sizes add up to at most `room`; one that is larger is a group alone."""
    group: list[_Thing] = []
    taken = 0
    for thing in things:
        needed = size(thing)
        if group and taken + needed > room:
            yield group
            group, taken = [], 0
        group.append(thing)
        taken += needed
    if group:
        yield group


def _json(body: bytes) -> Any:
    try:
        return orjson.loads(body)
    except orjson.JSONDecodeError:
        return None


def in_query(text: str) -> str:
    """`text` as the value of a URL's query, with what may stand there as it is: a long question has to fit a line."""
    return quote(text, safe="!$'()*,/:")


def error_name(document: Any) -> str | None:
    """The name of the error that an answer tells; None where it has none that is a name."""
    told = document[0] if isinstance(document, list) and document else document
    if isinstance(told, dict):
        for key in ("subCategory", "category", "errorCode", "error"):
            name = told.get(key)
            if isinstance(name, str) and name.replace(".", "_").isidentifier():
                return name
    return None


def refusal(status: int, document: Any) -> str:
    """What a refusal says, without what a CRM quotes of our values: its status and the name of its error."""
    name = error_name(document)
    return f"the CRM answered {status}" + (f" ({name})" if name else "")
