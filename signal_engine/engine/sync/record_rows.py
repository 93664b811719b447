"""What the row of an account in a CRM's ledger becomes: by what was found, and by what was refused."""

from collections.abc import Sequence
from typing import Final

import orjson
from xxhash import xxh3_64_hexdigest

from signal_engine.core.rules.instants import DAY, MINUTE
from signal_engine.engine.sync.sink import RecordKey, RecordWrite, SyncRun
from signal_engine.wire.sync.ledger_rows import FormerRecord, LedgerRow, Match, RefusedWrite

_AGAIN_AFTER: Final = 7 * DAY
"""ms after which a record is looked for again that was not found, or more than once, and a write that was refused for
good is tried again.
"""
_STILL_TRUE: Final = 5 * MINUTE
"""ms for which nobody is taken to have made or merged records since they were looked for."""


def refused_row(row: LedgerRow, write: RecordWrite, now: int) -> LedgerRow:
    """The row of an account whose `write` the CRM refused for good at `now` (ms)."""
    return row._replace(refused=RefusedWrite(_content(write), now))


def stays_refused(row: LedgerRow, write: RecordWrite, run: SyncRun) -> bool:
    """Whether the CRM has refused this very write lately, so that it is not sent. A person who asks has it tried."""
    if row.refused is None or run.by_hand or run.now - row.refused.at >= _AGAIN_AFTER:
        return False
    return row.refused.content == _content(write)


def _content(write: RecordWrite) -> str:
    told = (write.record_id, write.name if write.record_id is None else None, write.identify, write.release)
    return xxh3_64_hexdigest(orjson.dumps((*told, dict(write.fields)), option=orjson.OPT_SORT_KEYS))


def is_to_be_sought(key: RecordKey, row: LedgerRow | None, run: SyncRun) -> bool:
    """Whether the account's record is not known, or no more. A person who asks may have made or merged it since."""
    if row is None:
        return True
    if row.crm_id != key.crm_id:
        return True
    after = _STILL_TRUE if run.by_hand else _AGAIN_AFTER
    return row.match != "matched" and run.now - row.sought_at >= after


def is_to_be_sought_first(row: LedgerRow, write: RecordWrite, run: SyncRun) -> bool:
    """Whether the CRM is asked once more before `write` creates a record: people may have made it since."""
    if row.match != "unmatched" or run.now - row.sought_at < _STILL_TRUE:
        return False
    return not stays_refused(row, write, run)


def sought_row(
    key: RecordKey, record_ids: Sequence[str], before: LedgerRow | None, now: int, *, is_taken: bool = False
) -> LedgerRow:
    """What was found; what was sent to the very same record is still known, and so is another one that has it.

    `is_taken`: the one record is another account's.
    """
    if len(record_ids) != 1 or is_taken:
        match: Match = "ambiguous" if record_ids else "unmatched"
        return LedgerRow(match, None, now, key.crm_id, former=_former(record_ids[0] if is_taken else None, before))
    same = before is not None and before.record_id == record_ids[0]
    sent = before.sent if before is not None and same else None
    return LedgerRow("matched", record_ids[0], now, key.crm_id, sent, _former(record_ids[0], before))


def _former(record_id: str | None, before: LedgerRow | None) -> FormerRecord | None:
    """The record that is to be emptied, now that the account's, or another account's, is `record_id`."""
    if before is None:
        return None
    sent_to = before.former
    if before.record_id is not None and before.sent is not None:
        sent_to = FormerRecord(before.record_id, before.sent)
    return None if sent_to is None or sent_to.record_id == record_id else sent_to
