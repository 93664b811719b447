"""The accounts as loaded, read a few at a time, each once, as its last record has it.

Memory: a hash per account of one partition, and the names of those that have several records.
"""

from collections.abc import AsyncIterator, Callable, Container, Sequence
from dataclasses import dataclass, field
from typing import Any

from xxhash import xxh3_64_intdigest

from signal_engine.core.fit.icp import Fit
from signal_engine.engine.fit.deriving import Decider, decider_of
from signal_engine.engine.fit.loaded_rows import records_of
from signal_engine.engine.fit.missing_columns import asked
from signal_engine.engine.fit.table import RowFacts
from signal_engine.engine.ports.loaded_accounts import LoadedAccounts, LoadedRecord
from signal_engine.wire.accounts.row_record import LoadedAccount, read_row
from signal_engine.wire.config.account_columns import Fields
from signal_engine.wire.storage.in_force import FitInForce


@dataclass(slots=True)
class AccountsAsLoaded:
    """The accounts of the load in force, decided by the ICPs in force."""

    loads: LoadedAccounts
    in_force: FitInForce
    partitions: int
    partition_of: Callable[[str], int]
    decider: Decider = field(init=False)
    fields: dict[str, dict[str, Any]] = field(init=False, default_factory=dict)
    """Of those read last: account -> what the ICPs ask of it."""
    facts: dict[str, RowFacts] = field(init=False, default_factory=dict)
    """Of those read last."""
    merged_without_ids: bool = field(init=False, default=False)
    """Whether several rows of an account named no CRM id but one."""

    def __post_init__(self) -> None:
        self.decider = decider_of(self.in_force)

    async def read(self, number: int, names: Container[str] | None = None) -> AsyncIterator[Sequence[Fit]]:
        """The accounts of a partition, or those of `names`, by the rule, a few at a time."""
        last = await self._last_of_several(number)
        known = Fields(asked(self.decider.icps))
        async for records in self._records(number):
            self.fields.clear()
            self.facts.clear()
            fits: list[Fit] = []
            for account, value in records:
                if value is None or (names is not None and account not in names):
                    continue
                if account in last:
                    if xxh3_64_intdigest(value) != last[account]:
                        continue
                    last[account] = None  # a record before it can be the same
                if isinstance(row := read_row(value), LoadedAccount):
                    self.fields[account] = fields = self.decider.fields(row)
                    self.facts[account] = RowFacts(row.rows, row.others, known.unread_of(row.columns))
                    self.merged_without_ids |= row.rows > 1 and not row.others
                    fits.append(self.decider.decided(row, fields))
            yield fits

    async def _last_of_several(self, number: int) -> dict[str, int | None]:
        """Account -> the hash of its last record, of those that may have several; None if the account left.

        By content, not by place: the topic may be compacted between two readings. Two accounts with one hash count as
        such, too, which does no harm.
        """
        seen: set[int] = set()
        last: dict[str, int | None] = {}
        async for records in self._records(number):
            for account, value in records:
                key = xxh3_64_intdigest(account.encode())
                if key in seen:
                    last[account] = None if value is None else xxh3_64_intdigest(value)
                seen.add(key)
        return last

    def _records(self, number: int) -> AsyncIterator[Sequence[LoadedRecord]]:
        return records_of(self.loads, self.in_force, number, self.partitions, self.partition_of)
