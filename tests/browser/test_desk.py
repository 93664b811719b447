"""The dashboard as a workplace: whose accounts, filters, pages of fifty, the title of the tab, names to copy, undo."""

import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from signal_engine.adapters.http.dashboard import ranked_list
from signal_engine.adapters.http.edge.tokens import new_token
from testing.page import until_it_hears_news
from testing.waiting import until
from tests.browser.accessibility import assert_accessible
from tests.browser.test_acting import DANA, SAM, button, on_list, row, written
from tests.build import DAY
from tests.http.market import Market
from tests.http.serving import Served, served

SDR = "SDR EMEA"


@pytest.fixture
def live(lively: Market, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Served to Dana, who owns midmarket-saas."""
    with served(lively, **getattr(request, "param", {"actor": DANA})) as one:
        yield one


def companies(page: Page) -> list[str]:
    return page.locator("tr[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)")


def of(live: Served, person: str) -> list[str]:
    entries = live.run(live.market.lookout_of_now()).entries
    return [one["account_id"] for one in entries if person in (one["owner"], one["sdr"], one["claimed_by"])]


async def every_alert(market: Market) -> list[Any]:
    store_snapshot = market.store_snapshot()
    await store_snapshot.poll()
    return [*await store_snapshot.view.feed(store_snapshot.partitions, market.now - 30 * DAY, 1_000)]


def read(url: str) -> str:
    """The page as it comes, without its scripts."""
    with urllib.request.urlopen(url, timeout=30) as answer:
        return answer.read().decode()


def toast(page: Page) -> Locator:
    return page.locator("[data-toast]")


def asks_for_a_call(live: Served, account: str) -> None:
    async def asks() -> None:
        live.market.now += 4_000
        await live.market.signal(account, activity="demo_request", persona="CFO")
        await live.market.publish()

    live.run(asks())


def publishes(live: Served) -> None:
    async def published() -> None:
        live.market.now += 4_000
        await live.market.publish()

    live.run(published())


def test_whose_accounts_are_shown_is_remembered_by_the_browser_and_forgotten(open_page: Any, live: Served) -> None:
    page, mine = open_page(), of(live, SDR)
    assert 0 < len(mine) < len(companies(page))
    page.get_by_label("Whose").select_option(SDR)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**person=**")
    assert companies(page) == mine
    page.goto(live.url)
    page.wait_for_url("**person=**")
    assert companies(page) == mine, "the choice was kept"
    page.get_by_role("navigation", name="Pages").get_by_text("Alerts").click()
    page.wait_for_url("**person=**")
    expect(page.get_by_label("Whose")).to_have_value(SDR)
    page.get_by_role("link", name="Clear").click()
    page.wait_for_url("**person=")
    page.goto(live.url)
    expect(page.get_by_label("Whose")).to_have_value("")
    assert len(companies(page)) > len(mine)


def test_who_acts_sees_their_own_accounts_first_once_they_have_some(open_page: Any, live: Served) -> None:
    page, account = open_page(), on_list(live)[1]
    expect(page.get_by_label("Whose")).to_have_value("")
    button(row(page, account), "claim").click()
    expect(row(page, account)).to_contain_text("Claimed by you")
    publishes(live)
    until("the server has read that she has one", lambda: f'data-me="{DANA}"' in read(live.url), 30)
    fresh = open_page()
    fresh.wait_for_url("**person=**")
    assert companies(fresh) == [account]
    expect(fresh.get_by_label("Whose")).to_have_value(DANA)
    fresh.get_by_label("Whose").select_option("everybody's")
    fresh.get_by_role("button", name="Show").click()
    fresh.wait_for_url("**person=&**")
    assert len(companies(fresh)) > 1


def test_a_list_has_pages_and_comes_as_csv(open_page: Any, live: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ranked_list, "_ROWS", 3)
    page = open_page("/?level=hot&person=")
    hot = companies(open_page("/?person="))
    first = companies(page)
    assert len(first) == 3
    page.get_by_role("link", name="Next").focus()
    page.keyboard.press("Enter")
    page.wait_for_url("**page=2")
    second = companies(page)
    assert second
    assert not set(first) & set(second)
    assert hot[:3] == first
    expect(page.get_by_role("navigation", name="Pages of the list")).to_contain_text("Page 2 of")
    assert_accessible(page)
    page.get_by_role("link", name="Previous").click()
    page.wait_for_url(lambda url: "page=" not in url)
    assert companies(page) == first
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download as CSV").click()
    lines = downloaded.value.path().read_text("utf-8-sig").splitlines()
    assert len(lines) - 1 == sum(one["level"] == "hot" for one in live.run(live.market.lookout_of_now()).entries)
    assert companies(open_page("/?page=99&person=")), "beyond the last is the last"


def test_the_header_stays_and_hides_nothing_that_has_the_focus(open_page: Any) -> None:
    page = open_page("/?person=", 1280, 500)
    page.evaluate("scrollTo(0, document.body.scrollHeight)")
    assert page.locator(".top").bounding_box()["y"] == 0  # type: ignore[index]
    head = page.get_by_role("columnheader", name="Why now").bounding_box()
    assert head is not None
    assert 40 < head["y"] < 70, "the names of the columns stay below it"
    page.locator("tr[data-row]").nth(1).locator("a").first.focus()
    box = page.locator("tr[data-row]").nth(1).locator("a").first.bounding_box()
    assert box is not None
    assert box["y"] > head["y"] + head["height"]


def test_the_title_counts_what_is_new_while_nobody_looks(open_page: Any, live: Served) -> None:
    page = open_page("/?person=")
    until_it_hears_news(page)
    bare = page.title()
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true, configurable: true })")
    asks_for_a_call(live, "valmorel-assurances.fr")
    expect(page).to_have_title(f"(1 new) {bare}")
    page.evaluate("delete document.hidden; document.dispatchEvent(new Event('visibilitychange'))")
    expect(page).to_have_title(bare)
    asks_for_a_call(live, "pellowray.io")
    expect(toast(page)).to_contain_text("Pellowray")
    expect(page).to_have_title(bare)


def test_news_of_others_work_stay_quiet_where_a_person_is_chosen(open_page: Any, live: Served) -> None:
    mine, other = of(live, SDR)[0], next(one for one in on_list(live) if one not in of(live, SDR))
    page = open_page("/?person=sdr+emea")
    until_it_hears_news(page)
    asks_for_a_call(live, other)
    asks_for_a_call(live, mine)
    expect(toast(page).locator("a")).to_have_count(1)
    expect(toast(page).locator("a")).to_have_attribute("href", f"/accounts/{mine}")


def test_a_name_is_copied_also_where_the_browser_has_no_clipboard(open_page: Any) -> None:
    page = open_page("/?person=", permissions=["clipboard-read", "clipboard-write"])
    copy = page.locator("tr[data-row] .copy").first
    copy.focus()
    page.keyboard.press("Enter")
    expect(toast(page)).to_contain_text("Copied Pellowray.")
    expect(copy).to_be_focused()
    assert page.evaluate("navigator.clipboard.readText()") == "Pellowray"
    page.goto(page.url.partition("?")[0] + "accounts/hollobrand.nl")
    page.evaluate("Object.defineProperty(navigator, 'clipboard', { value: undefined })")
    page.get_by_role("button", name="Copy the name Hollobrand").click()
    expect(toast(page)).to_contain_text("Copied Hollobrand.")


@pytest.mark.parametrize("kind", ["claim", "snooze", "kill", "disposition"])
def test_what_was_done_is_undone_from_where_it_was_said(open_page: Any, live: Served, kind: str) -> None:
    page, account = open_page("/?person="), on_list(live)[0]
    button(row(page, account), kind).click()
    if kind != "claim":
        dialog = page.get_by_role("dialog")
        if kind == "kill":
            dialog.get_by_label("Why").fill("Builds its own.")
        if kind == "disposition":
            dialog.get_by_role("radio", name="No response").check()
        dialog.locator(".go").click()
        expect(row(page, account)).to_be_hidden()
    toast(page).get_by_role("button", name="Undo").click()
    expect(toast(page)).to_contain_text("Undone.")
    expect(row(page, account)).to_be_visible()
    expect(row(page, account).locator("a").first).to_be_focused()
    expect(button(row(page, account), "claim")).to_be_visible()
    assert [one.action for one in written(live)] == [kind, "release" if kind == "claim" else "restore"]
    publishes(live)
    assert account in companies(open_page("/?person="))


def test_undo_by_keyboard_and_nothing_to_undo_after_a_call(open_page: Any, live: Served) -> None:
    page, account = open_page("/?person="), on_list(live)[0]
    button(row(page, account), "claim").focus()
    page.keyboard.press("Enter")
    expect(row(page, account)).to_contain_text("Claimed by you")
    page.keyboard.press("Control+z")
    expect(toast(page)).to_contain_text("Undone.")
    expect(row(page, account).locator("[data-claimed]")).to_be_hidden()
    button(row(page, account), "disposition").click()
    page.get_by_role("dialog").get_by_role("radio", name="Contacted").check()
    page.get_by_role("dialog").locator(".go").click()
    expect(toast(page)).to_contain_text("Saved for")
    expect(toast(page).get_by_role("button", name="Undo")).to_have_count(0)


def test_an_undo_that_fails_says_why_and_can_be_tried_again(open_page: Any, live: Served) -> None:
    page, account = open_page("/?person="), on_list(live)[0]
    button(row(page, account), "claim").click()
    expect(toast(page).get_by_role("button", name="Undo")).to_be_visible()
    page.evaluate("() => { window.fetch = async () => { throw new TypeError('gone') } }")
    toast(page).get_by_role("button", name="Undo").click()
    expect(toast(page)).to_contain_text("The server is unreachable.")
    expect(toast(page).get_by_role("button", name="Undo")).to_be_visible()


TOKENS = {person: new_token(person) for person in (DANA, SAM)}


@pytest.mark.parametrize("live", [{"tokens": ",".join(known for _, known in TOKENS.values())}], indirect=True)
def test_two_people_at_once_one_claims_and_the_other_sees_it_without_a_reload(open_page: Any, live: Served) -> None:
    account = on_list(live)[0]

    def opened(path: str, person: str) -> Page:
        page: Page = open_page(path, http_credentials={"username": "x", "password": TOKENS[person][0]})
        page.evaluate("window.untouched = true")
        return page

    dana, sam = opened("/?person=", DANA), opened("/?person=", SAM)
    on_page = opened(f"/accounts/{account}", SAM)
    button(row(dana, account), "claim").click()
    expect(row(dana, account)).to_contain_text("Claimed by you")
    publishes(live)
    expect(row(sam, account)).to_contain_text(f"Claimed by {DANA}")
    expect(button(row(sam, account), "claim")).to_contain_text("Take over")
    expect(on_page.locator("[data-decided]")).to_contain_text(f"Claimed by {DANA}")
    assert all(page.evaluate("window.untouched") for page in (dana, sam, on_page)), "nothing was loaded again"
    assert [one.by for one in written(live)] == [DANA]


def test_every_column_has_room_also_with_buttons_and_long_names(open_page: Any, live: Served) -> None:
    asks_for_a_call(live, "valmorel-assurances.fr")
    long = "Pellowray Payments and Settlement Services International Holding GmbH & Co. KG"
    live.run(live.market.refit("pellowray.io", name=long))
    publishes(live)
    for width in (1280, 1440):
        page = open_page("/?person=", width)
        table, card = (f"document.querySelector('{one}')" for one in (".ranked", ".card"))
        assert page.evaluate(f"{table}.offsetWidth <= {card}.clientWidth"), width
    page = open_page("/?person=", 900)
    page.locator("[data-act=kill]").first.click()
    expect(page.get_by_role("dialog")).to_be_visible()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("path", ["/?person=", "/alerts?person=", "/alerts?type=cooled&tier=C&days=1&person=nobody"])
def test_the_filters_are_accessible_and_fit_a_phone(open_page: Any, path: str, scheme: str) -> None:
    for width in (1280, 390):
        page = open_page(path, width, 844, color_scheme=scheme, has_touch=width == 390, is_mobile=width == 390)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)


def test_alerts_are_filtered_by_type_person_profile_tier_and_time(open_page: Any, live: Served) -> None:
    everything = live.run(every_alert(live.market))
    page = open_page("/alerts?person=")
    feed = page.locator(".feed li")
    expect(feed).to_have_count(min(100, len(everything)))
    callers = {one["sdr"] for one in live.run(live.market.lookout_of_now()).entries}
    chosen = next(one for one in everything if one["tier"] and one["sdr"] in callers and one["type"] != "cooled")
    choices = {"Type": chosen["type"], "Whose": chosen["sdr"], "Profile": chosen["icp"], "Tier": chosen["tier"]}
    for label, value in choices.items():
        page.get_by_label(label).select_option(value)
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**type=**")
    same = [one for one in everything if all(one[f] == chosen[f] for f in ("type", "sdr", "icp", "tier"))]
    expect(feed).to_have_count(len(same))
    assert set(feed.evaluate_all("some => some.map(one => one.dataset.row)")) == {one["alert_id"] for one in same}
    page = open_page("/alerts?days=1&type=cooled&tier=nothing&person=")
    expect(page.get_by_role("heading", name="No alert matches")).to_be_visible()
    expect(page.get_by_label("Tier")).to_have_value("nothing")
