"""Pages and files that people open: whatever accounts and events are called, it is text there."""

import re
from pathlib import Path
from typing import Any

import icalendar
import pytest

import signal_engine
from signal_engine.adapters.pages.plots import (
    IntervalPoint,
    LiftBar,
    PlotLine,
    histogram,
    lifts_plot,
    lines_plot,
    points_plot,
)
from signal_engine.adapters.pages.review import invitation
from signal_engine.adapters.pages.templates import templates
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from tests.http.asking import ask
from tests.http.market import Market, market
from tests.media.hostile import HOSTILE, MARK, UNSEEN
from tests.media.shown import html_lines

PACKAGE = Path(signal_engine.__file__).parent
MAKES_MARKUP = {
    "adapters/http/dashboard/pages/rendering.py", "adapters/http/inbox/pages.py",
    "adapters/pages/review.py", "adapters/pages/validation.py",
    "wire/messages/digest_media.py", "wire/messages/mail.py",
}  # fmt: skip
"""Files that call text markup: each escapes what others wrote, and is shown hostile text below or in the table."""
ESCAPES = {
    "adapters/http/dashboard/templates", "adapters/http/replies/templates", "adapters/pages",
}  # fmt: skip
"""Folders of templates, of which each has an environment that escapes by itself."""
EVERYWHERE = (
    "/",
    "/part/list",
    "/moves",
    "/alerts",
    "/part/alerts",
    "/accounts?q=MARK7",
    "/deliveries",
    "/health",
    "/reports",
)
pytestmark = pytest.mark.xdist_group("http")


@pytest.fixture(scope="module")
def hostile() -> Market:
    """A market in which each account has another of the texts, in its name and its signals."""
    return market(0)


async def _told(one: Market) -> list[str]:
    accounts = sorted(name for name, fit in one.inputs.fits.items() if fit.primary.decision == "chase")[: len(HOSTILE)]
    assert len(accounts) > 5
    for place, text in enumerate(HOSTILE.values()):
        account, short = accounts[place % len(accounts)], text[:200]
        await one.refit(account, name=short)
        await one.signal(account, page=short, persona=short)
        await one.signal(account, "intent", topic=short, score=90)
        await one.signal(account, "hiring", title=short, department=short, location=short)
        await one.signal(f"stranger-{place}.com", page=short, persona=short)
    await one.publish()
    return accounts


async def test_every_page_of_the_dashboard_shows_text(hostile: Market) -> None:
    accounts = await _told(hostile)
    store_snapshot = hostile.store_snapshot()
    await store_snapshot.poll()
    app = hostile.app(store_snapshot=store_snapshot)
    seen = 0
    pages = [*EVERYWHERE, *(f"/accounts/{name}" for name in accounts), *(f"/reports/{name}" for name in REPORT_NAMES)]
    for page in pages:
        answer = await ask(app, page)
        assert answer.status == 200, page
        lines = html_lines(answer.body.decode())
        assert not (UNSEEN - {"\t"}) & {*"".join(lines)}, page
        seen += any(MARK in line for line in lines)
    assert seen > len(accounts), "the texts are on the pages"


def test_every_template_is_escaped_and_none_says_that_it_need_not_be() -> None:
    found = {path.parent.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.html")}
    assert found == ESCAPES
    for path in PACKAGE.rglob("*.html"):
        assert not re.search(r"\|\s*safe|autoescape|Markup", path.read_text("utf-8")), path
    for path in PACKAGE.rglob("*.py"):
        for call in re.findall(r"Environment\((?:[^()]|\([^()]*\))*\)", path.read_text("utf-8")):
            assert "autoescape=True" in call, path


def test_text_is_called_markup_in_these_files_alone() -> None:
    found = {
        path.relative_to(PACKAGE).as_posix() for path in PACKAGE.rglob("*.py") if "Markup(" in path.read_text("utf-8")
    }
    assert found == MAKES_MARKUP


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_what_is_drawn_has_text_alone(text: str) -> None:
    line = PlotLine(text, [(0.0, 0.1), (1.0, 0.2)], text)
    drawn = [
        points_plot(text, [IntervalPoint(0.5, 0.5, 0.4, 0.6, text)], [(0.5, text)], [line], text),
        lines_plot(text, [line], [], [(0.5, text)], text),
        histogram(text, [1.0, 2.0], text),
        lifts_plot(text, [LiftBar(text, 1.5, 1.0, 2.0, strong=True)]),
    ]
    for one in drawn:
        assert any(MARK[:2] in line for line in html_lines(one))


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_an_invitation_is_one_event_whatever_people_are_called(text: str) -> None:
    icp: dict[str, Any] = {"icp": "b2b", "owner": text, "owner_email": "dana@example.com", "review_by": "2099-01-01"}
    icp["segments"] = []
    review: Any = {"at": "2026-11-30T10:00:00Z", "next_review": "2027-02-28", "icps": [icp], "decisions": None}
    review |= {"drafts": [], "retired_plays": [], "wiring": None}
    calendar = icalendar.Calendar.from_ical(invitation(review))
    (event,) = calendar.walk("VEVENT")
    assert str(event["attendee"]) == "mailto:dana@example.com"
    assert not UNSEEN & {*str(event["attendee"].params["CN"]), *str(event["summary"])}


def test_the_table_of_pages_is_the_one_that_is_rendered() -> None:
    assert {*templates().list_templates(extensions=["html"])} == {
        "icp_summary.html",
        "messages.html",
        "review.html",
        "slack.html",
        "validation.html",
    }
