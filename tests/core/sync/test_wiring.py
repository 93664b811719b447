"""A published ICP has 60 days to change five of the seven systems downstream."""

import pytest

from signal_engine.core.rules.instants import DAY
from signal_engine.core.sync.wiring import (
    DOWNSTREAMS,
    Confirmation,
    Downstream,
    DownstreamChange,
    SeenChange,
    VersionInForce,
    WiringFacts,
    wiring_of,
)

AT = 1_000 * DAY
DUE = AT + 60 * DAY
SAAS = VersionInForce("saas", 3, AT)


def confirmed(system: Downstream, at: int = AT, version: int = 3, icp: str = "saas") -> Confirmation:
    return Confirmation(icp, version, system, "sam@example.com", "Done.", at)


def seen(added: int, removed: int, first_at: int, last_at: int, sink: str = "crm", version: int = 3) -> SeenChange:
    return SeenChange("saas", version, "crm_fields", sink, added, removed, first_at, last_at)


def by_people(*at: int) -> WiringFacts:
    return WiringFacts(confirmed=[confirmed(system, one) for system, one in zip(DOWNSTREAMS, at, strict=False)])


@pytest.mark.parametrize(
    ("at", "now", "in_time", "status"),
    [
        ((), AT, 0, "amber"),
        ((), DUE - 1, 0, "amber"),
        ((), DUE, 0, "red"),
        ((AT,) * 4, DUE - 1, 4, "amber"),
        ((AT,) * 4, DUE, 4, "red"),
        ((AT,) * 5, AT, 5, "green"),
        ((AT,) * 7, DUE + 900 * DAY, 7, "green"),
        ((*(AT,) * 4, DUE - 1), DUE, 5, "green"),
        ((*(AT,) * 4, DUE), DUE, 4, "red"),
        ((*(AT,) * 4, DUE, DUE + DAY, DUE + DAY), DUE + 2 * DAY, 4, "red"),
    ],
)
def test_five_in_sixty_days_are_green_and_what_comes_later_mends_nothing(
    at: tuple[int, ...], now: int, in_time: int, status: str
) -> None:
    found = wiring_of(SAAS, by_people(*at), now)
    assert (found.due_at, found.in_time, found.status) == (DUE, in_time, status)


def test_every_system_is_told_in_order_and_only_of_this_version() -> None:
    facts = WiringFacts(
        seen=[seen(1, 0, AT, AT, version=2)],
        confirmed=[confirmed("cadence_list", version=2), confirmed("content_plan", icp="fintech")],
    )
    found = wiring_of(SAAS, facts, AT)
    assert found.changes == tuple(DownstreamChange(system, (), None) for system in DOWNSTREAMS)
    assert len(DOWNSTREAMS) == 7
    assert {(one.first_at, one.last_at) for one in found.changes} == {(None, None)}


def test_several_sinks_and_a_person_speak_for_one_system() -> None:
    ours = [seen(2, 1, AT + 5, AT + 9), seen(0, 3, AT + 2, AT + 6, "other")]
    said = confirmed("crm_fields", AT + 20)
    change = wiring_of(SAAS, WiringFacts(seen=ours, confirmed=[said]), AT + 30).changes[0]
    assert change == DownstreamChange("crm_fields", tuple(ours), said)
    assert (change.first_at, change.last_at) == (AT + 2, AT + 20)


def test_a_sink_that_moved_nobody_changed_nothing() -> None:
    found = wiring_of(SAAS, WiringFacts(seen=[seen(0, 0, AT, AT)]), AT)
    assert (found.changes[0].seen, found.in_time) == ((), 0)
