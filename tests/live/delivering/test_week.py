"""Nine weeks of one market, by a clock that is moved: what people, the CRM and the systems downstream get of it.

With SIGNAL_ENGINE_TEST_SCREENSHOTS=docs/screenshots it also makes the pictures of docs/delivery/week.md.
"""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from playwright.async_api import async_playwright

from tests.browser.conftest import QUIET, SCREENSHOTS, chromium
from tests.live.delivering.week import PARTITIONS, REP, Week, a_week, icp, researching

HOT, LATER = "quillmarsh-systems.com", "brindlefax.com"
BY = ("--by", "dana@example.com")
MAIL = ".mail"
PEOPLE_CONFIRM = ("crm_routing", "cadence_list", "content_plan", "enablement_plays", "win_loss_targets")
OF_SIGNALS = ("score", "level", "badge", "why_now", "hot_until", "last_signal")


class Pictures:
    """Of pages as they are now, on a desk and on a telephone, where they are asked for."""

    def __init__(self, week: Week, browser: Any) -> None:
        self._week, self._browser = week, browser

    async def take(self, name: str, path: str, beginning_at: str = "main") -> None:
        """Two pictures, from an element on."""
        if self._browser is None:
            return
        for width, begin in ((1280, ""), (390, "phone-")):
            context = await self._browser.new_context(
                viewport={"width": width, "height": 844}, is_mobile=width == 390, reduced_motion="reduce"
            )
            page = await context.new_page()
            await page.goto(self._week.url + path)
            # Once the clock was moved, lists are behind until the worker has looked.
            await page.locator(".notice.fault").wait_for(state="hidden")
            element = page.locator(beginning_at).first
            await element.evaluate("one => { one.style.scrollMarginTop = '9rem'; one.scrollIntoView(); }")
            if beginning_at == MAIL:
                await element.locator("iframe").content_frame.locator("h1").first.wait_for()
            await page.screenshot(path=f"{SCREENSHOTS}/{begin}{name}.png", animations="disabled")
            await context.close()


@asynccontextmanager
async def pictures_of(week: Week) -> AsyncIterator[Pictures]:
    path = chromium()
    if not SCREENSHOTS or path is None:
        yield Pictures(week, None)
        return
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield Pictures(week, browser)
        await browser.close()


async def wired(week: Week) -> dict[str, Any]:
    (version,) = json.loads(await week.run("wiring", "--json"))["versions"]
    return dict(version)


async def test_a_rep_a_crm_and_the_owner_of_a_rule_live_through_it(tmp_path: Path) -> None:
    async with a_week(tmp_path) as week, pictures_of(week) as pictures:
        await week.run("fit", "load", "config/accounts.csv", "--icp", icp(tmp_path, 3), "--yes")
        week.start("worker")
        await week.run("icp", "publish", icp(tmp_path, 3), *BY, "--reason", "The mid-market wins.", "--yes")
        week.start("api")
        notify = week.start("notify")
        digests = week.start("digest", "--follow")

        async def reads_alerts() -> bool:
            taken = notify.words().count("deliveries_taken") == PARTITIONS
            return taken and "digest_record_begun" in digests.words()

        await week.live.until(reads_alerts, 60, "nobody reads the alerts, or sends digests from now on")

        # Monday, 9:00: the first digest says that nobody is listed yet; then three people look at prices.
        week.go_to(0, 9)
        await week.message("mail", "Nobody is listed")
        await week.signals(HOT, *researching("Chief Financial Officer", "VP Sales", "Head of Demand Generation"))
        alert = await week.message("slack", "Hot: Quillmarsh Systems")
        assert alert.to == REP
        assert "runs a CRM we integrate with" in json.dumps(alert.content), "why it fits"

        # The rep claims it in the message, which says so a moment later.
        await week.press(alert, 0)
        claimed = await week.message("slack", "claimed by SDR West")
        assert claimed.message_id == alert.message_id
        assert claimed.answered.startswith(f"You have claimed {HOT} until")
        await pictures.take("week-claimed", "/inbox", ".letter")

        # The CRM knows it, too, and whoever is not hot is there with the decision alone.
        company = await week.in_the_crm(HOT)
        assert (company["se_level"], company["se_tier"], company["se_badge"]) == ("hot", "A", "hot")
        assert all(one["se_decision"] for one in week.portal.companies.values())
        assert (await wired(week))["status"] == "amber"

        # Thursday: another account; the next Monday, 8:00, the digest tells what has changed.
        week.go_to(3, 14)
        await week.signals(LATER, *researching("Chief Financial Officer", "VP Marketing", "Sales Director"))
        await week.message("slack", "Hot: Brindlefax")
        week.go_to(7, 8, 1)
        digest = await week.message("mail", "2 entered", "Brindlefax")
        assert digest.to == REP
        await pictures.take("week-digest", "/inbox", MAIL)
        await pictures.take("week-list", "/?person=")

        # Nothing more is heard: a week after its signals each is no longer hot.
        week.go_to(10, 15)
        await week.message("mail", "Went quiet: Quillmarsh Systems")
        quiet = await week.message("mail", "Went quiet: Brindlefax")
        assert quiet.to == REP
        await pictures.take("week-quiet", "/inbox", MAIL)

        # Once they are on no list, the CRM says nothing of their signals, and what the rule says of them.
        week.go_to(30, 10)
        company = await week.in_the_crm(HOT)
        assert [company[f"se_{name}"] for name in OF_SIGNALS] == [""] * len(OF_SIGNALS)
        assert (company["se_decision"], company["se_tier"]) == ("chase", "A")

        # After sixty days the rule has changed the CRM's fields, and nothing else.
        week.go_to(62, 10)
        assert (await wired(week))["status"] == "red"
        await pictures.take("week-wiring-red", "/reports/wiring")
        await week.run("icp", "publish", icp(tmp_path, 4), *BY, "--reason", "The quarterly review.", "--yes")
        await week.sync("run", "crm", "--yes")
        for system in PEOPLE_CONFIRM:
            await week.run("wiring", "confirm", system, *BY, "--note", "By the new version.")
        reach = await wired(week)
        assert (reach["version"], reach["in_time"], reach["status"]) == (4, 5, "green")
        await pictures.take("week-wiring-green", "/reports/wiring")

        # Each message came once.
        contents = [(one.medium, one.content) for one in await week.messages()]
        told = [(medium, content.get("text") or content.get("subject")) for medium, content in contents]
        assert len(told) == len({*told}), told
