"""The rate of events, by the clock of whoever looks."""

from signal_engine.core.flow import EventOutcome
from signal_engine.engine.ports.counters import outcome_counter
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.engine.read_model.health import HealthWatch
from tests.build import T0
from tests.engine.stand import Stand


async def test_a_clock_that_is_put_back_does_not_hide_what_comes_in() -> None:
    stand, watch = Stand(), HealthWatch()

    async def looked(after: int, events: int) -> float | None:
        number = (await stand.memory.positions(0)).counter
        await stand.memory.apply(
            Transaction(partition=0, counter=number, counts={outcome_counter(EventOutcome.APPLIED): events})
        )
        return (await watch.poll(stand.memory, 1, (), T0 + after)).per_second

    assert await looked(0, 10) is None
    assert await looked(2_000, 10) == 5.0
    assert await looked(-3_600_000, 10) is None, "nothing is known before the second look"
    assert await looked(-3_598_000, 20) == 10.0
