"""The oracle's alerts, against instants and numbers worked out by hand from scoring.md section 5."""

from datetime import UTC, datetime

import pytest

from tests.oracle_itself.inputs import (
    FAST,
    PEOPLE,
    SIMPLE,
    START,
    WIDE,
    acme,
    alerts,
    day,
    engagement,
    intent,
    played,
    technographic,
    visits,
    with_technographic,
)


def test_an_alert_held_back_is_given_when_the_cooldown_ends() -> None:
    lines = [intent("a", 0), intent("b", 10)]
    first = [("entered_hot", START, 1), ("cooled", datetime(2026, 1, 8, 23, 15, 20, tzinfo=UTC), 1)]
    assert alerts(lines, FAST, 13.9) == first
    assert alerts(lines, FAST, 14) == [*first, ("entered_hot", day(14), 2)]
    last = played(lines, FAST, 14)["alerts"][-1]
    assert (last["score"], last["tipped_by"]) == (pytest.approx(44.19038600709404), None)


def test_an_alert_held_back_is_never_given_when_the_level_ends_before_the_cooldown() -> None:
    lines = [intent("a", 0), intent("b", 8.5, confidence=0.3)]
    assert acme(lines, FAST, 9)["level"] == "hot"
    assert acme(lines, FAST, 14)["since"] == datetime(2026, 1, 13, 19, 7, 47, tzinfo=UTC)
    assert [type_ for type_, _, _ in alerts(lines, FAST, 30)] == ["entered_hot", "cooled"]


def test_a_kind_that_the_last_alert_did_not_name_breaks_the_cooldown() -> None:
    given = alerts([intent("a", 0), technographic("b", 10)], with_technographic(FAST), 10)
    assert given[-1] == ("entered_hot", day(10), 2)


def test_a_new_kind_in_an_episode_that_has_alerted_is_new_evidence_once() -> None:
    both = with_technographic(SIMPLE)
    lines = [intent("a", 0), technographic("b", 1), technographic("c", 2)]
    assert alerts(lines, both, 3) == [("entered_hot", START, 1), ("new_evidence", day(1), 1)]
    last = played(lines, both, 3)["alerts"][-1]
    assert last["identity"] == ("acme.com", "new_evidence", int(START.timestamp() * 1000), "technographic")
    assert (last["why_now"], last["tipped_by"]) == ("b", None)


def test_a_new_episode_starts_with_nothing_named() -> None:
    """Intent alone makes hot on day 0 and, long after, on day 70; technographic is news in both episodes."""
    both = with_technographic(FAST)
    lines = [intent("a", 0), technographic("b", 1), intent("c", 70), technographic("d", 71)]
    given = [(type_, episode) for type_, _, episode in alerts(lines, both, 71)]
    assert given == [
        ("entered_hot", 1), ("new_evidence", 1), ("cooled", 1), ("entered_hot", 2), ("new_evidence", 2),
    ]  # fmt: skip


def test_a_new_person_in_an_episode_that_has_alerted_is_new_evidence() -> None:
    lines = [*visits("cfo cto coo", 2), engagement("d", 1, persona="Chief of Staff"), engagement("e", 2, persona="cfo")]
    given = played(lines, PEOPLE, 3)["alerts"]
    assert [one["type"] for one in given] == ["entered_hot", "new_evidence"]
    assert given[0]["personas_live"] == ["cfo", "coo", "cto"]
    assert given[1]["identity"][3:] == ("chief of staff",)


def test_a_hand_raise_is_given_whatever_the_level_once_a_persona_in_its_hours() -> None:
    raised = [
        engagement("a", 0, activity="contact_sales", persona="cfo"),
        engagement("b", 0.5, activity="contact_sales", persona="CFO "),  # held back
        engagement("c", 0.5, activity="contact_sales", persona="cto"),  # somebody else
        engagement("d", 1, activity="contact_sales", persona="cfo"),  # the limit has ended at its end
    ]
    given = played(raised, PEOPLE, 1)["alerts"]
    assert [(one["type"], one["why_now"], one["raised_by"], one["episode"]) for one in given] == [
        ("hand_raise", "a", "cfo", None), ("hand_raise", "c", "cto", None), ("hand_raise", "d", "cfo", None),
    ]  # fmt: skip
    assert given[0]["identity"] == ("acme.com", "engagement", "a")


def test_a_hand_raise_while_hot_is_the_alert_of_the_episode_and_one_held_back_lets_the_next_be_asked() -> None:
    raising = {**SIMPLE, "kinds": {"intent": {**WIDE, "rules": [{"points": 80, "act_now": True}]}}}
    assert alerts([intent("a", 0), intent("b", 0.5)], raising, 1) == [("hand_raise", START, 1)]
    late = alerts([intent("a", 0, confidence=0.1), intent("b", 0.5)], raising, 1)
    assert late == [("hand_raise", START, None), ("entered_hot", day(0.5), 1)]


def test_a_trigger_is_given_whatever_the_level_once_in_its_days() -> None:
    lines = [engagement(f"t{n}", n, activity="event_attended") for n in (0, 13, 14)]
    assert alerts(lines, PEOPLE, 14) == [("trigger", START, None), ("trigger", day(14), None)]


@pytest.mark.parametrize(("activity", "type_"), [("contact_sales", "hand_raise"), ("event_attended", "trigger")])
def test_what_was_heard_of_too_late_is_no_reason_to_call(activity: str, type_: str) -> None:
    def heard(days: float) -> list[bytes]:
        return [engagement("a", 0, activity=activity, received_at=day(days).isoformat())]

    assert alerts(heard(13.99), PEOPLE, 14) == [(type_, day(13.99), None)]
    assert alerts(heard(14), PEOPLE, 14) == []


def test_entered_hot_comes_before_a_trigger_and_a_trigger_before_new_evidence() -> None:
    rules = [{"when": {"topic": "news"}, "points": 80, "trigger": True}, {"points": 80}]
    news = with_technographic({**SIMPLE, "kinds": {"intent": {**WIDE, "rules": rules}}})
    lines = [technographic("a", 0), intent("b", 1, topic="news"), intent("c", 2, topic="news")]
    assert alerts(lines, news, 2) == [("entered_hot", START, 1), ("trigger", day(1), 1)]
    assert alerts(lines[1:], news, 2) == [("entered_hot", day(1), 1), ("trigger", day(2), 1)]


def test_history_being_loaded_is_decided_and_recorded() -> None:
    lines = [engagement("a", 0, activity="contact_sales", persona="cfo", backfill=True)]
    again = [*lines, engagement("b", 0.5, activity="contact_sales", persona="cfo")]
    (recorded,) = played(again, PEOPLE, 1)["alerts"]  # a recorded alert uses the limit like any other
    assert (recorded["why_now"], recorded["recorded"]) == ("a", "backfill")
    assert played(lines, PEOPLE, 1)["lists"]["all"] == []  # and it pins nobody
    assert acme(again, PEOPLE, 1)["why_now"] == "b"
