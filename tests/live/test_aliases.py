"""Aliases on real servers: what two workers make of them is what `replay` makes of the same records.

an alias added under load, a worker killed      from its instant on, as `replay --aliases-since`; an action on one, too
the rebuild after it                            for all of it, as `replay`; nobody is told twice
"""

import asyncio
import csv
import gzip
import json
import random
import signal
import time
from collections import Counter
from pathlib import Path
from typing import Any

from signal_engine.wire.events.account_names import is_mail_provider, normalise
from signal_engine.wire.instants import parse_instant
from testing import processes
from testing.processes import COMMAND
from testing.records import Produced, ToProduce
from testing.servers.finding import KafkaServer
from tests.live.acting import act
from tests.live.engine import Engine, engine
from tests.live.feed import real_events, spoilt
from tests.live.judging import icp_files, replayed, same_order_and_scores, sent_once
from tests.live.test_live_engine import LISTS, Lists, easily_hot, live_scoring
from tests.live.test_rebuild import is_served
from tests.replay.real_data import ACCOUNTS, needs_real_data

pytestmark = needs_real_data

EVENTS = 6_000
ALIASES = 30
DECIDED = ("applied", "duplicate", "ignored", "expired")


def rows() -> tuple[list[str], list[dict[str, str]]]:
    with gzip.open(ACCOUNTS, "rt", encoding="utf-8-sig", newline="") as file:
        table = csv.DictReader(file)
        return list(table.fieldnames or ()), list(table)


def write(path: Path, header: list[str], some: list[dict[str, str]]) -> Path:
    with path.open("w", newline="") as file:
        table = csv.DictWriter(file, header)
        table.writeheader()
        table.writerows(some)
    return path


def account_of(row: dict[str, str]) -> str:
    return str(normalise(row.get("account_id") or row["domain"]))


def two_files(folder: Path, busy: list[str]) -> tuple[Path, Path, dict[str, str]]:
    """An accounts file without some busy accounts, one in which they are aliases of others, and whose they are."""
    header, accounts = rows()
    known = {account_of(row) for row in accounts}
    busy = [name for name in busy if name in known and normalise(name) == name and not is_mail_provider(name)]
    owners = dict(zip(busy[:ALIASES], busy[ALIASES : 2 * ALIASES], strict=True))
    left = [row for row in accounts if account_of(row) not in owners]
    of = {owner: alias for alias, owner in owners.items()}
    named = [{**row, "other_domains": of.get(account_of(row), "")} for row in left]
    before = write(folder / "before.csv", header, left)
    return before, write(folder / "after.csv", [*header, "other_domains"], named), owners


def load(live: Engine, accounts: Path) -> dict[str, Any]:
    return json.loads(live.run("fit", "load", str(accounts), *icp_files(live.folder), "--yes", "--json"))


def judged(
    live: Engine, produced: list[Produced], until: str, accounts: Path, actions: list[Produced], *more: str
) -> dict[str, Any]:
    """What `replay` says, with the options `more`."""
    if not more:
        return replayed(live.folder, produced, until, live_scoring(live), accounts, actions)
    replayed(live.folder, produced, until, live_scoring(live), accounts, actions)  # writes the files
    words = ["replay", str(live.folder / "sent.jsonl"), "--actions", str(live.folder / "acted.jsonl")]
    words += ["--accounts", str(accounts), *icp_files(live.folder), "--scoring", str(live_scoring(live))]
    done = processes.run([*COMMAND, *words, "--until", until, "--json", *more], env=live.environment)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout)


async def as_replayed(
    live: Engine, produced: list[Produced], accounts: Path, actions: list[Produced], *more: str
) -> None:
    """Waits until order, scores and evidence of the lists are those of a replay."""

    def equal(lists: Lists) -> None:
        for name in LISTS:
            mine = lists[name]["entries"]
            theirs = judged(live, produced, lists[name]["generated_at"], accounts, actions, *more)["lists"][name]
            assert lists["all"]["entries"], "a test of empty lists shows nothing"
            same_order_and_scores(mine, theirs)
            assert named(mine) == named(theirs)

    await live.agrees(equal, 60)


def named(entries: list[dict[str, Any]]) -> dict[str, set[tuple[str, str]]]:
    """Account -> alias and event of the evidence that came by an alias."""
    return {
        entry["account_id"]: {
            (one["alias"], one["event_id"]) for part in entry["parts"] for one in part["evidence"] if "alias" in one
        }
        for entry in entries
    }


