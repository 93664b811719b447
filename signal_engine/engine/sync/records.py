"""A CRM that follows: every account of the accounts file compared with what its record was sent last.

What was sent is noted after it was taken, so a run that dies in between sends the same values again, and nothing else.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from signal_engine.core.fit.icp import CHASE
from signal_engine.core.sync.changes import differing, rule_move
from signal_engine.core.sync.fields import EXTERNAL_ID, NO_FIELDS, SIGNAL_FIELDS, FieldValue, may_show_off_lists
from signal_engine.engine.sync.ledger import SyncLedger
from signal_engine.engine.sync.market import SyncedAccount, SyncMarket
from signal_engine.engine.sync.record_holders import RecordHolders
from signal_engine.engine.sync.record_rows import (
    is_to_be_sought,
    is_to_be_sought_first,
    refused_row,
    sought_row,
    stays_refused,
)
from signal_engine.engine.sync.sink import (
    Reached,
    RecordKey,
    RecordSystem,
    RecordWrite,
    SyncRun,
    WrittenRecord,
    unwatched,
)
from signal_engine.wire.sync.ledger_rows import FormerRecord, LedgerRow, SinkState

_MAX_PROBLEMS: Final = 10
"""Problems that a run tells one by one; all are counted."""


class _WantedRecord(NamedTuple):
    """An account, and what its record is to say."""

    key: RecordKey
    name: str | None
    fields: Mapping[str, FieldValue]
    is_watched: bool = False
    """Whether its signals may say something else at any moment."""


class _Due(NamedTuple):
    """A write that is due, with what the record will then have."""

    write: RecordWrite
    row: LedgerRow
    wanted: Mapping[str, FieldValue]


@dataclass(slots=True)
class RecordSink:
    """`Sink` of a CRM."""

    name: str
    kind: str
    ledger: SyncLedger
    system: RecordSystem
    creates: bool
    reached: Reached = unwatched
    """Told of each step: where a test ends the process."""
    asks_first: bool = field(default=True, init=False)
    compares_accounts: bool = field(default=True, init=False)
    _due: list[_Due] = field(default_factory=list, init=False)

    async def sync(self, market: SyncMarket, run: SyncRun) -> None:
        """See `Sink`."""
        self._due.clear()
        holders = RecordHolders(self.ledger, market)
        if run.whole:
            async for some in market.everybody():
                await self._compare([_wanted(market, one) for one in some], holders, run)
            await self._compare_those_that_left(market, holders, run)
        else:
            there = await market.some(run.accounts)
            await self._compare([_wanted(market, one) for one in there], holders, run)
            await self._clear_left(sorted(run.accounts - {one.fit.account for one in there}), holders, run)
        await self._send(run, at_least=1)

    async def _compare(self, accounts: Sequence[_WantedRecord], holders: RecordHolders, run: SyncRun) -> None:
        rows = await self._without_former(await self._rows(accounts, holders, run), run)
        for one in accounts:
            row = rows[one.key.account]
            run.count_match(row.match, one.key.account)
            if row.former is not None:  # our own id is unique: the new record cannot have it yet
                continue
            if row.match == "matched" or (row.match == "unmatched" and self.creates):
                self._put_if_due(one, row, run)
        await self._send(run, at_least=self.system.written_at_once)

    async def _compare_those_that_left(self, market: SyncMarket, holders: RecordHolders, run: SyncRun) -> None:
        """Records of accounts that are in the accounts file no more: our fields are emptied, and nothing is deleted."""
        seen: set[str] = set()
        cursor, more = 0, True
        while more:
            cursor, rows = await self.ledger.scan(cursor)
            new = rows.keys() - seen  # a row may come twice, and what is due is not noted yet
            seen |= new
            there = {one.fit.account for one in await market.some(new)}
            await self._clear({account: rows[account] for account in new - there}, holders, run)
            more = bool(cursor)

    async def _clear_left(self, accounts: Sequence[str], holders: RecordHolders, run: SyncRun) -> None:
        """The same of some accounts that left: those whose record refused it at the last run."""
        rows = zip(accounts, await self.ledger.rows(accounts), strict=True) if accounts else ()
        await self._clear({account: row for account, row in rows if row is not None}, holders, run)

    async def _clear(self, stored: Mapping[str, bytes], holders: RecordHolders, run: SyncRun) -> None:
        decoded = {account: LedgerRow.decode(row) for account, row in sorted(stored.items())}
        for account, row in (await self._without_former(decoded, run)).items():
            if row.former is not None:
                continue
            if row.record_id is None or row.sent is None or await holders.other(row.record_id, account) is not None:
                if not run.dry:
                    await self._forget(account, row, run)
                continue
            self._put_if_due(_WantedRecord(RecordKey(account, None), None, NO_FIELDS), row, run)
        await self._send(run, at_least=self.system.written_at_once)

    async def _forget(self, account: str, row: LedgerRow, run: SyncRun) -> None:
        """An account that left, and whose record is another account's by now, or has nothing of us."""
        state = SinkState.decode(await self.ledger.state())
        _note_move(state, row.sent or NO_FIELDS, NO_FIELDS, run)
        await self.ledger.note({account: None}, state.encode())

    def _put_if_due(self, one: _WantedRecord, row: LedgerRow, run: SyncRun) -> None:
        if one.is_watched:
            run.watched.add(one.key.account)
        write = _write(one, row)
        if not write.fields:
            run.counts["unchanged"] += 1
            return
        if stays_refused(row, write, run):
            run.counts["refused"] += 1
            return
        what = "create" if row.record_id is None else "clear" if one.fields is NO_FIELDS else "update"
        run.show(write.account, what, write.fields)
        if not run.dry:
            self._due.append(_Due(write, row, one.fields))

    async def _rows(
        self, accounts: Sequence[_WantedRecord], holders: RecordHolders, run: SyncRun
    ) -> dict[str, LedgerRow]:
        """What is known of the accounts' records; those that are not known, or no more, are looked for and noted.

        So are those that are to be created: they may be there by now.
        """
        stored = await self.ledger.rows([one.key.account for one in accounts])
        known = {
            one.key.account: LedgerRow.decode(row) for one, row in zip(accounts, stored, strict=True) if row is not None
        }
        unknown = [one.key for one in accounts if is_to_be_sought(one.key, known.get(one.key.account), run)]
        await self._seek(unknown, known, holders, run)
        if self.creates:
            rows = [(one, known[one.key.account]) for one in accounts]
            late = [one.key for one, row in rows if is_to_be_sought_first(row, _write(one, row), run)]
            await self._seek(late, known, holders, run)
        return known

    async def _seek(
        self, keys: Sequence[RecordKey], known: dict[str, LedgerRow], holders: RecordHolders, run: SyncRun
    ) -> None:
        """Look for records, and note in the ledger and in `known` what was found."""
        for start in range(0, len(keys), self.system.sought_at_once):
            some = keys[start : start + self.system.sought_at_once]
            found: dict[str, LedgerRow] = {}
            for key, one in zip(some, await self.system.find(some), strict=True):
                before = known.get(key.account)
                is_taken = len(one.record_ids) == 1 and await holders.other(one.record_ids[0], key.account) is not None
                found[key.account] = sought_row(key, one.record_ids, before, run.now, is_taken=is_taken)
                await holders.note(key.account, before, found[key.account])
            await self.ledger.note({account: row.encode() for account, row in found.items()})
            known.update(found)

    async def _without_former(self, rows: Mapping[str, LedgerRow], run: SyncRun) -> dict[str, LedgerRow]:
        """The rows after the records are emptied that are their accounts' no more; a row keeps one that refused it.

        In a dry run they are only shown. One that is another account's by now stays as that account has it.
        """
        after = dict(rows)
        former = []
        for account, row in rows.items():
            if row.former is None:
                continue
            if stays_refused(row, _emptying(account, row.former), run):
                run.counts["refused"] += 1
            else:
                former.append((account, row.former))
        for start in range(0, len(former), self.system.sought_at_once):
            some = dict(former[start : start + self.system.sought_at_once])
            holders = await self.system.holders([one.record_id for one in some.values()])
            ours = {account: one for account, one in some.items() if holders.get(one.record_id) in {account, ""}}
            for account in ours:
                run.show(account, "clear_old", {**NO_FIELDS, EXTERNAL_ID.name: None})
            refused = await self._empty(ours, run) if ours and not run.dry else {}
            done = {account: rows[account]._replace(former=None) for account in some.keys() - refused.keys()}
            done |= {
                account: refused_row(rows[account], _emptying(account, some[account]), run.now)
                for account, for_good in refused.items()
                if for_good
            }
            if not run.dry:
                await self.ledger.note({account: row.encode() for account, row in done.items()})
            after |= done
        return after

    async def _empty(self, former: Mapping[str, FormerRecord], run: SyncRun) -> dict[str, bool]:
        """Empty these records; the accounts whose record refused it -> whether for good."""
        writes = [_emptying(account, one) for account, one in sorted(former.items())]
        self.reached("before_sync_send")
        written = await self.system.write(writes)
        self.reached("after_sync_send")
        state = SinkState.decode(await self.ledger.state())
        refused: dict[str, bool] = {}
        for one in written:
            if one.problem is None:
                _note_move(state, former[one.account].sent, NO_FIELDS, run)
                run.counts["written"] += 1
            elif not one.gone:
                refused[one.account] = one.for_good
                _failed(one._replace(problem=f"its old record, {former[one.account].record_id}: {one.problem}"), run)
        await self.ledger.put_state(state.encode())
        return refused

    async def _send(self, run: SyncRun, *, at_least: int) -> None:
        """Send what is due in full batches; all of it where `at_least` is 1."""
        while self._due and len(self._due) >= at_least:
            some, self._due = self._due[: self.system.written_at_once], self._due[self.system.written_at_once :]
            self.reached("before_sync_send")
            written = await self.system.write([one.write for one in some])
            self.reached("after_sync_send")
            state = SinkState.decode(await self.ledger.state())
            rows: dict[str, bytes | None] = {}
            for due, one in zip(some, written, strict=True):
                if one.problem is None:
                    rows[one.account] = _taken(due, one, state, run)
                else:
                    _failed(one, run)
                    if one.gone:
                        rows[one.account] = None
                    elif one.for_good:
                        rows[one.account] = refused_row(due.row, due.write, run.now).encode()
            await self.ledger.note(rows, state.encode())
            self.reached("after_sync_note")


