"""`sync` dies at each of its steps: what the CRM and the receiver have in the end is what the engine says."""

import asyncio
import json
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

from aiohttp import web

from faults.harness.arming import Life, ends
from faults.harness.stage import Stage
from faults.scenario import Outcome, Scenario, Verdict
from testing.crm.hubspot import HubSpotShaped
from testing.processes import kept_warm
from testing.servers.process import free_port
from testing.worker import Worker

_STEPS: Final = ("before_sync_send", "after_sync_send", "after_sync_note")
_FIELDS: Final = tuple(
    f"se_{name}"
    for name in (
        "decision", "tier", "icp", "icp_version", "reason", "rule_owner", "score", "level", "badge", "why_now",
        "hot_until", "last_signal",
    )
)  # fmt: skip
_ACCOUNTS: Final = 250
"""More than two batches of a CRM: a process that is killed has sent some of the market and not the rest."""
_ASKED: Final = 3
"""Accounts on no list that are looked up one by one."""
_EVENTS: Final = 600
_FILE: Final = """\
version: 1
every: 1
sinks:
  crm: {hubspot: {token_file: TOKEN, create: true}}
"""


@asynccontextmanager
async def _portal() -> AsyncIterator[tuple[HubSpotShaped, str]]:
    """A portal and its address. It enforces HubSpot's limits but for the rate, which would make runs long."""
    portal = HubSpotShaped(calls_per_ten_seconds=10_000)
    unique = {"se_account_id": {"name": "se_account_id", "hasUniqueValue": True}}
    portal.properties |= {name: {"name": name} for name in _FIELDS} | unique
    runner = web.AppRunner(portal.application(), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    try:
        yield portal, f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _configured(folder: Path) -> Path:
    """The sync file, and the token that it names."""
    token, file = folder / "token", folder / "sync.yaml"
    token.write_text("pat-test")
    file.write_text(_FILE.replace("TOKEN", str(token)))
    return file


class _Sync:
    """`sync` of a stage, beside a portal."""

    def __init__(self, stage: Stage, url: str) -> None:
        self._stage, self._url = stage, url
        stage.set(SYNC=str(_configured(stage.folder)), OUTGOING_ALLOW="127.0.0.0/8", SYNC_PORT=str(free_port()))

    def start(self, *words: str, life: Life | None = None) -> Worker:
        """The process, or a command of it."""
        how = {"hubspot": self._url, **({"die": [*life]} if life else {})}
        command = [sys.executable, "-m", "faults.harness.dying.sync_process", json.dumps(how), *words]
        number = len(self._stage.workers)
        worker = Worker(self._stage.folder / f"sync-{number}.log", self._stage.environment, command)
        self._stage.workers.append(worker)
        return worker

    async def command(self, *words: str) -> str:
        """The last line of what it prints, once it has ended well; before, it may say that it waits for another."""
        worker = self.start(*words)

        async def ended() -> bool:
            return worker.process.poll() is not None

        await self._stage.until(ended, 60, f"sync {' '.join(words)} goes on")
        said = _text(worker)
        assert worker.process.returncode == 0, said[-2_000:]
        return said.splitlines()[-1]


def _text(worker: Worker) -> str:
    return worker.log.read_text()


async def _killed(stage: Stage) -> Outcome:
    """SIGKILL at each step in turn, while the lists change; then one that lives on."""
    with kept_warm("tests.commands", "faults.harness.worker"):
        return await _killed_warm(stage)


async def _killed_warm(stage: Stage) -> Outcome:
    await stage.prepare()
    stage.start("one")
    await stage.send(_EVENTS)
    await stage.caught_up()
    async with _portal() as (portal, url):
        sync = _Sync(stage, url)
        await sync.command("run", "crm", "--yes")
        feed = stage.feed(rate=50)
        lives = [Life(step, stage.dice.randint(1, 2)) for step in _STEPS for _ in range(stage.some(10, 1))]
        for life in lives:
            await ends(stage, sync.start(life=life), life)
        await feed.stop()
        await stage.caught_up()
        verdict = await _verdict(stage, sync, portal)
        verdict = verdict._replace(differs=(*verdict.differs, *await _deals(stage, sync, portal)))
    return Outcome(verdict, faults=len(lives), measured={"writes": len(portal.writes), "calls": len(portal.calls)})


async def _verdict(stage: Stage, sync: _Sync, portal: HubSpotShaped) -> Verdict:
    """After a last run each account has one company, and each company says what the lists say."""
    told: dict[str, Any] = json.loads(await sync.command("run", "crm", "--json"))["sinks"][0]
    by_account: dict[str, list[dict[str, str]]] = {}
    for company in portal.companies.values():
        by_account.setdefault(company["se_account_id"], []).append(company)
    doubled = sum(len(companies) - 1 for companies in by_account.values())
    entries = (await stage.list() or {"entries": []})["entries"]
    listed = {entry["account_id"]: entry for entry in entries}
    differs = [] if listed else ["nobody is on the list: this says nothing"]
    for account, entry in listed.items():
        company = by_account.get(account, [{}])[0]
        if (company.get("se_level"), company.get("se_icp")) != (entry["level"], entry["icp"]):
            differs.append(f"{account} is {company.get('se_level')!r} in the CRM and {entry['level']!r} on the list")
    strangers = [name for name in by_account if by_account[name][0].get("se_level") == "hot" and name not in listed]
    asked = strangers[:_ASKED]  # an account that may not be listed can be hot
    answers = await asyncio.gather(*(stage.command("explain", account, "--json") for account in asked))
    for account, explained in zip(asked, map(json.loads, answers), strict=True):
        if explained["level"] != "hot":
            differs.append(f"{account} is hot in the CRM and {explained['level']} in the engine")
    lost = told["counts"]["matched"] - len(by_account)
    return Verdict(len(portal.writes), lost, doubled, 0, tuple(differs))


async def _deals(stage: Stage, sync: _Sync, portal: HubSpotShaped) -> list[str]:
    """What came of an account comes back, and is in the topic twice at most for two readings."""
    company = next(iter(portal.companies))
    account = portal.companies[company]["se_account_id"]
    portal.deals["1"] = {
        "createdate": "2026-01-05T10:00:00Z", "closedate": "2026-02-19T00:00:00Z",
        "hs_lastmodifieddate": "2026-02-20T00:00:00Z", "dealstage": "closedwon", "hs_is_closed": "true",
        "hs_is_closed_won": "true",
    }  # fmt: skip
    portal.companies_of["1"] = [company]
    told = json.loads(await sync.command("deals", "crm", "--json"))["counts"]
    stages = [json.loads(one.value)["stage"] for one in await stage.read("outcomes") if one.key == account.encode()]
    return [] if stages == ["opened", "won"] and told["outcomes"] == 2 else [f"outcomes are {stages}, told {told}"]


SCENARIOS: Final = (
    Scenario(
        name="sync_killed",
        promise="a CRM has each account once and says what the lists say, wherever `sync` dies",
        fault="SIGKILL of `sync` at each of its steps, 10 times each in a run (once in the short form)",
        play=_killed, within=600, accounts=_ACCOUNTS,
    ),
)  # fmt: skip
