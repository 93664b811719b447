"""What a rep does from an account: the next step, and the ways out to the company's site and to the CRM."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.browser.test_acting import DANA, row
from tests.http.market import Market
from tests.http.serving import Served, served

CRM = "https://crm.example.com/accounts/{crm_id}"


@pytest.fixture
def live(lively: Market) -> Iterator[Served]:
    with served(lively, actor=DANA, crm=CRM) as one:
        yield one


def first_with_crm_id(live: Served) -> dict[str, Any]:
    entries = live.run(live.market.lookout_of_now()).entries
    return dict(next(one for one in entries if one["crm_id"] and not one["pinned"]))


def test_rows_and_pages_lead_to_the_site_and_the_crm_in_a_tab_of_their_own(open_page: Any, live: Served) -> None:
    entry = first_with_crm_id(live)
    page = open_page("/?person=", 1280, 1600)
    ways = row(page, entry["account_id"]).locator("a.out")
    wanted = [f"https://{entry['account_id']}/", f"https://crm.example.com/accounts/{entry['crm_id']}"]
    assert [way.get_attribute("href") for way in ways.all()] == wanted
    for way in ways.all():
        box = way.bounding_box()
        assert box is not None
        middle = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).className", middle) == "out", "it is on top"
    page = open_page(f"/accounts/{entry['account_id']}")
    ways = page.locator(".facts a.out")
    assert [way.get_attribute("href") for way in ways.all()] == wanted
    for way in ways.all():
        assert (way.get_attribute("target"), way.get_attribute("rel")) == ("_blank", "noopener noreferrer nofollow")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_next_step_stands_below_the_reason_to_call(
    open_page: Any, live: Served, width: int, scheme: str, picture: Any
) -> None:
    account = first_with_crm_id(live)["account_id"]
    page = open_page(f"/accounts/{account}", width, 900, color_scheme=scheme, has_touch=width == 390)
    reason, step = page.locator(".why-now").bounding_box(), page.locator(".next-step").bounding_box()
    assert reason is not None
    assert step is not None
    assert step["y"] >= reason["y"] + reason["height"]
    expect(page.locator(".next-step")).to_contain_text("Next step")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)
    if (width, scheme) == (1280, "light"):
        picture(page, "next-step")
