"""The content of a person's digest: what has changed on their list since the last one, then the list itself."""

from collections.abc import Iterator, Sequence
from datetime import tzinfo
from typing import Final, NamedTuple

from signal_engine.core.delivery.team import local_time
from signal_engine.wire.messages.foreign_text import isolated, shown
from signal_engine.wire.output.models import Entry

_MAX_LINES: Final = 10
"""Of a section; the rest is counted."""
_MAX_LISTED: Final = 15
_MAX_CSV_TEXT: Final = 500
_DAY_FORM: Final = "%a %-d %b"
CSV_FIELDS: Final = (
    "person", "change", "account_id", "name", "place", "previous_place", "level", "score", "tier", "claimed_by", "why",
)  # fmt: skip


class DigestLine(NamedTuple):
    """One account of a digest."""

    account: str
    name: str | None
    place: int | None
    """On the person's list now, from 1; None if it is not on it."""
    previous: int | None
    """At the last digest."""
    level: str
    score: float
    tier: str | None
    claimed_by: str | None
    why: str | None
    """Why now; of one that left, why it did."""


class OwnersPart(NamedTuple):
    """What waits for the owner of a rule."""

    proposals: tuple[str, ...]
    """In words, one each, those that wait longest first."""
    misfits: tuple[str, ...]
    """In words, one each, the highest amount first."""


class DigestFacts(NamedTuple):
    """What a digest tells, before it is put into words."""

    person: str
    at: int
    """ms since 1970."""
    since: int | None
    """ms: the last digest; None: this is the first one."""
    listed: tuple[DigestLine, ...]
    """The person's list, best first."""
    entered: tuple[DigestLine, ...] = ()
    left: tuple[DigestLine, ...] = ()
    up: tuple[DigestLine, ...] = ()
    down: tuple[DigestLine, ...] = ()
    owner: OwnersPart = OwnersPart((), ())
    below: int = 0
    """Accounts of the person's that are below the line of their capacity."""

    @property
    def unclaimed(self) -> tuple[DigestLine, ...]:
        """The hot accounts of the list that nobody has claimed."""
        return tuple(line for line in self.listed if line.level == "hot" and line.claimed_by is None)


class DigestItem(NamedTuple):
    """One line of a section, safe to be shown."""

    title: str
    """The account, or all there is to say."""
    beside: str
    """Place, level and score; may be empty."""
    why: str
    url: str | None


class DigestSection(NamedTuple):
    """Some lines with a title."""

    title: str
    items: tuple[DigestItem, ...]
    more: int
    """Lines left out."""


class Digest(NamedTuple):
    """A digest as every medium shows it."""

    title: str
    summary: str
    """One sentence; where nothing has changed, all there is to say."""
    sections: tuple[DigestSection, ...]
    url: str | None
    """The list on the dashboard."""


def digest(facts: DigestFacts, zone: tzinfo, public_url: str = "") -> Digest:
    """The digest in words, its instants in `zone`; with `public_url`, the address of the dashboard, with links."""
    base = public_url.rstrip("/")
    sections = tuple(section for section in _sections(facts, base) if section.items)
    return Digest(
        title=f"Your list, {_day(facts.at, zone)}",
        summary=_summary(facts, zone),
        sections=() if _is_quiet(facts) else sections,
        url=f"{base}/" if base else None,
    )


def digest_cells(facts: DigestFacts) -> Iterator[list[str | float]]:
    """The lines of a CSV: one per account that is on the list or has left it, in the order of `CSV_FIELDS`.

    Places and scores stay numbers: as text, a spreadsheet would neither sort nor add them.
    """
    changes = {
        line.account: change
        for change, lines in (("entered", facts.entered), ("up", facts.up), ("down", facts.down))
        for line in lines
    }
    lines = [*((changes.get(line.account, "same"), line) for line in facts.listed), *(("left", x) for x in facts.left)]
    for change, line in lines:
        values = (
            facts.person, change, line.account, line.name, line.place, line.previous, line.level, line.score, line.tier,
            line.claimed_by, line.why,
        )  # fmt: skip
        yield [_cell(value) for value in values]


