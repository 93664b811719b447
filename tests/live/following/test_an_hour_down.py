"""A CRM is down for an hour, and the process that follows is killed meanwhile: afterwards the CRM says what it should.

The process's clock is put ahead step by step, so that the hour takes minutes.
"""

import json
import signal
import sys
from pathlib import Path

from testing.clocked import put_ahead
from testing.crm.hubspot import HubSpotShaped
from testing.worker import Worker
from tests.live.engine import Engine
from tests.live.following.test_tasks import WITHIN_S, asks_for_a_demo, live, said
from tests.outgoing.crm.stands import serving

__all__ = ("live",)
_STEP_S = 600.0


def _sync(live: Engine, clock: Path, url: str) -> Worker:
    how = json.dumps({"hubspot": url})
    words = [str(clock), "faults.harness.dying.sync_process", how]
    return live.worker([sys.executable, "-m", "testing.clocked", *words])


async def test_signals_and_tasks_of_that_hour_are_there_once_it_is_back(live: Engine) -> None:
    clock = live.folder / "clock"
    put_ahead(clock, 0.0)
    portal = HubSpotShaped()
    portal.owners = [{"id": "7", "email": "ann@example.com"}]
    for number, name in enumerate("abc", 1):
        portal.add(str(number), domain=f"{name}.com")
    async with serving(portal.application()) as url:
        await said(live, url, "setup", "crm", "--yes")
        await said(live, url, "run", "crm", "--yes")
        assert {one["se_decision"] for one in portal.companies.values()} == {"chase"}
        following = _sync(live, clock, url)

        async def tried(calls: int) -> None:
            async def again() -> bool:
                assert following.process.poll() is None, following.log.read_text()
                return len(portal.calls) > calls

            await live.until(again, WITHIN_S, f"it does not try again\n{following.log.read_text()}")

        portal.down = True
        await asks_for_a_demo(live, "a.com")
        for step in range(1, 7):
            put_ahead(clock, step * _STEP_S)
            await tried(len(portal.calls))
            if step == 3:
                following.end(signal.SIGKILL)
                following = _sync(live, clock, url)
        assert portal.tasks == {}
        assert "se_badge" not in {name for name, value in portal.companies["1"].items() if value}

        async def says_why() -> bool:  # once the turn that is refused has ended
            return "503" in await said(live, url, "status")

        await live.until(says_why, WITHIN_S, "`sync status` does not say what the CRM answers")
        portal.down = False

        async def told() -> bool:
            return portal.companies["1"].get("se_badge") == "inbound" and bool(portal.tasks)

        await live.until(told, WITHIN_S, f"the CRM was not told\n{following.log.read_text()}")
        assert [one["company"] for one in portal.tasks.values()] == ["1"], "one task, for the alert of that hour"
        assert not portal.companies["2"].get("se_badge")

        async def says_well() -> bool:  # likewise
            return not await says_why()

        await live.until(says_well, WITHIN_S, "`sync status` still says what the CRM answered")
        assert following.end() == 0
