"""What `fit load` says of the market, out of states and of the scores with which accounts ended their days."""

from pathlib import Path

from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.adapters.memory.store import MemoryStore
from signal_engine.core.fit.icp import CHASE, IGNORE, Decision, Fit, FitDecision
from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.instants import DAY
from signal_engine.core.score.account import Account
from signal_engine.engine.distribution.stored_market import stored_distribution
from signal_engine.engine.ports.history import History
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.wire.config import scoring_file
from signal_engine.wire.output.distribution import Distribution
from signal_engine.wire.storage import state

SCORING = scoring_file.parse("s.yaml", Path("config/scoring.yaml").read_bytes())
TODAY = 20_600
NOW = TODAY * DAY + DAY // 2


def fit(name: str, decision: Decision = CHASE) -> Fit:
    return Fit(name, (FitDecision("mid", 1, decision, 90.0, "A", ()),), name.upper())


def partition_of(name: str) -> int:
    return ord(name[0]) % 2


def account(name: str, day: int, *titles: str) -> bytes:
    """An account whose people asked for a demo on one day."""
    made = Account()
    for number, title in enumerate(titles):
        at = day * DAY + number
        event = Event(name, "engagement", f"e{number}", at, 1.0, {"activity": "demo_request", "persona": title})
        advance(made, event, at, fit(name), ScoringContext(SCORING.policy))
    return state.encode(made)


async def market_of(
    table: dict[str, Fit],
    states: dict[str, bytes],
    scores: dict[int, dict[str, float]] | None = None,
    counts: dict[str, int] | None = None,
) -> Distribution:
    store = MemoryStore(MemoryServer(lambda: NOW), "", 1)
    for number in (0, 1):
        mine = {name: one for name, one in states.items() if partition_of(name) == number}
        days = {
            day: {name: score for name, score in some.items() if partition_of(name) == number}
            for day, some in (scores or {}).items()
        }
        history = History(scores=days)
        await store.apply(Transaction(partition=number, counter=0, states=mine, history=history, counts=counts or {}))
    by_partition = [(n, {name: fit for name, fit in table.items() if partition_of(name) == n}) for n in (0, 1)]
    return await stored_distribution(store, by_partition, SCORING, NOW)


async def test_states_tell_who_was_hot_and_who_warm_and_the_rest_does_not_count() -> None:
    names = ("a.com", "b.com", "c.com", "d.com")
    table = {name: fit(name) for name in names} | {"x.com": fit("x.com", IGNORE)}
    everybody = ("CFO", "VP Sales", "CIO")
    states = {
        "a.com": account("a.com", TODAY - 3, *everybody),
        "b.com": account("b.com", TODAY - 2, "CFO", "CIO"),
        "c.com": account("c.com", TODAY - 2, "CFO"),
        "x.com": account("x.com", TODAY, *everybody),
        "y.com": account("y.com", TODAY, *everybody),
    }
    market = await market_of(table, states)
    assert (market["accounts"], market["fit"], market["with_signals"]) == (5, 4, 3)
    assert (market["hot"], market["warm"]) == (1, 1)
    assert [one["account_id"] for one in market["highest"]] == ["a.com", "b.com", "c.com"]
    assert market["highest"][0]["name"] == "A.COM"
    assert market["days"] == 4
    assert market["hidden_by"] == []
    assert [step["rises"] for step in market["hot_a_week"]] == [2, 1, 0, 0], "47 of a.com, 33 of b.com, 17 of c.com"


async def test_days_tell_how_often_an_account_would_have_become_hot() -> None:
    """49 is still above the exit of 60, which is 48; after three weeks of silence the same score is another rise."""
    days = {TODAY - 60: 35.0, TODAY - 50: 65.0, TODAY - 45: 49.0, TODAY - 40: 61.0, TODAY - 19: 61.0, TODAY - 10: 20.0}
    market = await market_of({"a.com": fit("a.com")}, {}, {day: {"a.com": score} for day, score in days.items()})
    assert [(step["enter"], step["rises"]) for step in market["hot_a_week"]] == [(30, 2), (40, 2), (50, 2), (60, 2)]
    assert market["days"] == 61
    assert market["hot_a_week"][0]["a_week"] == round(2 / (61 / 7), 2)
    assert market["highest"] == [{"account_id": "a.com", "name": "A.COM", "score": 65.0}]


async def test_below_the_exit_and_up_again_is_another_time() -> None:
    days = {TODAY - 9: 65.0, TODAY - 6: 41.0, TODAY - 3: 63.0}
    market = await market_of({"a.com": fit("a.com")}, {}, {day: {"a.com": score} for day, score in days.items()})
    assert [step["rises"] for step in market["hot_a_week"]] == [1, 1, 1, 2], "41 is below 48, and not below 40, 32, 24"


async def test_where_nobody_was_hot_it_says_why() -> None:
    market = await market_of({"c.com": fit("c.com")}, {"c.com": account("c.com", TODAY, "CFO")})
    assert [one["reason"] for one in market["hidden_by"]] == ["below_threshold"]
    assert "17 of 40, from engagement" in market["hidden_by"][0]["detail"]
    nobody = await market_of({"x.com": fit("x.com", IGNORE)}, {})
    assert [one["reason"] for one in nobody["hidden_by"]] == ["nobody_fits"]
    silent = await market_of({"a.com": fit("a.com")}, {})
    assert [one["reason"] for one in silent["hidden_by"]] == ["no_signals"]


async def test_the_share_of_background_is_that_of_all_partitions_for_kinds_that_ask_what_we_sell() -> None:
    table = {"a.com": fit("a.com"), "b.com": fit("b.com")}
    counted = {"asked:hiring": 8, "off_list:hiring": 6, "asked:intent": 5, "off_list:intent": 5, "applied": 2}
    document = await market_of(table, {}, counts=counted)
    assert document["off_list"] == [{"kind": "hiring", "events": 16, "off_list": 12, "share": 0.75}]
