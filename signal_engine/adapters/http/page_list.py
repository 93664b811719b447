"""The list and the alerts as a page shows them."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from signal_engine.adapters.http.csv_table import why_now
from signal_engine.adapters.http.page_words import TYPES, bar_of, beside, called, minute, moved, name_of, score_of, when
from signal_engine.core.kinds import KINDS
from signal_engine.core.ranking import ALL
from signal_engine.engine.served_list import Filter, ServedList

LEGEND: Final = (*KINDS, "stack")
_CHOICES: Final = (("owner", "Owner"), ("tier", "Tier"), ("level", "Level"))


def list_page(lists: Mapping[str, ServedList], one: ServedList, wanted: Filter, now: int) -> dict[str, Any]:
    """The page of a list; of it `rows`, `listed`, `title` and `filtered` are the part that changes."""
    asked = {name: value for name, value in wanted._asdict().items() if value is not None}
    return {
        "title": title_of(one.name),
        "listed": {
            "name": one.name,
            "version": one.version,
            "etag": one.etag,
            "size": len(one.entries),
            "at": minute(one.listed["generated_at"]) if one.version else "",
        },
        "rows": [_row(entry, now) for entry in one.select(wanted)],
        "filtered": bool(asked),
        "tabs": [
            {"url": f"/?list={name}", "title": title_of(name), "size": len(it.entries), "current": it is one}
            for name, it in lists.items()
        ],
        "choices": [_choice(name, title, one.entries, asked.get(name)) for name, title in _CHOICES],
        "legend": LEGEND,
    }


def title_of(name: str) -> str:
    """`all` is everybody; the others bear the id of their ICP."""
    return "All profiles" if name == ALL else name


def alert_rows(alerts: Sequence[Mapping[str, Any]], now: int) -> list[dict[str, Any]]:
    """Alerts as the feed has them."""
    return [
        {
            "id": alert["alert_id"],
            "type": alert["type"],
            "type_in_words": TYPES[alert["type"]],
            "account": alert["account_id"],
            "name": name_of(alert),
            "beside": beside(alert),
            "why": alert["why_now"],
            "people": called(alert),
            "at": when(alert["at"], now),
        }
        for alert in alerts
    ]


def _row(entry: Mapping[str, Any], now: int) -> dict[str, Any]:
    return {
        "account": entry["account_id"],
        "rank": entry["rank"],
        "moved": moved(entry["rank"], entry["previous_rank"]),
        "name": name_of(entry),
        "beside": beside(entry),
        "level": entry["level"],
        "score": score_of(entry["score"]),
        "bar": bar_of(entry["score"], entry["parts"]),
        "tier": entry["tier"] or "",
        "fit": "" if entry["fit"] is None else f"{entry['fit']:g}",
        "why": why_now(dict(entry)),
        "last": when(entry["last_signal_at"], now),
        "cools": when(entry["cools_at"], now),
    }


def _choice(name: str, title: str, entries: Sequence[Mapping[str, Any]], chosen: str | None) -> dict[str, Any]:
    """The values there are; the chosen one stays among them when it is on the list no more."""
    values = {entry[name] for entry in entries if entry[name]} | ({chosen} if chosen else set())
    return {"name": name, "title": title, "options": sorted(values), "chosen": chosen}
