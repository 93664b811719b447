"""`/v1/accounts/...` and `/v1/alerts`."""

from typing import Any

import pytest

from signal_engine.engine.fit.alias_mover import stage_aliases
from signal_engine.engine.ports.controls import FIT
from signal_engine.wire.instants import format_instant
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import DAY
from tests.http.asking import ask
from tests.http.market import NOW, Market


async def test_an_account_is_explained_with_its_past(app: Any) -> None:
    first = (await ask(app, "/v1/lists/all")).json["entries"][0]
    for spelt in (first["account_id"], f"https%3A%2F%2Fwww.{first['account_id']}%2Fcareers"):
        result = (await ask(app, f"/v1/accounts/{spelt}")).json
        assert (result["account_id"], result["score"], result["level"]) == (
            first["account_id"], first["score"], first["level"],
        )  # fmt: skip
    assert round(sum(part["points"] for part in result["parts"]), 2) == result["score"]
    assert result["lists"][0] == {"list": "all", "rank": 1, "why_not": None, "why_not_in_words": None}
    assert result["alerts"]
    days = [one["day"] for one in result["history"]["scores"]]
    assert len(days) > 10
    assert days == sorted(days)
    last = max(signal["at"] for signal in result["history"]["signals"])
    assert days[-1] >= last[:10], "of the last day, the state tells"
    assert 0 < len(result["history"]["signals"]) <= 50
    assert all(signal["text"] and signal["points"] > 0 for signal in result["history"]["signals"])


async def test_an_account_that_does_not_fit_says_why_not(app: Any, lively: Market) -> None:
    result = (await ask(app, "/v1/accounts/wickerlund.com")).json
    assert {place["why_not"] for place in result["lists"]} == {"relation", "not_fit"}
    assert all(place["why_not_in_words"] for place in result["lists"])
    assert result["why_no_alert"]


@pytest.mark.parametrize(
    ("account", "why"),
    [
        ("nobody-has-heard-of.com", "unknown account"),
        ("gmail.com", "mail provider"),
        ("linkedin.com", "shared host"),
        ("10.0.0.1", "IP address"),
        ("x", "single label"),
    ],
)
async def test_an_account_that_is_unknown_or_none(app: Any, account: str, why: str) -> None:
    result = await ask(app, f"/v1/accounts/{account}")
    assert (result.status, result.headers["content-type"]) == (404, "application/problem+json")
    assert why in result.json["detail"]


async def test_alerts_come_newest_first_and_since(app: Any) -> None:
    alerts = (await ask(app, "/v1/alerts?limit=1000")).json["alerts"]
    dates = [alert["at"] for alert in alerts]
    assert len(dates) > 5
    assert dates == sorted(dates, reverse=True)
    assert dates[-1] >= format_instant(NOW - 30 * DAY)
    assert (await ask(app, "/v1/alerts?limit=2")).json["alerts"] == alerts[:2]
    since = (await ask(app, f"/v1/alerts?since={dates[3]}")).json["alerts"]
    assert since == [alert for alert in alerts if alert["at"] >= dates[3]]
    assert (await ask(app, f"/v1/alerts?since={dates[3][:19]}%2B00:00")).json["alerts"] == since
    assert (await ask(app, f"/v1/alerts?since={dates[3][:19]}+00:00")).json["alerts"] == since


@pytest.mark.parametrize("field", ["type", "icp", "tier", "owner", "sdr"])
async def test_alerts_are_filtered_and_as_many_as_wanted_are_found_however_far_back(app: Any, field: str) -> None:
    alerts = (await ask(app, "/v1/alerts?limit=1000")).json["alerts"]
    parameter = "person" if field in {"owner", "sdr"} else field
    for value in {alert[field] for alert in alerts} - {None}:
        named = ("owner", "sdr", "claimed_by") if parameter == "person" else (field,)
        same = [alert for alert in alerts if value in {alert[one] for one in named}]
        for limit in (1, 1_000):
            result = await ask(app, f"/v1/alerts?{parameter}={value.replace(' ', '+')}&limit={limit}")
            assert result.json["alerts"] == same[:limit]
    assert (await ask(app, f"/v1/alerts?{parameter}=nobody")).json.get("alerts", []) == []


@pytest.mark.parametrize("query", ["since=yesterday", "since=1767225600", "limit=0", "limit=1001", "type=hot", "icp="])
async def test_wrong_parameters_of_alerts(app: Any, query: str) -> None:
    assert (await ask(app, f"/v1/alerts?{query}")).status == 422


async def test_an_alias_is_asked_for_its_account_here_on_the_page_and_when_acted_on(app: Any, lively: Market) -> None:
    first = (await ask(app, "/v1/lists/all")).json["entries"][0]["account_id"]
    owners = {"of-the-first.io": first}
    controls = lively.generations.controls(0)
    stored = await controls.read(FIT)
    assert stored is not None
    in_force = FitInForce.decode(stored)
    named = in_force._replace(aliases=await stage_aliases(controls, in_force, owners, NOW))
    assert await controls.replace(FIT, stored, named.encode())
    try:
        snapshot = lively.store_snapshot()
        await snapshot.poll()
        aliased = lively.app(store_snapshot=snapshot)
        for asked in ("of-the-first.io", first):
            assert (await ask(aliased, f"/v1/accounts/{asked}")).json["account_id"] == first
            assert (await ask(aliased, f"/v1/accounts/{asked}/actions")).json["account_id"] == first
        page = await ask(aliased, "/accounts/of-the-first.io")
        assert (page.status, first in page.body.decode()) == (200, True)
        rules = await lively.door().rulebook.rules_for(["of-the-first.io"])
        assert (rules.aliases, [*rules.fits]) == (owners, [first])
    finally:
        assert await controls.replace(FIT, named.encode(), stored)
    await snapshot.poll()
    assert snapshot.aliases.changes == {}
