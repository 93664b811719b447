"""Where the native judge fails or comes to something else, Python judges that batch, loses nothing, and says so."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import pytest

from signal_engine.adapters.native import judge as adapter
from signal_engine.adapters.native.judge import NativeJudge
from signal_engine.adapters.native.reader import load, native_reader
from signal_engine.core.flow import ScoringContext
from signal_engine.core.rules import points
from signal_engine.engine.partition.ordinary.judge import JudgedBatch, judging
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.entrypoints.wiring.process.native import say_who_reads
from signal_engine.wire.events.ordinary import reading
from signal_engine.wire.storage import state
from tests.build import ACME, T0, fit, kind, policy
from tests.engine.stand import Rec, Stand, event_bytes, fetch
from tests.native.test_reading import Said


class Lying(NativeJudge):
    """It moves what it places."""

    def taken(self) -> JudgedBatch:
        truth = super().taken()
        return truth._replace(outcomes=[many + 1 for many in truth.outcomes])


class Losing(NativeJudge):
    """It leaves to Python none of the records that it does not take."""

    def __init__(self, module: Any, scoring_context: ScoringContext) -> None:
        super().__init__(module, scoring_context)
        take = self.take
        self.take = lambda *those: [*take(*those)][:0]


class NotReading(NativeJudge):
    """It fails before it has read a record."""

    def __init__(self, module: Any, scoring_context: ScoringContext) -> None:
        super().__init__(module, scoring_context)
        self.take = lambda *_: module.Events(no_such=1)


class NotHolding(NativeJudge):
    """It cannot hold an account."""

    def __init__(self, module: Any, scoring_context: ScoringContext) -> None:
        super().__init__(module, scoring_context)
        self.hold = lambda *_: module.partition("acme.com", 0)


def broken(module: Any) -> Callable[[ScoringContext], NativeJudge]:
    return partial(NativeJudge, module, broken=True)


def cannot_be_made(_: ScoringContext) -> NativeJudge:
    raise ValueError("acme.com")


@pytest.fixture(autouse=True)
def _offers_nothing_afterwards() -> Iterator[None]:
    yield
    reading.offer(None)
    judging.offer(None)


async def judged(*headers: tuple[str, bytes]) -> tuple[Stand, Said]:
    said = Said()
    reading.offer(lambda: native_reader(load()))
    say_who_reads(said)
    stand = Stand(policy=policy(kind(half_life=8)))
    await stand.fits(fit())
    partition = await stand.partition()
    for number in range(2):
        record = Rec(number, T0, event_bytes(points=10 + number), headers=headers)
        assert await process_batch(stand.context, partition, fetch(record)) == []
    return stand, said


async def test_a_panic(native_module: Any) -> None:
    judging.offer(broken(native_module))
    stand, said = await judged()
    assert state.decode(stand.data().states[ACME]).last_signal_at == T0
    assert stand.data().counts == {"applied": 2}
    [*_, (name, facts)] = said.events
    assert name == "native_judge_off"
    assert str(facts["reason"]).startswith("the native part panicked in ")


async def test_a_difference(native_module: Any) -> None:
    judging.offer(partial(Lying, native_module), check_every=1)
    stand, said = await judged()
    assert stand.data().counts == {"applied": 2}
    assert said.events[-1] == (
        "native_judge_off",
        {"reason": "a batch differs in counts (applied: 1 by Python, 2 natively)"},
    )


async def test_a_failure_to_read(native_module: Any) -> None:
    judging.offer(partial(NotReading, native_module))
    stand, said = await judged()
    assert stand.data().counts == {"applied": 2}
    assert said.events[-1] == ("native_judge_off", {"reason": "the native part failed: TypeError"})


async def test_a_failure_to_hold_an_account(native_module: Any) -> None:
    judging.offer(partial(NotHolding, native_module))
    stand, said = await judged()
    assert stand.data().counts == {"applied": 2}
    assert said.events[-1] == ("native_judge_off", {"reason": "the native part failed: ValueError"})


async def test_python_that_fails_at_what_the_judge_alone_asks(
    native_module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(adapter, "line", lambda _: 1 // 0)
    judging.offer(partial(NativeJudge, native_module))
    stand, said = await judged()
    assert stand.data().counts == {"applied": 2}
    assert said.events[-1] == ("native_judge_off", {"reason": "the native part failed: ZeroDivisionError"})


async def test_an_event_at_which_python_fails_whoever_judges_is_no_fault_of_the_judge(
    native_module: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(points, "never_counts", lambda *_: 1 // 0)
    judging.offer(partial(NativeJudge, native_module))
    stand, said = await judged()
    assert stand.data().counts == {"rejected": 2, "rejected:signals.intent": 2, "rejected:bug": 2}
    assert [name for name, _ in said.events] == ["events_read_by", "events_judged_by"]
    assert judging.is_offered


async def test_one_given_up_while_accounts_are_loaded_judges_none_of_them(native_module: Any) -> None:
    asked: list[str] = []

    class Asked(NativeJudge):
        def judge(self, *those: Any) -> Any:
            asked.append("judge")
            return super().judge(*those)

    def elsewhere(point: str) -> None:
        if point == "after_load":
            judging.give_up(RuntimeError("in another partition"))

    judging.offer(partial(Asked, native_module))
    stand = Stand(policy=policy(kind(half_life=8)))
    await stand.fits(fit())
    stand.context.reached = elsewhere
    assert await process_batch(stand.context, await stand.partition(), fetch(Rec(0, T0, event_bytes()))) == []
    assert stand.data().counts["applied"] == 1
    assert not asked


async def test_a_record_that_is_lost(native_module: Any) -> None:
    judging.offer(partial(Losing, native_module), check_every=1)
    stand, said = await judged(("trace", b"1"))
    assert stand.data().counts == {"applied": 2}
    differs = "accounts (acme.com), came in, counts (applied: 1 by Python, nothing natively), signals (acme.com)"
    assert said.events[-1] == ("native_judge_off", {"reason": f"a batch differs in {differs}"})


async def test_one_that_cannot_be_made_is_named_by_its_error_alone() -> None:
    judging.offer(cannot_be_made)
    stand, said = await judged()
    assert stand.data().counts == {"applied": 2}
    assert said.events[-1] == ("native_judge_off", {"reason": "the native part failed: ValueError"})


async def test_without_faults_it_goes_on(native_module: Any) -> None:
    judging.offer(partial(NativeJudge, native_module), check_every=1)
    stand, said = await judged()
    assert stand.data().counts == {"applied": 2}
    assert [name for name, _ in said.events] == ["events_read_by", "events_judged_by"]
