"""A list as a page shows it, in blocks: pinned accounts first, then in-market accounts, then cold ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from signal_engine.adapters.http.dashboard.acting import READER, Viewer, row_acts
from signal_engine.adapters.http.dashboard.whose import whose
from signal_engine.adapters.http.dashboard.words import bar_of, beside, minute, moved, name_of, score_of, site, when
from signal_engine.core.delivery.team import NO_TEAM, Team
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.score.wording import one_line
from signal_engine.engine.read_model.focus import PersonsFocus
from signal_engine.engine.read_model.list_cache import CachedList, Filter
from signal_engine.wire.output import words
from signal_engine.wire.output.crm_link import CrmLink
from signal_engine.wire.output.models import Entry

_LEGEND: Final = (*((kind, words.signal_type(kind)) for kind in KINDS), ("stack", "stack"))
_CHOICES: Final = (("segment", "Segment"), ("tier", "Tier"), ("level", "Level"))
_ROWS: Final = 50
"""Rows of a page."""
_PINNED: Final = "pinned"
_MARKET: Final = "market"
_COLD: Final = "cold"
_BELOW: Final = "below"
_OTHERS: Final = "others"
_BLOCKS: Final = {
    _PINNED: ("Asked to be called", "latest first, whatever the score, until somebody answers"),
    _MARKET: ("In the market now", "hot before warm"),
    _BELOW: ("Below the line", "more than the week has room for"),
    _OTHERS: ("Somebody else calls", "no part of this week's work"),
    _COLD: ("Not in-market", "shown because the scoring file also lists cold accounts"),
}


class Behind(NamedTuple):
    """What a list page depends on besides its entries; while it is equal, the page of a version is too."""

    weights: tuple[tuple[str, float], ...] = ()
    """(tier, weight); empty while no scoring file is in force."""
    groups: tuple[tuple[str, tuple[str, ...]], ...] = ()
    """(ICP, the personas of its buying group)."""


def list_page(
    lists: Mapping[str, CachedList],
    one: CachedList,
    wanted: Filter,
    now: int,
    behind: Behind,
    viewer: Viewer = READER,
    page: int = 1,
    crm: CrmLink | None = None,
    focus: PersonsFocus | None = None,
    team: Team = NO_TEAM,
) -> dict[str, Any]:
    """The values of a list page; `blocks`, `paging`, `order`, `listed`, `title` and `filtered` are updated live.

    Rows link to accounts in the `crm`. `now` is in ms since 1970; a `page` beyond the last is the last. With a `focus`,
    what is above the line comes first if the person has a capacity.
    """
    asked = {name: value for name, value in wanted._asdict().items() if value is not None}
    if wanted.person is not None:
        asked["person"] = wanted.person.asked
    entries, groups = one.select(wanted), dict(behind.groups)
    line = focus if focus is not None and focus.person.capacity is not None else None
    if line is not None:
        entries = line.in_order(entries)
    mine = {"person": wanted.person.asked} if wanted.person else {}
    paging = _paging(one.name, asked, len(entries), page)
    shown = entries[paging["first"] - 1 : paging["last"]]
    return {
        "title": title_of(one.name),
        "listed": {
            "name": one.name,
            "version": one.version,
            "etag": one.etag,
            "size": len(one.entries),
            "at": minute(one.listed["generated_at"]) if one.version else "",
        },
        "blocks": list(_blocks(shown, groups, now, viewer, crm, line)),
        "paging": paging,
        "changes": f"/moves?{urlencode({'list': one.name, **asked})}",
        "csv": f"/v1/lists/{one.name}.csv?{urlencode(asked)}".rstrip("?"),
        "capacity": "" if line is None else _capacity(line),
        "order": words.order(dict(behind.weights)) if behind.weights else "",
        "filtered": bool(asked),
        "tabs": [
            {
                "url": f"/?{urlencode({'list': name, **mine})}",
                "title": title_of(name),
                "size": len(it.entries),
                "current": it is one,
            }
            for name, it in lists.items()
        ],
        "whose": whose(one.entries, wanted.person, viewer.actor, team),
        "choices": [_choice(name, title, one.entries, asked.get(name)) for name, title in _CHOICES],
        "legend": _LEGEND,
        "may_act": viewer.actor is not None,
    }


def _paging(name: str, asked: Mapping[str, Any], size: int, page: int) -> dict[str, Any]:
    """Which of `size` rows a page shows, and the pages beside it."""
    pages = max(1, -(-size // _ROWS))
    number = min(page, pages)

    def url(to: int) -> str:
        given = {"list": name, **asked, **({"page": to} if to > 1 else {})}
        return f"/?{urlencode(given)}" if 1 <= to <= pages else ""

    return {
        "page": number,
        "pages": pages,
        "first": (number - 1) * _ROWS + 1 if size else 0,
        "last": min(number * _ROWS, size),
        "size": size,
        "before": url(number - 1),
        "after": url(number + 1),
    }


def title_of(name: str) -> str:
    """The title of a list: its ICP's id, or `All profiles`."""
    return "All profiles" if name == ALL else name


