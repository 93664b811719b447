"""The way around the dashboard: five places, by mouse and by keyboard, and what is said while something is wrong."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from testing.page import until_on_page
from tests.browser.accessibility import assert_accessible
from tests.http.serving import Served

PLACES = {
    "In market": "In the market now",
    "Alerts": "Alerts",
    "Accounts": "Accounts",
    "Reports": "Reports",
    "Health": "Health",
}
"""Link -> heading."""
NEW = ("/accounts", "/reports", "/health")


def links(page: Page) -> Any:
    return page.get_by_role("navigation", name="Pages").get_by_role("link")


def test_every_place_is_reached_and_says_where_one_is(open_page: Any) -> None:
    page = open_page()
    assert links(page).all_inner_texts() == list(PLACES)
    for link, heading in PLACES.items():
        links(page).get_by_text(link, exact=True).focus()
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text(heading)
        expect(page.locator('nav [aria-current="page"]').first).to_have_text(link)
        expect(page.get_by_role("navigation", name="Pages").locator("[aria-current]")).to_have_count(1)


def test_the_figures_of_the_engine_are_on_health_and_move_by_themselves(
    open_page: Any, live: Served, picture: Any
) -> None:
    page = open_page("/health")
    figures = page.locator(".health")
    expect(figures).to_contain_text("Live")
    expect(figures).to_contain_text(re.compile(r"26 of [\d,]+ \("))
    expect(figures.get_by_role("row", name="Technology")).to_contain_text("ago")
    picture(page, "health")
    live.run(live.market.stop_for(3_600_000))
    page.evaluate("refresh('health')")
    expect(figures).to_contain_text("Stopped")
    expect(figures).to_contain_text("Is a worker running?")
    page.context.set_offline(True)
    page.evaluate("refresh('health')")
    expect(page.get_by_text("The server is unreachable.")).to_be_visible()
    page.context.set_offline(False)
    page.evaluate("refresh('health')")
    expect(page.get_by_text("The server is unreachable.")).to_be_hidden()


def test_a_fault_is_one_line_on_every_page_and_leads_to_health(open_page: Any, live: Served) -> None:
    live.run(live.market.stop_for(3_600_000))
    for path in ("/", "/alerts", "/accounts", "/reports", "/accounts/pellowray.io"):
        page = open_page(path)
        expect(page.locator('meta[http-equiv="refresh"]')).to_have_count(0)  # else it says that it will be here soon
        # The list may be replaced by that of a person meanwhile.
        asked = "typeof refresh === 'function' && refresh('fault').then(() => true)"
        until_on_page(page, "the page's script has run", asked)
        expect(page.locator(".fault")).to_have_count(1)
        lines = "document.querySelector('.fault')?.getClientRects().length === 1"
        until_on_page(page, "it is one line", lines)
        page.locator(".fault").get_by_role("link", name="Health").click()
        expect(page.get_by_role("heading", level=1)).to_have_text("Health")


def test_every_report_is_offered_with_a_sentence_and_its_command(open_page: Any) -> None:
    page = open_page("/reports")
    reports = page.locator(".reports li")
    assert reports.locator("code").all_inner_texts() == [f"signal-engine report {name}" for name in REPORT_NAMES]
    for says in reports.locator("p:first-of-type").all_inner_texts():
        assert says.endswith(".")


def test_an_account_is_looked_up_from_the_page_of_accounts(open_page: Any) -> None:
    page = open_page("/accounts")
    page.get_by_label("Name, domain or CRM id, or a part of one").fill("wickerlund")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Wickerlund")
    expect(page.locator("nav [aria-current]").first).to_have_text("Accounts")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", NEW)
def test_the_places_are_accessible_and_fit_a_phone(open_page: Any, path: str, scheme: str) -> None:
    for width in (1280, 390):
        page = open_page(path, width, 844, color_scheme=scheme, has_touch=width == 390, is_mobile=width == 390)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
