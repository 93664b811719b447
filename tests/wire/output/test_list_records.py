"""The record of a list is at most so large: no broker takes more than it was told to."""

import json
from typing import Any

from signal_engine.wire.output import lists
from tests.build import T0

STACK = {"part": "stack", "points": 0.0, "evidence": []}


def listed(many: int, evidence: int) -> dict[str, Any]:
    shown = {"event_id": "e" * evidence, "points": 1.25}
    part = {"part": "intent", "points": 1.5, "evidence": [shown], "others": 0.5, "saturated": -0.25}
    entries = [{"rank": rank, "account_id": f"{rank}.com", "parts": [part, STACK]} for rank in range(1, many + 1)]
    return lists.priority_list("all", 1, T0, T0, "1-test", entries)


def test_one_that_fits_is_whole() -> None:
    whole = listed(10, 10)
    assert json.loads(lists.encode(whole, 4_000)) == whole


def test_a_larger_one_loses_evidence_from_the_lowest_rank_up_and_says_so() -> None:
    result = lists.encode(listed(10, 100), 2_000)
    assert len(result) <= 2_000
    read = json.loads(result)
    assert read["truncated"] is True
    has = [bool(entry["parts"][0]["evidence"]) for entry in read["entries"]]
    assert has == sorted(has, reverse=True)
    assert 0 < sum(has) < 10 == len(has)
    assert {part["others"] for entry in read["entries"] for part in entry["parts"][:1]} == {0.5, 1.75}
    assert all(adds_up(entry["parts"][0]) for entry in read["entries"])
    assert all(entry["parts"][1] == STACK for entry in read["entries"])


def adds_up(part: dict[str, Any]) -> bool:
    evidence = sum(shown["points"] for shown in part["evidence"])
    return evidence + part["others"] + part["saturated"] == part["points"]


def test_where_that_is_not_enough_the_lowest_ranks_are_left_out() -> None:
    result = lists.encode(listed(100, 10), 2_000)
    assert len(result) <= 2_000
    ranks = [entry["rank"] for entry in json.loads(result)["entries"]]
    assert ranks == list(range(1, len(ranks) + 1))
    assert len(ranks) > 10
