"""`/v1/lists/{name}/moves`: what has changed on a list since yesterday began, in the reader's zone."""

from typing import Final
from zoneinfo import available_timezones

import orjson
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.api.lists import FILTERS, refuse_if_blind, whose_work
from signal_engine.adapters.http.description.parameters import Parameter, read_query
from signal_engine.adapters.http.edge.problems import JSON, HttpProblem, unknown
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.engine.partition.account_cache import OutdatedStore
from signal_engine.engine.ports.store import StoreTrouble
from signal_engine.engine.read_model.list_moves import list_moves
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.engine.read_model.whose import Person
from signal_engine.wire.instants import UTC_ZONE, Zone, ZoneDay, time_zone, yesterday
from signal_engine.wire.output.change_documents import DayChanges

_ZONES: Final = frozenset((UTC_ZONE.name, *available_timezones()))


def read_zone(given: str) -> Zone:
    """The time zone that a reader names. Raises ValueError."""
    if given not in _ZONES:
        raise ValueError("must be the IANA name of a time zone, such as Europe/Berlin")
    return UTC_ZONE if given == UTC_ZONE.name else time_zone(given)


_ZONE: Final = Parameter(
    "zone",
    read_zone,
    (("type", "string"), ("enum", tuple(sorted(_ZONES)))),
    "IANA name of the time zone whose yesterday it is; UTC if not given.",
)
MOVES_FILTERS: Final = (*(one for one in FILTERS if one.name == "person"), _ZONE)
_KEPT: Final = 64
"""Documents, each of one list, version and person."""


class MoveEndpoints:
    """Reads the store once a version of a list and person; who left has to be explained."""

    def __init__(self, store_snapshot: StoreSnapshot, team: Team = NO_TEAM) -> None:
        """People are those of the `team`."""
        self._store_snapshot, self._team = store_snapshot, team
        self._made: dict[tuple[str, str, Person | None, ZoneDay], DayChanges] = {}

    async def moves(self, request: Request) -> Response:
        """What has changed on one list."""
        asked = whose_work(read_query(MOVES_FILTERS, request.scope["query_string"]), self._team)
        document = await self.document(
            request.path_params["name"], asked.get("person"), asked.get(_ZONE.name, UTC_ZONE)
        )
        return Response(orjson.dumps(document), headers={"Cache-Control": "private, max-age=1"}, media_type=JSON)

    async def document(self, name: str, person: Person | None, zone: Zone) -> DayChanges:
        """The same as a value. Raises `HttpProblem`."""
        store_snapshot = self._store_snapshot
        refuse_if_blind(store_snapshot)
        one, now = store_snapshot.served().get(name), store_snapshot.clock()
        if one is None:
            raise unknown("list")
        if store_snapshot.rules_unreadable:
            raise HttpProblem(
                503, "the scoring file in force was written by another version of the engine; see the log"
            )
        day = yesterday(now, zone)
        key = (name, one.etag, person, day)
        if (made := self._made.get(key)) is not None:
            return made
        try:
            made = await list_moves(store_snapshot.view, store_snapshot.agreed, one, now, day, person)
        except OutdatedStore as error:
            raise HttpProblem(503, str(error)) from None
        except StoreTrouble:
            raise HttpProblem(503, "Redis is unreachable", headers={"Retry-After": "2"}) from None
        self._made[key] = made
        if len(self._made) > _KEPT:
            del self._made[next(iter(self._made))]
        return made
