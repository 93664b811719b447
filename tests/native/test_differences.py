"""What `check` says of a difference: the field, the account, and both values if they are numbers, levels or kinds."""

from typing import Final

from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.events import Event
from signal_engine.core.score.account import Account
from signal_engine.engine.ingest.triage import TriagedEvent
from signal_engine.engine.partition.ordinary.checking import differences
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.wire.storage import state
from tests.build import T0
from tests.engine.stand import Rec
from tests.native.test_judging import GROUP, Side

NAMES: Final = ("acme.com", "beta.com")


def stepped() -> TransactionBuilder:
    fields = {"activity": "pricing_view", "persona": "CFO Jane Roe"}
    events = [Event(name, "engagement", f"of {name}", T0, 0.2, fields) for name in NAMES]
    batch = [TriagedEvent(Rec(number, T0, b""), one, T0) for number, one in enumerate(events)]
    return Side(ScoringContext(GROUP), None, {}, {}).step(batch, dict.fromkeys(NAMES), forgets=False)


def with_state(name: str, **fields: object) -> TransactionBuilder:
    """As judged, and then one of the states another."""
    builder = stepped()
    states = builder.build(0, 0, ()).states
    stored = states[name]
    assert stored is not None
    account: Account = state.decode(stored)
    for field, value in fields.items():
        setattr(account, field, value)
    states[name] = state.encode(account)  # type: ignore[index]  # the builder's own
    return builder


def said(other: TransactionBuilder) -> list[str]:
    return [str(one) for one in differences(stepped(), other)]


def test_nothing_where_nothing_differs() -> None:
    assert said(stepped()) == []


def test_a_field_of_a_state_with_both_values() -> None:
    assert said(with_state("beta.com", level="hot")) == ["level (beta.com: warm by Python, hot natively)"]
    assert said(with_state("beta.com", last_alert_at=T0)) == [
        f"last_alert_at (beta.com: nothing by Python, {T0} natively)"
    ]
    named = with_state("acme.com", named=frozenset({"hiring", "intent"}))
    assert said(named) == ["named (acme.com: none by Python, hiring and intent natively)"]


def test_points_to_the_last_bit_and_by_place_and_not_by_persona() -> None:
    other = stepped()
    stored = other.build(0, 0, ()).states["acme.com"]
    assert stored is not None
    kinds = state.decode(stored).kinds
    [(persona, points)] = kinds["engagement"].facets.items()
    kinds["engagement"].facets[persona] = points + 2**-48
    [what] = said(with_state("acme.com", kinds=kinds))
    assert what == f"kinds (acme.com engagement points 0: {points!r} by Python, {points + 2**-48!r} natively)"


def test_no_text_that_may_be_of_a_person() -> None:
    people = with_state("acme.com", people={}, named_personas=frozenset({"jane"}))
    assert said(people) == ["named_personas (acme.com)", "people (acme.com)"]


def test_parts_of_a_transaction_by_what_leads_to_a_value() -> None:
    other = stepped()
    other.counts["applied"] = 3
    assert said(other) == ["counts (applied: 2 by Python, 3 natively)"]
    other = stepped()
    other.judged({}, {"all": {"beta.com": 7.5}}, [("acme.com", T0)])
    assert said(other) == [
        "ranks (all beta.com: nothing by Python, 7.5 natively)",
        f"due (acme.com: nothing by Python, {T0} natively)",
    ]
