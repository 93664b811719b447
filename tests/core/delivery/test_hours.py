"""What comes late waits for working hours again; what is on time, for nobody in particular or a hand raise does not."""

from typing import Any

import pytest

from signal_engine.core.delivery.answering import ActionsSeen
from signal_engine.core.delivery.hours import hours_begin
from signal_engine.core.delivery.ledger import rows_of
from signal_engine.core.delivery.plan import plan
from signal_engine.core.rules.instants import MINUTE
from tests.core.delivery.scene import ALERT, ANN, WEDNESDAY, at, routing, to

NOON, NIGHT = at(WEDNESDAY, 12), at(WEDNESDAY, 22)
THURSDAY = at(WEDNESDAY.replace(day=3), 8)
(ROW,) = rows_of(ALERT, plan(ALERT, routing(to("direct")), ActionsSeen(), NOON), NOON, NOON)


@pytest.mark.parametrize(
    ("changed", "now", "begins"),
    [
        ({}, NIGHT, THURSDAY),
        ({"timing": "late"}, NIGHT, THURSDAY),
        ({"attempts": 3, "due": NIGHT}, NIGHT, THURSDAY),
        ({"due": None, "attempts": 1}, NIGHT, THURSDAY),
        ({"attempts": 3}, NOON + MINUTE, None),
        ({"due": NIGHT - MINUTE + 1}, NIGHT, None),
        ({"due": NIGHT - MINUTE}, NIGHT, THURSDAY),
        ({"due": None}, NIGHT, None),
        ({"timing": "at_once"}, NIGHT, None),
        ({"timing": "digest"}, NIGHT, None),
        ({"type": "hand_raise"}, NIGHT, None),
    ],
)
def test_when_hours_begin_for_what_is_late(changed: dict[str, Any], now: int, begins: int | None) -> None:
    assert hours_begin(ROW._replace(**changed), ANN, now) == begins


def test_nobody_in_particular_has_no_hours_and_who_never_works_is_not_waited_for() -> None:
    assert hours_begin(ROW, None, NIGHT) is None
    assert hours_begin(ROW, ANN._replace(hours=ANN.hours[:1], days_off=_EVERY_DAY), NIGHT) is None


class _EveryDay:
    def __contains__(self, _: object) -> bool:
        return True


_EVERY_DAY = _EveryDay()
