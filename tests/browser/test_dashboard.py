"""The dashboard in a real browser: what is seen first, what moves by itself, and what happens when the engine stops."""

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from testing.page import until_it_hears_news
from tests.http.serving import Served

SCHEMES = ("light", "dark")
HOSTILE = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>"


def companies(page: Page) -> list[str]:
    return page.locator("tr[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)")


def on_the_list(live: Served) -> int:
    return len(live.run(live.market.lookout_of_now()).entries)


def score(text: str) -> float:
    return float(re.sub(r"[^0-9.]", "", text))


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_first_look_is_the_whole_list_with_bars_as_long_as_the_scores(
    open_page: Any, live: Served, picture: Any, scheme: str
) -> None:
    page = open_page(color_scheme=scheme)
    expect(page).to_have_title("All profiles · Signal Engine")
    entries = live.run(live.market.lookout_of_now()).entries
    assert companies(page) == [entry["account_id"] for entry in entries]
    for row in page.locator("tr[data-row]").all():
        widths = [float(rect.get_attribute("width") or 0) for rect in row.locator("svg.parts rect").all()]
        exact = score(row.get_attribute("data-score") or "")
        assert sum(widths) == pytest.approx(exact, abs=0.02 * len(widths))
        assert row.locator(".score").inner_text() == f"{exact:.0f}", "nobody calls for a tenth of a point"
        assert "score" in (row.locator("svg.parts").get_attribute("aria-label") or "")
        assert row.locator(".why p").inner_text()
    expect(page.locator(".fault")).to_have_count(0)
    expect(page.get_by_text("Events per second")).to_have_count(0)
    picture(page, f"list-{scheme}")


def test_a_new_signal_moves_the_list_without_a_reload_and_tells_its_alert(open_page: Any, live: Served) -> None:
    page = open_page()
    before = companies(page)
    until_it_hears_news(page)
    page.evaluate("window.untouched = true")
    last = before[-1]
    page.locator(f'tr[data-row="{last}"] .company > a').focus()

    async def buys() -> None:
        live.market.now += 4_000
        await live.market.signal(last, "engagement", activity="demo_request", persona="CFO")
        await live.market.signal(last, "leadership", role="CFO", change="joined", level="c_level")
        await live.market.signal(last, "funding", round="series_c", amount_usd=90_000_000)
        await live.market.publish()

    live.run(buys())
    expect(page.locator("tr[data-row]").last).not_to_have_attribute("data-row", last)
    risen = companies(page).index(last)
    assert risen < len(before) - 1
    expect(page.locator(f'tr[data-row="{last}"] .score')).not_to_be_empty()
    expect(page.locator("[data-toast]")).to_contain_text("Hand raise")
    assert page.evaluate("window.untouched"), "it was not loaded again"
    assert page.evaluate("document.activeElement.closest('tr').dataset.row") == last, "focus went with its row"


def test_the_list_is_filtered_by_a_form_with_and_without_script(open_page: Any, live: Served) -> None:
    page = open_page()
    page.get_by_label("Level").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
    assert "level" not in page.url, "whoever looks through the choices with the arrows is not taken away"
    page.get_by_label("Level").select_option("hot")
    page.get_by_role("button", name="Show").click()
    page.wait_for_url("**level=hot**")
    hot = companies(page)
    assert 0 < len(hot) < on_the_list(live)
    levels = {entry["account_id"]: entry["level"] for entry in live.run(live.market.lookout_of_now()).entries}
    assert {levels[company] for company in hot} == {"hot"}
    page.get_by_role("link", name="Clear", exact=True).click()
    page.wait_for_url(lambda url: "level" not in url)
    assert len(companies(page)) == on_the_list(live)
    page.get_by_role("link", name="enterprise-fintech").click()
    page.wait_for_url("**list=enterprise-fintech")
    assert 0 < len(companies(page)) < on_the_list(live)
    plain = open_page(java_script_enabled=False)
    plain.get_by_label("Level").select_option("hot")
    plain.get_by_role("button", name="Show").click()
    plain.wait_for_url("**level=hot**")
    assert companies_without_script(plain) == hot
    plain = open_page("/?owner=nobody", java_script_enabled=False)
    expect(plain.get_by_text("No account on this list matches")).to_be_visible()


