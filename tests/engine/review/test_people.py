"""How soon people answered alerts, and how much it was."""

import pytest

from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.instants import DAY, HOUR
from signal_engine.engine.backtest.actions import TimedAction
from signal_engine.engine.review.people import capacity_of, response_times
from signal_engine.engine.review.segments import ReviewedTime
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.icp_documents import AlertDifference

TIME = ReviewedTime(0, 90 * DAY)


def alert(at: int, account: str = "a.com", **changed: object) -> AlertDifference:
    told: AlertDifference = {
        "alert_id": f"{account}-{at}",
        "type": "entered_hot",
        "at": format_instant(at),
        "account_id": account,
        "name": None,
        "audience": "sdr",
        "recorded": None,
    }
    return {**told, **changed}  # type: ignore[typeddict-item]


def acted(now: int, action: ActionName = "claim", account: str = "a.com") -> TimedAction:
    return TimedAction(now, 1, AccountAction(account, f"{account}-{now}", action, now, "a@ours.com", "cli"))


def test_the_median_and_quartiles_are_of_answered_alerts():
    alerts = [alert(day * DAY, f"a{day}.com") for day in range(1, 13)]
    actions = [acted(day * DAY + day * HOUR, account=f"a{day}.com") for day in range(1, 12)]
    (found,) = response_times(alerts, actions, TIME)
    assert found["alerts"] == 12
    assert (found["answered"]["hits"], found["answered"]["trials"]) == (11, 12)
    assert found["hours"] == [3.5, 6.0, 8.5]


@pytest.mark.parametrize(
    "actions",
    [
        [acted(5 * DAY - 1)],  # before the alert
        [acted(19 * DAY + 1)],  # after 14 days
        [acted(5 * DAY, "assign")],  # no answer
        [acted(5 * DAY, account="b.com")],
    ],
)
def test_what_is_no_answer(actions: list[TimedAction]):
    (found,) = response_times([alert(5 * DAY)], actions, TIME)
    assert found["answered"]["hits"] == 0
    (answered,) = response_times([alert(5 * DAY)], [*actions, acted(19 * DAY)], TIME)
    assert answered["answered"]["hits"] == 1


def test_alerts_too_late_to_be_answered_recorded_ones_and_endings_are_left_out():
    alerts = [alert(77 * DAY), alert(5 * DAY, recorded="backfill"), alert(5 * DAY, type="cooled")]
    assert response_times(alerts, [], TIME) == []


def test_load_is_by_person_and_week():
    fits = {
        "a.com": Fit("a.com", (), owner="o@ours.com", sdr="s@ours.com"),
        "b.com": Fit("b.com", (), owner="o@ours.com"),
    }
    week = 4 * DAY  # Monday, 5 January 1970
    alerts = [
        *(alert(week + hour * HOUR) for hour in range(3)),
        alert(week + 7 * DAY),
        alert(week, "b.com"),
        alert(week, audience="triage"),
        alert(91 * DAY),  # after the time
    ]
    found = {one["person"]: one for one in capacity_of(alerts, fits, TIME, 2)}
    assert found["s@ours.com"] == {
        "person": "s@ours.com",
        "alerts": 4,
        "a_week": 0.3,
        "busiest_week": 3,
        "weeks_above": 1,
    }
    assert found["o@ours.com"]["alerts"] == 1
    assert found[None]["weeks_above"] is None
    assert [one["person"] for one in capacity_of(alerts, fits, TIME, None)] == ["s@ours.com", "o@ours.com", None]
