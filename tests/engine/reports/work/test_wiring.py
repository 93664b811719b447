"""`report wiring`: what the topic of rules and the ledgers of sinks say of the systems downstream."""

from dataclasses import replace
from typing import Any

from signal_engine.core.sync.wiring import DOWNSTREAMS, Confirmation, WiringFacts
from signal_engine.engine.reports.work.wiring import SinkSeen, wiring_facts
from signal_engine.engine.rules.publishing import confirm_wiring, publish_icps, retire_icp
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.reports.report_shown import summary
from signal_engine.wire.sync.ledger_rows import SinkState
from tests.build import DAY, T0
from tests.engine.reports.live.running import LiveStand
from tests.engine.reports.misses.judged import market
from tests.engine.rules.topic import DANA, MemoryRules, signed, wanted_icp


def sink(name: str, kind: str, *moves: tuple[str, int, int, int]) -> SinkSeen:
    """Moves: (ICP, version, accounts that came in, that went out)."""
    state = SinkState()
    for number, (icp, version, added, removed) in enumerate(moves, 1):
        state.note_change(icp, version, T0 + number * DAY, added=True, count=added)
        state.note_change(icp, version, T0 + number * DAY, added=False, count=removed)
    return SinkSeen(name, kind, state)


def topic() -> MemoryRules:
    """`fintech` 1 and `saas` 2 in force; `old` was retired."""
    made = MemoryRules()
    for some in ([wanted_icp(), wanted_icp("old")], [wanted_icp("saas", 2), wanted_icp("fintech")]):
        made.plan(publish_icps(some, signed(), quiet=False))
    made.plan(retire_icp("old", signed(), quiet=False))
    note = signed(DANA, "Routing by segment.")
    made.plan(lambda log: [confirm_wiring(log, "crm_routing", "saas", note)])
    return made


def facts(rules: MemoryRules) -> WiringFacts:
    return wiring_facts(
        rules.log,
        [
            sink("crm", "hubspot", ("saas", 1, 5, 0), ("saas", 2, 3, 4)),
            sink("sf", "salesforce", ("saas", 2, 1, 0)),
            sink("ads", "linkedin", ("fintech", 1, 9, 0)),
            sink("ops", "webhook", ("saas", 2, 7, 7)),
            sink("lake", "files", ("saas", 2, 7, 7)),
        ],
    )


async def report(wiring: WiringFacts, at: int) -> Any:
    engine = LiveStand()
    await engine.begin(market([], []).table.fits.values())

    async def read() -> WiringFacts:
        return wiring

    return await engine.market(wiring=read).report("wiring", at)


async def test_each_published_icp_has_a_row_a_system() -> None:
    rules = topic()
    published_at = rules.log.icps_in_force()["saas"].timestamp
    told = await report(facts(rules), published_at + 3 * DAY)
    assert [(row["icp"], row["version"], row["system"]) for row in told["rows"]] == [
        (icp, version, system) for icp, version in (("fintech", 1), ("saas", 2)) for system in DOWNSTREAMS
    ]
    rows = {(row["icp"], row["system"]): row for row in told["rows"]}
    assert rows["saas", "crm_fields"] == {
        "icp": "saas",
        "version": 2,
        "system": "crm_fields",
        "changed_at": format_instant(T0 + DAY),
        "last_changed_at": format_instant(T0 + 2 * DAY),
        "added": 4,
        "removed": 4,
        "sinks": ["crm", "sf"],
        "confirmed_by": None,
        "note": None,
    }
    said = rows["saas", "crm_routing"]
    assert (said["added"], said["sinks"], said["confirmed_by"], said["note"]) == (None, [], DANA, "Routing by segment.")
    assert said["changed_at"] == said["last_changed_at"] == format_instant(rules.records[-1].timestamp)
    assert (rows["fintech", "paid_audience"]["added"], rows["fintech", "crm_fields"]["changed_at"]) == (9, None)
    assert rows["saas", "paid_audience"]["changed_at"] is None
    assert [(one["icp"], one["in_time"], one["systems"], one["status"]) for one in told["versions"]] == [
        ("fintech", 1, 7, "amber"),
        ("saas", 2, 7, "amber"),
    ]
    assert (told["total"], told["lacks"]) == (14, [])
    due = told["versions"][1]["due_at"]
    assert due == format_instant(published_at + 60 * DAY)


async def test_the_summary_says_until_when_and_what_became_of_it() -> None:
    rules = MemoryRules()
    rules.plan(publish_icps([wanted_icp()], signed(), quiet=False))
    at = rules.log.icps_in_force()["saas"].timestamp
    none = wiring_facts(rules.log, [])
    (amber,), (red,) = [summary(await report(none, at + days * DAY), 6) for days in (59, 60)]
    assert amber.startswith("saas version 1: amber, 0 of 7 systems changed, and 5 are to by ")
    assert red.startswith("saas version 1: red, 0 of 7 systems changed in time, and 5 were to by ")
    for system in DOWNSTREAMS[:5]:
        rules.plan(lambda log, system=system: [confirm_wiring(log, system, None, signed())])
    told = await report(wiring_facts(rules.log, []), at + 90 * DAY)
    assert summary(told, 6) == ["saas version 1: green, 5 of 7 systems changed in time"]


async def test_what_changed_too_late_is_told_and_not_counted_as_unchanged() -> None:
    rules = MemoryRules()
    rules.plan(publish_icps([wanted_icp()], signed(), quiet=False))
    at = rules.log.icps_in_force()["saas"].timestamp
    late = wiring_facts(rules.log, [])
    late = late._replace(
        confirmed=[Confirmation("saas", 1, system, DANA, "Done.", at + 70 * DAY) for system in DOWNSTREAMS]
    )
    told = await report(late, at + 90 * DAY)
    assert {row["changed_at"] for row in told["rows"]} == {format_instant(at + 70 * DAY)}
    (red,) = summary(told, 6)
    assert "red, 0 of 7 systems changed in time" in red


async def test_without_a_published_icp_there_are_no_rows() -> None:
    told = await report(wiring_facts(MemoryRules().log, [sink("crm", "hubspot", ("saas", 1, 5, 0))]), T0)
    assert (told["versions"], told["rows"], told["total"]) == ([], [], 0)
    assert replace(market([], []), at=T0).report("wiring")["rows"] == []
