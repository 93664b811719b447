"""The native judge comes to what Python comes to, field by field and to the last bit, or leaves the event to Python."""

from collections.abc import Collection, Sequence
from itertools import count
from pathlib import Path
from typing import Any, Final, NamedTuple

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.adapters.native.judge import NativeJudge, check_arithmetic
from signal_engine.core.fit.icp import Fit, FitDecision
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules.events import Event
from signal_engine.core.rules.kinds import KINDS
from signal_engine.core.rules.personas import Persona
from signal_engine.core.rules.relations import Relation
from signal_engine.engine.ingest.triage import TriagedEvent
from signal_engine.engine.partition.account_cache import CachedAccount, decoded
from signal_engine.engine.partition.evaluate_batch import evaluate_batch
from signal_engine.engine.partition.ordinary.batch import OrdinaryBatch
from signal_engine.engine.partition.ordinary.checking import differences
from signal_engine.engine.partition.ordinary.judge import OrdinaryJudge
from signal_engine.engine.partition.transaction_builder import TransactionBuilder
from signal_engine.engine.ports.store import Loaded
from signal_engine.entrypoints.wiring.inputs import read_scoring
from signal_engine.wire.storage import fit_rows, state
from signal_engine.wire.storage.documents import UnreadableDocument
from tests.build import DAY, T0, kind, policy, rule
from tests.engine.stand import Rec

SHIPPED: Final = read_scoring(str(Path(__file__).parents[2] / "config" / "scoring.yaml")).policy
PEOPLE: Final = (Persona("boss", ("ceo", "cfo")), Persona("student", ("student",), counts=False))
GROUP: Final = policy(
    kind("engagement", half_life=14, cap=40, facet_cap=20),
    kind("intent", half_life=7, cap=20, facet_cap=12),
    kind("hiring", half_life=30, cap=25, facet_cap=20, rules=(rule(9, trigger=True, title="VP"), rule(100))),
    hot=(45, 30, 2),
    warm=(15, 8, 1),
    multipliers=(1.0, 1.2, 1.5),
    live_floor=3.0,
    max_silence_days=21,
    group=(2, 5.0),
    personas=PEOPLE,
    min_level="cold",
)
PLAIN: Final = policy(kind(half_life=8), kind("hiring", half_life=8))
ODD: Final = policy(
    kind("engagement", half_life=1.2e-8, cap=1 / 3, facet_cap=1e-300, rules=(rule(5e-324, act_now=True),)),
    kind("intent", half_life=100_000, cap=9e4, facet_cap=1e300, rules=(rule(1e6, trigger=True), rule(1))),
    kind("hiring", half_life=14, cap=0.25, facet_cap=0.25, rules=(rule(0.25),)),
    hot=(0.5, 0.25, 0),
    warm=(0.25, 0.2, 0),
    multipliers=(1.0, 1.0, 2.0),
    live_floor=0.2499999,
    max_silence_days=1e-7,
    cooldown_days=0,
    hand_raise_hours=0,
    trigger_days=0,
    group=(1, 1e-9),
    min_level="hot",
    min_score=100,
)
"""Half-lives of a millisecond and of centuries, points at both ends, thresholds met exactly, no pauses."""
POLICIES: Final = [SHIPPED, GROUP, PLAIN, ODD]

NAMES: Final = ("acme.com", "beta.com", "gamma.com")
texts = st.sampled_from(["crm", "CRM ", "sales", "caf\u00e9", "a\u2028b", 'say "hi"', "VP", "x" * 200, ""])
OWN: Final[dict[str, dict[str, st.SearchStrategy[Any]]]] = {
    "intent": {"topic": texts, "score": st.sampled_from([59, 60, 70, 79.5, 80, 100.0]), "people": st.integers(0, 5)},
    "hiring": {
        "title": texts, "department": st.sampled_from(["Sales", "sales", "Law"]), "location": texts,
        "seniority": st.sampled_from(["vp", "manager"]), "status": st.sampled_from(["open", "closed"]),
    },
    "funding": {
        "round": texts, "amount_usd": st.sampled_from([5e5, 1e6, 2e7, 8e7]),
        "investors": st.lists(texts, max_size=2),
    },
    "engagement": {
        "activity": st.sampled_from(["page_view", "pricing_view", "demo_request", "event_attended", "email_open"]),
        "persona": st.sampled_from(["CEO", "cfo ", "Student", "Wizard", "VP Sales", "CTO", " "]),
        "page": texts, "dwell_seconds": st.integers(0, 300), "automated": st.booleans(),
    },
    "technographic": {
        "technology": st.sampled_from(["Snowflake", "6sense", "snowflake"]),
        "change": st.sampled_from(["adopted", "dropped", "switched"]), "replaces": st.sampled_from(["ZoomInfo", "x"]),
    },
    "leadership": {
        "role": texts, "change": st.sampled_from(["joined", "left", "promoted"]),
        "relationship": st.sampled_from(["champion", "lost_contact"]),
    },
}  # fmt: skip
REQUIRED: Final = {
    "intent": {"topic", "score"}, "hiring": {"title"}, "funding": set[str](), "engagement": {"activity"},
    "technographic": {"technology", "change"}, "leadership": {"role", "change"},
}  # fmt: skip


