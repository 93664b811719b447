"""Folders that follow: lists, company lists and daily scores as files, each whole or not there at all."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from signal_engine.core.fit.icp import Fit
from signal_engine.core.rules.instants import DAY
from signal_engine.core.sync.selections import SELECTIONS, Selection
from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.market import SyncedAccount, SyncMarket
from signal_engine.engine.sync.sink import Reached, SyncRun, unwatched
from signal_engine.wire.instants import format_instant
from signal_engine.wire.output.models import Entry
from signal_engine.wire.sync.ledger_rows import SinkState
from signal_engine.wire.sync.tables import ListedCompany, linkedin_csv, linkedin_problem, scores_csv

_DAYS_WRITTEN: Final = 3
"""Whole days whose scores are written again at each comparison: late events change them."""


class Folder(Protocol):
    """A folder of files. Every method may raise `SinkTrouble`."""

    async def put(self, path: str, text: str) -> bool:
        """Put `text` at the relative `path`, whole or not at all; return whether it was another one before."""

    async def put_list(self, path: str, entries: list[Entry]) -> bool:
        """The same of a list as CSV."""

    async def put_selection(self, path: str, fits: Sequence[Fit]) -> bool:
        """The same of a selection as CSV, by what the rule says of its accounts."""

    async def put_scores(self, path: str, scores: Mapping[str, float]) -> bool:
        """The same of scores as Parquet."""


@dataclass(slots=True)
class FilesSink:
    """`Sink` of a folder with lists and daily scores, or with one list or selection alone."""

    name: str
    folder: Folder
    parquet: bool
    of: str | None = None
    """The list or selection that alone is written; None: all lists, and scores."""
    reached: Reached = unwatched
    kind: str = field(default="files", init=False)
    asks_first: bool = field(default=False, init=False)
    compares_accounts: bool = field(default=False, init=False)

    async def sync(self, market: SyncMarket, run: SyncRun) -> None:
        """See `Sink`. Lists each time, selections and scores where all accounts are compared.

        Raises `UnknownPlace`, too.
        """
        if self.of in SELECTIONS:
            if run.whole:
                await self._write_selection(self.of, market, run)
            return
        if self.of is not None:
            await market.places(self.of)
        for name in market.list_names if self.of is None else (self.of,):
            if (entries := await market.listed(name)) is None:  # a file of an earlier list is not emptied
                continue
            if not run.dry:
                self.reached("before_sync_send")
            _count(run, f"lists/{name}.csv", run.dry or await self.folder.put_list(f"lists/{name}.csv", [*entries]))
        today = market.now // DAY
        if not run.whole or self.of is not None:
            return
        for day, scores in (await market.scores(range(today - _DAYS_WRITTEN, today))).items():
            for account in await market.held(scores):
                del scores[account]
            date = format_instant(day * DAY)[:10]
            path = f"scores/date={date}/part-0"
            _count(run, f"{path}.csv", run.dry or await self.folder.put(f"{path}.csv", scores_csv(scores)))
            if self.parquet:
                _count(run, f"{path}.parquet", run.dry or await self.folder.put_scores(f"{path}.parquet", scores))

    async def _write_selection(self, selection: Selection, market: SyncMarket, run: SyncRun) -> None:
        fits: list[Fit] = []
        async for some in market.everybody():
            fits += [one.fit for one in some if market.selects(selection, one.fit, one.stands)]
        if not run.dry:
            self.reached("before_sync_send")
        path = f"selections/{selection}.csv"
        _count(run, path, run.dry or await self.folder.put_selection(path, fits))


@dataclass(slots=True)
class LinkedInSink:
    """`Sink` of a folder with company lists for LinkedIn: a file for each version of an ICP."""

    name: str
    ledger: SyncLedger
    folder: Folder
    of: str
    reached: Reached = unwatched
    kind: str = field(default="linkedin", init=False)
    asks_first: bool = field(default=False, init=False)
    compares_accounts: bool = field(default=False, init=False)

    async def sync(self, market: SyncMarket, run: SyncRun) -> None:
        """See `Sink`. Where all accounts are compared, or the list has changed. Raises `UnknownPlace`, too."""
        if not run.whole and self.of in SELECTIONS:
            return
        companies = await self._companies(market)
        for icp in market.icps:
            mine = companies.get((icp.icp, icp.version), {})
            path = f"{self.of}-{icp.icp}-v{icp.version}.csv"
            table = linkedin_csv(mine.values())
            if (problem := linkedin_problem(len(mine), table)) is not None:
                run.notes.append(f"{path}: {problem}")
            if run.dry or await self.folder.put(path, table):
                run.show(path, "file", {"companies": len(mine)})
            else:
                run.counts["unchanged"] += 1
            if not run.dry:  # also of a file that a run wrote which died before it counted
                await self._note(icp.icp, icp.version, {*mine}, run)

    async def _companies(self, market: SyncMarket) -> dict[tuple[str, int], dict[str, ListedCompany]]:
        """(ICP, version) -> account -> company, by the primary ICP."""
        found: dict[tuple[str, int], dict[str, ListedCompany]] = {}

        def add(one: SyncedAccount) -> None:
            by = (one.fit.primary.icp, one.fit.primary.version)
            found.setdefault(by, {})[one.fit.account] = ListedCompany(one.fit.account, one.fit.name)

        if self.of in SELECTIONS:
            async for some in market.everybody():
                for one in some:
                    if market.selects(self.of, one.fit, one.stands):
                        add(one)
        else:
            for one in await market.some(await market.places(self.of)):
                add(one)
        return found

    async def _note(self, icp: str, version: int, now: set[str], run: SyncRun) -> None:
        """Count who came into the ICP's list and who went out, whatever the version that had them there."""
        before: set[str] = set()
        cursor, more = 0, True
        while more:
            cursor, rows = await self.ledger.scan(cursor)
            before |= {account for account, row in rows.items() if row == icp.encode()}
            more = bool(cursor)
        if before == now:
            return
        state = SinkState.decode(await self.ledger.state())
        for accounts, added in ((now - before, True), (before - now, False)):
            if accounts:
                state.note_change(icp, version, run.now, added=added, count=len(accounts))
        rows_now: dict[str, bytes | None] = {account: icp.encode() for account in now - before}
        await self.ledger.note({**dict.fromkeys(before - now), **rows_now}, state.encode())


def _count(run: SyncRun, path: str, changed: bool) -> None:  # noqa: FBT001 (its only meaning)
    if changed:
        run.show(path, "file", {})
    else:
        run.counts["unchanged"] += 1
