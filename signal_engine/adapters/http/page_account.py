"""One account as a page shows it: its score over ninety days, what it is made of, fit, why and why not."""

from collections.abc import Mapping, Sequence
from typing import Any, Final

from signal_engine.adapters.http.page_words import TYPES, bar_of, called, link, minute, name_of, score_of, when
from signal_engine.core.instants import DAY
from signal_engine.core.wording import one_line
from signal_engine.engine.history import DAYS_KEPT
from signal_engine.wire.instants import parse_instant

_LEFT: Final = 30
_RIGHT: Final = 710
_BOTTOM: Final = 180
_HEIGHT: Final = 170
"""Of a score of 100, in the units of the drawing."""


def account_page(told: Mapping[str, Any]) -> dict[str, Any]:
    """Out of what `/v1/accounts` tells."""
    now = parse_instant(told["until"])
    return {
        "account": {
            "name": name_of(told),
            "domain": told["account_id"],
            "facts": [one_line(fact) for fact in (told["owner"], told["segment"], told["crm_id"]) if fact],
            "level": told["level"],
            "since": when(told["since"], now),
            "cools": when(told["cools_at"], now),
            "score": score_of(told["score"]),
            "bar": bar_of(told["score"], told["parts"]),
            "at": minute(told["until"]),
            "suppressed": told["suppressed"],
            "parts": [_part(part, told, now) for part in told["parts"] if part["part"] != "ceiling" or part["points"]],
            "lists": [
                {"list": one["list"], "rank": one["rank"], "why": _sentence(one["why_not_in_words"])}
                for one in told["lists"]
            ],
            "why_no_alert": _sentence(told["why_no_alert_in_words"]),
            "fit": [_icp(icp, told["until"]) for icp in told["fit"]],
            "people": called(told),
        },
        "signals": [
            {
                "text": one["text"],
                "kind": one["kind"],
                "points": f"{one['points']:.2f}",
                "at": when(one["at"], now),
                "url": link(one.get("source_url")),
            }
            for one in told["history"]["signals"]
        ],
        "past": [
            {
                "type": one["type"],
                "type_in_words": TYPES[one["type"]],
                "at": when(one["at"], now),
                "why": one["why_now"],
            }
            for one in told["alerts"]
        ],
        "chart": chart(told["history"]["scores"], told["history"]["signals"], told["score"], now),
    }


def chart(
    scores: Sequence[Mapping[str, Any]], signals: Sequence[Mapping[str, Any]], score: float, now: int
) -> dict[str, Any]:
    """The score over the last ninety days as a drawing, with the latest signals on a line below."""
    start = now - DAYS_KEPT * DAY
    days = [(min(now, parse_instant(f"{one['day']}T00:00:00Z") + DAY // 2), one) for one in scores]
    points = [
        {
            "x": _x(at, start),
            "y": _y(one["score"]),
            "day": one["day"],
            "score": f"{one['score']:.2f}",
            "title": f"{one['day']}: {one['score']:.2f}",
        }
        for at, one in days
        if at >= start
    ]
    here = {"x": _x(now, start), "y": _y(score), "title": f"now: {score:.2f}"}
    line = [*points, here]
    path = "M" + " L".join(f"{point['x']} {point['y']}" for point in line)
    best = max((one["score"] for one in scores), default=score)
    return {
        "points": points,
        "now": here,
        "path": path,
        "area": f"{path} L{here['x']} {_BOTTOM} L{line[0]['x']} {_BOTTOM} Z",
        "lines": [{"score": value, "y": _y(value)} for value in (0, 25, 50, 75, 100)],
        "marks": [
            {"kind": one["kind"], "x": _x(at, start), "title": f"{minute(one['at'])}: {one['text']}"}
            for one in signals
            if start <= (at := parse_instant(one["at"])) <= now
        ],
        "ticks": [
            {"x": _x(now - ago * DAY, start), "text": f"{ago} d ago" if ago else "today"} for ago in (80, 60, 40, 20, 0)
        ],
        "told": f"{len(points)} days with signals, at most {best:.2f}, now {score:.2f}",
    }


def _part(part: Mapping[str, Any], told: Mapping[str, Any], now: int) -> dict[str, Any]:
    note = ""
    if part["part"] == "stack":
        live = len(told["kinds_live"])
        note = f"{live} live kind{'' if live == 1 else 's'}: times {told['multiplier']:g}"
    elif part["part"] == "ceiling":
        note = "a score ends at 100"
    return {
        "part": part["part"],
        "points": f"{part['points']:.2f}",
        "note": note,
        "evidence": [
            {
                "text": one["text"],
                "points": f"{one['points']:.2f}",
                "at": when(one["occurred_at"], now),
                "url": link(one.get("source_url")),
            }
            for one in part["evidence"]
        ],
    }


def _icp(icp: Mapping[str, Any], until: str) -> dict[str, Any]:
    tier = f", tier {icp['tier']}" if icp["tier"] else ""
    fit = "" if icp["fit"] is None else f", fit {icp['fit']:g}"
    return {
        "icp": icp["icp"],
        "version": icp["version"],
        "primary": icp["primary"],
        "verdict": f"{_VERDICTS[icp['decision']]}{tier}{fit}",
        "reasons": icp["reasons"],
        "owner": icp["icp_owner"],
        "review_by": icp["review_by"],
        "overdue": icp["review_by"] < until[:10],
    }


_VERDICTS: Final = {
    "chase": "Fits: chase",
    "deprioritize": "Fits, not chased",
    "unknown": "Unknown",
    "ignore": "Does not fit",
}


def _sentence(words: str | None) -> str:
    return f"{words[0].upper()}{words[1:]}." if words else ""


def _x(at: int, start: int) -> float:
    return round(_LEFT + (_RIGHT - _LEFT) * (at - start) / (DAYS_KEPT * DAY), 1)


def _y(score: float) -> float:
    return round(_BOTTOM - _HEIGHT * min(100.0, score) / 100, 1)
