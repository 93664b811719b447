"""Out of live state, a report is the one that a replay of the same events and actions gives."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from signal_engine.core.actions.action import AccountAction
from signal_engine.core.delivery.team import Team
from signal_engine.core.fit.icp import Icp
from signal_engine.core.rules.events import Event
from signal_engine.engine.fit.alias_mover import stage_aliases
from signal_engine.engine.ports.controls import FIT, SCORING
from signal_engine.engine.ports.loaded_accounts import LoadedRecord
from signal_engine.engine.ports.transaction import Transaction
from signal_engine.engine.ports.views import ACTIVITY
from signal_engine.engine.reports.live.came_in import came_in_of
from signal_engine.engine.reports.live.lacks import (
    COUNTED_SINCE_UPDATE,
    LINES_NOT_KEPT,
    MORE_SOURCES,
    MORE_TITLES,
    WITHOUT_ROWS,
)
from signal_engine.wire.outcomes.record import AccountOutcome
from signal_engine.wire.output.reports.report_documents import Report
from signal_engine.wire.output.reports.reported_account import REPORT_NAMES
from signal_engine.wire.storage import activity
from signal_engine.wire.storage.in_force import FitInForce, ScoringInForce
from tests.build import DAY, T0
from tests.core.delivery.scene import ANN
from tests.engine.reports.live.loads import ICPS, MemoryLoads
from tests.engine.reports.live.running import SCORING_TEXT, LiveStand
from tests.engine.reports.misses.judged import FITTING, PROFILE, asked, did, happened, market, warm

ROWS: list[dict[str, Any]] = [
    {**FITTING, "account_id": "fits.com", "owner": "Olu", "sdr": "Sam"},
    {**FITTING, "account_id": "xfits.com", "owner": "Olu"},
    {**FITTING, "account_id": "small.com", "size": 50},
    {**FITTING, "account_id": "xsmall.com", "size": 180, "industry": "Retail"},
    {**FITTING, "account_id": "far.com", "country": "NO", "size": 3},
    {**FITTING, "account_id": "nosize.com", "size": "many", "industry": ""},
    {**FITTING, "account_id": "xnosize.com", "size": ""},
    {**FITTING, "account_id": "both.com", "size": 20, "industry": ""},
    {**FITTING, "account_id": "later.com", "crm": ""},
    {**FITTING, "account_id": "customer.com", "relation": "customer", "size": 3},
    {**FITTING, "account_id": "quiet.com", "suppressed": True, "size": 3},
]
NAMES = [*(row["account_id"] for row in ROWS), "stranger.com", "xstranger.com"]
ALIASES = {"xsmall.de": "small.com", "small.de": "small.com", "fits.de": "xfits.com", "xfar.de": "stranger.com"}
"""Of both partitions, some with their account in the other one."""
PEOPLE = ("sam@example.com", "kim@example.com")
TEAM = Team({name: ANN._replace(name=name, email=f"{name}@example.com", capacity=1) for name in ("sam", "olu")})


@st.composite
def _said(draw: Any) -> list[Event | AccountAction]:
    said: list[Event | AccountAction] = []
    for number in range(draw(st.integers(1, 25))):
        name, ago = draw(st.sampled_from(NAMES)), draw(st.integers(0, 40)) + number / 1_000
        what = draw(st.integers(0, 5))
        if what == 0:
            said += [one._replace(event_id=f"{one.event_id}-{number}") for one in warm(name)]
        elif what == 1:
            said.append(asked(name, ago, persona=draw(st.sampled_from(["CFO", "Intern", "Barista"]))))
        elif what == 2:
            said.append(asked(name, ago, backfill=True))
        elif what == 3:
            said.append(happened(name, "funding", ago, amount_usd=2e7))
        else:
            said.append(_decided(draw, name, ago))
    return list({one.event_id if isinstance(one, Event) else one.action_id: one for one in said}.values())


@st.composite
def _came(draw: Any) -> list[AccountOutcome]:
    """Outcomes, of which some are dated after the report, and some are on aliases."""
    stages = st.sampled_from(["opened", "moved", "won", "lost", "reopened", "churned"])
    return [
        AccountOutcome(
            account=draw(st.sampled_from([*NAMES, *ALIASES])),
            outcome_id=f"o-{number}",
            stage=draw(stages),
            at=T0 - draw(st.integers(-3, 60)) * DAY,
            opportunity_id=draw(st.sampled_from(["d1", "d2", None])),
            amount_usd=draw(st.sampled_from([None, 10.0, 250.5])),
        )
        for number in range(draw(st.integers(0, 30)))
    ]


def _decided(draw: Any, name: str, ago: float) -> AccountAction:
    action = draw(st.sampled_from(["kill", "claim", "disposition", "disposition", "snooze", "restore", "assign"]))
    more: dict[str, Any] = {}
    if action == "disposition":
        more["outcome"] = draw(st.sampled_from(["not_a_fit", "not_a_fit", "contacted"]))
    if action in {"kill", "restore"}:
        more["icp"] = draw(st.sampled_from([None, "saas"]))
    if action == "kill":
        more["review_at"] = T0 + draw(st.sampled_from([-DAY, DAY]))
    if action == "assign":
        more["assignee"] = "kim@example.com"
    if action in {"claim", "snooze"} or more.get("outcome") == "not_a_fit":
        more["until"] = T0 - round(ago * DAY) + draw(st.sampled_from([DAY, 50 * DAY]))
    return did(name, action, ago, draw(st.sampled_from(PEOPLE)), reason="they said so", **more)


@settings(max_examples=40, deadline=None)
@given(_said(), _came())
def test_reports_are_those_of_a_replay(said: list[Event | AccountAction], came: list[AccountOutcome]) -> None:
    live, files = (
        asyncio.run(_live(said, came)),
        _replayed(said, came=[one._replace(account=ALIASES.get(one.account, one.account)) for one in came]),
    )
    for name in REPORT_NAMES:
        assert live[name]["lacks"] == ([WITHOUT_ROWS[name]] if name in WITHOUT_ROWS else [])
        assert files[name]["lacks"] == []
    for name in ("unknown", "not-in-accounts", "inbound", "decisions", "pipeline-misfits", "capacity", "response"):
        assert {**live[name], "lacks": []} == files[name]
    _are_the_same_outside_icp(live["high-intent-outside-icp"], files["high-intent-outside-icp"])
    _are_the_near_fits_and_more(live["near-fits"], files["near-fits"])
    of_rows = ("merged_rows", "unread_column")
    known = [row for row in files["data-quality"]["rows"] if row["check"] not in of_rows]
    assert live["data-quality"]["rows"] == known


def _are_the_same_outside_icp(live: Any, files: Any) -> None:
    """But for what only files know."""
    assert [{**row, "others": []} for row in live["rows"]] == [{**row, "others": []} for row in files["rows"]]
    assert all(set(one["others"]) <= set(its["others"]) for one, its in zip(live["rows"], files["rows"], strict=True))
    counted = {cost["criterion"]: cost["accounts"] for cost in files["costs"]}
    assert all(cost["alone"] is None and cost["accounts"] <= counted[cost["criterion"]] for cost in live["costs"])


def _are_the_near_fits_and_more(live: Any, files: Any) -> None:
    """Those that a disqualifier alone excludes are not known; some that lack data are there, too."""
    found = {(row["account_id"], row["criterion"]) for row in live["rows"]}
    wanted = {(row["account_id"], row["criterion"]) for row in files["rows"] if row["stage"] != "disqualify"}
    assert wanted <= found
    assert {account for account, _ in found - wanted} <= {"both.com"}
    assert live["total"] == len(found)


async def _live(said: list[Event | AccountAction], came: Sequence[AccountOutcome]) -> dict[str, Any]:
    engine = LiveStand()
    await engine.begin(market(ROWS, []).table.fits.values())
    await engine.take(said)
    await engine.keep(came)
    controls = engine.stand.controls
    in_force = FitInForce.decode(stored := await controls.read(FIT) or b"")
    aliases = await stage_aliases(controls, None, ALIASES, T0)
    assert await controls.replace(FIT, stored, in_force._replace(aliases=aliases).encode())
    return {name: await engine.market(team=TEAM).report(name, T0) for name in REPORT_NAMES}


def _replayed(
    said: Sequence[Event | AccountAction],
    rows: Sequence[dict[str, Any]] = ROWS,
    icps: Sequence[Icp] = (PROFILE,),
    came: Sequence[AccountOutcome] = (),
) -> dict[str, Any]:
    events = [one for one in said if isinstance(one, Event)]
    judged = market(rows, events, icps, [one for one in said if isinstance(one, AccountAction)], came)
    return {name: replace(judged, team=TEAM).report(name) for name in REPORT_NAMES}


_LOADED: list[dict[str, Any]] = [
    *({**row, "crm_id": f"00{number}", "Shoe size": 43} for number, row in enumerate(ROWS)),
    {**FITTING, "account_id": "www.small.com", "crm_id": "77", "size": 150, "Fax": "none"},
    {**FITTING, "account_id": "small.com", "crm_id": "78", "size": 160, "country": "NO", "Fax": " "},
    {**FITTING, "account_id": "xsmall.com", "crm_id": "79", "size": 180, "primary": True, "industry": "Retail"},
    {**FITTING, "account_id": "alone.com", "country": "NO"},
    {**FITTING, "account_id": "xshort.com", "crm": "", "country": "DE"},
]
_BEFORE: list[dict[str, Any]] = [
    {**FITTING, "account_id": "small.com", "size": 300},
    {**FITTING, "account_id": "left.com", "size": 3},
    {**FITTING, "account_id": "xsmall.com", "Telex": "x"},
    {**FITTING, "account_id": "alone.com"},
]


_SENT = [
    *(happened(name, "intent", ago, topic="crm", score=90, source="daily") for name, ago in
      (("a.com", 30), ("xfits.com", 29), ("xfits.com", 29.2), ("fits.com", 27), ("small.com", 25))),
    *(happened("fits.com", "intent", ago, topic="erp", score=90, source="fresh") for ago in (3, 2, 1)),
    *(happened(name, "engagement", 2.5, activity="pricing_view", persona=persona)
      for name, persona in (("a.com", "Cook"), ("xfits.com", "COOK "), ("fits.com", "Barista"))),
]  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(_said())
def test_with_the_accounts_in_kafka_every_report_is_that_of_a_replay(said: list[Event | AccountAction]) -> None:
    said = [*said, *warm("far.com"), *warm("xshort.com"), *warm("small.com"), *_SENT]
    live, files = asyncio.run(_live_by_load(_LOADED, said)), _replayed(said, _LOADED, ICPS)
    for name in REPORT_NAMES:
        assert live[name] == files[name]
    rows = live["data-quality"]["rows"]
    merged = [row for row in rows if row["check"] == "merged_rows"]
    assert {row["subject"]: (row["count"], row["of"], row["examples"]) for row in merged} == {
        "all accounts": (3, 16, []),
        "small.com": (2, 3, ["CRM 002", "CRM 77"]),
        "xsmall.com": (1, 2, ["CRM 003"]),
    }
    assert [row["subject"] for row in rows if row["check"] == "unread_column"] == ["Shoe size"]
    assert [row["subject"] for row in rows if row["check"] == "silent_source"] == ["daily"]
    assert ("cook", 2) in {(row["subject"], row["count"]) for row in rows if row["check"] == "other_persona"}


def test_rows_without_crm_ids_are_told_by_line_over_files_alone() -> None:
    rows = [{**FITTING, "account_id": "one.com"}, {**FITTING, "account_id": "www.one.com"}]
    live, files = (
        report["data-quality"] for report in (asyncio.run(_live_by_load(rows, [])), _replayed([], rows, ICPS))
    )
    assert [row["examples"] for row in live["rows"] if row["subject"] == "one.com"] == [[]]
    assert [row["examples"] for row in files["rows"] if row["subject"] == "one.com"] == [["line 1", "line 2"]]
    assert live["lacks"] == [LINES_NOT_KEPT]
    assert [{**row, "examples": []} for row in live["rows"]] == [{**row, "examples": []} for row in files["rows"]]


async def test_what_was_not_counted_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the update that counts, and where there are ever new titles and sources."""
    monkeypatch.setattr(activity, "MAX_TITLES", 0)
    monkeypatch.setattr(activity, "MAX_SOURCES", 1)
    engine = LiveStand()
    await engine.begin([])
    await engine.take([*_SENT, *warm("b.com")])
    report: Any = await engine.market().report("data-quality", T0)
    assert report["lacks"][-2:] == [MORE_TITLES.format(1_024, 3), MORE_SOURCES.format(200, 3)]
    for number in (0, 1):
        engine.stand.data(number).views.pop(ACTIVITY)
    report = await engine.market().report("data-quality", T0)
    assert report["lacks"][-1] == COUNTED_SINCE_UPDATE.format(len(_SENT) + 4)
    assert [row for row in report["rows"] if row["check"] == "other_persona"] == []


