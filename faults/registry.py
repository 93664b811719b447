"""Every scenario."""

from collections.abc import Collection
from typing import Final

from faults.scenario import Scenario
from faults.scenarios import (
    action_faults,
    batches,
    crash_points,
    damage_faults,
    identity_faults,
    ingest_faults,
    kafka_faults,
    membership,
    overload,
    rebuild_faults,
    redis_faults,
    shutdown,
    storms,
    time_faults,
)
from faults.scenarios.delivery import digest_faults, flood_faults, late_faults, notify_faults
from faults.scenarios.following import sync_faults

SCENARIOS: Final = (
    *crash_points.SCENARIOS,
    *membership.SCENARIOS,
    *redis_faults.SCENARIOS,
    *damage_faults.SCENARIOS,
    *rebuild_faults.SCENARIOS,
    *action_faults.SCENARIOS,
    *kafka_faults.SCENARIOS,
    *batches.SCENARIOS,
    *identity_faults.SCENARIOS,
    *time_faults.SCENARIOS,
    *overload.SCENARIOS,
    *storms.SCENARIOS,
    *shutdown.SCENARIOS,
    *ingest_faults.SCENARIOS,
    *notify_faults.SCENARIOS,
    *late_faults.SCENARIOS,
    *flood_faults.SCENARIOS,
    *digest_faults.SCENARIOS,
    *sync_faults.SCENARIOS,
)


def named(names: Collection[str]) -> list[Scenario]:
    """Those with these names; where a name is nobody's, all whose names begin so."""
    known = {one.name for one in SCENARIOS}
    begin = tuple(name for name in names if name not in known)
    return [one for one in SCENARIOS if one.name in names or one.name.startswith(begin)]
