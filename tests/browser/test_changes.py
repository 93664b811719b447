"""What has changed on a list since yesterday, by the clock of who looks; and changes that come at a bad moment."""

import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Route, expect

from testing.page import until_it_hears_news, until_on_page
from testing.waiting import until
from tests.browser.accessibility import assert_accessible
from tests.browser.test_acting import DANA, button, on_list, row
from tests.browser.test_desk import asks_for_a_call, publishes
from tests.http.market import Market
from tests.http.serving import Served, served


@pytest.fixture
def live(lively: Market) -> Iterator[Served]:
    with served(lively, actor=DANA) as one:
        yield one


def test_what_has_changed_since_yesterday_is_one_line_that_opens_and_stays_open(
    open_page: Any, live: Served, picture: Any
) -> None:
    page = open_page("/?person=", timezone_id="Asia/Kolkata", reduced_motion="reduce")  # a row that fades in is pale
    account = on_list(live)[1]
    line = page.get_by_role("region", name="Changes")
    told = "2 Mar 05:30, the earliest that is known (Asia/Calcutta)"  # as the browser calls it; 00:00 UTC
    expect(line).to_contain_text(f"Nobody has entered, left or moved since {told}")
    button(row(page, account), "snooze").click()
    page.get_by_role("dialog").locator(".go").click()
    expect(row(page, account)).to_be_hidden()
    publishes(live)
    expect(line).to_contain_text("0 accounts entered, 1 left,")
    line.locator("summary").focus()
    page.keyboard.press("Enter")
    left = line.get_by_role("listitem").filter(has_text="A person snoozed it until later.")
    expect(left.get_by_role("link")).to_have_attribute("href", f"/accounts/{account}")
    asks_for_a_call(live, "valmorel-assurances.fr")
    expect(line).to_contain_text("1 account entered, 1 left,")
    expect(left).to_be_visible()
    assert_accessible(page)
    page.evaluate("document.querySelector('[data-toast]').replaceChildren()")
    picture(page, "changes")
    narrow = open_page("/?person=", 390, 844, has_touch=True, is_mobile=True)
    expect(narrow.locator(".moves summary")).to_be_visible()
    narrow.locator(".moves summary").click()
    assert narrow.evaluate("document.documentElement.scrollWidth") <= 390


def test_without_a_script_what_has_changed_is_a_page_by_utc(open_page: Any) -> None:
    page = open_page("/?person=", java_script_enabled=False)
    page.get_by_role("link", name="What has changed since yesterday (UTC)").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("What has changed")
    expect(page.get_by_role("region", name="Changes")).to_contain_text(
        "2 Mar 00:00, the earliest that is known (UTC: this browser does not say its time zone)"
    )


def test_what_changes_while_an_older_answer_is_on_its_way_is_shown_after_it(open_page: Any, live: Served) -> None:
    page, (first, *_) = open_page("/?person="), on_list(live)
    until_it_hears_news(page)
    held: list[Any] = []

    def hold_the_first(route: Route) -> None:
        if held:
            route.continue_()
        else:
            held.append((route, route.fetch()))

    page.route("**/part/list*", hold_the_first)
    page.evaluate("void refresh('list')")
    until_on_page(page, "it is being asked", "document.querySelector('[data-part=list]').dataset.asking === 'yes'")
    until("the answer of before the change is held", lambda: bool(held) or not page.title())
    button(row(page, first), "snooze").click()
    page.get_by_role("dialog").locator(".go").click()
    expect(row(page, first)).to_be_hidden()
    publishes(live)
    until_on_page(page, "it has heard of it", "document.querySelector('[data-part=list]').dataset.again === 'yes'")
    ((route, answer),) = held
    route.fulfill(response=answer)
    expect(row(page, first)).to_have_count(0)


def test_an_alert_from_before_the_stream_was_open_is_in_the_feed_once_it_is(open_page: Any, live: Served) -> None:
    page, held = open_page("/alerts?person="), list[Route]()
    before = page.locator(".feed li").count()
    page.add_init_script("window.setInterval = () => 0")  # without a stream it polls, which would find it, too
    page.route("**/v1/events", lambda route: held.append(route))  # noqa: PLW0108 (it takes no built-in)
    page.reload()
    until("its stream is asked for", lambda: bool(held) or not page.title())
    with urllib.request.urlopen(f"{live.url}v1/events", timeout=30) as others:
        asks_for_a_call(live, "valmorel-assurances.fr")
        assert b"event: alert\n" in others, "those whose stream is open are told"
    held[0].continue_()
    expect(page.locator(".feed li")).to_have_count(before + 1)