async def test_a_title_that_a_later_scoring_file_names_is_no_gap_any_more() -> None:
    engine = LiveStand()
    await engine.begin([])
    await engine.take(_SENT)
    text = SCORING_TEXT.replace("words: [", "words: [cook, ", 1)
    assert text != SCORING_TEXT
    before = await engine.stand.controls.read(SCORING)
    rules = ScoringInForce(2, "1-test", "x", "scoring.yaml", text)
    await engine.stand.controls.replace(SCORING, before, rules.encode())
    report: Any = await engine.market().report("data-quality", T0)
    assert [row["subject"] for row in report["rows"] if row["check"] == "other_persona"] == ["barista"]


async def test_what_a_refused_transaction_brought_is_counted_once() -> None:
    engine = LiveStand()
    await engine.begin([])
    first, second = _SENT[:3], _SENT[3:]
    await engine.take(first)
    counter = (await engine.stand.memory.positions(0)).counter
    await engine.stand.memory.apply(Transaction(partition=0, counter=counter))  # another owner wrote
    await engine.take(second)  # of partition 0 the first batch is refused, and all is read again
    decided = (await came_in_of(engine.stand.memory, 2)).events
    counts = [await engine.stand.memory.counts(number) for number in (0, 1)]
    assert decided == sum(one.get("applied", 0) + one.get("ignored", 0) for one in counts)