@st.composite
def judgeable(draw: st.DrawFn, at: int) -> Event:
    """An event about `at`."""
    name = draw(st.sampled_from(KINDS))
    fields = {
        field: draw(values) for field, values in OWN[name].items() if field in REQUIRED[name] or draw(st.booleans())
    }
    common = {"source": st.sampled_from(["a", "b\n", "c"]), "source_url": st.just('https://x.com/?q="1"')}
    fields |= {field: draw(values) for field, values in common.items() if draw(st.booleans())}
    return Event(
        account=draw(st.sampled_from(NAMES)),
        kind=name,
        event_id=draw(st.sampled_from([f"id {n}" for n in range(40)]) | st.text(min_size=1, max_size=9)),
        occurred_at=at - draw(st.integers(-60_000, 0) | st.integers(0, 5 * DAY) | st.integers(0, 200 * DAY)),
        confidence=draw(st.sampled_from([1.0, 0.5, 0.3]) | st.floats(0, 1)),
        fields=fields,
        backfill=draw(st.sampled_from([False, False, True])),
        alias=draw(st.sampled_from([None, None, "acme.de"])),
    )


@st.composite
def lives(draw: st.DrawFn) -> list[list[TriagedEvent]]:
    """Batches, one after another; between events pass from no time to months."""
    now, offsets, batches = T0, count(), []
    for _ in range(draw(st.integers(1, 6))):
        batch = []
        for _ in range(draw(st.integers(1, 12))):
            now += draw(st.integers(0, 2_000) | st.integers(0, DAY) | st.sampled_from([7 * DAY, 21 * DAY, 90 * DAY]))
            event, arrived = draw(judgeable(now)), now - draw(st.sampled_from([0, 0, 0, 5_000]))
            batch.append(TriagedEvent(Rec(next(offsets), now, b""), event, arrived))
        batches.append(batch)
    return batches


reasons = st.sampled_from([(), ("because",), ('caf\u00e9 "x"', "")])


@st.composite
def fit_of(draw: st.DrawFn, name: str) -> Fit | None:
    if draw(st.booleans()):
        return None
    decisions = [
        FitDecision(
            icp, 1, draw(st.sampled_from(["chase", "chase", "ignore", "deprioritize"])),
            draw(st.sampled_from([80.0, 90, None])), draw(st.sampled_from(["A", "B", "C"])), draw(reasons),
        )
        for icp in draw(st.sampled_from([["saas"], ["saas", "other"], ["other"], []]))
    ]  # fmt: skip
    relation: Relation = draw(st.sampled_from(["prospect", "customer", "partner", "own"]))
    suppressed = draw(st.sampled_from([False, False, True]))
    return Fit(name, (*decisions,), draw(st.none() | texts), suppressed=suppressed, relation=relation)


class Side(NamedTuple):
    """One way to judge, and what it has stored."""

    context: ScoringContext
    judge: OrdinaryJudge | None
    states: dict[str, bytes | None]
    known: dict[str, CachedAccount]

    def step(
        self,
        batch: Sequence[TriagedEvent],
        rows: dict[str, bytes | None],
        *,
        forgets: bool,
        acted: Collection[str] = (),
    ) -> TransactionBuilder:
        if forgets:
            self.known.clear()
        missing = [name for name in rows if name not in self.known]
        states = [self.states.get(name) for name in missing]
        loaded = Loaded(states, [rows[name] for name in missing], [None] * len(missing))
        self.known.update(decoded(missing, loaded, None if self.judge is None else self.judge.hold))
        builder = TransactionBuilder(self.context.policy, "1-test", "alerts")
        arrived: Sequence[TriagedEvent] | OrdinaryBatch = batch
        if self.judge is not None:
            arrived = OrdinaryBatch(self.judge, self.context.policy)
            arrived.add([batch])
        evaluate_batch(arrived, self.known, self.context, builder, acted=acted)
        self.states.update(builder.build(0, 0, ()).states)
        return builder


@given(data=st.data(), by=st.sampled_from(range(len(POLICIES))), most_ids=st.sampled_from([1_024, 6]))
def test_it_judges_as_python_does(native_module: Any, data: st.DataObject, by: int, most_ids: int) -> None:
    context = ScoringContext(POLICIES[by], most_ids)
    python = Side(context, None, {}, {})
    native = Side(context, NativeJudge(native_module, context), {}, {})
    fits = {name: data.draw(fit_of(name)) for name in NAMES}
    rows = {name: None if fit is None else fit_rows.encode(fit) for name, fit in fits.items()}
    for batch in data.draw(lives()):
        forgets, acted = data.draw(st.booleans()), data.draw(st.sets(st.sampled_from(NAMES)))
        expected, found = (side.step(batch, rows, forgets=forgets, acted=acted) for side in (python, native))
        assert differences(expected, found) == []