def _cell(value: str | float | None) -> str | float:
    return shown(value, _MAX_CSV_TEXT) if isinstance(value, str) else "" if value is None else value


def line_of(entry: Entry, place: int, previous: int | None) -> DigestLine:
    """An account that is on the person's list."""
    return DigestLine(
        account=entry["account_id"],
        name=entry["name"],
        place=place,
        previous=previous,
        level=entry["level"],
        score=entry["score"],
        tier=entry["tier"],
        claimed_by=entry["claimed_by"],
        why=entry["why_now"],
    )


def _is_quiet(facts: DigestFacts) -> bool:
    """Whether there is nothing to say."""
    changed = facts.entered or facts.left or facts.up or facts.down
    first = facts.since is None and facts.listed
    return not (changed or first or facts.unclaimed or facts.owner.proposals or facts.owner.misfits)


def _summary(facts: DigestFacts, zone: tzinfo) -> str:
    many = _counted(len(facts.listed), "account")
    below = f", {facts.below:,} below your line" if facts.below else ""
    if facts.since is None:
        return (
            f"{many} on your list{below}; from now on this tells what has changed."
            if facts.listed
            else "Nobody is listed."
        )
    since = _day(facts.since, zone)
    told = [
        f"{len(lines)} {what}"
        for what, lines in (("entered", facts.entered), ("left", facts.left), ("up", facts.up), ("down", facts.down))
        if lines
    ]
    if not told:
        return f"Nothing has changed since {since}: {many} on your list{below}."
    return f"Since {since}: {', '.join(told)}; {many} on your list{below}."


def _sections(facts: DigestFacts, base: str) -> Iterator[DigestSection]:
    for title, lines in (
        ("Entered", facts.entered),
        ("Left", facts.left),
        ("Up", facts.up),
        ("Down", facts.down),
        ("Hot, and nobody has claimed them", facts.unclaimed),
    ):
        yield _section(title, [_item(line, base) for line in lines], _MAX_LINES)
    for title, told in (
        ("Proposals against your rule", facts.owner.proposals),
        ("Open opportunities that do not fit", facts.owner.misfits),
    ):
        yield _section(title, [DigestItem(shown(text), "", "", None) for text in told], _MAX_LINES)
    yield _section("Your list", [_item(line, base) for line in facts.listed], _MAX_LISTED)


def _section(title: str, items: Sequence[DigestItem], most: int) -> DigestSection:
    return DigestSection(title, tuple(items[:most]), max(0, len(items) - most))


def _item(line: DigestLine, base: str) -> DigestItem:
    name, account = isolated(shown(line.name or "")), shown(line.account)
    return DigestItem(
        title=f"{name} ({account})" if name else account,
        beside=", ".join(_beside(line)),
        why=isolated(shown(line.why or "")),
        url=f"{base}/accounts/{account}" if base else None,
    )


def _beside(line: DigestLine) -> Iterator[str]:
    if line.place is not None and line.previous is not None and line.place != line.previous:
        yield f"#{line.previous} \N{RIGHTWARDS ARROW} #{line.place}"
    elif line.place is not None:
        yield f"#{line.place}"
    elif line.previous is not None:
        yield f"was #{line.previous}"
    yield f"{line.level} {line.score:.0f}"
    if line.tier:
        yield f"tier {shown(line.tier)}"
    if line.claimed_by:
        yield f"claimed by {shown(line.claimed_by)}"


def _counted(number: int, what: str) -> str:
    return f"{number:,} {what}" + ("" if number == 1 else "s")


def _day(at: int, zone: tzinfo) -> str:
    return f"{local_time(at, zone):{_DAY_FORM}}"
