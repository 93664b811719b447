"""Open opportunities on accounts that do not fit, or that people took out of the pipeline."""

from typing import Any

import pytest

from signal_engine.wire.instants import format_instant
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.reports.report_shown import summary
from tests.build import DAY, T0
from tests.engine.reports.misses.judged import FITTING, did, market

SMALL, FAR = {**FITTING, "size": 50, "owner": "Olu"}, {**FITTING, "country": "NO"}
UNDECIDED = {**FITTING, "size": ""}


def deal(account: str, number: int, *stages: str, amount: float | None = 100.0, ago: float = 20.5) -> Any:
    """The outcomes of one opportunity, a day apart, the first `ago` days before T0."""
    at = T0 - round(ago * DAY)
    return [
        AccountOutcome(account, f"{account}-{number}-{place}", stage, at + place * DAY, f"d{number}",  # type: ignore[arg-type]
                       stage_name=f"Stage {place}", amount_usd=amount)
        for place, stage in enumerate(stages)
    ]  # fmt: skip


def misfits(rows: list[dict[str, Any]], outcomes: list[AccountOutcome], *actions: Any, **more: Any) -> Any:
    return market(rows, [], actions=actions, outcomes=outcomes, **more).report("pipeline-misfits")


def shown(result: Any) -> list[tuple[Any, ...]]:
    return [(row["account_id"], row["misfit"], row["icp"], row["criterion"], row["by"]) for row in result["rows"]]


def test_an_open_opportunity_of_an_account_that_does_not_fit_is_told_with_what_speaks_against_it() -> None:
    result = misfits([FITTING, SMALL], [*deal("a0.com", 1, "opened"), *deal("a1.com", 1, "opened", "moved")])
    assert shown(result) == [("a1.com", "not_fit", "saas", "size is at least 200", None)]
    (row,) = result["rows"]
    assert (row["owner"], row["opportunity_id"], row["stage"], row["amount_usd"]) == ("Olu", "d1", "Stage 1", 100.0)
    assert (row["opened_at"], row["age_days"]) == (format_instant(T0 - round(20.5 * DAY)), 20)
    assert (result["total"], result["open"], result["amount_usd"]) == (1, 2, 100.0)
    assert summary(result, 5) == ["1 of 2 open opportunities, $100", "size is at least 200 (saas): 1, $100"]


def test_what_is_closed_is_none_and_what_was_reopened_is_one_again() -> None:
    outcomes = [
        *deal("a0.com", 1, "opened", "won"),
        *deal("a0.com", 2, "opened", "lost"),
        *deal("a0.com", 3, "opened", "won", "reopened"),
    ]
    assert [row["opportunity_id"] for row in misfits([SMALL], outcomes)["rows"]] == ["d3"]


def test_what_is_dated_after_the_report_has_not_happened() -> None:
    outcomes = [*deal("a0.com", 1, "opened"), *deal("a0.com", 1, "won", ago=-1), *deal("a0.com", 2, "opened", ago=-1)]
    assert [row["opportunity_id"] for row in misfits([SMALL], outcomes)["rows"]] == ["d1"]


def test_nothing_speaks_against_accounts_that_nobody_can_judge_or_that_are_in_no_file() -> None:
    outcomes = [*deal("a0.com", 1, "opened"), *deal("stranger.com", 1, "opened")]
    result = misfits([UNDECIDED], outcomes)
    assert (result["rows"], result["open"]) == ([], 2)


@pytest.mark.parametrize(
    ("actions", "told"),
    [
        ([did("a0.com", "kill", 3, reason="no budget")], ("killed", None, "no budget", "sam@example.com")),
        ([did("a0.com", "kill", 3, icp="saas")], ("killed", "saas", None, "sam@example.com")),
        ([did("a0.com", "do_not_contact", 3, reason="asked")], ("do_not_contact", None, "asked", "sam@example.com")),
        ([did("a0.com", "kill", 3), did("a0.com", "restore", 2)], None),
        ([did("a0.com", "snooze", 3, until=T0 + DAY)], None),
    ],
)
def test_what_people_decided_counts_until_they_restore_it(actions: Any, told: tuple[Any, ...] | None) -> None:
    result = misfits([FITTING], deal("a0.com", 1, "opened"), *actions)
    assert shown(result) == ([] if told is None else [("a0.com", *told)])


def test_the_word_of_a_person_stands_before_the_rules_and_reasons_are_counted_together() -> None:
    result = misfits(
        [SMALL, {**FITTING}, FAR],
        [
            *deal("a0.com", 1, "opened", amount=10),
            *deal("a1.com", 1, "opened", amount=900.5),
            *deal("a2.com", 1, "opened"),
        ],
        did("a0.com", "kill", 3, reason="one"),
        did("a1.com", "kill", 3, reason="another"),
    )
    assert [row["amount_usd"] for row in result["rows"]] == [900.5, 100.0, 10.0]
    assert result["counts"] == [
        {"misfit": "killed", "icp": None, "criterion": None, "opportunities": 2, "amount_usd": 910.5},
        {"misfit": "not_fit", "icp": "saas", "criterion": "too far", "opportunities": 1, "amount_usd": 100.0},
    ]
    assert summary(result, 5)[1] == "disqualified by people: 2, $910"


def test_the_largest_come_first_then_the_oldest_and_those_without_an_amount_last() -> None:
    outcomes = [
        *deal("a0.com", 1, "opened", amount=None, ago=90),
        *deal("a0.com", 2, "opened", ago=5),
        *deal("a0.com", 3, "opened", ago=40),
    ]
    assert [row["opportunity_id"] for row in misfits([SMALL], outcomes)["rows"]] == ["d3", "d2", "d1"]
