"""Another scoring file comes into force: every account is decided by it once, and nobody is called for that."""

from typing import Any

import pytest

from signal_engine.engine.maintenance.fit_rollout import roll_out_fit
from signal_engine.engine.partition.rescore import rescore
from signal_engine.engine.ports.controls import SCORING_SEQUENCE
from signal_engine.engine.ports.transaction import Applied, NotApplied, Transaction
from signal_engine.engine.ports.views import READ_UNTIL
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import ACME, HAND_RAISES, HOUR, SECOND, T0, after, fit, kind, policy
from tests.engine.one_partition import Worker
from tests.engine.stand import INTENT, TOPICS

KINDS = (kind(half_life=8), kind("hiring", half_life=8), kind("engagement", half_life=8, rules=HAND_RAISES))
BEFORE = policy(*KINDS)
EASIER = policy(*KINDS, hot=(40, 30, 1), warm=(20, 15, 1))
HARDER = policy(*KINDS, hot=(95, 90, 1), warm=(92, 89, 1))
STRANGER = "stranger.com"


async def test_every_account_rises_once_by_easier_rules_and_that_is_recorded_not_sent() -> None:
    worker = await Worker(BEFORE).begin(fit(), fit(account="b.com"), fit("ignore", tier=None, account="c.com"))
    for name in (ACME, "b.com", "c.com", STRANGER):
        await worker.signal(T0, 45, name)
    await worker.ticks(after(0.1))
    worker.comes_into_force(EASIER)
    worker.stand.now = after(0.2)
    assert await rescore(worker.stand.context, worker.partition)
    at = "2026-01-01T02:24:00Z"  # up to then the rules before had decided
    assert worker.recorded() == [(ACME, "entered_hot", at), ("b.com", "entered_hot", at)]
    assert worker.sent() == []
    result = [worker.account(name) for name in (ACME, "b.com", "c.com", STRANGER)]
    assert {(one.level, one.since, one.episode) for one in result} == {("hot", after(0.1), 1)}, "levels run on for all"
    assert [one.last_alert_at for one in result] == [after(0.1), after(0.1), None, None]
    assert worker.stand.data().topics[SCORING_SEQUENCE] == 2
    assert worker.stand.data().ranks["all"].keys() == {ACME, "b.com"}
    assert all(2e6 < bound < 2e6 + 46 for bound in worker.stand.data().ranks["all"].values()), "hot now"
    assert worker.stand.data().due.keys() == {ACME, "b.com"}, "when they cool"


async def test_what_falls_by_harder_rules_cools_and_that_is_recorded_not_sent() -> None:
    worker = await Worker(BEFORE).begin(fit(), fit("ignore", tier=None, account="c.com"))
    for name in (ACME, "c.com", STRANGER):
        await worker.signal(T0, 80, name)
    await worker.ticks(after(0.1))
    worker.comes_into_force(HARDER)
    assert await rescore(worker.stand.context, worker.partition)
    assert worker.recorded() == [(ACME, "cooled", "2026-01-01T02:24:00Z")]
    assert worker.sent() == [("entered_hot", "2026-01-01T00:00:00Z")]
    assert {worker.account(name).level for name in (ACME, "c.com", STRANGER)} == {"cold"}
    assert not any(worker.stand.data().ranks.values())
    assert worker.stand.data().due == {}


async def test_a_recorded_alert_counts_for_the_cooldown_and_for_its_episode() -> None:
    worker = await Worker(BEFORE).begin(fit())
    await worker.signal(T0, 45)
    await worker.ticks(after(0.1))
    worker.comes_into_force(EASIER)
    assert await rescore(worker.stand.context, worker.partition)
    await worker.signal(after(1), 30)
    assert worker.sent() == [], "it names the kind, and its episode has alerted"
    await worker.signal(after(1.1), 30, kind_="hiring")
    assert worker.sent() == [("new_evidence", "2026-01-02T02:24:00Z")]


