"""Every scenario."""

from typing import Final

from faults import (
    crash_points,
    kafka_faults,
    membership,
    overload,
    rebuild_faults,
    redis_faults,
    shutdown,
    storms,
    time_faults,
)

SCENARIOS: Final = (
    *crash_points.SCENARIOS,
    *membership.SCENARIOS,
    *redis_faults.SCENARIOS,
    *rebuild_faults.SCENARIOS,
    *kafka_faults.SCENARIOS,
    *time_faults.SCENARIOS,
    *overload.SCENARIOS,
    *storms.SCENARIOS,
    *shutdown.SCENARIOS,
)
