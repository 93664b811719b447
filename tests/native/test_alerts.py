"""Alerts, ends of levels and hand raises come out of the native judge as out of Python, to which none of them is left.

A market of few accounts over months, in which all of it happens: by chance alone no example of Hypothesis is so hot.
"""

from collections.abc import Iterator
from random import Random
from typing import Any, Final

import orjson
import pytest

from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.core.alerting.alerts import ALERT_TYPES
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.core.fit.reasons import NoAlertReason
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.events import Event
from signal_engine.engine.ingest.triage import TriagedEvent
from signal_engine.engine.partition import evaluate_batch
from signal_engine.engine.partition.ordinary.checking import differences
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.wire.storage import fit_rows, hand_raises
from tests.build import BUYERS, DAY, HOUR, T0, kind, policy, rule
from tests.engine.stand import Rec
from tests.native.test_judging import SHIPPED, Side

DECISIONS: Final = (
    FitDecision("saas", 1, "chase", 80.0, "A", ("because",)),
    FitDecision("saas", 1, "ignore", 20.0, None, ()),
    FitDecision("other", 2, "chase", 70.0, "B", ()),
)
FITS: Final = {
    "chased.com": Fit("chased.com", DECISIONS[:1], "Chased", owner="o@x.com"),
    "twice.com": Fit("twice.com", DECISIONS[::2], sdr="s@x.com"),
    "unfit.com": Fit("unfit.com", DECISIONS[1:2]),
    "customer.com": Fit("customer.com", DECISIONS[:1], relation="customer"),
    "rival.com": Fit("rival.com", DECISIONS[:1], relation="competitor"),
    "suppressed.com": Fit("suppressed.com", DECISIONS[:1], suppressed=True),
    "stranger.com": None,
}
GROUP: Final = policy(
    kind(
        "engagement",
        half_life=9,
        cap=45,
        facet_cap=25,
        rules=(rule(30, act_now=True, activity="demo_request"), rule(14)),
    ),
    kind("intent", half_life=7, cap=20, facet_cap=12),
    kind("leadership", half_life=20, cap=30, facet_cap=18, rules=(rule(16, trigger=True, change="joined"), rule(6))),
    hot=(34, 22, 2),
    warm=(12, 7, 1),
    multipliers=(1.0, 1.2, 1.5),
    live_floor=3.0,
    max_silence_days=6,
    cooldown_days=10,
    hand_raise_hours=30,
    trigger_days=5,
    group=(2, 5.0),
    personas=BUYERS,
)
LASTING: Final = policy(kind("hiring", half_life=40), hot=(60, 30, 1), cooldown_days=20, min_level="cold", min_score=5)
POLICIES: Final = {"shipped": SHIPPED, "group": GROUP, "lasting": LASTING}
FIELDS: Final[tuple[tuple[str, dict[str, Any]], ...]] = (
    ("intent", {"topic": "crm", "score": 90}),
    ("intent", {"topic": "sales", "score": 75}),
    ("hiring", {"title": "VP Sales", "department": "sales"}),
    ("funding", {"round": "series_b", "amount_usd": 6e7}),
    ("engagement", {"activity": "pricing_view", "persona": "CFO", "page": "/pricing"}),
    ("engagement", {"activity": "event_attended", "persona": "Head of IT"}),
    ("engagement", {"activity": "form_fill", "persona": "Student"}),
    ("engagement", {"activity": "demo_request", "persona": "VP Sales"}),
    ("engagement", {"activity": "demo_request"}),
    ("technographic", {"technology": "6sense", "change": "dropped"}),
    ("leadership", {"role": "CRO", "change": "joined", "level": "c_level", "relationship": "champion"}),
)


