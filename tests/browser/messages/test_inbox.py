"""The page Inbox in a browser: messages as their programs show them, a click, accessible, on a telephone."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser.accessibility import assert_accessible
from tests.http.action_topic import MemoryActionTopic
from tests.http.inbox.kept import KeptMessages, keep
from tests.http.market import Market, aside
from tests.http.replies.scene import ANN
from tests.http.serving import Served, served


@pytest.fixture
def kept(lively: Market, tmp_path: Path) -> KeptMessages:
    lively.actions = MemoryActionTopic(lambda: lively.now)
    return aside(lambda: keep(lively, tmp_path))


@pytest.fixture
def live(lively: Market, kept: KeptMessages) -> Iterator[Served]:
    with served(lively, actor=ANN.email, inbox=kept.parts) as one:
        yield one


def test_a_claim_in_a_message_is_answered_and_the_message_says_so(
    live: Served, kept: KeptMessages, open_page: Any, picture: Any
) -> None:
    page = open_page("/inbox")
    message = page.get_by_role("article", name="Slack to ann@example.com")
    message.get_by_role("button", name="Claim").press("Enter")
    expect(message.get_by_text("hot since Mon 2 Mar")).to_be_visible()
    expect(message.get_by_text("You have claimed acme.com until Monday 16 March.")).to_be_visible()
    expect(message.get_by_role("button", name="Claim")).to_be_focused()
    live.run(kept.claimed(live.run(kept.inbox.newest(1))[0].message_id, ANN.name))
    expect(message.get_by_text("claimed by Ann Roe")).to_be_visible()
    picture(page, "inbox")


def test_a_mail_is_shown_in_its_frame(open_page: Any) -> None:
    page = open_page("/inbox")
    mail = page.get_by_role("article", name="E-mail to ann@example.com")
    mail.scroll_into_view_if_needed()
    frame = mail.locator("iframe").content_frame
    expect(frame.get_by_role("heading", level=1)).to_have_text("Acme")
    href = frame.get_by_role("link", name="Claim").get_attribute("href")
    assert href.startswith("https://signals.example.com/a/k.")


def test_it_is_accessible_and_fits_a_phone(open_page: Any, picture: Any) -> None:
    for width, scheme in ((1280, "light"), (390, "dark"), (390, "light")):
        page = open_page("/inbox", width, 844, color_scheme=scheme, is_mobile=width == 390)
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert_accessible(page)
    picture(page, "phone-inbox")
