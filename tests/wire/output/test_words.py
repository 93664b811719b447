"""Words that terminal and page share."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signal_engine.core.fit.reasons import Recorded
from signal_engine.core.rules.instants import DAY, HOUR, MINUTE
from signal_engine.wire.output import words
from signal_engine.wire.output.alert_words import (
    NOT_SENT_IN_WORDS,
    accounts_alerted_just_now,
    alerted_just_now,
    not_sent_in_words,
    triage_in_words,
)

NOW = "2026-03-10T12:00:00Z"


@pytest.mark.parametrize(
    ("ms", "result"),
    [
        (0, "0 seconds"),
        (999, "0 seconds"),
        (1_000, "1 second"),
        (MINUTE - 1_000, "59 seconds"),
        (MINUTE, "1 minute"),
        (HOUR, "1 hour"),
        (DAY - HOUR, "23 hours"),
        (DAY, "1 day"),
        (1.4 * DAY, "1 day"),
        (1.6 * DAY, "2 days"),
        (1_200 * DAY, "1,200 days"),
    ],
)
def test_a_distance_is_of_the_largest_unit_that_fits(ms, result):
    assert words.distance(int(ms)) == result


def account_document(active: list[str], seen: list[str], kinds: list[str]) -> dict[str, Any]:
    people = [{"persona": name, "called": name.upper(), "last_seen_at": NOW} for name in seen]
    return {"personas_live": active, "people": people, "parts": [{"part": kind, "points": 9.0} for kind in kinds]}


@pytest.mark.parametrize(
    ("active", "seen", "kinds", "said"),
    [
        ([], [], ["intent"], "nobody has engaged"),
        ([], [], ["engagement"], "anonymous visitors only"),
        ([], ["other", "it"], ["engagement"], "too little to count: other titles, IT"),
        (["finance"], ["it", "finance"], ["engagement"], "one person only: finance"),
        (["finance", "it"], ["it", "finance"], ["engagement"], "finance, IT"),
        (["ceo\n\u202eevil"], [], ["engagement"], "one person only: ceo evil"),
    ],
)
def test_who_is_behind_the_engagement(active, seen, kinds, said):
    assert words.who(account_document(active, seen, kinds)) == said


def test_whoever_of_the_buying_group_is_not_active_is_missing():
    assert words.missing(account_document(["it"], ["it", "sales"], []), ("sales", "it", "finance")) == [
        "sales",
        "finance",
    ]


@pytest.mark.parametrize(
    ("live", "multiplier", "said"),
    [
        ([], 1.0, "0 signal types are live, which adds nothing"),
        (["intent"], 1.0, "1 signal type is live (intent), which adds nothing"),
        (
            ["technographic", "buying_group"],
            1.15,
            "2 signal types are live (technology, buying group), so their sum is multiplied by 1.15",
        ),
    ],
)
def test_the_stack_is_one_sentence(live, multiplier, said):
    assert words.stack({"kinds_live": live, "multiplier": multiplier}) == said


@given(st.lists(st.floats(0, 40), min_size=1, max_size=8), st.floats(-60, 0))
def test_whole_parts_add_up_to_the_whole_score_and_none_is_a_point_off(points, ceiling):
    parts = [{"points": one} for one in (*points, ceiling)]
    score = sum(one["points"] for one in parts)
    whole = words.whole_parts(score, parts)
    assert sum(whole) == round(score)
    assert all(abs(shown - one["points"]) < 1.5 for shown, one in zip(whole, parts, strict=True))


def alert(at: str, recorded: str | None = None, **more: Any) -> dict[str, Any]:
    return {"at": at, "recorded": recorded, **more}


@pytest.mark.parametrize(
    ("alerts", "found"),
    [
        ([], None),
        ([alert("2026-03-10T11:49:59Z")], None),
        ([alert("2026-03-10T11:50:00Z")], "2026-03-10T11:50:00Z"),
        ([alert("2026-03-10T11:58:00.5Z"), alert("2026-03-10T11:58:00Z")], "2026-03-10T11:58:00.5Z"),
        ([alert("2026-03-10T11:59:00Z", "backfill"), alert("2026-03-10T11:55:00Z")], "2026-03-10T11:55:00Z"),
    ],
    ids=["none", "too long ago", "ten minutes ago", "the newest", "one that was not sent does not count"],
)
def test_the_alert_of_just_now(alerts, found):
    just_now = alerted_just_now(alerts, NOW)
    assert (just_now and just_now["at"]) == found


def test_the_accounts_that_were_alerted_just_now_are_those_whose_alert_was_sent():
    alerts = [
        alert("2026-03-10T11:55:00Z", account_id="sent.com"),
        alert(NOW, account_id="now.com"),
        alert("2026-03-10T11:49:00Z", account_id="before.com"),
        alert(NOW, "rules_changed", account_id="recorded.com"),
    ]
    assert accounts_alerted_just_now(alerts, NOW) == {"sent.com", "now.com"}


@pytest.mark.parametrize(
    ("active", "kinds", "said"),
    [
        (["finance", "it"], ["engagement"], "Seen: finance, IT."),
        (["finance"], ["engagement"], "One person only: finance."),
        ([], ["intent"], "Nobody has engaged."),
    ],
)
def test_who_is_behind_the_engagement_is_a_sentence_on_page_and_terminal(active, kinds, said):
    assert words.seen(account_document(active, active, kinds)) == said


def test_every_reason_for_which_an_alert_is_kept_and_not_sent_has_its_words():
    assert set(NOT_SENT_IN_WORDS) == set(Recorded)


def test_an_alert_says_in_words_why_no_rep_has_it_and_why_it_was_not_sent():
    stranger = alert(NOW, "backfill", triage_reason="not_in_accounts")
    assert triage_in_words(stranger) == "it is not in the accounts file, so its fit is unknown"
    assert not_sent_in_words(stranger) == "it came from loaded history"
    assert not_sent_in_words(alert(NOW, "rules_changed")) == "it came from a change of the scoring file"
    assert not_sent_in_words(alert(NOW, "quiet")) == "the fit table was loaded with --quiet"
    ours = alert(NOW, triage_reason=None)
    assert (triage_in_words(ours), not_sent_in_words(ours)) == ("", "")
