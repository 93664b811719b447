"""The shipped scoring file, rule by rule: what the table of scoring.md, section 8, says of events it does to them."""

from pathlib import Path
from typing import Any

import pytest

from signal_engine.core.rules.points import ScoredEvent, score_event, with_persona
from signal_engine.core.rules.policy import GroupPolicy, Threshold
from signal_engine.wire.config import scoring_file
from tests.build import event

PATH = Path(__file__).parents[3] / "config" / "scoring.yaml"
SHIPPED = scoring_file.parse("config/scoring.yaml", PATH.read_bytes()).policy
SELLS = SHIPPED.sells
DEPARTMENT, ROLE = SELLS["departments"][0], SELLS["roles"][0]
OURS, RIVAL, OTHER = SELLS["technologies"][0], SELLS["competitors"][0], "Nobody's Tool"
NONE = ScoredEvent(0.0)
TITLE = {"title": "Plumber"}
TOP = ("c_level", "vp", "head")
BELOW = ("senior", "mid", "junior", "intern")


def intent(score: float, points: float) -> tuple[str, dict[str, Any], ScoredEvent]:
    return "intent", {"topic": "crm", "score": score}, ScoredEvent(points)


def did(activity: str, points: float, act_now: bool = False, **more: Any) -> tuple[str, dict[str, Any], ScoredEvent]:
    return "engagement", {"activity": activity, "persona": "CFO", **more}, ScoredEvent(points, act_now=act_now)


def hires(points: float, **fields: Any) -> tuple[str, dict[str, Any], ScoredEvent]:
    return "hiring", {**TITLE, **fields}, ScoredEvent(points)


def raised(points: float, trigger: bool, **fields: Any) -> tuple[str, dict[str, Any], ScoredEvent]:
    return "funding", {"round": "series_b", **fields}, ScoredEvent(points, trigger=trigger)


def tool(
    points: float, change: str, technology: str, replaces: str | None = None
) -> tuple[str, dict[str, Any], ScoredEvent]:
    fields = {"technology": technology, "change": change, **({"replaces": replaces} if replaces else {})}
    return "technographic", fields, ScoredEvent(points, trigger=points == 10)


def came(
    points: float, change: str, role: str, trigger: bool = False, **more: Any
) -> tuple[str, dict[str, Any], ScoredEvent]:
    return "leadership", {"role": role, "change": change, **more}, ScoredEvent(points, trigger=trigger)


EVENTS = [
    intent(100, 8), intent(80, 8), intent(79.9, 6), intent(70, 6), intent(69.9, 2), intent(60, 2), intent(59.9, 0),
    did("demo_request", 20, act_now=True), did("contact_sales", 20, act_now=True),
    did("demo_request", 5, persona="Student"), did("contact_sales", 5, persona="Intern, finance"),
    did("demo_request", 20, act_now=True, persona=None),
    did("trial_signup", 15, act_now=True), did("pricing_view", 8), did("event_attended", 6),
    did("form_fill", 5), did("content_download", 5), did("email_click", 2), did("ad_click", 2),
    did("page_view", 2, dwell_seconds=120), did("page_view", 0.25, dwell_seconds=119.9), did("page_view", 0.25),
    did("email_open", 0), did("careers_view", 0), did("other", 0), did("demo_request", 0, automated=True),
    *(hires(10, department=DEPARTMENT, seniority=rank) for rank in TOP),
    *(hires(10, title=f"{ROLE.title()} boss", seniority=rank) for rank in TOP),
    hires(8, department=DEPARTMENT, seniority="director"), hires(8, title=f"Director, {ROLE}", seniority="director"),
    hires(6, department=DEPARTMENT, seniority="manager"), hires(6, title=f"{ROLE} manager", seniority="manager"),
    *(hires(4, department=DEPARTMENT.upper(), seniority=rank) for rank in BELOW),
    hires(4, department=DEPARTMENT), hires(4, title=f"{ROLE} person", department="Legal"),
    *(hires(0, department="Legal", seniority=rank) for rank in (*TOP, "director", "manager", *BELOW)),
    hires(0), hires(0, department=DEPARTMENT, seniority="vp", status="closed"),
    raised(18, True, amount_usd=50e6), raised(14, True, amount_usd=49.9e6), raised(14, True, amount_usd=10e6),
    raised(9, False, amount_usd=9.9e6), raised(9, False, amount_usd=1e6), raised(5, False, amount_usd=0.9e6),
    raised(5, False),
    *(tool(10, change, RIVAL) for change in ("switched", "dropped")),
    *(tool(10, change, OTHER, RIVAL) for change in ("switched", "dropped")),
    tool(10, "switched", OURS, RIVAL), tool(0, "adopted", RIVAL), tool(0, "adopted", OURS, RIVAL),
    tool(8, "switched", OURS), tool(8, "switched", OURS, OTHER), tool(6, "adopted", OURS), tool(0, "dropped", OURS),
    *(tool(0, change, OTHER) for change in ("switched", "dropped", "adopted")),
    *(came(16, "joined", "Plumber", trigger=True, relationship=known)
      for known in ("champion", "past_user", "lost_contact")),
    came(14, "joined", f"VP {ROLE}", trigger=True, level="vp"),
    came(14, "joined", f"Chief {ROLE} officer", trigger=True, level="c_level"),
    came(6, "joined", f"Head of {ROLE}", level="head"), came(6, "joined", f"{ROLE} lead"),
    came(8, "promoted", f"VP {ROLE}", level="vp"), came(8, "promoted", f"VP {ROLE}", relationship="champion"),
    came(0, "left", f"VP {ROLE}", level="vp"), came(0, "left", "Plumber", relationship="champion"),
    came(0, "joined", "Plumber", level="c_level"), came(0, "promoted", "Plumber", level="vp"),
]  # fmt: skip


@pytest.mark.parametrize(("name", "fields", "expected"), EVENTS)
def test_an_event_is_worth_what_the_table_of_the_definition_says(
    name: str, fields: dict[str, Any], expected: ScoredEvent
) -> None:
    said = event(name, 100, **fields)
    seen, _ = with_persona(said, SHIPPED)
    assert score_event(said, seen, SHIPPED.kinds[name]) == expected


def test_levels_and_the_buying_group_are_those_of_the_definition() -> None:
    assert SHIPPED.levels.hot == Threshold(40, 32, 2, 21)
    assert SHIPPED.levels.warm == Threshold(20, 15, 1)
    assert SHIPPED.group == GroupPolicy(3, 12)


def test_only_students_and_their_like_do_not_count() -> None:
    assert [persona.name for persona in SHIPPED.personas if not persona.counts] == ["student"]
    for title in ("Student", "intern", "Job seeker"):
        assert SHIPPED.personas.name_of(title) == "student"
