"""Which rules are in force, since when and by whom, and which review is due: the API, readiness and the dashboard."""

from typing import Any

from signal_engine.engine.ports.controls import FIT, OFF, RULE_PUBLISHING, SCORING
from signal_engine.engine.read_model.snapshot import StoreSnapshot
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage.in_force import FitInForce, PublishedBy, ScoringInForce, VersionPublished
from tests.http.asking import ask
from tests.http.market import Market

_PAST = "2019-05-31"


async def _opened() -> tuple[Market, StoreSnapshot, Any]:
    """A market without history."""
    market = Market()
    await market.open()
    snapshot = market.store_snapshot()
    assert await snapshot.poll()
    return market, snapshot, market.app(store_snapshot=snapshot)


async def _publish(market: Market) -> None:
    stored = await market.controls.read(SCORING)
    assert stored is not None
    published = PublishedBy(7, 3, "dana@example.com", "Visits fade faster.", market.now)
    await market.controls.replace(SCORING, stored, ScoringInForce.decode(stored)._replace(published=published).encode())


async def _let_reviews_pass(market: Market) -> None:
    stored = await market.controls.read(FIT)
    assert stored is not None
    fit = FitInForce.decode(stored)
    first, *others = fit.icps
    changed = fit._replace(icps=(first._replace(annual_review_by=_PAST), *others))
    await market.controls.replace(FIT, stored, changed.encode())


async def test_the_api_tells_what_is_in_force_since_when_and_by_whom() -> None:
    market, snapshot, app = await _opened()
    before = (await ask(app, "/v1/lists")).json["in_force"]
    assert before["scoring"]["by"] is None, "a worker's own file"
    assert {icp["icp"] for icp in before["icps"]} == {"midmarket-saas", "enterprise-fintech"}
    await _publish(market)
    assert await snapshot.poll()
    assert (await ask(app, "/v1/lists")).json["in_force"]["scoring"] == {
        "config_version": market.inputs.scoring.config_version,
        "since": format_instant(market.now),
        "by": "dana@example.com",
        "reason": "Visits fade faster.",
    }
    page = (await ask(app, "/health")).body.decode()
    assert "by dana@example.com" in page
    assert "Visits fade faster." in page


async def test_each_icp_tells_who_published_its_version_and_one_that_a_load_named_tells_nobody() -> None:
    market, snapshot, app = await _opened()
    stored = await market.controls.read(FIT)
    assert stored is not None
    fit = FitInForce.decode(stored)
    first, *others = fit.icps
    published = VersionPublished("noor@example.com", "Banks <decide> late.", market.now - 60_000)
    changed = fit._replace(icps=(first._replace(published=published), *others))
    await market.controls.replace(FIT, stored, changed.encode())
    assert await snapshot.poll()
    told = {one["icp"]: one for one in (await ask(app, "/v1/lists")).json["in_force"]["icps"]}
    of_first = told.pop(first.icp)
    assert (of_first["version"], of_first["by"], of_first["reason"]) == (
        first.version,
        "noor@example.com",
        "Banks <decide> late.",
    )
    assert of_first["since"] == format_instant(market.now - 60_000)
    assert {(one["since"], one["by"], one["reason"]) for one in told.values()} == {(None, None, None)}
    page = (await ask(app, "/health")).body.decode()
    assert f"<dt>ICP {first.icp}</dt><dd>version {first.version}</dd>" in page
    assert "by noor@example.com: Banks &lt;decide&gt; late." in page
    assert not any(f"<dt>ICP {name}</dt>" in page for name in told)


async def test_a_review_that_is_due_is_a_warning_and_stops_nothing() -> None:
    market, snapshot, app = await _opened()
    assert (await ask(app, "/v1/lists")).json["warnings"] == []
    assert "A review is due." not in (await ask(app, "/health")).body.decode()
    await _let_reviews_pass(market)
    assert await snapshot.poll()
    (warning,) = (await ask(app, "/v1/lists")).json["warnings"]
    assert f"its annual review date {_PAST} has passed" in warning
    assert "A review is due." in (await ask(app, "/health")).body.decode()
    assert not [problem for problem in (await ask(app, "/readyz")).json["problems"] if "review" in problem]


async def test_readiness_says_that_publishing_is_off_until_the_topic_is_there() -> None:
    market, snapshot, app = await _opened()
    said = "publishing of rules is off: its topic is missing; `signal-engine topics create` makes it"
    assert said not in (await ask(app, "/readyz")).json["problems"]
    await market.controls.replace(RULE_PUBLISHING, None, OFF)
    assert await snapshot.poll()
    assert said in (await ask(app, "/readyz")).json["problems"]
