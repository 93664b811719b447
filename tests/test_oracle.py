"""The oracle itself, against numbers worked out by hand from scoring.md."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.oracle import replay
from tests.oracle.domains import normalise_account
from tests.oracle.predicates import Answer, answer

START = datetime(2026, 1, 1, tzinfo=UTC)
ACCOUNTS = [{"account_id": "acme.com", "name": "Acme"}, {"account_id": "quiet.com"}]
ICP = {"icp": "everyone", "version": 1, "base": 90, "tiers": {"A": 80}, "decisions": {"A": "chase"}}

# One kind with generous caps: 80 points score 42.34, 50 points 32.53, and below 20 is what decays below 25.25 points.
WIDE: dict[str, Any] = {"half_life_days": 10, "cap": 100, "facet": "topic", "facet_cap": 100, "rules": [{"points": 80}]}
SIMPLE: dict[str, Any] = {
    "kinds": {"intent": WIDE},
    "levels": {
        "hot": {"enter": 40, "exit": 20, "min_kinds": 1},
        "warm": {"enter": 30, "exit": 10, "min_kinds": 1},
    },
    "lists": {"min_score": 1},
}
FAST: dict[str, Any] = {**SIMPLE, "kinds": {"intent": {**WIDE, "half_life_days": 4}}}
SHIPPED: dict[str, Any] = {
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
    "lists": {"min_score": 1},
}


def day(days: float) -> datetime:
    return START + timedelta(days=days)


def intent(event_id: str, days: float, **fields: Any) -> bytes:
    given = {"account_id": "www.Acme.com", "topic": "crm", "score": 90, **fields}
    return json.dumps({"kind": "intent", "event_id": event_id, "occurred_at": day(days).isoformat(), **given}).encode()


def technographic(event_id: str, days: float) -> bytes:
    return intent(event_id, days, kind="technographic", technology="Kafka", change="adopted")


def played(lines: list[bytes], scoring: dict[str, Any], days: float, **options: Any) -> dict[str, Any]:
    return replay(lines, ACCOUNTS, [ICP], scoring, day(days), **options)


def acme(lines: list[bytes], scoring: dict[str, Any], days: float) -> dict[str, Any]:
    (entry,) = played(lines, scoring, days)["lists"]["all"]
    assert entry["account_id"] == "acme.com"
    return dict(entry)


def alerts(lines: list[bytes], scoring: dict[str, Any], days: float) -> list[tuple[str, datetime, int | None]]:
    return [(one["type"], one["at"], one["episode"]) for one in played(lines, scoring, days)["alerts"]]


@pytest.mark.parametrize(
    ("lines", "days", "score"),
    [
        ([intent("a", 0)], 0, 5.305902949187952),  # 8 points, through both caps
        ([intent("a", 0)], 14, 3.215860412554170),  # 4 points are left after one half-life
        ([intent("a", 0, confidence=0.5)], 0, 3.215860412554170),  # confidence halves them too
        ([intent("a", 0), intent("b", 0, topic=" CRM ")], 0, 7.654247977028450),  # one topic, however it is written
        ([intent("a", 0), intent("b", 0, topic="erp")], 0, 9.673385694835857),  # breadth beats repetition
        ([intent(str(n), 0) for n in range(99)], 0, 9.890398618930821),  # a topic saturates at 12, inside the cap
    ],
)
def test_a_kind_scores_what_its_saturated_facets_add_up_to(lines: list[bytes], days: float, score: float) -> None:
    assert acme(lines, SHIPPED, days)["score"] == pytest.approx(score, abs=1e-9)


def test_two_live_kinds_multiply_and_the_parts_add_up_to_the_score() -> None:
    entry = acme([intent("a", 0), technographic("b", 0)], SHIPPED, 0)
    assert entry["parts"] == pytest.approx(
        {"intent": 5.305902949187952, "technographic": 4.205675456717768, "stack": 1.426736760885858, "ceiling": 0}
    )
    assert entry["score"] == entry["raw"] == entry["priority"] == pytest.approx(10.938315166791579)
    assert entry["kinds_live"] == ["intent", "technographic"]


def test_a_level_cools_at_the_first_whole_second_below_its_exit() -> None:
    hot_ends, warm_ends = datetime(2026, 1, 17, 15, 17, 33, tzinfo=UTC), datetime(2026, 1, 29, 10, 49, 27, tzinfo=UTC)
    hot, warm = acme([intent("a", 0)], SIMPLE, 1), acme([intent("a", 0)], SIMPLE, 20)
    assert (hot["level"], hot["since"], hot["cools_at"]) == ("hot", START, hot_ends)
    assert (warm["level"], warm["since"], warm["cools_at"]) == ("warm", hot_ends, warm_ends)
    assert alerts([intent("a", 0)], SIMPLE, 40) == [("entered_hot", START, 1), ("cooled", hot_ends, 1)]


def test_an_alert_held_back_is_given_when_the_cooldown_ends() -> None:
    lines = [intent("a", 0), intent("b", 10)]
    first = [("entered_hot", START, 1), ("cooled", datetime(2026, 1, 7, 15, 43, 2, tzinfo=UTC), 1)]
    assert alerts(lines, FAST, 13.9) == first
    assert alerts(lines, FAST, 14) == [*first, ("entered_hot", day(14), 2)]
    assert played(lines, FAST, 14)["alerts"][-1]["score"] == pytest.approx(31.301426375688020)


def test_an_alert_held_back_is_never_given_when_the_level_ends_before_the_cooldown() -> None:
    lines = [intent("a", 0), intent("b", 7, confidence=0.625)]
    assert acme(lines, FAST, 8)["level"] == "hot"
    assert acme(lines, FAST, 14)["since"] == datetime(2026, 1, 14, 4, 30, 54, tzinfo=UTC)
    assert [type_ for type_, _, _ in alerts(lines, FAST, 30)] == ["entered_hot", "cooled"]


def test_a_kind_that_the_last_alert_did_not_name_breaks_the_cooldown() -> None:
    both = {**FAST, "kinds": {**FAST["kinds"], "technographic": {**WIDE, "facet": "technology"}}}
    given = alerts([intent("a", 0), technographic("b", 10)], both, 10)
    assert given[-1] == ("entered_hot", day(10), 2)


def test_a_new_kind_in_an_episode_that_has_alerted_is_new_evidence_once() -> None:
    both = {**SIMPLE, "kinds": {**SIMPLE["kinds"], "technographic": {**WIDE, "facet": "technology"}}}
    lines = [intent("a", 0), technographic("b", 1), technographic("c", 2)]
    assert alerts(lines, both, 3) == [("entered_hot", START, 1), ("new_evidence", day(1), 1)]
    identity = ("acme.com", "new_evidence", int(START.timestamp() * 1000), "technographic")
    assert played(lines, both, 3)["alerts"][-1]["identity"] == identity


def test_a_hand_raise_comes_before_other_alerts_and_at_most_once_in_its_hours() -> None:
    raising = {**SIMPLE, "kinds": {"intent": {**WIDE, "rules": [{"points": 80, "act_now": True}]}}}
    weak = [intent(str(n), n / 2, confidence=0.1) for n in range(3)]
    assert alerts(weak, raising, 1) == [("hand_raise", START, None), ("hand_raise", day(1), None)]
    assert alerts([intent("a", 0), intent("b", 0.5)], raising, 1) == [("hand_raise", START, 1)]
    late = alerts([weak[0], intent("b", 0.5)], raising, 1)
    assert late == [("hand_raise", START, None), ("entered_hot", day(0.5), 1)]


def test_outcomes_are_decided_in_their_order() -> None:
    old = {"received_at": day(61).isoformat()}
    lines = [
        intent("a", 0),
        intent("a", 1),  # duplicate
        intent("z", 1, confidence=0),  # ignored: no points
        intent("z", 1, confidence=0),  # ignored again: only applied ids are remembered
        intent("a", 0, **old),  # forgotten by then, and expired: older than 60 days
        intent("b", 1, **old),  # exactly 60 days old: applied
        intent("c", 3, account_id="gmail.com"),
        b"[]",
        b"nothing",
        intent("d", 70),  # after T
    ]
    result = played(lines, SIMPLE, 61)
    assert result["counts"] == {
        "received": 9, "applied": 2, "duplicate": 1, "ignored": 2, "expired": 1, "rejected": 3,
    }  # fmt: skip
    assert [(one["line"], one["reason"]) for one in result["rejected"]] == [
        (7, "account"), (8, "schema"), (9, "not_json"),
    ]  # fmt: skip


def test_the_oldest_id_is_forgotten_first_when_there_are_too_many() -> None:
    lines = [intent("a", 0), intent("b", 1), intent("c", 2), intent("b", 3), intent("a", 4)]
    counts = played(lines, SIMPLE, 5, remembered=2)["counts"]
    assert (counts["applied"], counts["duplicate"]) == (4, 1)


def test_the_previous_rank_is_that_of_the_last_midnight() -> None:
    icps = [{**ICP, "must_have": {"account_id": "acme.com"}, "icp": "acme"}, ICP]
    lines = [intent("a", 0.5), intent("b", 1.5, account_id="quiet.com"), intent("c", 1.6, account_id="quiet.com")]
    lists = replay(lines, ACCOUNTS, icps, SIMPLE, day(1.7))["lists"]
    ranks = [(one["account_id"], one["rank"], one["previous_rank"], one["icp"]) for one in lists["all"]]
    assert ranks == [("quiet.com", 1, None, "everyone"), ("acme.com", 2, 1, "acme")]
    assert [one["account_id"] for one in lists["acme"]] == ["acme.com"]
    assert len(lists["everyone"]) == 2


def test_who_does_not_fit_or_is_suppressed_is_on_no_list_and_in_no_alert() -> None:
    for account in ({"account_id": "acme.com", "suppressed": "yes"}, {"account_id": "quiet.com"}):
        result = replay([intent("a", 0)], [account], [ICP], SIMPLE, day(1))
        assert (result["lists"]["all"], result["alerts"], result["counts"]["applied"]) == ([], [], 1)


@pytest.mark.parametrize(
    ("value", "predicate", "expected"),
    [
        ("200.0", 200, Answer.HOLDS),
        ("1,200", {"gte": 200, "lt": 1201}, Answer.HOLDS),
        ("many", {"gte": 200}, Answer.UNREADABLE),
        (" Software ", {"in": ["software"]}, Answer.HOLDS),
        ("Yes", True, Answer.HOLDS),
        (["CRM", "ERP"], {"ne": "crm"}, Answer.FALSE),
        (["1", "2"], {"gt": 0}, Answer.UNREADABLE),
        (["1"], {"gt": 0}, Answer.HOLDS),
        ("Head of Sales", {"contains": ["marketing", "sales"]}, Answer.HOLDS),
        ("Salesforce", {"has_any": ["salesforce", "HubSpot"]}, Answer.HOLDS),
        (" ", {"exists": True}, Answer.FALSE),
        (None, {"exists": False}, Answer.HOLDS),
        (None, {"ne": "crm"}, Answer.UNREADABLE),
    ],
)
def test_a_predicate_holds_is_false_or_cannot_be_read(value: Any, predicate: Any, expected: Answer) -> None:
    assert answer(value, predicate) is expected


@pytest.mark.parametrize(
    ("text", "domain"),
    [
        ("https://user@www.Acme.co.uk:8443/careers?x=1", "acme.co.uk"),
        (" München.de. ", "xn--mnchen-3ya.de"),
        ("team.github.io", "team.github.io"),
        *((refused, None) for refused in ("github.io", "co.uk", "localhost", "10.0.0.1", "[::1]", "gmail.com", "")),
    ],
)
def test_an_account_is_its_registrable_domain(text: str, domain: str | None) -> None:
    assert normalise_account(text) == domain