async def test_accounts_that_a_partition_has_not_taken_over_are_reported_by_the_load_in_force() -> None:
    engine, loads = LiveStand(), MemoryLoads()
    await engine.begin([], await loads.load(_LOADED))
    report: Any = await engine.market(loads=loads).report("near-fits", T0)
    assert "alone.com" in {row["account_id"] for row in report["rows"]}


async def _live_by_load(rows: list[dict[str, Any]], said: list[Event | AccountAction]) -> dict[str, Any]:
    engine, loads = LiveStand(), MemoryLoads()
    await loads.load(_BEFORE)
    in_force = await loads.load(rows)
    loads.records[0].append(LoadedRecord("alone.com", None))  # of a load that did not end
    await engine.begin(market(rows, [], ICPS).table.fits.values(), in_force)
    await engine.take(said)
    return {name: await engine.market(loads=loads, team=TEAM).report(name, T0) for name in REPORT_NAMES}


async def test_where_nothing_was_ever_computed_there_is_no_report() -> None:
    assert await LiveStand().market().report("inbound", T0) is None


@pytest.mark.parametrize("name", REPORT_NAMES)
async def test_an_empty_market_gives_an_empty_report(name) -> None:
    engine = LiveStand()
    await engine.begin([])
    report: Report | None = await engine.market().report(name, T0)
    assert report is not None
    assert (report["rows"], report["total"]) == ([], 0)