@settings(max_examples=25)
@given(
    st.sampled_from(["a", "\u00e9", "\N{GRINNING FACE}", '"', "\x00", "a "]),
    st.sampled_from([1, 511, 512, 2_047, 2_048, 65_536, 1 << 20]) | st.integers(1, 1 << 20),
    st.lists(st.sampled_from(["technology", "replaces", "source", "source_url", "page", "persona"]), max_size=3),
)
def test_long_texts_are_judged_as_python_judges_them(
    native_module: Any, piece: str, length: int, names: list[str]
) -> None:
    context = ScoringContext(SHIPPED)
    python, native = Side(context, None, {}, {}), Side(context, NativeJudge(native_module, context), {}, {})
    plain = {"technographic": {"technology": "6sense", "change": "dropped"}, "engagement": {"activity": "pricing_view"}}
    batch = []
    for number, (kind_of, fields) in enumerate([*plain.items(), *plain.items()]):
        long = {name: piece * (length // len(piece)) + str(number % 3) for name in names}
        event = Event("acme.com", kind_of, f"{number}", T0, 1.0, fields | long)
        batch.append(TriagedEvent(Rec(number, T0, b""), event, T0))
    for some in (batch[:2], batch[2:]):
        expected, found = (side.step(some, {"acme.com": None}, forgets=True) for side in (python, native))
        assert differences(expected, found) == []


def test_sources_are_counted_in_order_whoever_judges(native_module: Any) -> None:
    context = ScoringContext(PLAIN)
    python, native = Side(context, None, {}, {}), Side(context, NativeJudge(native_module, context), {}, {})
    batch = []
    for number, (name, source) in enumerate((("acme.com", "first"), ("beta.com", "second"), ("gamma.com", "third"))):
        event = Event(name, "intent", f"{number}", T0, 1.0, {"topic": "crm", "score": 85, "source": source})
        batch.append(TriagedEvent(Rec(number, T0, b""), event, T0))
    for side in (python, native):
        told = side.step(batch, dict.fromkeys(NAMES), forgets=False, acted={"beta.com"}).came_in
        assert told is not None
        assert [*told.sources] == ["first", "second", "third"]


@given(data=st.data())
def test_a_state_comes_back_as_it_was_stored(native_module: Any, data: st.DataObject) -> None:
    side = Side(ScoringContext(SHIPPED), None, {}, {})
    for batch in data.draw(lives()):
        side.step(batch, dict.fromkeys(NAMES), forgets=False)
    hold = NativeJudge(native_module, side.context).hold
    for stored in side.states.values():
        assert stored is not None
        held = hold(stored)
        assert held is not None
        assert held.encode() == stored


@given(st.binary(max_size=80), st.integers(0, 300), st.binary(max_size=3))
def test_damaged_states_are_left_to_python(native_module: Any, noise: bytes, at: int, replaced: bytes) -> None:
    side = Side(ScoringContext(PLAIN), None, {}, {})
    hold = NativeJudge(native_module, side.context).hold
    assert hold(noise) is None or not noise
    event = Event("acme.com", "intent", "1", T0, 1.0, {"topic": "crm", "score": 85})
    side.step([TriagedEvent(Rec(0, T0, b""), event, T0)], dict.fromkeys(NAMES), forgets=False)
    stored = side.states["acme.com"]
    assert stored is not None
    damaged = stored[:at] + replaced + stored[at + len(replaced) :]
    if (held := hold(damaged)) is not None:
        assert state.encode(state.decode(held.encode())) == state.encode(state.decode(damaged))


@given(st.data(), st.integers(0, 200), st.binary(max_size=3))
def test_damaged_rows_are_left_to_python(native_module: Any, data: st.DataObject, at: int, replaced: bytes) -> None:
    row = fit_rows.encode(data.draw(fit_of("acme.com").filter(lambda fit: fit is not None)))
    hold = NativeJudge(native_module, ScoringContext(SHIPPED)).hold
    assert hold(b"", row) is not None
    damaged = row[:at] + replaced + row[at + len(replaced) :]
    if hold(b"", damaged) is not None:
        fit_rows.decode(damaged)


def test_a_row_that_python_must_read_is_read_when_it_is_loaded(native_module: Any) -> None:
    older = orjson.dumps([1, "acme.com", [["saas", 1, "chase", 80.0, "A", []]], None, None, None, None, False])
    loaded = Loaded([None, None], [older, None], [None, None])
    hold = NativeJudge(native_module, ScoringContext(SHIPPED)).hold
    found = decoded(NAMES[:2], loaded, hold)
    assert found["acme.com"].has_fit
    assert found["acme.com"].fit == fit_rows.decode(older)
    assert not found["beta.com"].has_fit
    with pytest.raises(UnreadableDocument, match="of an account"):
        decoded(NAMES[:1], Loaded([None], [b"[2]"], [None]), hold)


def test_it_calculates_as_python_does(native_module: Any) -> None:
    check_arithmetic(native_module)
