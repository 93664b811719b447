"""Published ICPs come into force over the accounts as loaded, upwards alone; without a load they wait."""

import pytest

from signal_engine.engine.fit import mover
from signal_engine.engine.fit.mover import move_load_into_force
from signal_engine.engine.ports.controls import FIT
from signal_engine.engine.rules.icp_mover import NothingToDecide, move_icps, published_icps
from signal_engine.engine.rules.load_mover import move_load
from signal_engine.engine.rules.publishing import publish_icps
from signal_engine.wire.rules.fit_load import AccountsLoad
from signal_engine.wire.storage.in_force import FitInForce
from tests.build import T0
from tests.engine.reports.live.loads import MemoryLoads
from tests.engine.rules.topic import MemoryRules, signed, wanted_icp
from tests.engine.stand import Stand

LOAD = AccountsLoad(1, T0, 2, (1, 1))


def put(topic: MemoryRules, *icps: object, quiet: bool = False) -> None:
    topic.plan(publish_icps(icps, signed(), quiet=quiet))  # type: ignore[arg-type]


async def no_owners() -> dict[str, str]:
    return {}


async def in_force(stand: Stand) -> FitInForce:
    stored = await stand.controls.read(FIT)
    assert stored is not None
    return FitInForce.decode(stored)


async def test_they_wait_for_the_first_load_and_then_decide_it() -> None:
    stand, topic = Stand(), MemoryRules()
    put(topic, wanted_icp())
    await move_icps(stand.controls, topic.log, topic.end)
    assert await stand.controls.read(FIT) is None
    await move_load_into_force(stand.controls, LOAD, 9, (), owners=no_owners, clock=lambda: 0, end=topic.end)
    await move_icps(stand.controls, topic.log, topic.end)
    now = await in_force(stand)
    assert (now.version, now.load, [(icp.icp, icp.version) for icp in now.icps]) == (2, LOAD, [("saas", 1)])
    assert now.icps[0].text == wanted_icp().version.text
    assert now.published is not None
    assert now.published.by == "dana@example.com"


async def test_each_publication_comes_into_force_once_and_an_older_one_never_again() -> None:
    stand, topic = Stand(), MemoryRules()
    put(topic, wanted_icp())
    late = topic.log
    put(topic, wanted_icp(version=2, at_least=7), wanted_icp("fintech"), quiet=True)
    await move_load_into_force(stand.controls, LOAD, 9, (), owners=no_owners, clock=lambda: 0, end=topic.end)
    await move_icps(stand.controls, topic.log, topic.end)
    for log in (topic.log, late):
        await move_icps(stand.controls, log, topic.end)
    now = await in_force(stand)
    assert (now.version, now.quiet) == (2, (2,))
    assert [(icp.icp, icp.version) for icp in now.icps] == [("fintech", 1), ("saas", 2)]


async def test_each_icp_keeps_the_publication_of_its_own_version() -> None:
    stand, topic = Stand(), MemoryRules()
    put(topic, wanted_icp())
    first = topic.log.end
    put(topic, wanted_icp("fintech"))
    await move_load_into_force(stand.controls, LOAD, 9, (), owners=no_owners, clock=lambda: 0, end=topic.end)
    await move_icps(stand.controls, topic.log, topic.end)
    fintech, saas = (await in_force(stand)).icps
    assert fintech.published is not None
    assert saas.published is not None
    assert saas.published.by == fintech.published.by == "dana@example.com"
    versions = topic.log.icps_in_force()
    assert versions["saas"].offset < first <= versions["fintech"].offset
    assert saas.published.at == versions["saas"].timestamp
    assert fintech.published.at == versions["fintech"].timestamp


async def test_what_is_in_force_is_not_parsed_again_each_second(monkeypatch: pytest.MonkeyPatch) -> None:
    stand, topic = Stand(), MemoryRules()
    put(topic, wanted_icp())
    await move_load(stand.controls, topic.log, LOAD, 9, MemoryLoads(), lambda: 0, topic.end)
    await move_icps(stand.controls, topic.log, topic.end)
    before = await in_force(stand)
    monkeypatch.setattr(mover.icp_file, "parse", never)
    await move_load(stand.controls, topic.log, LOAD, 9, MemoryLoads(), lambda: 0, topic.end)
    await move_icps(stand.controls, topic.log, topic.end)
    assert await in_force(stand) == before
    assert before.icps


def never(*_: object) -> None:
    raise AssertionError("parsed again")


async def test_accounts_that_are_not_in_kafka_cannot_be_decided_and_that_is_said() -> None:
    stand, topic = Stand(), MemoryRules()
    put(topic, wanted_icp())
    await stand.controls.replace(FIT, None, FitInForce(1, T0, 2, (), ()).encode())
    with pytest.raises(NothingToDecide, match="load them again with `signal-engine fit load ACCOUNTS`"):
        await move_icps(stand.controls, topic.log, topic.end)
    assert (await in_force(stand)).version == 1


async def test_half_a_set_of_icps_is_none() -> None:
    topic = MemoryRules()
    *_, current = publish_icps([wanted_icp(), wanted_icp("fintech")], signed(), quiet=False)(topic.log)
    topic.write(wanted_icp().version, current)
    assert published_icps(topic.log) is None
