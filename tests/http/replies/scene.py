"""An engine that takes replies from two people, one of whom has left."""

from datetime import date
from zoneinfo import ZoneInfo

from signal_engine.adapters.http.replies.reply_door import ReplyDoor
from signal_engine.core.delivery.team import Team, TeamMember
from tests.http.market import Market

BERLIN = ZoneInfo("Europe/Berlin")
ANN = TeamMember("Ann Roe", "ann@example.com", BERLIN)
BO = TeamMember("Bo Lind", "bo@example.com", BERLIN)
LEFT = TeamMember("Cy Hall", "cy@example.com", BERLIN, leaves=date(2026, 1, 31), successor="Ann Roe")
TEAM = Team({one.name.casefold(): one for one in (ANN, BO, LEFT)})


async def reply_door_of(market: Market, team: Team = TEAM) -> ReplyDoor:
    snapshot = market.store_snapshot()
    assert await snapshot.poll()
    return ReplyDoor(lambda: team, market.door(), snapshot)
