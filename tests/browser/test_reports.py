"""The pages of reports in a browser: reached from the index, accessible, on a telephone and on paper."""

import csv
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from signal_engine.wire.output.reports.report_words import REPORT_WORDS
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from tests.browser.accessibility import assert_accessible


def test_a_report_is_reached_by_keyboard_and_leads_to_an_account(open_page: Any, picture: Any) -> None:
    page = open_page("/reports")
    page.get_by_role("link", name=REPORT_WORDS["inbound"]["title"], exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Inbound")
    expect(page.locator('nav [aria-current="true"]')).to_have_text("Reports")
    expect(page.get_by_text("unanswered; the goal is none")).to_be_visible()
    picture(page, "report")
    page.get_by_role("link", name="Foxgrave Networks").first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Foxgrave Networks")


def test_the_rows_are_downloaded_as_csv(open_page: Any, tmp_path: Path) -> None:
    page = open_page("/reports/near-fits")
    rows = page.get_by_role("table").get_by_role("row").count() - 1
    with page.expect_download() as downloaded:
        page.get_by_role("link", name="Download CSV").click()
    assert downloaded.value.suggested_filename == "near-fits.csv"
    downloaded.value.save_as(tmp_path / "near.csv")
    with (tmp_path / "near.csv").open(encoding="utf-8-sig", newline="") as file:
        assert len([*csv.DictReader(file)]) == rows > 0


def test_an_empty_report_says_what_that_means(open_page: Any) -> None:
    page = open_page("/reports/decisions")
    expect(page.get_by_role("heading", name="Nothing to report")).to_be_visible()
    expect(page.get_by_text("No proposal is open")).to_be_visible()


def test_what_no_report_is_called_is_a_page_that_says_so(open_page: Any) -> None:
    page = open_page("/reports/gossip")
    expect(page.get_by_role("heading", level=1)).to_have_text("Not found")


@pytest.mark.parametrize("name", REPORT_NAMES)
def test_reports_are_accessible_and_fit_a_phone(open_page: Any, name: str) -> None:
    """On a screen in the light and on a phone in the dark: each scheme is looked at once a report."""
    for width, scheme in ((1280, "light"), (390, "dark")):
        page = open_page(f"/reports/{name}", width, 844, color_scheme=scheme, is_mobile=width == 390)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)


def test_paper_has_the_table_and_no_navigation(open_page: Any) -> None:
    page = open_page("/reports/high-intent-outside-icp")
    page.emulate_media(media="print")
    expect(page.get_by_role("table")).to_be_visible()
    for gone in ("header.top", ".report-links", "footer"):
        expect(page.locator(gone)).to_be_hidden()
