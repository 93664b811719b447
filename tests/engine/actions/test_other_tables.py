"""A new fit table or scoring file comes into force while people's actions are: what people decided stays."""

from uuid import UUID

from signal_engine.core.actions.action import AccountAction, ActionName
from signal_engine.core.actions.in_force import EVERYWHERE
from signal_engine.engine.fit.plan import plan
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.maintenance.fit_rollout import roll_out_fit
from signal_engine.engine.maintenance.garbage_collection import GarbageCollection
from signal_engine.engine.partition.process_batch import process_batch
from signal_engine.engine.partition.rescore import rescore
from signal_engine.wire.actions.record import write_action
from signal_engine.wire.storage import actions as stored_actions
from signal_engine.wire.storage import fit_rows
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import ACME, DAY, T0, after, fit, kind, policy
from tests.engine.one_partition import Worker
from tests.engine.stand import TOPICS, Rec, TableOf, fetch

RULES = policy(kind(half_life=8), kind("hiring", half_life=8))


async def begun(*fits: object) -> Worker:
    worker = Worker(RULES)
    worker.stand.context.takes_actions = True
    worker.stand.context.inputs = (*worker.stand.context.kinds, TOPICS.actions)
    return await worker.begin(*fits)


async def act(worker: Worker, action: ActionName, at: int, until: int | None = None) -> None:
    number = worker.ends.get(TOPICS.actions, 0)
    worker.ends[TOPICS.actions] = number + 1
    told = AccountAction(ACME, str(UUID(int=number)), action, at, "dana@example.com", "cli", until=until)
    worker.stand.now = max(worker.stand.now, at)
    fetched = fetch(Rec(number, at, write_action(told)), topic=TOPICS.actions, start=number)
    assert await process_batch(worker.stand.context, worker.partition, fetched) == []


async def test_a_killed_account_stays_killed_under_a_new_fit_table_and_a_restore_decides_by_that() -> None:
    worker = await begun(fit("ignore", None, None))
    stand = worker.stand
    await worker.signal(T0, 80)
    await act(worker, "kill", after(0.1))
    await stand.fit_changes.write(0, 2, {ACME: fit_rows.encode(fit())})
    assert await roll_out_fit(stand.context, worker.partition, FitInForce(2, T0, 1, (), ()))
    assert (worker.sent(), stand.data().ranks.get("all", {})) == ([], {})
    assert stored_actions.decode(stand.data().actions[ACME]).in_force.kills.keys() == {EVERYWHERE}
    await act(worker, "restore", after(0.2))
    assert worker.sent() == [("entered_hot", "2026-01-01T04:48:00Z")]
    assert stand.data().ranks["all"].keys() == {ACME}


async def test_what_a_load_would_do_knows_who_is_killed() -> None:
    worker = await begun(fit("ignore", None, None))
    stand = worker.stand
    tables = FitVersions(stand.memory, stand.controls, stand.fit_changes, 2, stand.context.partition_of)
    await worker.signal(T0, 80)

    async def raised() -> tuple[dict[str, int], list[str]]:
        found = await plan(tables, TableOf(fit()), stand.context.rules.scoring_context, T0 + DAY // 5)
        return dict(found.alerts), found.lists["all"].enter

    assert await raised() == ({"entered_hot": 1}, [ACME])
    await act(worker, "kill", after(0.1))
    assert await raised() == ({}, [])


async def test_another_scoring_file_leaves_a_hidden_account_off_its_lists() -> None:
    worker = await begun(fit())
    await worker.signal(T0, 80)
    await act(worker, "snooze", after(0.1), until=after(2))
    worker.comes_into_force(policy(kind(half_life=8), kind("hiring", half_life=8), hot=(40, 30, 1), warm=(20, 15, 1)))
    assert await rescore(worker.stand.context, worker.partition)
    assert not worker.stand.data().ranks.get("all")
    await worker.ticks(after(2))
    assert worker.stand.data().ranks["all"].keys() == {ACME}, "its timer brought it back"


async def test_garbage_collection_never_touches_what_people_decided() -> None:
    worker = await begun(fit())
    await worker.signal(T0, 3)
    await act(worker, "kill", after(0.1))
    worker.stand.now = after(900)
    assert await GarbageCollection(worker.stand.context, worker.partition).go_on() == 1
    assert ACME not in worker.stand.data().states
    assert stored_actions.decode(worker.stand.data().actions[ACME]).in_force.hidden == "killed"
    await worker.signal(after(901), 90)
    assert worker.sent() == []
