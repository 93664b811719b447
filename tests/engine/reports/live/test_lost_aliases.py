"""A report of outcomes while the store lacks the alias map in force: it is made, and says what it lacks."""

from typing import Any

from signal_engine.engine.ports.controls import FIT
from signal_engine.engine.reports.live.lacks import ALIASES_LOST
from signal_engine.wire.storage.in_force import AliasesInForce, FitInForce
from tests.build import T0
from tests.engine.reports.live.running import LiveStand


async def test_where_the_alias_map_is_lost_outcomes_are_told_of_the_aliases() -> None:
    engine = LiveStand()
    await engine.begin([])
    controls = engine.stand.controls
    stored = await controls.read(FIT)
    assert stored is not None
    lost = FitInForce.decode(stored)._replace(aliases=AliasesInForce("no-such-map", T0))
    assert await controls.replace(FIT, stored, lost.encode())
    report: Any = await engine.market().report("pipeline-misfits", T0)
    assert report["lacks"] == [ALIASES_LOST]
