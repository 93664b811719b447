"""A market in memory of which one person is told."""

from datetime import UTC
from typing import Any
from uuid import uuid4

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.core.delivery.team import Team, TeamMember, folded
from signal_engine.engine.digests.telling import LastDigest, agreed_by, digest_facts, list_of
from signal_engine.engine.door.wanted import WantedAction
from signal_engine.engine.read_model.account_view import AccountView, Agreed
from signal_engine.wire.messages.digest import DigestFacts, DigestLine, OwnersPart
from tests.http.market import PARTITIONS, PLAYS, Market

WEST = TeamMember("SDR West", "west@example.com", UTC)
BO = TeamMember("Bo Lind", "bo@example.com", UTC)


async def opened(days: int = 40) -> Market:
    one = Market()
    await one.open()
    await one.history(days)
    await one.publish()
    return one


def viewed(one: Market) -> AccountView:
    return AccountView(one.store, one.controls, partitioner(PARTITIONS), PLAYS)


async def told(
    one: Market, last: LastDigest | None, member: TeamMember = WEST, agreed: Agreed | None = None
) -> DigestFacts:
    """What the person is told now, by what was `agreed` when it was read."""
    view = viewed(one)
    listed = await view.served("all")
    entries = listed["entries"] if listed else []
    mine = list_of(entries, member, Team({folded(member.name): member, folded(BO.name): BO}), one.now)
    return await digest_facts(view, agreed_by(agreed or await view.agreed(), entries), mine, member, last, one.now)


async def act(one: Market, account: str, action: Any, by: str, **given: Any) -> None:
    await one.door().act(WantedAction(account, action, by, "api", str(uuid4()), **given))


def names(lines: tuple[DigestLine, ...]) -> list[str]:
    return [line.account for line in lines]


def line(account: str, place: int | None, previous: int | None = None, **given: Any) -> DigestLine:
    plain = DigestLine(
        account, account.removesuffix(".com").title(), place, previous, "hot", 78.4, "A", None, "CFO asked"
    )
    return plain._replace(**given)


FACTS = DigestFacts(
    person="Ann Roe",
    at=1_772_440_200_000,
    since=1_772_181_000_000,
    listed=(
        line("quillmarsh.com", 1, 3, why="CFO asked for a demo"),
        line("brindlefax.com", 2, why="3 people compared you with a competitor"),
        line("harrowgate.com", 3, 2, claimed_by="ann@example.com", why="Series C, USD 40M"),
        line("ostrander.com", 4, 4, level="warm", score=41.2, tier="B", why="Hiring: VP Revenue Operations"),
    ),
    entered=(line("brindlefax.com", 2, why="3 people compared you with a competitor"),),
    left=(line("calderwood.com", None, 1, level="cold", score=12.0, why="It went quiet."),),
    up=(line("quillmarsh.com", 1, 3, why="CFO asked for a demo"),),
    down=(line("harrowgate.com", 3, 2, claimed_by="ann@example.com", why="Series C, USD 40M"),),
    owner=OwnersPart(
        ("tamsinbrook.com: bo@example.com says that it does not fit: agency",),
        ("gantrycove.com: open for 41 days, not fit: country",),
    ),
)
"""One of everything."""
