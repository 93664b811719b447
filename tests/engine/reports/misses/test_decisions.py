"""The inbox of a rule's owner: open proposals and kills whose review has come; and who answered a hand raise."""

from typing import Any

import pytest

from signal_engine.wire.instants import format_instant
from tests.build import DAY, T0
from tests.engine.reports.misses.judged import FITTING, PROFILE, asked, did, market, warm

SMALL = {**FITTING, "size": 50}
FUTURE = T0 + 100 * DAY


def proposed(account: str, ago: float, **more: Any) -> Any:
    return did(account, "disposition", ago, outcome="not_a_fit", until=FUTURE, reason="no budget here", **more)


def killed(account: str, ago: float, review: float, **more: Any) -> Any:
    return did(account, "kill", ago, review_at=T0 + round(review * DAY), **more)


def decisions(rows: list[dict[str, Any]], *actions: Any) -> Any:
    return market(rows, [], actions=actions).report("decisions")


def test_a_proposal_is_told_with_what_the_rule_says():
    result = decisions([FITTING, SMALL], proposed("a0.com", 2, by="kim@example.com"), proposed("a1.com", 1))
    shown = [(row["account_id"], row["by"], row["decision"], row["tier"], row["criterion"]) for row in result["rows"]]
    assert shown == [
        ("a0.com", "kim@example.com", "chase", "A", None),
        ("a1.com", "sam@example.com", "ignore", None, "size is at least 200"),
    ]
    (first, _) = result["rows"]
    assert (first["question"], first["icp"], first["reason"]) == ("proposal", "saas", "no budget here")
    assert first["rule_owner"] == PROFILE.owner_email
    assert first["decided_at"] == format_instant(T0 - 2 * DAY)
    assert result["icps"] == [
        {"icp": "saas", "rule_owner": PROFILE.owner_email, "proposals": 2, "admitted": 1, "reviews": 0}
    ]
    assert {"icp": "saas", "criterion": "size is at least 200", "admits": False, "proposals": 1} in result["criteria"]
    assert {"icp": "saas", "criterion": "+20 runs a CRM", "admits": True, "proposals": 1} in result["criteria"]
    assert not any("tier A" in one["criterion"] for one in result["criteria"])


@pytest.mark.parametrize(
    "then",
    [
        killed("a0.com", 1, 90, icp="saas"),
        killed("a0.com", 1, 90),
        did("a0.com", "do_not_contact", 1),
        did("a0.com", "restore", 1),
        did("a0.com", "disposition", 1, outcome="contacted"),
    ],
    ids=["killed for the ICP", "killed everywhere", "not to be contacted", "restored", "contacted since"],
)
def test_a_proposal_that_somebody_decided_is_no_longer_open(then):
    assert decisions([FITTING], proposed("a0.com", 2), then)["rows"] == []


def test_a_proposal_ends_with_its_days():
    short = did("a0.com", "disposition", 2, outcome="not_a_fit", until=T0 - DAY)
    assert decisions([FITTING], short)["rows"] == []


@pytest.mark.parametrize(("review", "icp", "is_open"), [(-1, "saas", True), (0, None, True), (1, "saas", False)])
def test_a_kill_comes_back_when_its_review_has_come(review, icp, is_open):
    result = decisions([FITTING], killed("a0.com", 30, review, icp=icp))
    assert [(row["question"], row["icp"], row["decision"]) for row in result["rows"]] == [
        ("review", icp, "chase")
    ] * is_open
    assert sum(one["reviews"] for one in result["icps"]) == is_open
    asked_of = PROFILE.owner_email if icp else "sam@example.com"  # who killed it everywhere
    assert [row["rule_owner"] for row in result["rows"]] == [asked_of] * is_open


def test_who_waits_longest_comes_first_and_proposals_before_reviews():
    rows = [FITTING] * 4
    result = decisions(
        rows,
        killed("a0.com", 30, -2, icp="saas"),
        killed("a1.com", 20, -9, icp="saas"),
        proposed("a2.com", 1),
        proposed("a3.com", 5),
    )
    assert [row["account_id"] for row in result["rows"]] == ["a3.com", "a2.com", "a1.com", "a0.com"]


def test_companies_of_no_file_can_be_proposed_and_killed_too():
    result = decisions([], proposed("stranger.com", 2), killed("other.com", 9, -1))
    assert [(row["account_id"], row["icp"], row["rule_owner"], row["decision"]) for row in result["rows"]] == [
        ("stranger.com", None, None, None),
        ("other.com", None, "sam@example.com", None),
    ]
    assert (result["icps"][0]["proposals"], result["icps"][0]["reviews"], result["criteria"]) == (1, 1, [])


def answered(*actions: Any) -> Any:
    return market([FITTING], [asked("a0.com", 5), asked("a0.com", 3)], actions=actions).report("inbound")


def test_the_first_answer_after_a_hand_raise_counts_with_who_and_how():
    result = answered(
        did("a0.com", "claim", 4, "kim@example.com", until=FUTURE),
        did("a0.com", "assign", 3.5, assignee="kim@example.com"),
        did("a0.com", "disposition", 2, "kim@example.com", outcome="contacted"),
        did("a0.com", "snooze", 1, until=FUTURE),
    )
    said = [(row["answered_at"], row["answered_by"], row["answered_with"]) for row in result["rows"]]
    assert said == [
        (format_instant(T0 - 2 * DAY), "kim@example.com", "disposition"),
        (format_instant(T0 - 4 * DAY), "kim@example.com", "claim"),
    ]
    assert result["unanswered"] == 0


def test_a_claim_that_had_no_effect_answers_nothing():
    result = answered(
        did("a0.com", "claim", 6, "kim@example.com", until=FUTURE), did("a0.com", "claim", 4, until=FUTURE)
    )
    assert [row["answered_by"] for row in result["rows"]] == [None, None]
    assert result["unanswered"] == 2


@pytest.mark.parametrize("hides", ["kill", "snooze", "do_not_contact"])
def test_whom_people_took_off_all_lists_is_in_no_report_on_the_rule(hides):
    more = {"until": FUTURE} if hides == "snooze" else {}
    judged = market([SMALL], [*warm("a0.com"), *warm("stranger.com")], actions=[
        did("a0.com", hides, 0, **more), did("stranger.com", hides, 0, **more)
    ])  # fmt: skip
    for name in ("high-intent-outside-icp", "near-fits", "not-in-accounts"):
        assert judged.report(name)["rows"] == []


def test_a_kill_for_one_profile_does_not_hide_what_the_rule_says():
    judged = market([SMALL], warm("a0.com"), actions=[killed("a0.com", 0, 90, icp="saas")])
    (row,) = judged.report("high-intent-outside-icp")["rows"]
    assert row["criterion"] == "size is at least 200"
