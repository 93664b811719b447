"""A digest as a person sees it, on a desktop and on a phone."""

from datetime import UTC
from pathlib import Path
from typing import Any

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, expect

from signal_engine.adapters.pages.messages import messages_page
from signal_engine.wire.messages.digest import digest
from signal_engine.wire.messages.digest_media import digest_mail, digest_slack
from tests.engine.digests.scene import FACTS


@pytest.fixture
def preview(tmp_path: Path) -> Path:
    told = digest(FACTS, UTC, "https://signals.example.com")
    path = tmp_path / "digest.html"
    path.write_text(messages_page(told.title, digest_slack(told), digest_mail(told)), "utf-8")
    return path


@pytest.mark.parametrize(("width", "name"), [(1280, "digest"), (390, "phone-digest")])
def test_it_is_accessible_and_fits(browser: Browser, preview: Path, picture: Any, width: int, name: str) -> None:
    page = browser.new_page(viewport={"width": width, "height": 1_500})
    page.goto(preview.as_uri())
    mail = page.frame_locator("iframe")
    expect(mail.get_by_role("heading", level=1)).to_have_text("Your list, Mon 2 Mar")
    expect(mail.get_by_role("heading", level=2).first).to_have_text("Entered")
    expect(page.get_by_role("heading", name="Webhook")).to_have_count(0)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    found = Axe().run(page)
    assert found.violations_count == 0, found.generate_report()
    picture(page, name)
    page.close()
