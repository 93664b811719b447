"""What a rep and a manager read on the dashboard: who to call first, why now, who is behind it, and what adds up."""

import re
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from signal_engine.core.fit.reasons import Recorded
from signal_engine.wire.output.alert_words import NOT_SENT_IN_WORDS
from signal_engine.wire.output.words import sentence
from tests.http.serving import Served

STRANGER = "ruskenfeld.at"
NOT_SENT = f"Not sent {sentence(NOT_SENT_IN_WORDS[Recorded.BACKFILL])}"


def entries(live: Served) -> list[dict[str, Any]]:
    return live.run(live.market.lookout_of_now()).entries


def row(page: Page, account: str) -> Locator:
    return page.locator(f'tr[data-row="{account}"]')


def number(text: str) -> float:
    return float(text.replace("\N{MINUS SIGN}", "-").replace(",", ""))


def test_the_badge_comes_first_and_why_now_is_the_entry_s_own_with_the_time_of_that_signal(
    open_page: Any, live: Served
) -> None:
    page = open_page()
    for entry in entries(live):
        here = row(page, entry["account_id"])
        assert here.locator("td").first.inner_text().split()[0] == entry["badge"].capitalize()
        why = here.locator(".why p")
        assert why.inner_text().startswith(entry["why_now"])
        assert why.locator("time").get_attribute("datetime") == entry["why_now_at"]
        assert here.locator(".score").get_attribute("title") == f"exactly {entry['score']:.2f}"
    assert any(entry["why_now_at"] != entry["last_signal_at"] for entry in entries(live)), "else it proves nothing"


def test_who_asked_to_be_called_stands_apart_and_nobody_cold_is_in_the_market(open_page: Any, live: Served) -> None:
    on_it = {entry["account_id"] for entry in entries(live)}
    fits = live.market.inputs.fits.values()
    cold = next(f.account for f in fits if f.primary.decision == "chase" and f.relation == "prospect"
                and not f.suppressed and f.account not in on_it)  # fmt: skip

    async def asks() -> None:
        live.market.now += 4_000
        await live.market.signal(cold, activity="contact_sales", persona="CFO")
        await live.market.publish()

    live.run(asks())
    asked = next(entry for entry in entries(live) if entry["account_id"] == cold)
    assert (asked["badge"], asked["level"], asked["pinned"]) == ("inbound", "cold", True)
    page = open_page()
    pinned, market = page.locator("tbody.pinned"), page.locator("tbody.market")
    expect(pinned.locator(f'[data-row="{cold}"]')).to_be_visible()
    assert pinned.locator("tr[data-row]").evaluate_all("rows => rows.map(row => row.dataset.row)") == [
        entry["account_id"] for entry in entries(live) if entry["pinned"]
    ]
    expect(pinned.locator("th")).to_contain_text("Asked to be called")
    expect(market.locator("th")).to_contain_text("In the market now")
    assert set(market.locator(".badge").all_inner_texts()) == {"Hot", "Warm"}
    heads = page.locator(".block-head").evaluate_all("some => some.map(one => one.getBoundingClientRect().height)")
    assert len(heads) == 2
    assert min(heads) > 20
    expect(page.get_by_text("Ordered by more than the score")).to_have_count(1)


def test_list_and_page_say_the_same_of_who_is_behind_it_and_who_is_missing(open_page: Any, live: Served) -> None:
    groups = {icp.icp: icp.buying_group for icp in live.market.inputs.icps}
    page, seen = open_page(), 0
    for entry in entries(live):
        active, people = entry["personas_live"], row(page, entry["account_id"]).locator(".why small").inner_text()
        if len(active) == 1:
            assert people.startswith(f"One person only: {active[0]}")
            seen += 1
        missing = ["IT" if one == "it" else one for one in groups[entry["icp"]] if one not in active]
        assert people.endswith(f"Missing: {', '.join(missing)}.") == bool(missing)
    assert seen, "one account has one person only, else it proves nothing"
    first = entries(live)[0]
    row(page, first["account_id"]).locator("a").first.click()
    group = page.locator(".group li")
    expect(group).to_have_count(len(groups[first["icp"]]))
    for shown, persona in zip(group.all_inner_texts(), groups[first["icp"]], strict=True):
        assert shown.split()[-1] == ("seen" if persona in first["personas_live"] else "missing")


