"""What became of an alert, by the actions after it and by what a CRM says."""

from datetime import timedelta

import pytest

from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.actions.log import LoggedAction
from signal_engine.core.delivery.response.lateness import Response, response_to
from tests.core.delivery.scene import WEDNESDAY, at

ALERTED, MINUTE = at(WEDNESDAY, 12), 60_000
NOW = ALERTED + 60 * MINUTE


def done(action: ActionName, minutes: int, until: int | None = None) -> LoggedAction:
    """So many minutes after the alert."""
    now = ALERTED + minutes * MINUTE
    return LoggedAction(now, AccountAction("acme.com", f"{action} {now}", action, now, "a@b.com", "cli", until=until))


def waits(*taken: LoggedAction, activity_at: int | None = None) -> tuple[str, int] | str:
    """What is waited for, and since so many minutes after the alert; `nothing`; `nobody` who had to respond."""
    was = response_to(ALERTED, taken, NOW, activity_at)
    if was is None:
        return "nobody"
    if was.waits is None:
        return "nothing"
    return was.waits[0], (was.waits[1] - ALERTED) // MINUTE


@pytest.mark.parametrize(
    ("taken", "expected"),
    [
        ((), ("claim", 0)),
        ((done("claim", 5),), ("touch", 5)),
        ((done("claim", 61),), ("claim", 0)),  # not yet
        ((done("claim", 5), done("claim", 9)), ("touch", 5)),
        ((done("claim", 5), done("disposition", 9)), "nothing"),
        ((done("disposition", 9),), "nothing"),
        ((done("snooze", 9),), "nothing"),
        ((done("kill", 9),), "nothing"),
        ((done("do_not_contact", 9),), "nothing"),
        ((done("mute", 9), done("assign", 10), done("restore", 11)), ("claim", 0)),
        ((done("disposition", -9), done("snooze", -9)), ("claim", 0)),  # before it
        ((done("claim", 5), done("release", 9)), ("claim", 9)),
        ((done("claim", 5), done("release", 9), done("claim", 20)), ("touch", 5)),
        ((done("claim", -5),), "nobody"),
        ((done("claim", -5, until=ALERTED),), ("claim", 0)),  # that has ended
        ((done("claim", -9), done("release", -5)), ("claim", 0)),  # that was given back
        ((done("claim", -9), done("release", -5), done("claim", -3)), "nobody"),
    ],
)
def test_actions_after_the_alert_are_a_response(taken: tuple[LoggedAction, ...], expected: object) -> None:
    assert waits(*taken) == expected


@pytest.mark.parametrize(
    ("activity_at", "expected"),
    [
        (ALERTED - 1, ("claim", 0)),
        (ALERTED, "nothing"),
        (ALERTED + MINUTE, "nothing"),
        (at(WEDNESDAY, 1), "nothing"),  # midnight UTC: a CRM that knows days alone
        (at(WEDNESDAY - timedelta(days=1), 1), ("claim", 0)),
        (NOW, "nothing"),
        (NOW + 1, ("claim", 0)),  # Salesforce tells the day of a meeting that is still to come
        (at(WEDNESDAY + timedelta(days=9), 1), ("claim", 0)),
    ],
)
def test_an_activity_after_the_alert_is_a_touch(activity_at: int, expected: object) -> None:
    assert waits(activity_at=activity_at) == expected


def test_a_touch_is_never_before_the_claim_that_it_follows() -> None:
    was = response_to(ALERTED, [done("claim", 9)], NOW, ALERTED + MINUTE)
    assert was == Response(ALERTED, ALERTED + 9 * MINUTE, ALERTED + 9 * MINUTE)