@pytest.mark.parametrize(
    ("points", "sent"),
    [
        (1, []),  # the rules alone made it hot
        (80, []),  # nor is it another alert that this signal would have made it hot by the rules before
    ],
)
async def test_a_signal_while_the_partition_is_taken_over_calls_nobody_for_what_the_rules_changed(
    points: float, sent: list[Any]
) -> None:
    worker = await Worker(BEFORE).begin(fit())
    await worker.signal(T0, 45)
    await worker.ticks(after(0.1))
    worker.comes_into_force(EASIER)
    await worker.signal(after(0.2), points)
    assert worker.sent() == sent
    assert worker.recorded() == [(ACME, "entered_hot", "2026-01-01T02:24:00Z")]
    assert await rescore(worker.stand.context, worker.partition)
    assert len(worker.recorded()) == 1, "once"


async def test_a_signal_that_makes_an_account_hot_by_the_new_rules_calls_meanwhile_too() -> None:
    worker = await Worker(BEFORE).begin(fit())
    await worker.signal(T0, 25)
    await worker.ticks(after(0.1))
    worker.comes_into_force(EASIER)
    await worker.signal(after(0.2), 30)
    assert worker.sent() == [("entered_hot", "2026-01-01T04:48:00Z")]
    assert await rescore(worker.stand.context, worker.partition)
    assert worker.recorded() == []


async def test_what_time_alone_gives_is_sent_though_other_rules_have_come_into_force_while_no_worker_ran() -> None:
    rules = policy(*KINDS, cooldown_days=7)
    worker = await Worker(rules).begin(fit())
    await worker.signal(T0, 80)
    cools = T0 + 468_684 * SECOND
    await worker.ticks(cools)
    await worker.signal(cools + HOUR, 80)
    assert [type_ for type_, _ in worker.sent()] == ["entered_hot", "cooled"], "the cooldown holds the next one back"
    worker.comes_into_force(policy(*KINDS, cooldown_days=7, size=7))
    await worker.starts()
    worker.stand.now = after(9)  # the cooldown has ended while nobody looked
    assert await rescore(worker.stand.context, worker.partition)
    await worker.ticks(after(9))
    assert worker.recorded() == []
    assert worker.sent()[2:] == [("entered_hot", "2026-01-08T00:00:00Z")]


async def test_no_account_rises_by_easier_rules_as_it_stood_when_they_were_not_in_force() -> None:
    """A worker that starts has read nothing yet: what counts is how far the one before had got."""
    worker = await Worker(BEFORE).begin(fit())
    await worker.signal(T0, 45)
    await worker.ticks(after(20))  # 45 points are 8
    worker.comes_into_force(EASIER)
    worker.stand.reading.behind |= set(TOPICS.signals.values())
    await worker.starts()
    assert await rescore(worker.stand.context, worker.partition)
    assert worker.recorded() == worker.sent() == []
    assert (worker.account().level, worker.account().now) == ("cold", after(20))


class Killed(Exception):
    """The worker is gone."""


