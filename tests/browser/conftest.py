"""A real browser, Debian's Chromium. Where there is none these tests are skipped, and say so.

With SIGNAL_ENGINE_TEST_SCREENSHOTS=docs/screenshots they also write the screenshots of the documentation.
"""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.http.market import Market, market
from tests.http.serving import Served, served

QUIET = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync",
)  # fmt: skip
SCREENSHOTS = os.environ.get("SIGNAL_ENGINE_TEST_SCREENSHOTS", "")


def chromium() -> str | None:
    """Where it is."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


@pytest.fixture(scope="module")  # not longer: its driver keeps a loop running, beside which no test can have its own
def browser() -> Iterator[Browser]:
    path = chromium()
    if path is None:
        pytest.skip("needs Chromium (apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(QUIET))
        yield started
        started.close()


expect.set_options(timeout=30_000)


@pytest.fixture
def lively() -> Market:
    return market(90)


@pytest.fixture
def live(lively: Market) -> Iterator[Served]:
    """A market that is served; each test may change its own."""
    with served(lively) as one:
        yield one


@pytest.fixture
def open_page(browser: Browser, live: Served) -> Iterator[Any]:
    """Opens a path; fails the test when the page had an error or asked anybody else for anything."""
    contexts, wrong = [], []

    def opened(path: str = "/", width: int = 1280, height: int = 800, **options: Any) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.on("pageerror", lambda error: wrong.append(f"error on the page: {error}"))
        page.on("console", lambda line: wrong.append(f"console: {line.text}") if "Content Security" in line.text else 0)
        page.on("request", lambda asked: asked.url.startswith(live.url) or wrong.append(f"asked for {asked.url}"))
        page.goto(live.url.rstrip("/") + path)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert wrong == []


@pytest.fixture
def picture() -> Any:
    """Writes a screenshot, when they are asked for."""

    def taken(page: Page, name: str) -> None:
        if SCREENSHOTS:
            Path(SCREENSHOTS).mkdir(parents=True, exist_ok=True)
            page.screenshot(path=f"{SCREENSHOTS}/{name}.png", animations="disabled")

    return taken
