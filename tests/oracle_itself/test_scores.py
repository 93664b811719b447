"""The oracle's outcomes, scores and levels, against numbers worked out by hand from scoring.md sections 1 to 4."""

from datetime import UTC, datetime
from typing import Any

import pytest

from tests.oracle import replay
from tests.oracle.scores.scoring import saturated
from tests.oracle_itself.inputs import (
    ACCOUNTS,
    ICP,
    PEOPLE,
    SIMPLE,
    START,
    WIDE,
    acme,
    alerts,
    day,
    engagement,
    event,
    intent,
    played,
    technographic,
    visits,
    with_technographic,
)

NARROW: dict[str, Any] = {
    "kinds": {
        "intent": {"half_life_days": 14, "cap": 30, "facet": "topic", "facet_cap": 12, "rules": [{"points": 8}]},
        "technographic": {
            "half_life_days": 60,
            "cap": 20,
            "facet": "technology",
            "facet_cap": 12,
            "rules": [{"points": 6}],
        },
    },
    "lists": {"min_level": "cold"},
}


@pytest.mark.parametrize(
    ("s", "c", "value"),
    [
        (0.0, 20.0, 0.0),  # nothing is nothing
        (10.0, 20.0, 9.614997135382722),  # 10 / (1 + 1/8) ** (1/3): half of a cap counts 96 %
        (20.0, 20.0, 15.874010519681994),  # 20 / 2 ** (1/3): the whole of it 79 %
        (40.0, 20.0, 19.229994270765445),  # 20 / (1 + 1/8) ** (1/3): twice it 96 % of the cap
        (1e300, 20.0, 20.0),  # neither overflows nor passes the cap
    ],
)
def test_a_point_is_a_point_until_the_cap_is_near(s: float, c: float, value: float) -> None:
    assert saturated(s, c) == pytest.approx(value, abs=1e-12)


@pytest.mark.parametrize(
    ("lines", "days", "score"),
    [
        ([intent("a", 0)], 0, 7.301625109881741),  # 8 points: F = 7.337057009589117, K = 7.301625109881741
        ([intent("a", 0)], 14, 3.948796218772558),  # 4 points are left after one half-life
        ([intent("a", 0, confidence=0.5)], 0, 3.948796218772558),  # confidence halves them too
        ([intent("a", 0), intent("b", 0, topic=" CRM ")], 0, 10.516078535332174),  # one topic, however it is written
        ([intent("a", 0), intent("b", 0, topic="erp")], 0, 14.1426392008355),  # breadth beats repetition
        ([intent(str(n), 0) for n in range(99)], 0, 11.754393627641516),  # a topic saturates at 12, inside the cap
    ],
)
def test_a_kind_scores_what_its_saturated_facets_add_up_to(lines: list[bytes], days: float, score: float) -> None:
    assert acme(lines, NARROW, days)["score"] == pytest.approx(score, abs=1e-9)


def test_two_live_kinds_multiply_and_the_parts_add_up_to_the_score() -> None:
    entry = acme([intent("a", 0), technographic("b", 0)], NARROW, 0)
    assert {part: entry["parts"][part]["points"] for part in entry["parts"]} == pytest.approx(
        {"intent": 7.301625109881741, "technographic": 5.723571212766659, "stack": 1.95377944839726, "ceiling": 0}
    )
    assert entry["score"] == entry["raw"] == entry["priority"] == pytest.approx(14.978975771045658)
    assert entry["kinds_live"] == ["intent", "technographic"]


def test_the_ceiling_takes_what_passes_a_hundred() -> None:
    entry = acme([intent("a", 0), technographic("b", 0)], with_technographic(SIMPLE), 0)
    assert entry["raw"] == pytest.approx(1.15 * 2 * 63.24407100729841)
    assert (entry["score"], entry["parts"]["ceiling"]["points"]) == (100, pytest.approx(100 - entry["raw"]))


