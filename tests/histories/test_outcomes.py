"""Every history comes to what `outcomes` says, and what was intended with it holds, unless `outcomes` says why not."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest

from . import news, relations, visits
from .judging import Judge, Verdict, by_engine, by_oracle
from .outcomes import DAYS, OUTCOMES
from .telling import DAY_0, History, history, moment, visit

HISTORIES = {one.name: one for one in (*visits.HISTORIES, *news.HISTORIES, *relations.HISTORIES)}
SECOND = 1 / 86_400


class Market:
    """All histories in one market, or some, as one judge sees them."""

    def __init__(self, judge: Judge, folder: Path) -> None:
        self._judge, self._folder = judge, folder
        self.at = cache(lambda day: self.of(HISTORIES.values(), day))

    def of(self, histories: Any, day: float) -> Verdict:
        return self._judge(list(histories), day, self._folder)

    def entry(self, name: str, day: float, which: str = "all") -> dict[str, Any] | None:
        entries = self.at(day).lists[which]
        return next((one for one in entries if one["account_id"] == HISTORIES[name].account_id), None)

    def order(self, day: float) -> list[str]:
        return [one["account_id"].removesuffix(".com") for one in self.at(day).lists["all"]]


@pytest.fixture(
    scope="module",
    params=[pytest.param(by_oracle, id="oracle"), pytest.param(by_engine, id="engine")],
)
def market(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Market:
    return Market(request.param, tmp_path_factory.mktemp("histories"))


def test_every_history_has_an_outcome() -> None:
    assert (len(HISTORIES), HISTORIES.keys()) == (25, OUTCOMES.keys())


@pytest.mark.parametrize("name", HISTORIES)
def test_level_score_badge_and_alerts_are_those_of_the_definition(market: Market, name: str) -> None:
    expected, account_id = OUTCOMES[name], HISTORIES[name].account_id
    for day in DAYS:
        level, score, badge = expected.at(day)
        entry = market.entry(name, day)
        assert market.at(day).standings[account_id] == (level, pytest.approx(score, abs=0.0051)), day
        assert (None if entry is None else entry["badge"]) == badge, day
    given = [(type_, days, whose) for account, type_, days, whose in market.at(60).alerts if account == account_id]
    assert given == [(type_, pytest.approx(days, abs=SECOND), whose) for type_, days, whose in expected.alerts]


def test_a_demo_request_alone_is_first_until_fourteen_days_have_passed(market: Market) -> None:
    cfo = [HISTORIES["cfo-demo"], HISTORIES["third-party"]]
    for day in (0, 7, 13.999):
        first, second = market.of(cfo, day).lists["all"]
        assert (first["account_id"], first["badge"], first["pinned"]) == ("cfo-demo.com", "inbound", True)
        assert second["score"] > first["score"]
    assert [one["account_id"] for one in market.of(cfo, 14).lists["all"]] == ["third-party.com"]


def test_the_pins_come_first_and_then_those_who_visit_us_and_whom_the_market_tells_of(market: Market) -> None:
    assert market.order(0)[:4] == ["vp-demo", "trial", "cfo-demo", "engaged-and-hiring"]
    assert market.order(7)[:4] == ["vp-demo", "trial", "cfo-demo", "engaged-and-hiring"]


def test_nobody_cold_is_on_a_list_but_for_a_raised_hand(market: Market) -> None:
    for day in DAYS:
        for entry in market.at(day).lists["all"]:
            assert entry["level"] in ("warm", "hot") or entry["badge"] == "inbound"


def test_a_webinar_stands_below_three_stakeholders(market: Market) -> None:
    for day in (0, 7):
        order = market.order(day)
        assert order.index("three-stakeholders") < order.index("webinar")


def test_one_person_in_three_spellings_counts_as_in_one(market: Market) -> None:
    result = history("one-cfo", "", visits.one_cfo("CFO"))
    assert market.of([result], 0).standings == {
        "one-cfo.com": ("warm", pytest.approx(OUTCOMES["one-cfo"].day_0[1], abs=0.0051))
    }


def test_an_ad_click_adds_little_and_is_not_the_reason_to_call(market: Market) -> None:
    with_click, entry = HISTORIES["ad-click"], market.entry("ad-click", 0)
    assert entry is not None
    assert str(entry["why_now_at"]).replace(" ", "T")[:19] != moment(0)[:19]
    without = History(with_click.name, "", with_click.events[:-1], with_click.row)
    scores = [market.of([one], 0).standings["ad-click.com"][1] for one in (with_click, without)]
    assert 0 < scores[0] - scores[1] < 3


def test_a_third_party_stack_is_hot_though_nobody_has_engaged(market: Market) -> None:
    entry = market.entry("third-party", 0)
    assert entry is not None
    assert sorted(entry["kinds_live"]) == ["funding", "intent", "leadership", "technographic"]
    assert market.of([HISTORIES["third-party"]], 20.999).standings["third-party.com"][0] == "hot"
    assert market.of([HISTORIES["third-party"]], 21).standings["third-party.com"][0] == "warm"


def test_an_account_of_two_icps_is_on_both_lists_with_one_alert(market: Market) -> None:
    for which, tier in (("midmarket", "A"), ("strategic", "B"), ("all", "A")):
        entry = market.entry("two-icps", 0, which)
        assert entry is not None
        assert entry["tier"] == tier
    assert len([one for one in market.at(0).alerts if one[0] == "two-icps.com"]) == 1


def test_trigger_alerts_come_at_most_once_in_fourteen_days(market: Market) -> None:
    later = history("round-and-vp", "", news.raise_of(-14, 20e6), news.joined(0, "VP Sales", "vp"))
    assert [one[1:3] for one in market.of([later], 0).alerts] == [("trigger", -14.0), ("trigger", 0.0)]


def test_a_student_who_asks_for_a_demo_raises_no_hand(market: Market) -> None:
    intern = history("intern-demo", "", visit(0, "demo_request", "Intern"))
    verdict = market.of([intern, HISTORIES["student-demo"]], 0)
    assert (verdict.alerts, verdict.lists["all"]) == ([], [])


def test_day_0_is_that_of_the_last_event() -> None:
    for one in HISTORIES.values():
        assert max(event["occurred_at"] for event in one.events) == DAY_0.isoformat().replace("+00:00", "Z")
