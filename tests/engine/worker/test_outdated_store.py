"""A store that release 0.1 left: its scores were other numbers, so nobody goes on from them, and everybody is told."""

import pytest

from signal_engine.adapters.memory.controls import MemoryControls
from signal_engine.adapters.memory.server import MemoryServer
from signal_engine.engine.context.active_policy import RulesChanged, bring_into_force
from signal_engine.engine.fit.versions import FitVersions
from signal_engine.engine.partition.account_cache import OutdatedStore
from signal_engine.engine.ports.controls import FIT, SCORING, SCORING_SEQUENCE
from signal_engine.engine.ports.transaction import TopicRead, Transaction
from signal_engine.engine.read_model.account_view import AccountView
from signal_engine.wire.config import scoring_file
from signal_engine.wire.storage.in_force import ScoringInForce
from tests.build import ACME, T0
from tests.engine.stand import Stand
from tests.wire.storage.test_in_force import OF_0_1 as FIT_OF_0_1

SCORING_FILE = b"""
version: 1
levels: {hot: {min_kinds: 1}}
kinds:
  intent: {half_life_days: 14, cap: 35, facet: topic, facet_cap: 14, rules: [{points: 8}]}
"""
STATE_OF_0_1 = (
    b"\x02\x90\x00\x00\x00[1767225600000,8.0,676174034656966,1767225600000,0,-1,null,0,0,false,0,null,0,null,1,0,"
    b'{"CFO":1767225600000},[[3,1767225600000,{"cfo":8.0},58]]][[1464.0,1767225600000,"e1","CFO looked at pricing",'
    b"null]]\x1f~$\x02;P\xea\xef\x03@\xd5\xb6\xdb\x0c\x00\x00"
)
"""Of acme.com, after one pricing view."""


def left_behind(rules_hash: str = "88af254e") -> bytes:
    """The document of release 0.1 that says by what its states were made."""
    return ScoringInForce(1, "1-14971756", rules_hash, "config/scoring.yaml", SCORING_FILE.decode()).encode()


async def test_a_worker_refuses_to_start_and_advises_to_rebuild() -> None:
    controls = MemoryControls(MemoryServer())
    await controls.replace(SCORING, None, left_behind())
    with pytest.raises(RulesChanged, match=r"rebuild the states with `signal-engine rebuild`"):
        await bring_into_force(controls, "config/scoring.yaml", SCORING_FILE, 1_024)
    assert await controls.read(SCORING) == left_behind(), "nothing has been changed"


async def test_the_formula_is_in_the_hash_so_that_the_same_file_is_another_one(monkeypatch: pytest.MonkeyPatch) -> None:
    now = scoring_file.parse("scoring.yaml", SCORING_FILE)
    monkeypatch.setattr(scoring_file, "FORMULA", 1)
    before = scoring_file.parse("scoring.yaml", SCORING_FILE)
    assert before.rules_hash != now.rules_hash
    assert before.config_version != now.config_version


@pytest.fixture
async def stand() -> Stand:
    """What a command or the API meets when workers of release 0.1 are still there."""
    made = Stand()
    await made.controls.replace(SCORING, None, left_behind())
    await made.controls.replace(FIT, None, FIT_OF_0_1)
    read = TopicRead(SCORING_SEQUENCE, 0, 1)
    await made.memory.apply(Transaction(partition=0, counter=0, states={ACME: STATE_OF_0_1}, reads=[read]))
    return made


async def test_who_asks_for_an_account_is_told_what_to_do(stand: Stand) -> None:
    view = AccountView(stand.memory, stand.controls, stand.context.partition_of)
    assert await view.list_names() == ["all", "b2b"]
    with pytest.raises(OutdatedStore, match=r"state of version 2; .* `signal-engine rebuild`"):
        await view.explain(ACME, T0)


async def test_so_is_who_plans_a_fit_table(stand: Stand) -> None:
    tables = FitVersions(stand.memory, stand.controls, stand.fit_changes, 2, stand.context.partition_of)
    with pytest.raises(OutdatedStore, match="`signal-engine rebuild`"):
        await tables.known([ACME])
