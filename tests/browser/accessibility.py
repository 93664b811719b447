"""What axe finds on a page."""

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from testing.page import until_on_page

_STILL = """() => document.getAnimations().every(
    one => one.playState !== "running" || one.effect.getComputedTiming().iterations === Infinity)"""


def assert_accessible(page: Page, where: str = "") -> None:
    """Fails with what axe says; `where` is said before it. A row that fades in has less contrast, so it waits first."""
    until_on_page(page, "nothing moves on the page", _STILL)
    found = Axe().run(page)
    assert found.violations_count == 0, f"{where}\n{found.generate_report()}"
