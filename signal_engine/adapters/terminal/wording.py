"""Values in the words of a table: dates a person reads at a glance, a score as a sum."""

from datetime import UTC, datetime
from typing import Any

from rich.text import Text

from signal_engine.core.wording import one_line

LEVEL_STYLE = {"hot": "bold red", "warm": "yellow", "cold": "dim"}
_PARTS_TOO_SMALL_TO_SHOW = 0.05


def company(entry: dict[str, Any]) -> Text:
    """Name, and the domain behind it."""
    name, domain = one_line(entry.get("name") or ""), entry["account_id"]
    return Text.assemble((name, "bold"), ("  " + domain, "dim")) if name else Text(domain, "bold")


def day(instant: str | None) -> str:
    """`5 Mar 2016`."""
    return "" if instant is None else f"{_moment(instant):%-d %b %Y}"


def minute(instant: str | None) -> str:
    """`5 Mar 2016 14:05`."""
    return "" if instant is None else f"{_moment(instant):%-d %b %Y %H:%M}"


def clock(instant: str) -> str:
    """`14:05:33`."""
    return f"{_moment(instant):%H:%M:%S}"


def in_days(instant: str | None, now: str) -> str:
    """`in 12 days`, `in 5 hours`."""
    if instant is None:
        return ""
    hours = (_moment(instant) - _moment(now)).total_seconds() / 3600
    number, unit = (round(hours / 24), "day") if hours >= 36 else (max(1, round(hours)), "hour")
    return f"in {number} {unit}{'' if number == 1 else 's'}"


def parts(entry: dict[str, Any]) -> Text:
    """`engagement 31.2 + hiring 12 + stack 6.5`: what adds up to the score."""
    shown = Text()
    for part in entry["parts"]:
        points = part["points"]
        if abs(points) < _PARTS_TOO_SMALL_TO_SHOW:
            continue
        sign = (" - " if points < 0 else " + ") if shown else ""
        shown.append(sign, "dim")
        shown.append(f"{part['part']} ", "dim" if part["part"] in ("stack", "ceiling") else "")
        shown.append(f"{abs(points):.1f}")
    return shown


def why_now(entry: dict[str, Any]) -> str:
    """The alert's own sentence, or the strongest evidence, then the newest."""
    if "why_now" in entry:
        return str(entry["why_now"] or "")
    evidence = [e for part in entry["parts"] for e in part["evidence"]]
    best = max(evidence, key=lambda e: (e["points"], e["occurred_at"]), default=None)
    return best["text"] if best else ""


def moved(entry: dict[str, Any]) -> Text:
    """How the rank moved since midnight."""
    before = entry["previous_rank"]
    if before is None:
        return Text("new", "green")
    step = before - entry["rank"]
    if step == 0:
        return Text("=", "dim")
    return Text(f"\N{UPWARDS ARROW}{step}", "green") if step > 0 else Text(f"\N{DOWNWARDS ARROW}{-step}", "red")


def _moment(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(UTC)
