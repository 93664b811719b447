"""The dashboard's buttons in a real browser: claim, snooze, disposition, disqualify, by mouse, finger and keyboard."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from playwright.sync_api import Locator, Page, expect

from signal_engine.adapters.kafka.topics.cluster import NoConnection
from signal_engine.core.actions.action import AccountAction
from signal_engine.engine.door.wanted import WantedAction
from tests.browser.accessibility import assert_accessible
from tests.build import DAY
from tests.http.market import Market
from tests.http.serving import Served, served

DANA, SAM = "dana@example.com", "sam@example.com"
"""Dana owns midmarket-saas; Sam owns nothing."""


@pytest.fixture
def live(lively: Market, request: pytest.FixtureRequest) -> Iterator[Served]:
    """Served to Dana, unless the test names somebody else."""
    with served(lively, actor=getattr(request, "param", DANA)) as one:
        yield one


def written(live: Served) -> list[AccountAction]:
    return [taken.action for taken in live.market.actions.taken]


def row(page: Page, account: str) -> Locator:
    return page.locator(f'tr[data-row="{account}"]')


def on_list(live: Served, icp: str = "midmarket-saas") -> list[str]:
    """The accounts of the list whose ICP speaks for them."""
    return [one["account_id"] for one in live.run(live.market.lookout_of_now()).entries if one["icp"] == icp]


def button(place: Locator, kind: str) -> Locator:
    return place.locator(f'[data-act="{kind}"]')


def test_a_claim_shows_at_once_and_is_taken_back(open_page: Any, live: Served) -> None:
    page, account = open_page(), on_list(live)[0]
    page.evaluate("window.untouched = true")
    button(row(page, account), "claim").click()
    expect(row(page, account)).to_contain_text("Claimed by you")
    expect(button(row(page, account), "release")).to_be_focused()
    expect(page.locator("[data-toast]")).to_contain_text("Claimed")
    (claim,) = written(live)
    assert (claim.account, claim.action, claim.by, claim.via) == (account, "claim", DANA, "dashboard")
    page.evaluate("document.querySelector('[data-part=list]').dataset.etag = ''; refresh('list')")
    expect(row(page, account)).to_contain_text("Claimed by you")
    button(row(page, account), "release").click()
    expect(button(row(page, account), "claim")).to_be_visible()
    expect(row(page, account).locator("[data-claimed]")).to_be_hidden()
    assert [one.action for one in written(live)] == ["claim", "release"]
    assert page.evaluate("window.untouched"), "it was not loaded again"


def test_a_snooze_by_keyboard_alone(open_page: Any, live: Served) -> None:
    page, account = open_page(), on_list(live)[1]
    next_row = page.locator("tr[data-row]").nth(
        page.locator("tr[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)").index(account) + 1
    )
    button(row(page, account), "claim").focus()
    page.keyboard.press("Tab")
    expect(button(row(page, account), "snooze")).to_be_focused()
    page.keyboard.press("Enter")
    dialog = page.get_by_role("dialog")
    expect(dialog).to_be_visible()
    expect(dialog.get_by_label("For")).to_be_focused()
    page.keyboard.press("Escape")
    expect(dialog).to_be_hidden()
    expect(button(row(page, account), "snooze")).to_be_focused()
    assert written(live) == []
    page.keyboard.press("Enter")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type("Back from leave in two weeks.")
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    expect(row(page, account)).to_be_hidden()
    expect(next_row.locator("a").first).to_be_focused()
    (snooze,) = written(live)
    assert (snooze.action, snooze.reason) == ("snooze", "Back from leave in two weeks.")
    assert snooze.until is not None


@pytest.mark.parametrize(("outcome", "stays"), [("Contacted", True), ("No response", False), ("Not a fit", False)])
def test_a_disposition_says_what_it_does_and_does_it(open_page: Any, live: Served, outcome: str, stays: bool) -> None:
    page, account = open_page(), on_list(live)[2]
    button(row(page, account), "disposition").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_role("button", name="Disposition").click()
    assert written(live) == [], "an outcome has to be chosen"
    dialog.get_by_role("radio", name=outcome).check()
    dialog.get_by_role("button", name="Disposition").click()
    expect(dialog).to_be_hidden()
    expect(row(page, account)).to_be_visible() if stays else expect(row(page, account)).to_be_hidden()
    (said,) = written(live)
    assert said.outcome == outcome.lower().replace(" ", "_")
    assert (said.until is None) is stays


def test_the_owner_disqualifies_with_a_reason(open_page: Any, live: Served) -> None:
    page, account = open_page(), on_list(live)[0]
    button(row(page, account), "kill").click()
    dialog = page.get_by_role("dialog")
    expect(dialog).to_contain_text("Kept for ever")
    expect(dialog).to_contain_text("leaves the list midmarket-saas until somebody restores it")
    expect(dialog.get_by_text("Lists of other profiles keep it.")).to_be_visible()
    expect(dialog.get_by_label("Why")).to_be_focused()
    dialog.get_by_role("button", name="Disqualify").click()
    assert written(live) == [], "a reason has to be given"
    dialog.get_by_label("Why").fill("Builds its own.")
    dialog.get_by_role("button", name="Disqualify").click()
    expect(row(page, account)).to_be_hidden()
    (kill,) = written(live)
    assert (kill.action, kill.icp, kill.reason) == ("kill", "midmarket-saas", "Builds its own.")
    assert kill.authority is not None
    assert kill.authority.owner == DANA


def test_only_the_owner_sees_disqualify(open_page: Any, live: Served) -> None:
    page = open_page()
    for account in on_list(live):
        expect(button(row(page, account), "kill")).to_have_count(1)
    for account in on_list(live, "enterprise-fintech"):
        expect(button(row(page, account), "kill")).to_have_count(0)
        expect(button(row(page, account), "disposition")).to_have_count(1)


@pytest.mark.parametrize("live", [None], indirect=True)
def test_who_only_reads_sees_no_buttons(open_page: Any, live: Served) -> None:
    for path in ("/", f"/accounts/{on_list(live)[0]}"):
        page = open_page(path)
        expect(page.locator("h1")).to_be_visible()
        expect(page.locator("[data-act]")).to_have_count(0)
        expect(page.locator("dialog")).to_have_count(0)


@pytest.mark.parametrize("live", [SAM], indirect=True)
def test_the_account_page_shows_what_was_decided_and_by_whom(open_page: Any, live: Served) -> None:
    account = on_list(live)[0]
    page = open_page(f"/accounts/{account}")
    decisions = page.locator("[data-decided]")
    expect(button(decisions, "kill")).to_have_count(0)
    button(decisions, "claim").click()
    expect(decisions).to_contain_text("Claimed by you")
    expect(button(decisions, "release")).to_be_focused()
    button(decisions, "snooze").click()
    page.get_by_role("dialog").get_by_role("button", name="Snooze").click()
    expect(decisions).to_contain_text("Snoozed by you")
    button(decisions, "restore").click()
    expect(decisions).not_to_contain_text("Snoozed by you")
    assert [one.action for one in written(live)] == ["claim", "snooze", "restore"]


def test_what_the_engine_publishes_takes_over_from_what_the_page_showed(open_page: Any, live: Served) -> None:
    page, (claimed, snoozed) = open_page(), on_list(live)[:2]
    button(row(page, claimed), "claim").click()
    expect(row(page, claimed)).to_contain_text("Claimed by you")
    button(row(page, snoozed), "snooze").click()
    page.get_by_role("dialog").get_by_role("button", name="Snooze").click()
    expect(row(page, snoozed)).to_be_hidden()

    async def published() -> None:
        live.market.now += 4_000
        await live.market.publish()

    live.run(published())
    expect(row(page, snoozed)).to_have_count(0)
    fresh = open_page()
    expect(row(fresh, claimed)).to_contain_text("Claimed by you")
    expect(button(row(fresh, claimed), "release")).to_be_visible()
    expect(row(fresh, snoozed)).to_have_count(0)
    account = open_page(f"/accounts/{snoozed}").locator("[data-decided]")
    expect(account).to_contain_text("Snoozed by you")
    button(account, "restore").click()
    expect(account).not_to_contain_text("Snoozed by you")
    live.run(published())
    expect(row(page, snoozed)).to_be_visible()


def test_two_people_at_once_and_the_second_is_told_who_was_first(open_page: Any, live: Served) -> None:
    account, second = on_list(live)[0], open_page()

    async def first() -> None:
        await live.market.door().act(WantedAction(account, "claim", SAM, "api", str(uuid4())))

    live.run(first())
    expect(second.locator("[data-toast]")).to_be_empty()
    button(row(second, account), "claim").click()
    expect(second.locator("[data-toast]")).to_contain_text(f"{SAM} has claimed the account")
    expect(row(second, account).locator("[data-claimed]")).to_be_hidden()
    assert [one.by for one in written(live)] == [SAM]


def test_what_fails_is_said_where_it_was_asked_and_sent_again_as_the_same_action(open_page: Any, live: Served) -> None:
    page, account = open_page(), on_list(live)[0]
    live.market.actions.away = NoConnection("Kafka does not answer")
    button(row(page, account), "kill").click()
    dialog = page.get_by_role("dialog")
    dialog.get_by_label("Why").fill("Builds its own.")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.headers.get("idempotency-key", "")))
    dialog.get_by_role("button", name="Disqualify").click()
    expect(dialog.get_by_role("alert")).to_contain_text("Kafka has not confirmed")
    expect(row(page, account)).to_be_visible()
    live.market.actions.away = None
    dialog.get_by_role("button", name="Disqualify").click()
    expect(dialog).to_be_hidden()
    keys = [key for key in asked if key]
    assert len(keys) == 2
    assert keys[0] == keys[1] == written(live)[0].action_id


@pytest.mark.parametrize("kind", ["snooze", "disposition", "kill"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_dialogs_are_accessible_and_fit_a_phone(
    open_page: Any, live: Served, picture: Any, kind: str, scheme: str
) -> None:
    account = on_list(live)[0]
    for width in (1280, 390):
        page = open_page("/", width, 844, color_scheme=scheme, has_touch=width == 390, is_mobile=width == 390)
        button(row(page, account), kind).click()
        dialog = page.get_by_role("dialog")
        expect(dialog).to_be_visible()
        box = dialog.bounding_box()
        assert box is not None
        assert box["x"] >= 0
        assert box["x"] + box["width"] <= width
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
        if (kind, scheme, width) == ("disposition", "light", 1280):
            picture(page, "disposition")


@pytest.mark.parametrize("path", ["/", "/accounts/{}"])
@pytest.mark.parametrize("width", [1280, 390])
def test_the_pages_with_buttons_are_accessible_and_nothing_is_cut_off(
    open_page: Any, live: Served, picture: Any, path: str, width: int
) -> None:
    account = on_list(live)[0]
    page = open_page(path.format(account), width, 844, has_touch=width == 390, is_mobile=width == 390)
    page.locator('[data-act="claim"]').first.click()
    expect(page.get_by_text("Claimed by you").first).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert_accessible(page)
    if width == 390:
        for target in page.locator("[data-act]").all():
            box = target.bounding_box()
            assert box is not None
            assert min(box["height"], box["width"]) >= 44
    page.evaluate("document.querySelector('[data-toast]').replaceChildren()")
    if path == "/":
        picture(page, "acting" if width == 1280 else "phone-acting")


def test_a_snooze_lasts_as_long_as_was_chosen(open_page: Any, live: Served) -> None:
    page, account = open_page(), on_list(live)[0]
    button(row(page, account), "snooze").click()
    page.get_by_role("dialog").get_by_label("For").select_option("30 days")
    asked = page.evaluate("Date.now()")
    page.get_by_role("dialog").get_by_role("button", name="Snooze").click()
    expect(row(page, account)).to_be_hidden()
    until = written(live)[0].until
    assert until is not None
    assert abs(until - asked - 30 * DAY) <= 60_000


def test_without_script_there_are_no_buttons_that_would_do_nothing(open_page: Any, live: Served) -> None:
    page = open_page(java_script_enabled=False)
    expect(row(page, on_list(live)[0])).to_be_visible()
    expect(button(row(page, on_list(live)[0]), "claim")).to_be_hidden()
