"""Pages that commands write: they load nothing, are accessible, and fit a phone and a sheet of paper."""

import re
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from testing.processes import ROOT
from tests.cli.running import run


@pytest.fixture(scope="module")
def summary(tmp_path_factory: pytest.TempPathFactory) -> Path:
    page = tmp_path_factory.mktemp("pages") / "icp.html"
    assert run("icp", "show", ROOT / "config/icp/midmarket-saas.yaml", "--page", page).code == 0
    return page


def test_an_icp_is_one_sheet_of_paper(browser: Browser, summary: Path) -> None:
    page = browser.new_page()
    page.goto(summary.as_uri())
    expect(page.get_by_role("heading", level=1)).to_contain_text("midmarket-saas")
    assert len(re.findall(rb"/Type\s*/Page\b", page.pdf(format="A4"))) == 1
    page.close()


def test_an_icp_is_accessible_and_fits_a_phone(browser: Browser, summary: Path) -> None:
    for width in (1280, 390):
        page = browser.new_page(viewport={"width": width, "height": 844})
        page.goto(summary.as_uri())
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()
        page.close()