@pytest.mark.parametrize("steps", range(5))
async def test_a_worker_that_is_killed_in_the_middle_leaves_it_to_the_next(
    steps: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = []
    for kill in (False, True):
        worker = await Worker(BEFORE).begin(*(fit(account=f"{name}.com") for name in "abcde"))
        for number, name in enumerate("abcde"):
            await worker.signal(T0 + number, 45, f"{name}.com")
        await worker.signal(T0, 45, STRANGER)
        await worker.ticks(after(0.1))
        worker.comes_into_force(EASIER)
        if kill:
            left, apply_ = [steps], worker.stand.memory.apply

            async def dies(step: Transaction, left: list[int] = left, apply_: Any = apply_) -> Applied | NotApplied:
                if not left[0]:
                    raise Killed
                left[0] -= 1
                return await apply_(step)

            with monkeypatch.context() as patched:
                patched.setattr(worker.stand.memory, "apply", dies)
                with pytest.raises(Killed):
                    await rescore(worker.stand.context, worker.partition)
            await worker.starts()
            worker.stand.now = after(0.5)
        await worker.signal(after(0.6), 1, "a.com")
        assert await rescore(worker.stand.context, worker.partition)
        data = worker.stand.data()
        result.append((data.states, data.ranks, data.due.keys(), worker.recorded(), worker.sent()))
    assert result[0] == result[1]
    assert len(result[0][3]) == 5


async def test_an_account_that_newly_fits_is_told_though_rules_are_being_taken_over() -> None:
    worker = await Worker(BEFORE).begin(fit("ignore", tier=None))
    await worker.signal(T0, 80)
    await worker.ticks(after(0.1))
    worker.comes_into_force(EASIER)
    await worker.stand.fit_changes.write(0, 2, {ACME: fit_rows.encode(fit())})
    assert await roll_out_fit(worker.stand.context, worker.partition, FitInForce(2, T0, 1, (), ()))
    assert worker.recorded() == []
    assert worker.sent() == [("entered_hot", "2026-01-01T02:24:00Z")]


async def test_what_a_quiet_load_gives_is_kept_with_the_reason_why_nobody_got_it() -> None:
    worker = await Worker(BEFORE).begin(fit("ignore", tier=None))
    await worker.signal(T0, 95)
    await worker.ticks(after(0.1))
    await worker.stand.fit_changes.write(0, 2, {ACME: fit_rows.encode(fit())})
    assert await roll_out_fit(worker.stand.context, worker.partition, FitInForce(2, T0, 1, (), (2,)))
    assert worker.recorded("quiet") == [(ACME, "entered_hot", "2026-01-01T02:24:00Z")]
    assert worker.sent() == []


async def test_pins_and_relations_of_the_new_file_count_at_once() -> None:
    asks = {"activity": "demo_request", "persona": "cfo"}
    worker = await Worker(BEFORE).begin(fit(), fit(account="b.com", relation="customer"))
    for name in (ACME, "b.com"):
        await worker.signal(T0, 10, name, "engagement", **asks)
    data = worker.stand.data()
    assert (data.ranks["pins:all"], data.due[ACME]) == ({ACME: after(14)}, after(14))
    await worker.ticks(after(2))
    for days, pinned in ((3, {ACME: after(3)}), (1, {}), (5, {ACME: after(5)})):
        worker.comes_into_force(policy(*KINDS, pin_days=days))
        assert await rescore(worker.stand.context, worker.partition)
        assert data.ranks.get("pins:all", {}) == data.ranks.get("pins:saas", {}) == pinned
        assert data.due.get(ACME) == pinned.get(ACME)


async def test_a_step_of_somebody_else_ends_it_and_everything_is_read_again() -> None:
    worker = await Worker(BEFORE).begin(fit())
    await worker.signal(T0, 45)
    worker.comes_into_force(EASIER)
    counter = (await worker.stand.memory.positions(0)).counter
    await worker.stand.memory.apply(
        Transaction(partition=0, counter=counter, views={READ_UNTIL: str(after(0.1)).encode()})
    )
    assert not await rescore(worker.stand.context, worker.partition)
    assert [p.offset for p in worker.stand.reading.repositioned if p.topic == INTENT] == [1]
    assert worker.recorded() == []
    assert await rescore(worker.stand.context, worker.partition)
    assert worker.recorded() == [(ACME, "entered_hot", "2026-01-01T02:24:00Z")]


async def test_rules_that_change_again_meanwhile_end_it() -> None:
    worker = await Worker(BEFORE).begin(fit())
    await worker.signal(T0, 45)
    worker.comes_into_force(HARDER)
    load = worker.partition.load

    async def load_and_change(names: Any) -> Any:
        loaded = await load(names)
        worker.partition.load = load  # type: ignore[method-assign]
        worker.comes_into_force(EASIER)
        return loaded

    worker.partition.load = load_and_change  # type: ignore[method-assign]
    assert not await rescore(worker.stand.context, worker.partition)
    assert worker.stand.data().topics[SCORING_SEQUENCE] == 1
    assert await rescore(worker.stand.context, worker.partition)
    assert worker.stand.data().topics[SCORING_SEQUENCE] == 3
    assert worker.account().level == "hot"
