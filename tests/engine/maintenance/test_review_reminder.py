"""A review date that has passed is in the log once a day."""

import asyncio

import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.engine.maintenance import review_reminder
from signal_engine.engine.maintenance.review_reminder import remind_of_reviews
from signal_engine.wire.instants import parse_instant
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce
from tests.engine.stand import Stand, until

DUE = IcpInForce("saas", 3, "Dana", "dana@example.com", "2026-01-31")
ANNUAL = DUE._replace(icp="fintech", review_by="2099-01-01", annual_review_by="2025-12-31")
FINE = DUE._replace(icp="fine", review_by="2099-01-01")


async def test_it_is_written_once_a_day_for_each_and_names_no_person(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(review_reminder, "_RECHECK_S", 0.001)
    stand = Stand(now=parse_instant("2026-01-31T23:00:00Z"))
    stand.context.fit = FitInForce(1, 0, 1, (DUE, ANNUAL, FINE), ())
    task = asyncio.create_task(remind_of_reviews(stand.context))
    try:
        await until(lambda: len(stand.event_log.lines) == 1)
        stand.now += DAY
        await until(lambda: len(stand.event_log.lines) == 3)
        for _ in range(5):
            await asyncio.sleep(0.002)
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert [(level, facts["icp"]) for level, _, facts in stand.event_log.lines] == [
        ("warning", "fintech"),
        ("warning", "saas"),
        ("warning", "fintech"),
    ]
    assert "Dana" not in str(stand.event_log.lines)
    assert "dana" not in str(stand.event_log.lines)