def market(dice: Random) -> Iterator[list[TriagedEvent]]:
    """Batches; busy weeks, and weeks in which nothing comes."""
    now, number = T0, 0
    for _ in range(80):
        batch, pause = [], dice.choice([HOUR, HOUR, 8 * HOUR, 3 * DAY])
        for _ in range(dice.randrange(1, 20)):
            number += 1
            now += dice.randrange(pause)
            name, fields = dice.choice(FIELDS)
            late = dice.choice([0, 0, HOUR, 2 * DAY, 20 * DAY])
            event = Event(
                account=dice.choice([*FITS]),
                kind=name,
                event_id=f"e{dice.randrange(number) if dice.random() < 0.05 else number}",
                occurred_at=now - dice.randrange(-1_000, late + 1),
                confidence=dice.choice([1.0, 1.0, 0.7]),
                fields={**fields, "source_url": "https://x.com/é"},
                backfill=dice.random() < 0.1,
                alias=dice.choice([None, None, "x.de"]),
            )
            batch.append(TriagedEvent(Rec(number, now, b""), event, now))
        now += dice.choice([0, 0, DAY, 9 * DAY, 40 * DAY])
        yield batch


def refuse(*_: Any) -> None:
    raise AssertionError("an event was left to Python")


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("by", POLICIES)
def test_a_market_is_judged_as_python_judges_it(
    native_module: Any, monkeypatch: pytest.MonkeyPatch, by: str, seed: int
) -> None:
    context, dice = ScoringContext(POLICIES[by]), Random(seed)
    rows = {name: None if fit is None else fit_rows.encode(fit) for name, fit in FITS.items()}
    python, native = Side(context, None, {}, {}), Side(context, NativeJudge(native_module, context), {}, {})
    types, why_not, ends = set[str](), set[str | None](), 0
    for batch in market(dice):
        forgets = dice.random() < 0.5
        expected = python.step(batch, rows, forgets=forgets)
        with monkeypatch.context() as patch:
            patch.setattr(evaluate_batch, "advance", refuse)
            found = native.step(batch, rows, forgets=forgets)
        assert differences(expected, found) == []
        types |= types_of(found)
        why_not |= reasons_of(found)
        ends += sum(due is not None for due in found.build(0, 0, ()).due.values())
    expected_types = {"group": {*ALERT_TYPES}, "shipped": {*ALERT_TYPES}, "lasting": {"entered_hot", "cooled"}}
    assert types == expected_types[by]
    assert (why_not >= {None, NoAlertReason.HAND_RAISE_RECENT, NoAlertReason.NOT_FIT}) is (by != "lasting")
    assert ends


@pytest.mark.parametrize("seed", range(2))
@pytest.mark.parametrize("by", ["shipped", "group"])
def test_alerts_come_before_those_of_later_events_that_are_pythons(native_module: Any, by: str, seed: int) -> None:
    """An account goes from one to the other in the middle of a batch, and back with the next."""
    context, dice, types = ScoringContext(POLICIES[by]), Random(seed), set[str]()
    rows = {name: None if fit is None else fit_rows.encode(fit) for name, fit in FITS.items()}
    python, native = Side(context, None, {}, {}), Side(context, NativeJudge(native_module, context), {}, {})
    for batch in market(dice):
        mixed = [one._replace(event=left_to_python(one.event)) if dice.random() < 0.2 else one for one in batch]
        forgets, acted = dice.random() < 0.5, {name for name in FITS if dice.random() < 0.1}
        expected, found = (side.step(mixed, rows, forgets=forgets, acted=acted) for side in (python, native))
        assert differences(expected, found) == []
        types |= types_of(found)
    assert types == {*ALERT_TYPES}


def left_to_python(event: Event) -> Event:
    """With a source that is no text."""
    return event._replace(fields={**event.fields, "source": 7})


def types_of(builder: TransactionBuilder) -> set[str]:
    return {orjson.loads(one.record)["type"] for one in builder.build(0, 0, ()).history.feed}


def reasons_of(builder: TransactionBuilder) -> set[str | None]:
    return {hand_raises.decode(one.record).why_not for one in builder.build(0, 0, ()).history.raises}