async def test_an_alias_added_under_load_holds_from_then_on_and_after_a_rebuild_for_all_of_it(
    apache_kafka: KafkaServer, redis_url: str, prefix: str, tmp_path: Path
) -> None:
    seed = random.SystemRandom().randrange(1_000_000)
    print(f"seed {seed}")  # noqa: T201 (pytest shows it when the test fails)
    dice = random.Random(seed)
    events = real_events(int(time.time() * 1000), 40, EVENTS, seed)
    often = Counter(str(normalise(event["account_id"])) for event in events)
    before, after, owners = two_files(tmp_path, [name for name, _ in often.most_common(400)])
    with engine(apache_kafka.address, redis_url, prefix, tmp_path) as live:
        live.set(SCORING=str(easily_hot(tmp_path)))
        live.run("topics", "create")
        assert load(live, before)["aliases"] == {
            "aliases": 0, "added": 0, "removed": 0, "waiting_signals": 0, "since": None,
        }  # fmt: skip
        for _ in range(2):
            live.worker()
        feed = spoilt(events, seed, live.partitions)
        third = len(feed) // 3
        produced = await live.produce(feed[:third])
        await live.caught_up()
        loaded = load(live, after)["aliases"]
        assert (loaded["aliases"], loaded["added"]) == (ALIASES, ALIASES)
        assert loaded["waiting_signals"], "nothing would move, so nothing is shown"
        since = parse_instant(loaded["since"])
        produced += await under_load(live, feed[third : 2 * third], since)
        assert live.workers[0].end(signal.SIGKILL) == -signal.SIGKILL
        live.worker()
        held_back = next(iter(owners))
        hidden = act(dice, held_back, "do_not_contact", int(time.time() * 1000), live.partitions)
        actions = await live.produce([hidden._replace(timestamp=None)])
        produced += await live.produce(feed[2 * third :])
        await live.caught_up()
        await live.complete(max(one.timestamp for one in [*produced, *actions]))
        assert {one.timestamp < since for one in produced if alias_of(one) in owners} == {True, False}
        await as_replayed(live, produced, after, actions, "--aliases-since", loaded["since"])
        now = judged(live, produced, "2999-01-01T00:00:00Z", after, actions, "--aliases-since", loaded["since"])
        counts = await live.counts()
        assert {name: counts[name] for name in DECIDED} == {name: now["counts"][name] for name in DECIDED}

        told = {one["alert_id"] for one in sent_once(await live.read("alerts"), repeats_allowed=True)}
        live.run("rebuild", "--yes")
        await is_served(live)
        await as_replayed(live, produced, after, actions)
        held = json.loads(live.run("explain", held_back, "--json"))
        assert held["account_id"] == owners[held_back], "an alias is asked for its account"
        assert "is not to be contacted" in str(held["lists"])
        shown = named((await live.lists())["all"]["entries"])
        by_alias = {(alias, account) for account, some in shown.items() for alias, _ in some}
        assert by_alias, "no evidence of an alias is shown"
        assert by_alias <= owners.items()
        alerts = sent_once(await live.read("alerts"), repeats_allowed=True)
        assert told <= {one["alert_id"] for one in alerts}
        whole = judged(live, produced, "2999-01-01T00:00:00Z", after, actions)
        assert whole["counts"] != now["counts"] or whole["lists"] != now["lists"], "the rebuild moved nothing"


async def under_load(live: Engine, feed: list[ToProduce], since: int) -> list[Produced]:
    """Produces `feed` in pieces until after `since` (ms), so that events arrive just before and just after it."""
    produced: list[Produced] = []
    piece = max(1, len(feed) // 40)
    while feed:
        ahead = since - int(time.time() * 1000)
        produced += await live.produce(feed[:piece])
        feed = feed[piece:]
        if ahead > -2_000:
            await asyncio.sleep(min(0.4, max(0.02, ahead / 20_000)))  # spreads the load, and waits for nothing
    await live.until(lambda: _passed(since), 30, "the instant has not come")
    return produced


async def _passed(since: int) -> bool:
    return time.time() * 1000 > since


def alias_of(one: Produced) -> str:
    return "" if one.record.event is None else str(normalise(one.record.event["account_id"]))
