"""What came of an account, in its document and on its page."""

from typing import Any

import pytest

from signal_engine.engine.fit.alias_mover import stage_aliases
from signal_engine.engine.ports.controls import FIT
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import DAY
from tests.http.asking import ask
from tests.http.market import NOW, Market

ALIAS = "pellowray.de"
ACCOUNT, STRANGER = "pellowray.io", "nobody-has-heard.com"


def told(number: int, stage: Any, days_ago: float, deal: str | None = "D-1", **more: Any) -> AccountOutcome:
    more.setdefault("source", "hubspot")
    at = NOW - round(days_ago * DAY)
    return AccountOutcome(ACCOUNT, f"o-{number}", stage, at, opportunity_id=deal, **more)


STORY = (
    told(1, "opened", 30, amount_usd=42_000.0),
    told(2, "meeting", 28, meeting_no=1),
    told(3, "moved", 20, stage_name="<b>Proposal</b>"),
    told(4, "won", 10),
    told(5, "reopened", 5),
    told(6, "opened", 90, "D-0", amount_usd=900.5),
    told(7, "lost", 60, "D-0", reason="no_budget"),
    told(8, "expanded", 2, None),
)


@pytest.fixture
async def one(lively: Market) -> Market:
    """A market of its own, which a test may change."""
    made = Market()
    await made.begin_with(lively.kept())
    return made


async def asked(market: Market, target: str) -> Any:
    store_snapshot = market.store_snapshot()
    assert await store_snapshot.poll()
    return await ask(market.app(store_snapshot=store_snapshot), target)


async def test_the_document_tells_each_opportunity_and_a_reopened_deal_is_open_again(one: Market) -> None:
    await one.came_of(ACCOUNT, *STORY)
    found = (await asked(one, f"/v1/accounts/{ACCOUNT}")).json["outcomes"]
    latest, earlier = found["opportunities"]
    assert (latest["opportunity_id"], latest["result"], latest["closed_at"]) == ("D-1", "open", None)
    assert (latest["amount_usd"], latest["meetings"], latest["opened_at"]) == (42_000.0, 1, "2026-01-31T09:30:00Z")
    assert [one["stage"] for one in latest["outcomes"]] == ["opened", "meeting", "moved", "won", "reopened"]
    assert (earlier["result"], earlier["closed_at"]) == ("lost", "2026-01-01T09:30:00Z")
    assert earlier["outcomes"][-1]["reason"] == "no_budget"
    assert [one["stage"] for one in found["as_customer"]] == ["expanded"]


async def test_outcomes_change_nothing_else_of_the_account(one: Market) -> None:
    before = (await asked(one, f"/v1/accounts/{ACCOUNT}")).json
    await one.came_of(ACCOUNT, *STORY)
    after = (await asked(one, f"/v1/accounts/{ACCOUNT}")).json
    assert before.pop("outcomes") == {"opportunities": [], "as_customer": []}
    assert after.pop("outcomes")["opportunities"]
    assert after == before


async def test_the_page_tells_them_newest_first_and_shows_text_as_text(one: Market) -> None:
    assert "data-opportunities" not in (await asked(one, f"/accounts/{ACCOUNT}")).body.decode()
    await one.came_of(ACCOUNT, *STORY)
    page = (await asked(one, f"/accounts/{ACCOUNT}")).body.decode()
    part = page.partition("data-opportunities")[2].partition("</section>")[0]
    said = ["D-1 · open in", "reopened", "moved to", "meeting 1", "D-0 · lost, $900.50", "lost (no budget)", "expanded"]
    places = [part.index(one) for one in said]
    assert places == sorted(places)
    assert "&lt;b&gt;Proposal&lt;/b&gt;" in part
    assert "<b>Proposal" not in part


async def test_a_page_that_is_kept_is_made_anew_once_an_outcome_has_come(one: Market) -> None:
    store_snapshot = one.store_snapshot()
    assert await store_snapshot.poll()
    app = one.app(store_snapshot=store_snapshot)
    assert "data-opportunities" not in (await ask(app, f"/accounts/{ACCOUNT}")).body.decode()
    await one.came_of(ACCOUNT, STORY[0])
    assert "data-opportunities" in (await ask(app, f"/accounts/{ACCOUNT}")).body.decode()


async def test_an_account_of_which_only_outcomes_are_known_has_a_page(one: Market) -> None:
    assert (await asked(one, f"/v1/accounts/{STRANGER}")).status == 404
    await one.came_of(STRANGER, STORY[0]._replace(account=STRANGER))
    result = await asked(one, f"/v1/accounts/{STRANGER}")
    assert (result.status, result.json["score"]) == (200, 0.0)
    assert result.json["outcomes"]["opportunities"][0]["amount_usd"] == 42_000.0


async def test_outcomes_on_an_alias_are_those_of_its_account_wherever_they_are_kept(one: Market) -> None:
    controls = one.generations.controls(0)
    in_force = FitInForce.decode(stored := await controls.read(FIT) or b"")
    aliases = await stage_aliases(controls, in_force, {ALIAS: ACCOUNT}, NOW)
    assert await controls.replace(FIT, stored, in_force._replace(aliases=aliases).encode())
    assert one.partition_of(ALIAS) != one.partition_of(ACCOUNT), "else the test shows less"
    await one.came_of(ACCOUNT, *STORY[:3])
    await one.came_of(ALIAS, *(told._replace(account=ALIAS) for told in STORY[2:5]))
    for asked_for in (ACCOUNT, ALIAS):
        found = (await asked(one, f"/v1/accounts/{asked_for}")).json["outcomes"]
        (deal,) = found["opportunities"]
        assert [each["outcome_id"] for each in deal["outcomes"]] == ["o-1", "o-2", "o-3", "o-4", "o-5"]
        assert deal["result"] == "open"