def test_evidence_others_and_what_saturates_add_up_to_the_part() -> None:
    part = acme([intent(str(n), 0, confidence=1 - n / 10) for n in range(5)], NARROW, 0)["parts"]["intent"]
    assert [(one["event_id"], one["points"]) for one in part["evidence"]] == [("0", 8.0), ("1", 7.2), ("2", 6.4)]
    assert part["others"] == pytest.approx(5.6 + 4.8)
    assert 8.0 + 7.2 + 6.4 + part["others"] + part["saturated"] == pytest.approx(part["points"], abs=1e-9)


@pytest.mark.parametrize(
    ("lines", "score", "live"),
    [
        # F = sat(16, 25) = 14.805 each, their sum 44.416, K = sat(44.416, 45) = 35.482, and 1.15 times that
        (visits("cfo cto coo", 2), 40.803939985272756, ["buying_group", "engagement"]),
        # One of the three at 12.4 points has F = 11.933: below 12, so there is no group.
        (
            [
                *visits("cfo cto", 2),
                *visits("coo", 1),
                engagement("x", 0, persona="coo", confidence=0.55),
            ],
            34.235600130141925,
            ["engagement"],
        ),
        # The third is nobody in particular, by whatever word.
        ([*visits("cfo cto", 2), engagement("x", 0), engagement("y", 0)], 35.481686943715445, ["engagement"]),
        (visits("cfo cto other", 2), 35.481686943715445, ["engagement"]),
    ],
)
def test_three_named_personas_deep_in_it_count_like_a_kind(lines: list[bytes], score: float, live: list[str]) -> None:
    entry = acme(lines, PEOPLE, 0)
    assert (entry["score"], entry["kinds_live"]) == (pytest.approx(score, abs=1e-9), live)
    assert entry["level"] == ("hot" if "buying_group" in live else "warm")


def test_a_persona_that_does_not_count_is_in_no_buying_group() -> None:
    mapped = {**PEOPLE, "personas": [{"name": word, "words": [word]} for word in ("cfo", "cto")]}
    student = {"name": "student", "words": ["student"]}
    counted = {**mapped, "personas": [*mapped["personas"], student]}
    passed_over = {**mapped, "personas": [*mapped["personas"], {**student, "counts": False}]}
    lines = visits("cfo cto student", 2)
    assert "buying_group" in acme(lines, counted, 0)["kinds_live"]
    assert acme(lines, passed_over, 0)["kinds_live"] == ["engagement"]


def test_a_level_cools_at_the_first_whole_second_below_its_exit() -> None:
    # 80 points have become 20.1078 after 10 * log2(80 / 20.1078) = 19.922434 days, 10.00668 after 29.990372 days.
    hot_ends, warm_ends = datetime(2026, 1, 20, 22, 8, 19, tzinfo=UTC), datetime(2026, 1, 30, 23, 46, 9, tzinfo=UTC)
    hot, warm = acme([intent("a", 0)], SIMPLE, 1), acme([intent("a", 0)], SIMPLE, 20)
    assert (hot["level"], hot["since"], hot["cools_at"]) == ("hot", START, hot_ends)
    assert (warm["level"], warm["since"], warm["cools_at"]) == ("warm", hot_ends, warm_ends)
    assert alerts([intent("a", 0)], SIMPLE, 40) == [("entered_hot", START, 1), ("cooled", hot_ends, 1)]


SILENT = {**SIMPLE, "levels": {**SIMPLE["levels"], "hot": {**SIMPLE["levels"]["hot"], "max_silence_days": 5}}}


def test_hot_ends_when_nothing_worth_the_floor_has_come_for_so_many_days() -> None:
    assert acme([intent("a", 0)], SILENT, 4.9)["cools_at"] == day(5)
    entry = acme([intent("a", 0)], SILENT, 5)
    assert (entry["level"], entry["score"]) == ("warm", pytest.approx(51.03230400743411))
    assert alerts([intent("a", 0)], SILENT, 5) == [("entered_hot", START, 1), ("cooled", day(5), 1)]


