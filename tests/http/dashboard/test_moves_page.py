"""What has changed since yesterday, as the page tells it by the clock of who looks, and without a script by UTC."""

import html
from typing import Any

import pytest

from signal_engine.adapters.http.dashboard.moves import ViewersZone, moves_shown
from signal_engine.wire.instants import UTC_ZONE, parse_instant, time_zone
from signal_engine.wire.output.change_documents import DayChanges
from tests.http.asking import ask
from tests.http.market import Market, market

pytestmark = pytest.mark.xdist_group("http")
NOW = parse_instant("2026-03-02T09:30:00Z")


@pytest.fixture
async def app() -> Any:
    store_snapshot = (one := market(90)).store_snapshot()
    await store_snapshot.poll()
    return one.app(store_snapshot=store_snapshot)


def document(day: str, since: str | None, zone: str = "UTC") -> DayChanges:
    return {
        "list": "all", "version": 1, "zone": zone, "day": day, "since": since,
        "entered": [], "left": [], "up": [], "down": [],
    }  # fmt: skip


@pytest.mark.parametrize(
    ("zone", "day", "since", "told"),
    [
        ("Europe/Berlin", "2026-02-28T23:00:00Z", "2026-02-28T23:00:00Z", "yesterday, 1 Mar 00:00"),
        ("Asia/Kathmandu", "2026-02-28T18:15:00Z", "2026-02-28T18:00:00Z", "yesterday, 28 Feb 23:45"),
        ("America/New_York", "2026-03-01T05:00:00Z", "2026-03-02T00:00:00Z", "1 Mar 19:00, the earliest that is known"),
        (
            "Europe/Berlin",
            "2026-02-28T23:00:00Z",
            "2026-02-28T22:30:00Z",
            "28 Feb 23:30, the last that is known before yesterday",
        ),
        ("Europe/Berlin", "2026-02-28T23:00:00Z", None, ""),
    ],
)
def test_since_when_is_told_by_the_viewers_clock(zone: str, day: str, since: str | None, told: str) -> None:
    shown = moves_shown(document(day, since, zone), NOW, ViewersZone(time_zone(zone), is_known=True))
    assert (shown["from"], shown["zone"]) == (told, zone.replace("_", " "))


@pytest.mark.parametrize("path", ["/part/moves", "/moves?list=all"])
async def test_the_cookie_names_the_zone_and_without_one_it_is_utc_and_says_so(path: str, app: Any) -> None:
    page = (await ask(app, path, cookie="theme=dark; signal-engine-zone=America/New_York")).body.decode()
    assert "1 Mar 19:00, the earliest that is known (America/New York)" in page
    for cookie in ({}, {"cookie": "signal-engine-zone=Europe"}, {"cookie": f"signal-engine-zone={'x' * 3_000}"}):
        page = (await ask(app, path, **cookie)).body.decode()
        assert "2 Mar 00:00, the earliest that is known (UTC: this browser does not say its time zone)" in page


async def test_without_a_script_a_link_leads_to_the_same_as_a_page(app: Any) -> None:
    page = (await ask(app, "/?list=all&person=SDR+West")).body.decode()
    link = '<noscript><p class="small"><a href="/moves?list=all&amp;person=SDR+West">'
    assert link in page
    shown = (await ask(app, html.unescape("/moves?list=all&amp;person=SDR+West"))).body.decode()
    assert "<h1>What has changed</h1>" in shown
    assert "Nobody has entered, left or moved" in shown
    assert (await ask(app, "/moves?list=nowhere")).status == 404


async def test_before_ranks_are_kept_it_says_when_they_will_be() -> None:
    one = Market()
    await one.open()
    store_snapshot = one.store_snapshot()
    await store_snapshot.poll()
    page = (await ask(one.app(store_snapshot=store_snapshot), "/part/moves")).body.decode()
    assert "is known once the ranks of this list have been kept" in page


def test_utc_is_the_fallback_that_needs_no_database() -> None:
    shown = moves_shown(document("2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z"), NOW, ViewersZone(UTC_ZONE, False))
    assert (shown["from"], shown["zone_is_known"]) == ("yesterday, 1 Mar 00:00", False)
