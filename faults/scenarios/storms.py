"""Much at once: years of history, a fit table that makes thousands of accounts eligible, other scoring files."""

import json
import time
from typing import Any, Final

from faults.harness.feeding import records
from faults.harness.judge import Judge
from faults.harness.market import Event, easily_hot, higher_caps
from faults.harness.stage import Stage, moves, said
from faults.scenario import Outcome, Scenario
from signal_engine.core.rules.instants import DAY
from signal_engine.wire.instants import format_instant

_TWO_YEARS: Final = 730 * DAY
_STORM: Final = 20_000
_SENT_WITHIN: Final = 30.0
"""Seconds for a list that is served to be in its topic as well; less than the minute after which it is told anew."""


async def _history(stage: Stage) -> Outcome:
    """Two years of events that arrive today: each is decided as of today, and what is too old is expired."""
    await stage.prepare()
    await stage.two()
    await stage.send_these(records(_years(stage), stage.partitions))
    await stage.send(500)
    return Outcome(await Judge(stage, within=200).verdict())


async def _backfilled(stage: Stage) -> Outcome:
    """The same with the header `backfill`: alerts are decided and recorded, and none is sent; later ones are."""
    await stage.prepare()
    await stage.two()
    history = (one._replace(headers=(("backfill", b"1"),)) for one in records(_years(stage), stage.partitions))
    await stage.send_these(history)
    await stage.caught_up(200)
    boundary = int(time.time() * 1000)
    await stage.send(500)
    verdict = await Judge(stage, alerts_from=boundary).verdict()
    return Outcome(verdict)


def _years(stage: Stage) -> list[Event]:
    """The market's events, spread over two years and told before all others (ids order them)."""
    many = stage.some(50_000, 5_000)
    now, events = int(time.time() * 1000), stage.market.events
    made = []
    for number in range(many):
        event, age = events[number % len(events)], stage.dice.random() ** 2 * _TWO_YEARS
        made.append({**event, "event_id": f"!{number:08}", "occurred_at": format_instant(now - round(age))})
    return made


async def _fit_storm(stage: Stage) -> Outcome:
    """A fit table that makes 20,000 accounts with signals eligible at once, under load."""
    await stage.prepare()
    pair = await stage.two()
    before = moves(pair)
    many = stage.some(_STORM, 4_000)
    await stage.send_these(records(_storm(stage, many), stage.partitions))
    await stage.caught_up()
    head, *rows = stage.market.accounts.read_text().splitlines()
    columns = head.split(",")
    table = stage.folder / "storm.csv"
    table.write_text("\n".join([head, *rows, *(_fits(columns, number) for number in range(many))]) + "\n")
    feed = stage.feed(rate=50)
    dry: dict[str, Any] = json.loads(await stage.load_fit(table, "--dry-run", "--json"))
    began = time.monotonic()
    await stage.load_fit(table, "--yes", "--wait", "200", "--json")
    seconds = time.monotonic() - began
    await feed.stop()
    judge = Judge(stage, accounts=table, levels=False, alerts=False)
    verdict = await judge.verdict()
    promised: int = sum(dry["alerts"].values())

    async def all_sent() -> bool:
        result = {json.loads(r.value)["alert_id"] for r in await judge.read("alerts") if b'"storm-' in r.value}
        return len(result) == promised

    await stage.until(all_sent, 120, f"the dry run promised {promised} alerts")
    assert moves(pair) == before, f"partitions moved\n{stage.log_tails()}"
    return Outcome(verdict, measured={"accounts": many, "alerts": promised, "load_s": round(seconds, 1)})


def _storm(stage: Stage, many: int) -> list[Event]:
    """One event of now for each account, so that many are hot."""
    events, now = stage.market.events, format_instant(int(time.time() * 1000))
    return [
        {
            **events[number % len(events)],
            "event_id": f"!{number:08}",
            "account_id": f"storm-{number}.com",
            "occurred_at": now,
        }
        for number in range(many)
    ]


def _fits(columns: list[str], number: int) -> str:
    """A row of an account that every ICP of every market takes."""
    values = {
        "domain": f"storm-{number}.com", "account_id": f"storm-{number}.com", "name": f"Storm {number}",
        "industry": "B2B" if "founded_year" in columns else "Software", "employee_count": "900",
        "country": "us" if "founded_year" in columns else "United States", "tech_stack": "Salesforce",
        "is_customer": "false", "founded_year": "2010", "suppressed": "false",
    }  # fmt: skip
    return ",".join(values.get(column, "") for column in columns)


async def _other_scoring(stage: Stage) -> Outcome:
    """A worker with another local file, then other caps published, under running workers."""
    stage.deal(6)  # for three
    await stage.prepare()
    pair = await stage.two()
    await stage.send(3000)
    await Judge(stage).verdict()
    scoring = json.loads(stage.market.scoring.read_text())
    kinds = scoring["kinds"]
    rules = {kind: {**spec, "half_life_days": 30} for kind, spec in kinds.items()}
    stage.set(SCORING=str(easily_hot(stage.folder, "rules.yaml", kinds=rules)))
    third = stage.start("three")

    async def warned() -> bool:
        return bool(said(third, "local_rules_ignored"))

    await stage.until(warned, 30, "a worker with another file does not say that it goes by the published one")
    changed = easily_hot(stage.folder, "caps.yaml", kinds=higher_caps(kinds), version=2)
    signed = ("--by", "faults@example.com", "--reason", "A fault scenario.")
    await stage.command("scoring", "publish", str(changed), *signed, "--wait", "90")
    judge = Judge(stage, scoring=changed, levels=False, alerts=False)
    verdict = await judge.verdict()
    await stage.share([*pair, third])
    result: dict[str, str] = {}

    async def by_the_new_file() -> bool:
        result.clear()
        for record in await judge.read("priority.lists"):
            name = record.key.decode()
            result[name] = result.get(name, "") + json.loads(record.value)["config_version"][:1]
        return all(result.get(name, "").endswith("2") for name in stage.market.lists)

    await stage.until(by_the_new_file, _SENT_WITHIN, "not every list was sent by the new file")
    for name, versions in result.items():
        in_order = "1" * versions.count("1") + "2" * versions.count("2")
        assert versions == in_order, f"list {name} went back to the old file: {versions}"
    return Outcome(verdict, faults=2)


SCENARIOS: Final = (
    Scenario(
        name="history",
        promise="years of history that arrive today are decided as of today",
        fault="two years of events at once, without `backfill`",
        play=_history, within=400, short_runs=0,
    ),
    Scenario(
        name="history_backfilled",
        promise="with the header `backfill` none of their alerts is sent, and all later ones are",
        fault="two years of events at once, with `backfill`, then ordinary ones",
        play=_backfilled, within=400,
    ),
    Scenario(
        name="fit_storm",
        promise="a fit table that makes thousands of accounts eligible raises the alerts that its dry run said",
        fault="`fit load` of 20,000 accounts with signals (4,000 in the short form), under load",
        play=_fit_storm, within=500, short_runs=0,
    ),
    Scenario(
        name="other_scoring",
        promise="a worker with another local scoring file goes by the published one, and a publication re-ranks",
        fault="a worker is started with other half-lives of its own, then other caps are published",
        play=_other_scoring, within=300, short_runs=0,
    ),
)  # fmt: skip
