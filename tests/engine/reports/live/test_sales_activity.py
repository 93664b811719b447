"""`report response` of the live engine: an activity that the CRM told is a first touch, too."""

from collections.abc import Mapping
from typing import Any

import pytest

from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.sync_ledger import MemorySyncLedger
from signal_engine.core.rules.instants import DAY, HOUR
from signal_engine.engine.reports.live.lacks import LAST_ACTIVITY
from signal_engine.engine.sync.activity import ACTIVITY, SalesActivity
from tests.build import T0
from tests.engine.reports.live.running import LiveStand
from tests.engine.reports.misses.judged import FITTING, asked, did, market

ASKED, CLAIMED = T0 - 2 * DAY, T0 - 2 * DAY + HOUR
MIDNIGHT = T0 - T0 % DAY


async def response(active_at: Mapping[str, int]) -> Any:
    """After a hand raise two days ago that was claimed an hour later; `active_at` is what the CRM told."""
    engine = LiveStand()
    await engine.begin(market([{**FITTING, "account_id": "a.com", "sdr": "Ann Roe"}], []).table.fits.values())
    await engine.take([asked("a.com", 2), did("a.com", "claim", 2 - 1 / 24, until=10**13)])
    activity = SalesActivity(MemorySyncLedger(MemoryServer(), "", ACTIVITY))
    await activity.note(active_at, T0)
    return await engine.market(activity=activity.known).report("response", T0)


@pytest.mark.parametrize(
    ("active_at", "waited_s"),
    [
        (CLAIMED + 3 * HOUR, 3 * 3_600),
        (ASKED + 1, 0),  # before the claim, but of the alert
        (MIDNIGHT, (T0 - CLAIMED) // 1_000),  # a day alone, which is not over yet
    ],
    ids=["after the claim", "before the claim", "a day alone"],
)
async def test_an_activity_after_the_alert_is_a_touch(active_at: int, waited_s: int) -> None:
    report = await response({"a.com": active_at})
    (row,) = report["rows"]
    assert (row["claimed"], row["touched"], row["to_touch_s"]) == (1, 1, waited_s)
    assert report["lacks"] == [LAST_ACTIVITY]


@pytest.mark.parametrize("active_at", [{"a.com": ASKED - DAY}, {}, {"b.com": T0}], ids=["before it", "none", "other"])
async def test_without_one_nobody_was_in_touch(active_at: dict[str, int]) -> None:
    (row,) = (await response(active_at))["rows"]
    assert (row["claimed"], row["touched"], row["to_touch_s"]) == (1, 0, None)
