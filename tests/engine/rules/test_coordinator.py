"""The coordinator on the twin of the store: published scoring files come into force, once, upwards, by one owner."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from signal_engine.adapters.memory.store import MemoryGenerations
from signal_engine.core.errors import SignalEngineError
from signal_engine.engine.context.active_policy import bring_into_force
from signal_engine.engine.ports.controls import FIT, SCORING
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.engine.rules import scoring_mover
from signal_engine.engine.rules.coordinator import Coordinator
from signal_engine.engine.rules.first_start import first_rules
from signal_engine.engine.rules.progress import progress, scoring_moved
from signal_engine.engine.rules.publishing import RuleRefused, publish_icps, publish_scoring
from signal_engine.engine.rules.scoring_mover import RebuildNeeded, move_scoring
from signal_engine.wire.config import scoring_file
from signal_engine.wire.rules.fit_load import AccountsLoad, LoadedIcp, write_fit_load
from signal_engine.wire.storage.in_force import FitInForce, ScoringInForce
from tests.build import T0
from tests.engine.reports.live.loads import MemoryLoads
from tests.engine.rules.topic import MemoryRules, icp_text, scoring_text, signed, wanted_icp, wanted_scoring
from tests.engine.stand import Stand, until


def put(topic: MemoryRules, version: int, **changed: int) -> None:
    def number(text: str) -> int:
        return scoring_file.parse("scoring.yaml", text.encode()).policy.version

    topic.plan(publish_scoring(wanted_scoring(version, **changed), version, number))


async def in_force(stand: Stand) -> ScoringInForce:
    stored = await stand.controls.read(SCORING)
    assert stored is not None
    return ScoringInForce.decode(stored)


async def first_start(stand: Stand) -> None:
    stand.context.rules = await bring_into_force(stand.controls, "config/scoring.yaml", scoring_text().encode(), 10)


@asynccontextmanager
async def coordinating(stand: Stand, topic: MemoryRules, *local: LoadedIcp) -> AsyncIterator[asyncio.Task[None]]:
    task = asyncio.create_task(Coordinator(stand.context, topic, topic, local, stand.context.loads).run())
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


async def moved_to(stand: Stand, version: int) -> ScoringInForce:
    async def there() -> bool:
        return (await in_force(stand)).config_version.startswith(f"{version}-")

    async with asyncio.timeout(30):
        while not await there():  # noqa: ASYNC110 (it is a document of the store)
            await asyncio.sleep(0.002)
    return await in_force(stand)


async def test_the_first_start_publishes_what_is_in_force() -> None:
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    async with coordinating(stand, topic):
        await until(lambda: topic.log.current_scoring is not None)
        await until(lambda: "first_rules_published" in stand.event_log.words)
        while (await in_force(stand)).published is None:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    current, version = topic.log.current_scoring, topic.log.scoring_in_force()
    assert current is not None
    assert version is not None
    assert (current.rule.signed.by, version.rule.text, version.rule.name) == (
        "first start",
        scoring_text(),
        "scoring.yaml",
    )
    now = await in_force(stand)
    assert (now.sequence, now.published and now.published.by) == (1, "first start"), "nothing has to be scored again"
    assert topic.tries == 1


@pytest.mark.parametrize("scoring", [False, True])
async def test_the_first_start_publishes_the_local_icps_too_quietly(scoring: bool) -> None:
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    if scoring:
        put(topic, 1)
    local = [LoadedIcp(f"{icp}.yaml", icp_text(icp, version)) for icp, version in (("saas", 4), ("fintech", 2))]
    async with coordinating(stand, topic, *local):
        await until(lambda: "first_rules_published" in stand.event_log.words)
        await until(lambda: topic.log.current_icps is not None)
    log = topic.log
    assert log.current_icps is not None
    assert (log.current_icps.rule.signed.by, log.current_icps.rule.quiet) == ("first start", True)
    assert {icp: (one.rule.named.version, one.rule.text) for icp, one in log.icps_in_force().items()} == {
        "saas": (4, local[0].text),
        "fintech": (2, local[1].text),
    }
    assert log.current_scoring is not None
    assert (log.current_scoring.rule.signed.by == "first start") is not scoring
    assert topic.tries == 1


async def test_local_icps_are_not_published_where_others_are() -> None:
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    topic.plan(publish_icps([wanted_icp(version=2)], signed(), quiet=False))
    async with coordinating(stand, topic, LoadedIcp("saas.yaml", icp_text(version=9))):
        await until(lambda: topic.log.current_scoring is not None)
        await until(lambda: "first_rules_published" in stand.event_log.words)
    assert {one.version for one in topic.log.icps} == {2}
    with pytest.raises(RuleRefused, match="are published already"):
        first_rules(await in_force(stand), [LoadedIcp("saas.yaml", icp_text())], signed(), topic.log)


class GoneLoads(MemoryLoads):
    """The topic was made anew, and ends before what the load says."""

    gone = True

    async def read(self, partition: int, end: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        if self.gone:
            raise SignalEngineError("partition 0 ends at 2, and the load in force reaches to 9")
        async for records in super().read(partition, end):
            yield records


async def loaded(stand: Stand, number: int) -> FitInForce:
    async with asyncio.timeout(30):
        while True:
            stored = await stand.controls.read(FIT)
            now = None if stored is None else FitInForce.decode(stored)
            if now is not None and now.load is not None and now.load.number == number:
                return now
            await asyncio.sleep(0.002)


async def test_a_load_whose_command_died_behind_its_record_comes_into_force() -> None:
    stand, topic = Stand(), MemoryRules()
    stand.context.loads = MemoryLoads()
    await first_start(stand)
    own = LoadedIcp("saas.yaml", icp_text(version=3))
    async with coordinating(stand, topic):
        offset = topic.append("fit", write_fit_load(AccountsLoad(1, T0, 2, (1, 1), icps=(own,))))
        now = await loaded(stand, 1)
        assert (now.load_offset, [(icp.icp, icp.version) for icp in now.icps]) == (offset, [("saas", 3)])
        topic.plan(publish_icps([wanted_icp(version=4)], signed(), quiet=False))
        topic.append("fit", write_fit_load(AccountsLoad(2, T0, 2, (2, 2), quiet=True)))
        now = await loaded(stand, 2)
        assert [(icp.icp, icp.version) for icp in now.icps] == [("saas", 4)], "once ICPs are published they decide"
        assert now.quiet == (now.version,)
    topic.plan(publish_icps([wanted_icp(version=5)], signed(), quiet=False))
    async with coordinating(stand, topic), asyncio.timeout(30):  # another owner of partition 0
        while (after := await loaded(stand, 2)).icps[0].version != 5:  # noqa: ASYNC110
            await asyncio.sleep(0.002)
    assert after.version == now.version + 1, "neither load came into force again"


async def test_a_load_whose_rows_are_gone_is_said_and_holds_up_no_other_rule() -> None:
    stand, topic = Stand(), MemoryRules()
    stand.context.loads = GoneLoads()
    await first_start(stand)
    put(topic, 1)
    async with coordinating(stand, topic):
        topic.append("fit", write_fit_load(AccountsLoad(1, T0, 2, (9, 9), aliases=1)))
        await until(lambda: stand.event_log.words.count("rules_unreadable") == 1)
        put(topic, 2)
        assert (await moved_to(stand, 2)).config_version.startswith("2-")
        stand.context.loads.gone = False
        stand.now += 30_000
        await loaded(stand, 1)


async def test_a_publication_that_takes_no_rebuild_is_taken_over_in_order() -> None:
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    async with coordinating(stand, topic):
        await until(lambda: topic.log.current_scoring is not None)
        put(topic, 2, cooldown=9)
        now = await moved_to(stand, 2)
    assert now.sequence == 2
    assert now.text == scoring_text(2, cooldown=9)
    assert now.published is not None
    assert (now.published.publication, now.published.reason) == (2, "They win.")


async def test_a_store_that_lost_it_gets_it_back() -> None:
    stand, topic = Stand(), MemoryRules()
    put(topic, 1)
    put(topic, 2, cooldown=9)
    async with coordinating(stand, topic):
        async with asyncio.timeout(30):
            while await stand.controls.read(SCORING) is None:  # noqa: ASYNC110
                await asyncio.sleep(0.002)
        assert (await in_force(stand)).config_version == wanted_scoring(2, cooldown=9).config_version


async def test_other_rules_ask_for_a_rebuild_and_change_nothing_before() -> None:
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    before = await in_force(stand)
    put(topic, 2, half_life=3)
    with pytest.raises(RebuildNeeded, match="changes rules, half-lives or facets") as needed:
        async with asyncio.timeout(30):
            await Coordinator(stand.context, topic, topic).run()
    assert await in_force(stand) == before
    assert needed.value.wanted.text == scoring_text(2, half_life=3)
    assert needed.value.wanted.published is not None


async def test_an_older_publication_never_comes_back_after_a_newer_one() -> None:
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    put(topic, 1)
    late = topic.log  # of a coordinator that was stalled
    put(topic, 2, cooldown=9)
    await move_scoring(stand.controls, topic.log, topic.end)
    await move_scoring(stand.controls, late, topic.end)
    assert (await in_force(stand)).config_version.startswith("2-")


async def test_a_topic_that_was_made_anew_counts_again() -> None:
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    for version in range(1, 6):
        put(topic, version, cooldown=version)
    await move_scoring(stand.controls, topic.log, topic.end)
    anew = MemoryRules()
    put(anew, 6, cooldown=6)
    await move_scoring(stand.controls, anew.log, anew.end)
    assert (await in_force(stand)).config_version.startswith("6-")


async def test_what_is_in_force_is_not_parsed_again_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """Parsing takes as long as judging thousands of events, and blocks the event loop as they do."""
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    put(topic, 1)
    await move_scoring(stand.controls, topic.log, topic.end)
    monkeypatch.setattr(scoring_mover.scoring_file, "parse", never)
    await move_scoring(stand.controls, topic.log, topic.end)
    assert (await in_force(stand)).config_version.startswith("1-")


def never(*_: object) -> None:
    raise AssertionError("parsed again")


async def test_a_file_that_cannot_be_read_is_said_once_and_what_is_in_force_stays() -> None:
    stand, topic = Stand(), MemoryRules()
    await first_start(stand)
    put(topic, 1)
    wrong = wanted_scoring(2)._replace(text="version: 2\nkinds: {}\n")
    topic.write(wrong)
    topic.append("scoring/x", b"no JSON")
    current = topic.log.current_scoring
    assert current is not None
    topic.write(current.rule._replace(publication=2, config_version=wrong.config_version))
    async with coordinating(stand, topic) as task:
        await until(lambda: stand.event_log.words.count("rules_unreadable") == 2)
        for _ in range(5):
            await asyncio.sleep(0.002)
        assert not task.done()
    assert stand.event_log.words.count("rules_unreadable") == 2
    assert (await in_force(stand)).config_version.startswith("1-")


async def test_a_first_publication_that_fails_is_said_and_tried_again() -> None:
    stand, topic = Stand(), MemoryRules()
    topic.trouble = [SignalEngineError("this user may not write")]
    await first_start(stand)
    async with coordinating(stand, topic):
        await until(lambda: "rules_not_published" in stand.event_log.words)
        stand.now += 60_000
        await until(lambda: topic.log.current_scoring is not None)
    assert topic.tries == 2


async def test_a_publication_tells_what_it_waits_for() -> None:
    stand, topic = Stand(), MemoryRules()
    generations = MemoryGenerations(stand.server)
    assert (await progress(generations, 1, scoring_moved)).waiting_for == "a worker: none has used this Redis yet"
    await generations.swap(None, 0)
    await first_start(stand)
    put(topic, 1)
    offset = topic.log.current_scoring.offset  # type: ignore[union-attr]
    told = await progress(generations, offset, scoring_moved)
    assert told.waiting_for is not None
    assert "owns partition 0" in told.waiting_for
