"""Outcomes in a browser: an account's opportunities, and misfits in the pipeline; accessible, on a telephone."""

from typing import Any

import pytest
from playwright.sync_api import expect

from signal_engine.wire.outcomes.record import AccountOutcome
from tests.browser.accessibility import assert_accessible
from tests.build import DAY
from tests.http.market import Market
from tests.http.serving import Served

LONG = "A-stage-with-a-name-that-does-not-break " * 2


@pytest.fixture
def misfit(live: Served, lively: Market) -> str:
    """An account that does not fit, with an open opportunity and a lost one."""
    account = next(fit.account for fit in lively.inputs.fits.values() if fit.primary.decision == "ignore")
    told = (
        AccountOutcome(account, "1", "opened", lively.now - 40 * DAY, "D-1", amount_usd=12_500.0, source="hubspot"),
        AccountOutcome(account, "2", "moved", lively.now - 9 * DAY, "D-1", stage_name=LONG[:99], source="hubspot"),
        AccountOutcome(account, "3", "lost", lively.now - 90 * DAY, "D-0", reason="no_budget", source="hubspot"),
        AccountOutcome(account, "4", "expanded", lively.now - DAY, source="hubspot"),
    )
    live.run(lively.came_of(account, *told))
    return account


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_an_opportunity_leads_from_the_report_to_its_account(open_page: Any, misfit: str, scheme: Any) -> None:
    for width in (1280, 390):
        page = open_page("/reports/pipeline-misfits", width, 844, color_scheme=scheme, is_mobile=width == 390)
        expect(page.get_by_text("1 of 1 open opportunity")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
        page.locator(f'a[href="/accounts/{misfit}"]').first.click()
        expect(page.get_by_role("heading", name="Opportunities")).to_be_visible()
        part = page.locator("[data-opportunities]")
        expect(part.get_by_role("heading", level=3)).to_have_count(3)
        expect(part.get_by_text("lost (no budget)")).to_be_visible()
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
