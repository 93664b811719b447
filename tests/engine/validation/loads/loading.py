"""Accounts loads, as the topics keep them."""

from typing import Any

from signal_engine.engine.ports.loaded_accounts import DatedRecord
from signal_engine.wire.accounts.row_record import LoadedAccount, write_row


def row(account: str, columns: dict[str, Any] | None = None, **more: Any) -> LoadedAccount:
    """A row of a load; `columns` as written, and what else the record has."""
    carried = {name: more.pop(name, None) for name in ("name", "segment", "owner", "sdr", "crm_id")}
    return LoadedAccount(account, columns or {}, carried, **more)


def load(at: int, *rows: LoadedAccount | str) -> list[DatedRecord]:
    """What a load at an instant (ms) wrote; a name is an account that left."""
    return [
        DatedRecord(at, one, None) if isinstance(one, str) else DatedRecord(at, one.account, write_row(one))
        for one in rows
    ]
