"""`/v1/lists/{name}/focus`: what a person works on this week, and what stands below the line."""

from typing import Final

import orjson
from starlette.requests import Request
from starlette.responses import Response

from signal_engine.adapters.http.api.lists import refuse_if_blind
from signal_engine.adapters.http.description.parameters import read_query, text
from signal_engine.adapters.http.edge.problems import JSON, unknown
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.engine.read_model.focus import focus_document, focus_of
from signal_engine.engine.read_model.snapshot import StoreSnapshot

FOCUS_PARAMETERS: Final = (text("person", "Whose: a name of the routes file, or an e-mail address.", required=True),)


class FocusEndpoints:
    """Answers from the store snapshot, by the people of the routes file."""

    def __init__(self, store_snapshot: StoreSnapshot, team: Team | None) -> None:
        self._store_snapshot = store_snapshot
        self._team = team or NO_TEAM

    async def focus(self, request: Request) -> Response:
        """The focus list of one person, of one list."""
        person = read_query(FOCUS_PARAMETERS, request.scope["query_string"])["person"]
        refuse_if_blind(self._store_snapshot)
        one = self._store_snapshot.served().get(request.path_params["name"])
        if one is None:
            raise unknown("list")
        found = focus_of(one.entries, person, self._team, self._store_snapshot.clock())
        if found is None:
            raise unknown("person")
        document = focus_document(one, found)
        return Response(orjson.dumps(document), headers={"Cache-Control": "private, max-age=1"}, media_type=JSON)
