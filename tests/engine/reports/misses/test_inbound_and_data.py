"""Reports on hand raises and on what data lack."""

from typing import Any

import pytest

from signal_engine.core.alerting.alerts import HAND_RAISE, INBOUND
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage.activity import SourceActivity
from tests.build import DAY, T0
from tests.engine.reports.misses.judged import FITTING, asked, happened, market


def raised(*events: Any, row: dict[str, Any] | None = None) -> Any:
    return market([row or FITTING], events).report("inbound")


@pytest.mark.parametrize(
    ("row", "alert", "why_not"),
    [
        (FITTING, HAND_RAISE, None),
        ({**FITTING, "size": 50}, INBOUND, "not_fit"),
        ({**FITTING, "size": ""}, INBOUND, "fit_unknown"),
        ({**FITTING, "relation": "partner"}, INBOUND, "relation"),
        ({**FITTING, "relation": "competitor"}, None, "relation"),
        ({**FITTING, "suppressed": True}, None, "suppressed"),
    ],
)
def test_every_hand_raise_is_told_with_what_became_of_it(row, alert, why_not):
    (result,) = raised(asked("a0.com", 2), row=row)["rows"]
    assert (result["alert"], result["why_not"], result["persona"]) == (alert, why_not, "finance")
    assert result["raised_at"] == format_instant(T0 - 2 * DAY)
    assert result["text"] == "CFO asked for a demo"


def test_strangers_are_told_too():
    (result,) = raised(asked("stranger.com", 1))["rows"]
    assert (result["decision"], result["alert"], result["why_not"]) == (None, INBOUND, "not_in_accounts")


def test_a_repeat_that_gave_no_alert_is_told_with_its_reason_newest_first():
    result = raised(asked("a0.com", 2), asked("a0.com", 1.9), happened("a0.com", "engagement", 1, activity="form_fill"))
    assert [(row["alert"], row["why_not"]) for row in result["rows"]] == [
        (None, "hand_raise_recent"),
        (HAND_RAISE, None),
    ]
    assert result["unanswered"] == 2


@pytest.mark.parametrize(("ago", "is_reported"), [(29.9, True), (30, True), (30.1, False), (45, False)])
def test_thirty_days_are_told(ago, is_reported):
    assert len(raised(asked("a0.com", ago), asked("a0.com", 0))["rows"]) == 1 + is_reported


def test_history_being_loaded_waits_for_nobody():
    result = raised(asked("a0.com", 1, backfill=True))
    assert result["unanswered"] == 0
    assert result["rows"][0]["backfill"] is True


def test_who_was_answered_waits_no_longer():
    judged = market([FITTING], [asked("a0.com", 2), asked("a0.com", 1, persona="VP Sales")])
    judged.judged.state("a0.com", T0).answered_at = T0 - round(1.5 * DAY)
    result = judged.report("inbound")
    assert [row["answered_at"] for row in result["rows"]] == [None, format_instant(T0 - round(1.5 * DAY))]
    assert result["unanswered"] == 1


def found(rows: list[dict[str, Any]], *events: Any) -> dict[tuple[str, str], tuple[int, int | None]]:
    result = market(rows, events).report("data-quality")
    return {(row["check"], row["subject"]): (row["count"], row["of"]) for row in result["rows"]}


def test_accounts_that_nobody_would_call():
    rows = [
        {**FITTING, "owner": "Olu"},
        {**FITTING, "sdr": "Sam"},
        FITTING,
        {"owner": "Olu", "sdr": "Sam"},
    ]
    assert found(rows) == {
        ("no_owner", "all accounts"): (2, 4),
        ("no_owner", "accounts to chase"): (2, 3),
        ("no_sdr", "all accounts"): (2, 4),
        ("no_sdr", "accounts to chase"): (2, 3),
        ("nobody_calls", "all accounts"): (1, 4),
        ("nobody_calls", "accounts to chase"): (1, 3),
    }


OWNED = {**FITTING, "owner": "Olu", "sdr": "Sam"}


def test_rows_of_one_account_and_columns_that_nobody_reads():
    rows = [{**OWNED, "account_id": "one.com"}, {**OWNED, "account_id": "www.one.com", "Shoe size": 43}]
    result = market(rows, []).report("data-quality")["rows"]
    assert [(row["check"], row["subject"], row["count"], row["examples"]) for row in result] == [
        ("unread_column", "Shoe size", 1, []),
        ("merged_rows", "all accounts", 1, []),
        ("merged_rows", "one.com", 1, ["line 1", "line 2"]),
    ]


def test_titles_that_match_no_persona_by_frequency():
    titles = ["Barista", "barista ", "Cook", "CFO", None]
    views = [
        happened("a0.com", "engagement", n, activity="pricing_view", persona=title) for n, title in enumerate(titles)
    ]
    result = found([OWNED], *views)
    assert list(result.items()) == [(("other_persona", "barista"), (2, 5)), (("other_persona", "cook"), (1, 5))]


def test_a_source_that_stopped_is_named_and_one_that_is_slow_is_not():
    events = [
        *(happened("a0.com", "intent", ago, topic="crm", score=90, source="daily") for ago in range(20, 40)),
        *(happened("a0.com", "intent", ago, topic="crm", score=90, source="monthly") for ago in (40, 70, 100)),
        *(happened("a0.com", "intent", ago, topic="crm", score=90, source="fresh") for ago in range(1, 9)),
    ]
    result = [row for row in market([OWNED], events).report("data-quality")["rows"] if row["check"] == "silent_source"]
    assert [(row["subject"], row["count"], row["since"]) for row in result] == [
        ("daily", 20, format_instant(T0 - 20 * DAY))
    ]


@pytest.mark.parametrize(
    ("days", "at", "silent"),
    [
        ([0, 1, 2], 9, False),
        ([0, 1, 2], 9.1, True),
        ([0, 10, 20], 50, False),
        ([0, 10, 20], 50.1, True),
        ([0, 1], 300, False),
        ([0, 0.1, 0.2], 300, False),
    ],
)
def test_silence_is_far_longer_than_the_usual_gap_and_longer_than_a_week(days, at, silent):
    source = SourceActivity()
    for day in days:
        source = source.seen(T0 + round(day * DAY))
    assert source.is_silent(T0 + round(at * DAY)) is silent
