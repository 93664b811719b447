"""A large market in Redis without having been fed: states, ranks, fit rows and what is in force, written in steps."""

import random
from itertools import islice
from typing import Any, Final

from signal_engine.adapters.kafka.connecting.partitioning import partitioner
from signal_engine.adapters.redis.generations import RedisGenerations
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.core.fit.ranking import place_key
from signal_engine.core.flow import ScoringContext, advance
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.policy import Policy
from signal_engine.core.score.account import Account
from signal_engine.core.score.snapshot import pin
from signal_engine.core.score.stack import evaluate
from signal_engine.engine.partition.account_cache import pins_of
from signal_engine.engine.ports.controls import FIT, FIT_VERSION, SCORING, SCORING_SEQUENCE, TOPICS
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.engine.ports.views import READ_UNTIL
from signal_engine.wire.config.scoring_file import ScoringFile
from signal_engine.wire.storage import fit_rows, state
from signal_engine.wire.storage.in_force import FitInForce, IcpInForce, ScoringInForce, TopicsInForce

ICP: Final = "b2b"
_SHAPES: Final = 500
"""Different histories: each account has one of them, at a time of its own."""
_BATCH_RECORDS: Final = 5_000
_DAY: Final = 86_400_000
_TITLES: Final = ("CFO", "VP Sales", "Software Engineer", "Data Analyst", "Marketing Manager", "COO", "Buyer")


async def fill(
    generations: RedisGenerations, scoring: ScoringFile, text: str, partitions: int, accounts: int, live: int, now: int
) -> None:
    """`accounts` with a state, of which `live` can be on a list; everything read up to `now` (ms)."""
    await generations.swap(None, 0)
    store, controls = generations.store(0), generations.controls(0)
    icps = (IcpInForce(ICP, 1, "The bench", "bench@example.com", "2099-01-01"),)
    await controls.replace(TOPICS, None, TopicsInForce(partitions, {}).encode())
    version = scoring.config_version
    await controls.replace(SCORING, None, ScoringInForce(1, version, "-", "scoring.yaml", text).encode())
    await controls.replace(FIT, None, FitInForce(1, now, live, icps, ()).encode())
    scoring_context, partition_of = ScoringContext(scoring.policy), partitioner(partitions)
    loud = [_account(number, scoring_context, now, signals=14) for number in range(_SHAPES)]
    quiet = [state.encode(_account(number, scoring_context, now, signals=1)) for number in range(_SHAPES)]
    dice = random.Random(1)
    mine: list[list[int]] = [[] for _ in range(partitions)]
    for number in range(accounts):
        mine[partition_of(name(number))].append(number)
    for partition, numbers in enumerate(mine):
        counter, left = 0, iter(numbers)
        while some := list(islice(left, _BATCH_RECORDS)):
            lively = [number for number in some if number < live]
            own = {number: _older(loud[number % _SHAPES], dice.randrange(_DAY), scoring.policy) for number in lively}
            ranks = _ranks({name(number): account for number, account in own.items()}, now, scoring.policy)
            await store.apply(
                Transaction(
                    partition=partition,
                    counter=counter,
                    states={name(n): state.encode(own[n]) if n in own else quiet[n % _SHAPES] for n in some},
                    fits={name(number): fit_rows.encode(_fit(number)) for number in lively},
                    ranks=ranks,
                )
            )
            counter += 1
        for control in (FIT_VERSION, SCORING_SEQUENCE):
            views = {READ_UNTIL: str(now + _DAY).encode()}
            step = Transaction(partition=partition, counter=counter, reads=[TopicRead(control, 0, 1)], views=views)
            await store.apply(step)
            counter += 1


def _ranks(accounts: dict[str, Account], now: int, policy: Policy) -> dict[str, dict[str, float]]:
    """The places of accounts, on both lists and in those of the pinned, as a worker would have left them."""
    bounds = {one: place_key(account.level, evaluate(account, now, policy).raw) for one, account in accounts.items()}
    ends = {one: pin(account, now, policy) for one, account in accounts.items()}
    pins = {one: float(end) for one, end in ends.items() if end is not None}
    return {"all": bounds, ICP: bounds, pins_of("all"): pins, pins_of(ICP): pins}


def _older(account: Account, by: int, policy: Policy) -> Account:
    """The same history, `by` ms earlier: no two accounts are alike, as in a market, where ties are rare."""
    moved = state.decode(state.encode(account))
    for kind, its in moved.kinds.items():
        its.ref -= by
        its.evidence = tuple(
            one._replace(weight=one.weight - by / policy.kinds[kind].half_life, occurred_at=one.occurred_at - by)
            for one in its.evidence
        )
    if (raised := moved.hand_raise) is not None:
        moved.hand_raise = raised._replace(at=raised.at - by)
    return moved


def name(number: int) -> str:
    """Of an account."""
    return f"account-{number}.com"


def _fit(number: int) -> Fit:
    decision = FitDecision(ICP, 1, "chase", 60.0 + number % 40, "ABC"[number % 3], ("it is in our market",))
    return Fit(name(number), (decision,), name=f"Account {number}", owner=f"SDR {number % 9}", segment="Mid-Market")


def _account(number: int, scoring_context: ScoringContext, now: int, signals: int) -> Account:
    """A history of so many signals of several kinds, another for each number; of one in twenty somebody has asked."""
    dice, account = random.Random(number), Account()
    result: list[tuple[str, dict[str, Any]]] = [
        ("engagement", {"activity": "pricing_view", "persona": _TITLES[number % len(_TITLES)]}),
        ("intent", {"topic": f"topic {number % 11}", "score": 85}),
        ("hiring", {"title": "VP Sales", "seniority": "vp", "department": f"department {number % 5}"}),
        ("leadership", {"role": "VP Sales", "change": "joined", "level": "vp"}),
        ("funding", {"round": "series_b", "amount_usd": 20_000_000}),
    ]
    for signal in range(signals):
        kind, fields = result[(signal + number) % len(result)]
        at = now - dice.randrange(1, 9 * _DAY)
        advance(account, Event("", kind, f"{number}-{signal}", at, 1.0, fields), now - 1, None, scoring_context)
    if signals > 1 and number % 20 == 0:
        asks = {"activity": "demo_request", "persona": "CFO"}
        asked = now - dice.randrange(_DAY, 9 * _DAY)
        advance(account, Event("", "engagement", f"{number}-asks", asked, 1.0, asks), now - 1, None, scoring_context)
    return account