def companies_without_script(page: Page) -> list[str | None]:
    return [row.get_attribute("data-row") for row in page.locator("tr[data-row]").all()]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_an_account_is_explained(open_page: Any, picture: Any, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    page.get_by_role("link", name="Pellowray").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pellowray")
    page.wait_for_load_state()
    assert page.locator(".chart circle").count() > 10
    assert page.locator(".chart .lane").count() > 10
    expect(page.get_by_text("Does not fit", exact=True)).to_be_visible()
    expect(page.get_by_text("It does not fit the profile, and signals never change who fits.")).to_be_visible()
    picture(page, f"account-{scheme}")


def test_anybody_can_be_looked_up(open_page: Any, live: Served) -> None:
    page = open_page()
    for typed in ("https://www.wickerlund.com/pricing", "wickerlund", "ACC-10040"):
        page.get_by_label("Company, by name, domain or CRM id").fill(typed)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Wickerlund")
        expect(page.locator(".account-head")).to_contain_text("Customer")
        page.goto(live.url)
    page.get_by_label("Company, by name, domain or CRM id").fill("ACC-1004")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Wickerlund").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Wickerlund")
    expect(page.locator(".account-head")).to_contain_text("Customer")
    page.get_by_label("Company, by name, domain or CRM id").fill("gmail.com")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    expect(page.get_by_text("mail provider")).to_be_visible()


def test_the_alerts_are_a_feed_that_grows_by_itself(open_page: Any, live: Served, picture: Any) -> None:
    page = open_page("/alerts")
    rows = page.locator(".feed li")
    before = rows.count()
    assert before > 5

    async def asks() -> None:
        live.market.now += 4_000
        await live.market.signal("valmorel-assurances.fr", "engagement", activity="demo_request", persona="CTO")
        await live.market.publish()

    live.run(asks())
    expect(rows).to_have_count(before + 1)
    expect(rows.first).to_contain_text("Hand raise")
    expect(rows.first).to_contain_text("Valmorel Assurances")
    page.evaluate("document.querySelector('[data-toast]').replaceChildren()")
    picture(page, "alerts")


def test_polling_is_answered_with_304_on_the_wire(open_page: Any, live: Served) -> None:
    page = open_page()
    with page.expect_response(lambda answer: "/part/list" in answer.url) as answered:
        page.evaluate("refresh('list')")
    assert answered.value.status == 304
    assert answered.value.request.all_headers()["if-none-match"] == page.locator('[data-part="list"]').get_attribute(
        "data-etag"
    )
    assert len(companies(page)) == on_the_list(live), "what is there stays"
    page.clock.install()
    page.reload()
    page.evaluate("stream.close(); streaming = false")
    with page.expect_response(lambda answer: "/part/list" in answer.url) as answered:
        page.clock.fast_forward(6_000)
    assert answered.value.status == 304, "without a stream it polls"


def test_a_hostile_name_stays_text(open_page: Any, live: Served) -> None:
    account = "pellowray.io"

    async def renamed() -> None:
        await live.market.refit(account, name=HOSTILE)
        live.market.now += 4_000
        await live.market.signal(account, "leadership", role=HOSTILE, change="joined", level="vp")
        await live.market.signal(account)
        await live.market.publish()

    live.run(renamed())
    for path in ("/", f"/accounts/{account}", "/alerts"):
        page = open_page(path)
        expect(page.get_by_text("<img src=x").first).to_be_visible()
        assert page.locator("img").count() == 0
        assert page.title() != "taken"


CONTRAST = """element => {
  const rgb = colour => colour.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
    .map(c => c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4)
    .reduce((sum, c, n) => sum + c * [0.2126, 0.7152, 0.0722][n], 0);
  let behind = element, opacity = 1;
  for (let one = element; one; one = one.parentElement) opacity *= getComputedStyle(one).opacity;
  while ((rgb(getComputedStyle(behind).backgroundColor)[3] ?? 1) === 0) behind = behind.parentElement;
  const back = rgb(getComputedStyle(behind).backgroundColor);
  const ink = rgb(getComputedStyle(element).color).slice(0, 3).map((c, n) => c * opacity + back[n] * (1 - opacity));
  const [low, high] = [light(ink), light(back)].sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
}"""


