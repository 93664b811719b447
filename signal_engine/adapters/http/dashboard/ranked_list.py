"""A list as a page shows it, in blocks: pinned accounts first, then in-market accounts, then cold ones."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any, Final, NamedTuple

from signal_engine.adapters.http.dashboard.acting import READER, Viewer, row_acts
from signal_engine.adapters.http.dashboard.words import bar_of, beside, minute, moved, name_of, score_of, when
from signal_engine.core.fit.ranking import ALL
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.score.wording import one_line
from signal_engine.engine.read_model.list_cache import CachedList, Filter
from signal_engine.wire.output import words

_LEGEND: Final = (*((kind, words.signal_type(kind)) for kind in KINDS), ("stack", "stack"))
_CHOICES: Final = (("owner", "Owner"), ("tier", "Tier"), ("level", "Level"))
_PINNED: Final = "pinned"
_MARKET: Final = "market"
_COLD: Final = "cold"
_BLOCKS: Final = {
    _PINNED: ("Asked to be called", "latest first, whatever the score, until somebody answers"),
    _MARKET: ("In the market now", "hot before warm"),
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
) -> dict[str, Any]:
    """The values of a list page; `blocks`, `shown`, `order`, `listed`, `title` and `filtered` are updated live.

    `now` is in ms since 1970.
    """
    asked = {name: value for name, value in wanted._asdict().items() if value is not None}
    entries, groups = one.select(wanted), dict(behind.groups)
    return {
        "title": title_of(one.name),
        "listed": {
            "name": one.name,
            "version": one.version,
            "etag": one.etag,
            "size": len(one.entries),
            "at": minute(one.listed["generated_at"]) if one.version else "",
        },
        "blocks": list(_blocks(entries, groups, now, viewer)),
        "shown": len(entries),
        "order": words.order(dict(behind.weights)) if behind.weights else "",
        "filtered": bool(asked),
        "tabs": [
            {"url": f"/?list={name}", "title": title_of(name), "size": len(it.entries), "current": it is one}
            for name, it in lists.items()
        ],
        "choices": [_choice(name, title, one.entries, asked.get(name)) for name, title in _CHOICES],
        "legend": _LEGEND,
        "may_act": viewer.actor is not None,
    }


def title_of(name: str) -> str:
    """The title of a list: its ICP's id, or `All profiles`."""
    return "All profiles" if name == ALL else name


def _blocks(
    entries: Iterable[Mapping[str, Any]], groups: Mapping[str, Sequence[str]], now: int, viewer: Viewer
) -> Iterator[dict[str, Any]]:
    """Yield the entries in order, by block. A lone market block has no heading, since the page has it."""
    blocks = [(name, list(some)) for name, some in groupby(entries, _block_of)]
    for name, some in blocks:
        title, hint = _BLOCKS[name]
        alone = len(blocks) == 1 and name == _MARKET
        yield {
            "name": name,
            "title": "" if alone else title,
            "hint": hint,
            "rows": [_row(entry, groups, now, viewer) for entry in some],
        }


def _block_of(entry: Mapping[str, Any]) -> str:
    if entry["pinned"]:
        return _PINNED
    return _COLD if entry["badge"] == "cold" else _MARKET


def _row(entry: Mapping[str, Any], groups: Mapping[str, Sequence[str]], now: int, viewer: Viewer) -> dict[str, Any]:
    return {
        "account": entry["account_id"],
        "rank": entry["rank"],
        "moved": moved(entry["rank"], entry["previous_rank"]),
        "name": name_of(entry),
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
        "cools": when(entry["cools_at"], now),
        **row_acts(entry, viewer, now),
    }


def _choice(name: str, title: str, entries: Sequence[Mapping[str, Any]], chosen: str | None) -> dict[str, Any]:
    """The choices of a filter; the chosen value stays among them even if no entry has it any more."""
    values = {entry[name] for entry in entries if entry[name]} | ({chosen} if chosen else set())
    return {"name": name, "title": title, "options": sorted(values), "chosen": chosen}