def _blocks(
    entries: Iterable[Entry],
    groups: Mapping[str, Sequence[str]],
    now: int,
    viewer: Viewer,
    crm: CrmLink | None,
    line: PersonsFocus | None,
) -> Iterator[dict[str, Any]]:
    """Yield the entries in order, by block. A lone market block has no heading, since the page has it."""
    block_of = partial(_block_of, line=line)
    blocks = [(name, list(some)) for name, some in groupby(entries, block_of)]
    for name, some in blocks:
        title, hint = _BLOCKS[name]
        alone = len(blocks) == 1 and name == _MARKET
        yield {
            "name": name,
            "title": "" if alone else title,
            "hint": hint,
            "rows": [_row(entry, groups, now, viewer, crm) for entry in some],
        }


def _capacity(line: PersonsFocus) -> str:
    """`Capacity 15 accounts a week, 3 of them claimed: 20 stand below the line`."""
    focus = line.focus
    below = f"{len(focus.below)} stand{'s' if len(focus.below) == 1 else ''} below the line"
    return f"Capacity {words.count(line.person.capacity or 0, 'account')} a week, {focus.claims} claimed: {below}"


def _block_of(entry: Entry, line: PersonsFocus | None) -> str:
    if line is not None and (place := line.place(entry)) != "above":
        return _BELOW if place == "below" else _OTHERS
    if entry["pinned"]:
        return _PINNED
    return _COLD if entry["badge"] == "cold" else _MARKET


def _row(
    entry: Mapping[str, Any], groups: Mapping[str, Sequence[str]], now: int, viewer: Viewer, crm: CrmLink | None
) -> dict[str, Any]:
    return {
        "account": entry["account_id"],
        "rank": entry["rank"],
        "moved": moved(entry["rank"], entry["previous_rank"]),
        "name": name_of(entry),
        "held": words.control_group_in_words(entry),
        "site": site(entry["account_id"]),
        "crm_url": crm.url(entry["account_id"], entry["crm_id"]) if crm else None,
        "beside": beside(entry, entry["sdr"]),
        "badge": entry["badge"],
        "level": entry["level"],
        "score": score_of(entry["score"]),
        "bar": bar_of(entry["score"], entry["parts"]),
        "tier": entry["tier"] or "",
        "fit": "" if entry["fit"] is None else f"{entry['fit']:.0f}",
        "why": one_line(entry["why_now"]),
        "why_at": when(entry["why_now_at"], now),
        "who": words.seen(entry),
        "missing": ", ".join(words.missing(entry, groups.get(entry["icp"], ()))),
        "since": when(entry["since"], now),
        "cools": when(entry["cools_at"], now),
        **row_acts(entry, viewer, now),
    }


def _choice(name: str, title: str, entries: Sequence[Mapping[str, Any]], chosen: str | None) -> dict[str, Any]:
    """The choices of a filter; the chosen value stays among them even if no entry has it any more."""
    values = {entry[name] for entry in entries if entry[name]} | ({chosen} if chosen else set())
    return {"name": name, "title": title, "options": sorted(values), "chosen": chosen}