@pytest.mark.parametrize("scheme", SCHEMES)
def test_small_text_can_be_read(open_page: Any, scheme: str) -> None:
    page = open_page(color_scheme=scheme)
    for small in page.locator(".tabs a .num, .tabs a, .soft, .moved, .badge, th, footer p").all():
        assert small.evaluate(CONTRAST) >= 4.5, small.evaluate("element => element.outerHTML")


@pytest.mark.parametrize("path", ["/", "/?level=hot", "/accounts/pellowray.io", "/alerts", "/account?name=ACC-"])
def test_what_is_touched_is_large_enough(open_page: Any, path: str) -> None:
    page = open_page(path, 390, 844, is_mobile=True, has_touch=True)
    targets = page.locator(
        "header a, header input, button, select, .tabs a, .filters > a, .found a, summary, main > p > a"
    )
    for target in targets.all():
        if target.is_visible():
            box = target.bounding_box()
            assert box is not None
            assert min(box["height"], box["width"]) >= 44, target.evaluate("element => element.outerHTML")


@pytest.mark.parametrize("path", ["/", "/accounts/pellowray.io", "/alerts"])
def test_no_text_is_cut_on_a_phone(open_page: Any, live: Served, path: str) -> None:
    account = "pellowray.io"

    async def long_winded() -> None:
        await live.market.refit(
            account, name="Pellowray Payments and Settlement Services International Holding GmbH & Co. KG"
        )
        live.market.now += 4_000
        role = "Interim Vice President of International Sales Development, Partnerships and Customer Success"
        await live.market.signal(account, "leadership", role=role, change="joined", level="vp")
        await live.market.publish()

    live.run(long_winded())
    page = open_page(path, 390, 844, is_mobile=True, has_touch=True)
    cut = page.evaluate("""() => [...document.querySelectorAll("main *")].filter(e => {
      const style = getComputedStyle(e);
      const hides = style.overflowX !== "visible" || style.overflowY !== "visible";
      const text = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
      return hides && text && !e.closest(".unseen") && !e.closest("svg")
        && (e.scrollWidth > e.clientWidth + 1 || e.scrollHeight > e.clientHeight + 1);
    }).map(e => e.outerHTML.slice(0, 120))""")
    assert cut == []


@pytest.mark.parametrize("path", ["/", "/accounts/pellowray.io", "/alerts"])
def test_nothing_is_cut_off_on_a_phone(open_page: Any, picture: Any, path: str) -> None:
    page = open_page(path, 390, 844, color_scheme="dark", is_mobile=True, has_touch=True)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    picture(page, f"phone-{path.strip('/').partition('/')[0] or 'list'}")


def test_the_keyboard_reaches_everything(open_page: Any) -> None:
    page = open_page()
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the content")
    page.keyboard.press("Enter")
    reached = []
    for _ in range(12):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.textContent.trim().slice(0, 40)"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached[-1]
    assert any("Pellowray" in text for text in reached), reached


def test_an_engine_that_has_stopped_is_said_and_the_list_stays(open_page: Any, live: Served, picture: Any) -> None:
    page = open_page()
    live.run(live.market.stop_for(3_600_000))
    page.evaluate("refresh('fault')")
    expect(page.get_by_text("The engine has stopped publishing.")).to_be_visible()
    expect(page.locator(".fault")).to_have_count(1)
    expect(page.locator(".fault")).to_contain_text("Is a worker running?")
    assert len(companies(page)) == on_the_list(live)
    picture(page, "stopped")


def test_a_server_that_is_gone_is_said_and_the_list_stays(open_page: Any, live: Served) -> None:
    page = open_page()
    page.context.set_offline(True)
    page.evaluate("refresh('fault')")
    expect(page.get_by_text("The server is unreachable.")).to_be_visible()
    assert len(companies(page)) == on_the_list(live)
    page.context.set_offline(False)
    page.evaluate("refresh('fault')")
    expect(page.get_by_text("The server is unreachable.")).to_be_hidden()
