"""What a person's digest tells: their list now, compared with the one that they were last sent."""

from collections.abc import Sequence
from typing import NamedTuple

from signal_engine.core.delivery.digest import MAX_PLACES, Moves, moves, places
from signal_engine.core.delivery.team import Team, TeamMember
from signal_engine.core.fit.ranking import ALL
from signal_engine.engine.read_model.account_view import AccountView, Agreed
from signal_engine.engine.read_model.focus import focus_of
from signal_engine.wire.messages.digest import DigestFacts, DigestLine, OwnersPart, line_of
from signal_engine.wire.output.api_documents import AccountNow
from signal_engine.wire.output.models import Entry
from signal_engine.wire.output.words import sentence

NOTHING_WAITS = OwnersPart((), ())


class LastDigest(NamedTuple):
    """The list that a person was last sent."""

    at: int
    """ms since 1970."""
    accounts: Sequence[str]
    """Best first."""


class PersonsList(NamedTuple):
    """What a person works on, out of a list."""

    above: Sequence[Entry]
    """Above the person's line, by rank; the first `MAX_PLACES`."""
    below: frozenset[str]
    """Accounts that are the person's, below the line."""


def list_of(entries: Sequence[Entry], member: TeamMember, team: Team, now: int) -> PersonsList:
    """What `member` works on at `now` (ms), out of the entries of a list by rank."""
    found = focus_of(entries, member.name, team, now)
    if found is None:
        return PersonsList((), frozenset())
    above = {*found.focus.above}
    mine = [entry for entry in entries if entry["account_id"] in above]
    return PersonsList(mine[:MAX_PLACES], frozenset(found.focus.below))


def agreed_by(agreed: Agreed, entries: Sequence[Entry]) -> Agreed:
    """What is `agreed`, with the ranks of the very list that people are told.

    Between two reads a list may be published: who left by that would count as listed still, and as somebody else's.
    """
    return agreed._replace(ranks={**agreed.ranks, ALL: {entry["account_id"]: entry["rank"] for entry in entries}})


async def digest_facts(
    view: AccountView,
    agreed: Agreed,
    listed: PersonsList,
    member: TeamMember,
    last: LastDigest | None,
    now: int,
    owner: OwnersPart = NOTHING_WAITS,
) -> DigestFacts:
    """What to tell `member` at `now` (ms). Who left is read and explained. Raises `StoreTrouble`.

    Without a last digest nothing has changed.
    """
    mine = listed.above
    shown = [entry["account_id"] for entry in mine]
    before = _without_held(last.accounts, agreed, shown, now) if last else shown
    told = moves(before, shown)
    was = places(before) if last else {}
    lines = {
        entry["account_id"]: line_of(entry, place, was.get(entry["account_id"])) for place, entry in enumerate(mine, 1)
    }
    left = [await _of_one_that_left(view, agreed, name, was[name], listed.below, now) for name in told.left]
    return _facts(member, now, last, lines, told, left, owner)._replace(below=len(listed.below))


def _without_held(accounts: Sequence[str], agreed: Agreed, shown: Sequence[str], now: int) -> Sequence[str]:
    """A past digest without who is held back since: nobody is told that they have left."""
    past = {account: place for place, account in enumerate(accounts, 1)}
    return [*agreed.control_group.closed_up(past, now, shown)]


def _facts(
    member: TeamMember,
    now: int,
    last: LastDigest | None,
    lines: dict[str, DigestLine],
    told: Moves,
    left: Sequence[DigestLine],
    owner: OwnersPart,
) -> DigestFacts:
    def of(names: Sequence[str]) -> tuple[DigestLine, ...]:
        return tuple(lines[name] for name in names)

    return DigestFacts(
        person=member.name,
        at=now,
        since=last.at if last else None,
        listed=tuple(lines.values()),
        entered=of(told.entered),
        left=tuple(left),
        up=of(told.up),
        down=of(told.down),
        owner=owner,
    )


async def _of_one_that_left(
    view: AccountView, agreed: Agreed, name: str, before: int, below: frozenset[str], now: int
) -> DigestLine:
    explained = await view.explain(name, now, agreed)
    if explained is None:
        return DigestLine(name, None, None, before, "cold", 0.0, None, None, "nothing is known of it any more")
    primary = next((one for one in explained["fit"] if one["primary"]), None)
    return DigestLine(
        account=name,
        name=explained["name"],
        place=None,
        previous=before,
        level=explained["level"],
        score=explained["score"],
        tier=primary["tier"] if primary else None,
        claimed_by=explained["claimed_by"],
        why=_why_it_left(explained, below),
    )


def _why_it_left(explained: AccountNow, below: frozenset[str]) -> str | None:
    """It is below the line now, on no list for a reason, claimed by somebody else, or otherwise somebody else's."""
    if explained["account_id"] in below:
        return "below your line now"
    place = next((one for one in explained["lists"] if one["list"] == ALL), None)
    if place is not None and place["rank"] is None:
        return sentence(place["why_not_in_words"]) or None
    if explained["claimed_by"] is not None:
        return f"claimed by {explained['claimed_by']}"
    return f"is now called by {explained['sdr']}" if explained["sdr"] else "is now nobody's"
