"""The record of a list is at most so large: no broker takes more than it was told to."""

import json
from typing import Any

from signal_engine.wire import lists
from tests.build import T0


def listed(many: int, evidence: int) -> dict[str, Any]:
    part = {"kind": "intent", "points": 1.0, "evidence": [{"event_id": "e" * evidence}]}
    entries = [{"rank": rank, "account_id": f"{rank}.com", "parts": [part]} for rank in range(1, many + 1)]
    return lists.priority_list("all", 1, T0, T0, "1-test", entries)


def test_one_that_fits_is_whole() -> None:
    whole = listed(10, 10)
    assert json.loads(lists.encode(whole, 2_000)) == whole


def test_a_larger_one_loses_evidence_from_the_lowest_rank_up_and_says_so() -> None:
    told = lists.encode(listed(10, 100), 2_000)
    assert len(told) <= 2_000
    read = json.loads(told)
    assert read["truncated"] is True
    has = [bool(entry["parts"][0]["evidence"]) for entry in read["entries"]]
    assert has == sorted(has, reverse=True)
    assert 0 < sum(has) < 10 == len(has)


def test_where_that_is_not_enough_the_lowest_ranks_are_left_out() -> None:
    told = lists.encode(listed(100, 10), 2_000)
    assert len(told) <= 2_000
    ranks = [entry["rank"] for entry in json.loads(told)["entries"]]
    assert ranks == list(range(1, len(ranks) + 1))
    assert len(ranks) > 10
