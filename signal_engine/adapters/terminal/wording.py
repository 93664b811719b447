"""Values as table cells: dates that read at a glance, a score as a sum."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, Final

from rich.text import Text

from signal_engine.adapters.terminal.clean import one_line
from signal_engine.core.fit.ranking import Badge
from signal_engine.core.rules.instants import MINUTE
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.output import words
from signal_engine.wire.output.words import distance, is_just_now, signal_type, whole_parts

_BADGE_STYLE: Final[dict[Badge, str]] = {"inbound": "bold magenta", "hot": "bold red", "warm": "yellow", "cold": "dim"}


def badge(entry: Mapping[str, Any]) -> Text:
    """Inbound, Hot, Warm or Cold."""
    name: Badge = entry["badge"]
    return Text(name.capitalize(), _BADGE_STYLE[name])


def company(entry: Mapping[str, Any]) -> Text:
    """Name and domain, or the domain alone; to an administrator also that it is held back."""
    name, domain, held = one_line(entry.get("name") or ""), entry["account_id"], words.control_group_in_words(entry)
    shown = Text.assemble((name, "bold"), ("  " + domain, "dim")) if name else Text(domain, "bold")
    return shown.append(f"  {held}", "yellow") if held else shown


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
    return "" if instant is None else f"in {_distance(now, instant)}"


def ago(instant: str | None, now: str) -> str:
    """`3 days ago`, `12 minutes ago`, `just now`."""
    if instant is None:
        return ""
    return "just now" if is_just_now(instant, now) else f"{_distance(instant, now)} ago"


def score(entry: Mapping[str, Any]) -> str:
    """The score as a whole number: nobody calls for a tenth of a point."""
    return f"{entry['score']:.0f}"


def parts(entry: Mapping[str, Any]) -> Text:
    """`engagement 31 + hiring 12 + stack 7`: whole numbers that add up to the score as shown."""
    shown = Text()
    for part, points in zip(entry["parts"], whole_parts(entry["score"], entry["parts"]), strict=True):
        if not points:
            continue
        shown.append((" - " if points < 0 else " + ") if shown else "", "dim")
        shown.append(f"{signal_type(part['part'])} ", "dim" if part["part"] in ("stack", "ceiling") else "")
        shown.append(f"{abs(points)}")
    return shown


def why_now(entry: Mapping[str, Any], now: str) -> Text:
    """The entry's `why_now`, and how long ago that signal was."""
    when = ago(entry["why_now_at"], now)
    return Text.assemble(one_line(entry["why_now"] or ""), (f"  {when}" if when else "", "dim"))


def alert_reason(alert: Mapping[str, Any]) -> Text:
    """The alert's `why_now` with its time, and the signal that tipped it if that is another."""
    why, tipped = why_now(alert, alert["at"]), alert["tipped_by"]
    return why.append(f"; tipped by: {one_line(tipped['text'])}") if tipped else why


def until(entry: Mapping[str, Any], now: str) -> str:
    """When the level ends without new signals: `hot until 5 Mar 2016, in 9 days`."""
    if entry["cools_at"] is None:
        return ""
    return f"{entry['level']} until {day(entry['cools_at'])}, {in_days(entry['cools_at'], now)}"


def moved(entry: Mapping[str, Any]) -> Text:
    """The change of rank since midnight."""
    before = entry["previous_rank"]
    if before is None:
        return Text("new", "green")
    step = before - entry["rank"]
    if step == 0:
        return Text("=", "dim")
    return Text(f"\N{UPWARDS ARROW}{step}", "green") if step > 0 else Text(f"\N{DOWNWARDS ARROW}{-step}", "red")


def for_whom(alert: Mapping[str, Any]) -> str:
    """The alert's recipient, by name if known; for triage, the reason why no rep gets it."""
    if alert["audience"] == "triage":
        return f"triage: {alert['triage_reason'].replace('_', ' ')}"
    caller = alert["owner"] if alert["audience"] == "owner" else alert["sdr"] or alert["owner"]
    return one_line(caller or alert["audience"])


def _distance(earlier: str, later: str) -> str:
    return distance(max(MINUTE, parse_instant(later) - parse_instant(earlier)))


def _moment(instant: str) -> datetime:
    return datetime.fromisoformat(instant).astimezone(UTC)
