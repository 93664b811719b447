"""The page Deliveries in a browser: reached from the alerts, accessible, on a telephone, and before the first one."""

from typing import Any

from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.http.delivered import fill
from tests.http.serving import Served


def test_it_is_reached_from_the_alerts_and_a_count_leads_to_its_deliveries(
    live: Served, open_page: Any, picture: Any
) -> None:
    live.run(fill(live.market.ledger, live.market.now))
    page = open_page("/alerts")
    page.get_by_role("link", name="Where they were delivered").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Deliveries")
    expect(page.locator('nav [aria-current="true"]')).to_have_text("Alerts")
    picture(page, "deliveries")
    page.get_by_role("link", name="1 failed").click()
    expect(page.get_by_role("heading", name="Latest: failed to ops")).to_be_visible()
    expect(page.locator("tr[data-delivery]")).to_have_count(1)


def test_it_is_accessible_and_fits_a_phone(live: Served, open_page: Any, picture: Any) -> None:
    live.run(fill(live.market.ledger, live.market.now))
    for width, scheme in ((1280, "light"), (390, "dark")):
        page = open_page("/deliveries", width, 844, color_scheme=scheme, is_mobile=width == 390)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
    picture(page, "phone-deliveries")


def test_before_the_first_delivery_it_says_what_delivers(open_page: Any) -> None:
    page = open_page("/deliveries", 390, 844, is_mobile=True)
    expect(page.get_by_role("heading", name="Nothing is delivered yet")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert_accessible(page)
