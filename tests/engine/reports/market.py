"""A market of generated accounts, as reports read it."""

import json
from collections.abc import Sequence
from typing import Any

from signal_engine.core.fit.icp import Icp
from signal_engine.engine.fit.missing_columns import asked
from signal_engine.engine.fit.table import AccountTable, account_table
from signal_engine.wire.config.accounts_file import read_json_lines


def table(icps: Sequence[Icp], *rows: dict[str, Any]) -> AccountTable:
    """The table of these rows, decided; those that name no account are `a0.com`, `a1.com`, ..."""
    written = [json.dumps({"account_id": f"a{number}.com", **row}).encode() for number, row in enumerate(rows)]
    return account_table(read_json_lines("accounts.jsonl", written, asked(icps), whole=True), icps, lambda _: None)
