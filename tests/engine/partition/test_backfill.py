"""History being loaded: it counts like anything else, and nobody is called for it."""

from tests.build import ACME, BUYERS, HAND_RAISES, SECOND, T0, TRIGGERS, after, fit, kind, policy
from tests.engine.one_partition import Worker

RULES = policy(
    kind(half_life=8),
    kind("hiring", half_life=8),
    kind("engagement", half_life=8, rules=HAND_RAISES),
    kind("leadership", half_life=8, rules=TRIGGERS),
    personas=BUYERS,
)
COOLS_AFTER = 468_684 * SECOND
"""80 points are 50 after 8 * log2(1.6) days = 468683.30 s."""
ASKS = {"activity": "demo_request", "persona": "CFO"}


async def test_its_alerts_are_recorded_and_not_sent() -> None:
    worker = await Worker(RULES).begin(fit())
    await worker.signal(T0, 80, backfill=True)
    await worker.signal(after(hours=1), 10, kind_="engagement", backfill=True, **ASKS)
    await worker.signal(after(hours=2), 10, kind_="leadership", backfill=True)
    assert worker.sent() == []
    assert worker.recorded("backfill") == [
        (ACME, "entered_hot", "2026-01-01T00:00:00Z"),
        (ACME, "hand_raise", "2026-01-01T01:00:00Z"),
        (ACME, "trigger", "2026-01-01T02:00:00Z"),
    ]
    history = await worker.stand.memory.history(0, ACME, [])
    assert len(history.alerts) == 3
    assert "alerted" not in worker.stand.data().counts, "who waits for new alerts is told of none"


async def test_what_is_recorded_counts_for_limits_and_for_its_episode() -> None:
    worker = await Worker(RULES).begin(fit())
    await worker.signal(T0, 80, backfill=True)
    await worker.signal(after(hours=1), 10, kind_="engagement", backfill=True, **ASKS)
    await worker.signal(after(hours=2), 10, kind_="engagement", **ASKS)
    assert worker.sent() == [], "that persona was told of within a day, and that kind in this episode"
    await worker.signal(after(hours=3), 10, kind_="hiring")
    assert worker.sent() == [("new_evidence", "2026-01-01T03:00:00Z")]


async def test_the_end_of_an_episode_that_comes_by_time_is_sent_and_dated_at_its_own_instant() -> None:
    worker = await Worker(RULES).begin(fit())
    await worker.signal(after(5), 80, occurred=T0, backfill=True)  # 51.9 points are left
    assert worker.recorded("backfill") == []
    await worker.signal(after(5, hours=1), 60, occurred=T0, backfill=True)
    assert worker.recorded("backfill") == [(ACME, "entered_hot", "2026-01-06T01:00:00Z")]
    # 140 points of T0 are 50 after 8 * log2(2.8) days = 1,026,727.02 s.
    (cools,) = worker.stand.data().due.values()
    assert cools == T0 + 1_026_728 * SECOND
    await worker.ticks(after(30))
    assert worker.sent() == [("cooled", "2026-01-12T21:12:08Z")]


async def test_one_that_ended_before_more_history_came_is_told_before_that() -> None:
    worker = await Worker(RULES).begin(fit())
    await worker.signal(T0, 80, backfill=True)
    await worker.signal(after(10), 80, occurred=after(9), backfill=True)
    assert worker.sent() == [("cooled", "2026-01-06T10:11:24Z")], (
        "by time alone, whatever the record was that showed it"
    )
    assert worker.recorded("backfill") == [(ACME, "entered_hot", "2026-01-01T00:00:00Z")], (
        "and no other in the cooldown"
    )
    assert after(10) > T0 + COOLS_AFTER


async def test_a_hand_that_was_raised_in_history_pins_nobody() -> None:
    worker = await Worker(RULES).begin(fit())
    await worker.signal(T0, 10, kind_="engagement", backfill=True, **ASKS)
    assert worker.stand.data().ranks.get("pins:all", {}) == worker.stand.data().ranks.get("all", {}) == {}
    assert worker.stand.data().due == {}
    await worker.signal(after(1.5), 10, kind_="engagement", **ASKS)
    assert worker.stand.data().ranks["pins:all"] == {ACME: after(15.5)}


async def test_a_stranger_in_history_is_recorded_for_triage() -> None:
    worker = await Worker(RULES).begin(fit())
    await worker.signal(T0, 10, "stranger.com", "engagement", backfill=True, **ASKS)
    assert worker.sent() == []
    assert worker.recorded("backfill") == [("stranger.com", "inbound", "2026-01-01T00:00:00Z")]


async def test_the_header_counts_whatever_its_value_and_the_field_does_not() -> None:
    worker = await Worker(RULES).begin(fit())
    await worker.signal(T0, 80, backfill_=True)
    assert worker.sent() == [("entered_hot", "2026-01-01T00:00:00Z")]