def test_what_a_score_is_made_of_adds_up_on_the_page(open_page: Any, live: Served, picture: Any) -> None:
    for account in (entries(live)[0]["account_id"], STRANGER):
        page = open_page(f"/accounts/{account}")
        parts = page.locator("[data-part-of-score]").all()
        total = 0.0
        for part in parts:
            result = number(part.locator(".points").inner_text())
            total += result
            lines = [number(text) for text in part.locator("tr.line td.num").all_inner_texts()]
            if lines:
                assert sum(lines) == pytest.approx(result, abs=0.001), account
        assert total == pytest.approx(number(page.locator(".sum .total .num").inner_text()), abs=0.001)
    expect(page.locator('[data-part-of-score="stack"]')).to_contain_text(
        re.compile(r"\d signal types are live \(.*\), so their sum is multiplied by 1\.\d+\.")
    )
    expect(page.locator('[data-part-of-score="ceiling"]')).to_contain_text("Scores are capped at 100;")
    page.evaluate("document.querySelector('.sum').closest('section').scrollIntoView()")
    picture(page, "parts")
    assert page.locator('[data-part-of-score="engagement"]').get_by_text("More of the same counts less").count() == 1


def test_alerts_say_for_whom_they_are_and_one_that_went_quiet_gives_no_reason_to_call(
    open_page: Any, live: Served
) -> None:
    page = open_page("/alerts")
    quiet = page.locator("li.cooled").first
    expect(quiet).to_contain_text("Went quiet")
    expect(quiet.locator(".body p")).to_have_count(1)
    expect(quiet.locator(".body p")).to_contain_text(re.compile("faded|No longer hot"))
    assert "score" not in quiet.inner_text()
    stranger = page.locator("li.inbound", has_text=STRANGER).first
    expect(stranger).to_contain_text("for triage")
    expect(stranger).to_contain_text("It is not in the accounts file, so its fit is unknown.")
    expect(page.locator("li.hand_raise", has_text="Customer").first).to_contain_text(re.compile("for the owner, AE "))
    expect(page.locator("li.trigger").first).to_contain_text("for SDR ")
    assert page.locator(".unsent").count() == 0


def test_an_alert_that_was_recorded_is_said_not_to_have_been_sent(open_page: Any, live: Served) -> None:
    account = "hollobrand.nl"

    async def loaded() -> None:
        live.market.now += 4_000
        event = {"kind": "engagement", "event_id": "old", "account_id": account, "activity": "demo_request",
                 "persona": "Sales Director", "occurred_at": "2026-03-02T09:00:00Z"}  # fmt: skip
        await live.market.tell(event, backfill=b"1")
        await live.market.publish()

    live.run(loaded())
    page = open_page("/alerts")
    expect(page.locator("li.not-sent")).to_contain_text(NOT_SENT)
    page = open_page(f"/accounts/{account}")
    expect(page.get_by_text(NOT_SENT)).to_be_visible()
    expect(page.locator("[data-alert-now]")).to_contain_text("none due")


def test_just_after_an_alert_the_page_says_so_and_later_why_none_is_due(open_page: Any, live: Served) -> None:
    account = "hollobrand.nl"

    async def asks() -> None:
        live.market.now += 4_000
        await live.market.signal(account, activity="demo_request", persona="CFO")
        await live.market.publish()

    live.run(asks())
    page = open_page(f"/accounts/{account}")
    expect(page.locator("[data-alert-now]")).to_contain_text("alerted just now")
    expect(page.locator("[data-alert-now]")).to_contain_text("Hand raise, just now.")
    live.run(live.market.stop_for(11 * 60_000))
    expect(open_page("/health").locator(".health")).to_contain_text("11 minutes ago")  # the watcher has looked since
    page.reload()
    expect(page.locator("[data-alert-now]")).to_contain_text("none due")
    expect(page.locator("[data-alert-now]")).not_to_contain_text("just now")


def test_units_are_words(open_page: Any) -> None:
    for path in ("/", "/alerts", "/accounts/pellowray.io"):
        text = open_page(path).locator("body").inner_text()
        assert not re.findall(r"\b\d+ (?:d|h|min|s)\b", text), path
        assert not re.findall(r"\b1 (?:days|hours|minutes|seconds)\b", text), path
        assert "technographic" not in text, "people say technology"
        assert "cools" not in text