def _taken(due: _Due, one: WrittenRecord, state: SinkState, run: SyncRun) -> bytes | None:
    """The row of an account whose write was taken; None where it left the accounts file."""
    run.counts["written"] += 1
    _note_move(state, due.row.sent or NO_FIELDS, due.wanted, run)
    if due.wanted is NO_FIELDS:
        return None
    record_id = one.record_id or due.row.record_id
    return due.row._replace(match="matched", record_id=record_id, sent=due.wanted, refused=None).encode()


def _write(one: _WantedRecord, row: LedgerRow) -> RecordWrite:
    """The difference to what the record was sent last."""
    fields = differing(row.sent, one.fields)
    return RecordWrite(one.key.account, row.record_id, fields, one.name, identify=row.sent is None)


def _emptying(account: str, former: FormerRecord) -> RecordWrite:
    return RecordWrite(account, former.record_id, NO_FIELDS, release=True)


def _note_move(
    state: SinkState, sent: Mapping[str, FieldValue], wanted: Mapping[str, FieldValue], run: SyncRun
) -> None:
    move = rule_move(sent, wanted, CHASE)
    if move is not None:
        state.note_change(move.icp, move.version, run.now, added=move.added)


def _failed(one: WrittenRecord, run: SyncRun) -> None:
    run.counts["failed"] += 1
    if not one.for_good:
        run.again.add(one.account)
    if len(run.notes) < _MAX_PROBLEMS:
        run.notes.append(f"{one.account}: {one.problem}")


def _wanted(market: SyncMarket, one: SyncedAccount) -> _WantedRecord:
    fields = market.wanted(one)
    shows = any(fields[signal.name] is not None for signal in SIGNAL_FIELDS)
    is_watched = shows or may_show_off_lists(one.fit, market.context.policy)
    return _WantedRecord(RecordKey(one.fit.account, one.fit.crm_id), one.fit.name, fields, is_watched)