def test_what_is_worth_less_than_the_floor_neither_ends_a_silence_nor_makes_hot() -> None:
    weak, strong = intent("b", 3, confidence=0.04), intent("b", 3)
    assert acme([intent("a", 0), weak], SILENT, 3)["cools_at"] == day(5)
    assert acme([intent("a", 0), strong], SILENT, 3)["cools_at"] == day(8)
    late = acme([intent("a", 0), intent("b", 6, confidence=0.04)], SILENT, 6)
    assert (late["level"], late["score"]) == ("warm", pytest.approx(50.64054596668222))
    assert acme([intent("a", 0), intent("b", 6)], SILENT, 6)["level"] == "hot"


def test_what_is_heard_of_when_its_silence_is_over_makes_nobody_hot() -> None:
    def heard(days: float) -> tuple[str, list[str]]:
        line = intent("a", 0, received_at=day(days).isoformat())
        return acme([line], SILENT, days)["level"], [type_ for type_, _, _ in alerts([line], SILENT, days)]

    assert (heard(4.99), heard(5)) == (("hot", ["entered_hot"]), ("warm", []))


def test_without_anything_worth_the_floor_an_account_is_never_hot() -> None:
    crumbs = [intent(str(n), 0, confidence=0.045) for n in range(12)]  # 43.2 points in twelve signals of 3.6
    entry = acme(crumbs, SIMPLE, 0)
    assert (entry["level"], entry["score"] > 40) == ("warm", True)


def test_outcomes_are_decided_in_their_order() -> None:
    old = {"received_at": day(61).isoformat()}
    lines = [
        intent("a", 0),
        intent("a", 1),  # duplicate
        intent("z", 1, confidence=0),  # ignored: no points
        intent("z", 1, confidence=0),  # ignored again: only applied ids are remembered
        intent("a", 0, **old),  # forgotten by then, and expired: older than 60 days
        intent("b", 1, **old),  # exactly 60 days old: applied
        event("engagement", "e", 3, activity="other", automated=True),  # ignored, as the kind is in no rule anyway
        intent("c", 3, account_id="gmail.com"),
        b"[]",
        b"nothing",
        intent("d", 70),  # after T
    ]
    result = played(lines, SIMPLE, 61)
    assert result["counts"] == {
        "received": 10, "applied": 2, "duplicate": 1, "ignored": 3, "expired": 1, "rejected": 3,
    }  # fmt: skip
    assert [(one["line"], one["reason"]) for one in result["rejected"]] == [
        (8, "account"), (9, "schema"), (10, "not_json"),
    ]  # fmt: skip


def test_a_machine_and_a_closed_posting_are_ignored() -> None:
    hiring = {**PEOPLE, "kinds": {**PEOPLE["kinds"], "hiring": {**WIDE, "facet": "department"}}}
    lines = [
        engagement("a", 0, automated=True),
        engagement("b", 0, automated=False),
        event("hiring", "c", 0, title="VP Sales", status="closed"),
        event("hiring", "d", 0, title="VP Sales", status="open"),
    ]
    counts = played(lines, hiring, 1)["counts"]
    assert (counts["applied"], counts["ignored"]) == (2, 2)


def test_one_id_of_two_kinds_is_two_events() -> None:
    counts = played([intent("a", 0), technographic("a", 0), intent("a", 1)], with_technographic(SIMPLE), 1)["counts"]
    assert (counts["applied"], counts["duplicate"]) == (2, 1)


def test_the_oldest_id_is_forgotten_first_when_there_are_too_many() -> None:
    lines = [intent("a", 0), intent("b", 1), intent("c", 2), intent("b", 3), intent("a", 4)]
    counts = played(lines, SIMPLE, 5, remembered=2)["counts"]
    assert (counts["applied"], counts["duplicate"]) == (4, 1)


def test_a_mail_provider_in_the_accounts_file_is_a_company() -> None:
    line = intent("a", 0, account_id="gmail.com")
    assert played([line], SIMPLE, 1)["counts"]["rejected"] == 1
    known = replay([line], [*ACCOUNTS, {"account_id": "gmail.com"}], [ICP], SIMPLE, day(1))
    assert known["counts"]["applied"] == 1
